#include "fetcher/frontier/database.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "fetcher/frontier/keys.h"
#include "lib/io/file.h"

namespace thresh {
namespace {

using rocksdb::Slice;
using rocksdb::Status;

constexpr const char* kPointsName = "points";
constexpr int kCacheShardBits = 2;  // A shard must hold its largest block with ease.
constexpr int kBloomBitsAKey = 10;  // 1 % of look-ups of new keys read a block for nothing.

enum Family : std::uint32_t { kRows = 0, kPoints = 1 };  // RocksDB numbers them so.

Family FamilyOf(std::string_view key) {
  switch (key.empty() ? '\0' : key[0]) {
    case keys::kSeen:
    case keys::kAgain:
    case keys::kJob:
    case keys::kHostState:
    case keys::kFed:
    case keys::kHostPages:
    case keys::kCount: return kPoints;
    default: return kRows;
  }
}

Slice SliceOf(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

std::string_view ViewOf(const Slice& slice) {
  return {slice.data(), slice.size()};
}

Error ErrorOf(const Status& status, const std::string& path) {
  const std::string detail = "frontier " + path + ": " + status.ToString();
  const bool over_quota = detail.find(std::strerror(EDQUOT)) != std::string::npos;
  if (status.IsNoSpace() || over_quota) return {Errc::kBusy, detail};
  if (status.IsNotFound()) return {Errc::kNotFound, detail};
  if (status.IsCorruption()) {
    return {Errc::kInternal, detail + "; `thresh fsck` says what can still be read"};
  }
  return {Errc::kInternal, detail};
}

Error OpenErrorOf(const Status& status, const std::string& path) {
  const std::string text = status.ToString();
  if (text.find("/LOCK") != std::string::npos) {
    return {Errc::kUnavailable, "frontier " + path + ": another process has it open"};
  }
  if (text.find("olumn families not opened") != std::string::npos) {
    return {Errc::kInvalid, "frontier " + path + " was written by a newer thresh"};
  }
  Error error = ErrorOf(status, path);
  const bool broken = status.IsCorruption() || text.find("Input/output") != std::string::npos;
  if (error.code == Errc::kInternal && !broken) error.code = Errc::kInvalid;
  return error;
}

// Whoever has an error closes and opens again: what RocksDB would do by itself touches the log, and
// a log that could not be written to must not be touched.
class NoRecovery final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, Status, bool* automatic) override {
    *automatic = false;
  }
};

rocksdb::BlockBasedTableOptions TableOptions(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;  // So that the cache bounds them too.
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  table.block_size = 8 << 10;
  return table;
}

// Keys of a kind often come in order, each beside the one before: its place is looked for from
// there.
void InsertBesideTheLast(rocksdb::ColumnFamilyOptions* family) {
  family->memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));
}

rocksdb::ColumnFamilyOptions PointsOptions(const FrontierOptions& options,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions family;
  rocksdb::BlockBasedTableOptions table = TableOptions(cache);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsAKey));
  // In parts, so that a cache smaller than all filters together still keeps those in use.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.metadata_block_size = 16 << 10;
  table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  family.write_buffer_size = options.write_buffer_bytes / 4;
  family.memtable_whole_key_filtering = true;  // Most look-ups are of keys not there.
  family.memtable_prefix_bloom_size_ratio = 0.05;
  family.compression = rocksdb::kNoCompression;  // Fingerprints do not compress.
  family.max_bytes_for_level_base = 64 << 20;
  family.target_file_size_base = 16 << 20;
  family.level_compaction_dynamic_level_bytes = true;
  return family;
}

rocksdb::ColumnFamilyOptions RowsOptions(const FrontierOptions& options,
                                         const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions family;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(TableOptions(cache)));
  family.write_buffer_size = options.write_buffer_bytes / 4;
  family.compression = rocksdb::kLZ4Compression;
  family.compaction_style = rocksdb::kCompactionStyleUniversal;
  InsertBesideTheLast(&family);
  // What has ended leaves tombstones, which cost every reader of a queue time.
  family.table_properties_collector_factories.push_back(
      rocksdb::NewCompactOnDeletionCollectorFactory(4096, 2048));
  return family;
}

rocksdb::DBOptions DbOptions(const FrontierOptions& options) {
  rocksdb::DBOptions db;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  db.max_background_jobs = 2;
  db.max_total_wal_size = options.write_buffer_bytes;  // Bounds the time of a start.
  db.avoid_flush_during_recovery = true;
  db.max_bgerror_resume_count = 0;
  db.listeners.push_back(std::make_shared<NoRecovery>());
  // A torn end is what a crash leaves; anything else that is wrong in a log must not be passed over
  // with all that stands behind it.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  db.bytes_per_sync = 1 << 20;
  db.info_log_level = rocksdb::WARN_LEVEL;
  db.max_log_file_size = 1 << 20;
  db.keep_log_file_num = 2;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  db.skip_stats_update_on_db_open = true;
  db.max_file_opening_threads = 1;  // Files are few; 16 threads take longer to start.
  return db;
}

}  // namespace

class RocksDatabase final : public Database {
 public:
  explicit RocksDatabase(std::string path) : path_(std::move(path)) {}
  ~RocksDatabase() override {
    if (abandoned_) {
      (void)db_.release();  // Never closed: see Write().
      return;
    }
    for (rocksdb::ColumnFamilyHandle* family : families_) delete family;
    if (lock_ != nullptr) rocksdb::Env::Default()->UnlockFile(lock_).PermitUncheckedError();
  }
  RocksDatabase(const RocksDatabase&) = delete;
  RocksDatabase& operator=(const RocksDatabase&) = delete;

  // What is open to be read only, RocksDB itself does not lock.
  Status Lock() { return rocksdb::Env::Default()->LockFile(path_ + "/LOCK", &lock_); }

  Status Open(const FrontierOptions& options, bool to_check) {
    const auto cache = rocksdb::NewLRUCache(options.cache_bytes, kCacheShardBits);
    const std::vector<rocksdb::ColumnFamilyDescriptor> families{
        {rocksdb::kDefaultColumnFamilyName, RowsOptions(options, cache)},
        {kPointsName, PointsOptions(options, cache)}};
    rocksdb::DB* db = nullptr;
    const Status status =
        to_check
            ? rocksdb::DB::OpenForReadOnly(DbOptions(options), path_, families, &families_, &db)
            : rocksdb::DB::Open(DbOptions(options), path_, families, &families_, &db);
    db_.reset(db);
    return status;
  }

  Result<std::string> Get(std::string_view key) override {
    std::string value;
    const Status status = db_->Get({}, families_[FamilyOf(key)], SliceOf(key), &value);
    if (!status.ok()) return ErrorOf(status, path_);
    return value;
  }

  Result<std::vector<std::optional<std::string>>> GetMany(
      const std::vector<std::string>& keys) override {
    std::vector<std::optional<std::string>> found(keys.size());
    if (keys.empty()) return found;
    const std::vector<Slice> slices(keys.begin(), keys.end());
    std::vector<rocksdb::PinnableSlice> values(keys.size());
    std::vector<Status> statuses(keys.size());
    db_->MultiGet({}, families_[FamilyOf(keys[0])], keys.size(), slices.data(), values.data(),
                  statuses.data());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (statuses[i].ok()) {
        found[i] = values[i].ToString();
      } else if (!statuses[i].IsNotFound()) {
        return ErrorOf(statuses[i], path_);
      }
    }
    return found;
  }

  Result<> Read(std::string_view from, std::string_view end, const RowFn& row) override {
    rocksdb::ReadOptions read;
    const Slice bound = SliceOf(end);
    read.iterate_upper_bound = &bound;  // Else it wades through what was erased beyond.
    const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(read, families_[FamilyOf(from)]));
    it->Seek(SliceOf(from));
    while (it->Valid()) {
      const Step step = row(ViewOf(it->key()), ViewOf(it->value()));
      if (!step.go_on) break;
      if (step.seek.empty()) {
        it->Next();
      } else {
        it->Seek(step.seek);
      }
    }
    if (!it->status().ok()) return ErrorOf(it->status(), path_);
    return Ok{};
  }

  std::unique_ptr<WriteSet> NewWriteSet() override {
    return std::unique_ptr<WriteSet>(new WriteSet(families_.data()));
  }

  Result<> Write(WriteSet& changes, bool sync) override {
    if (abandoned_) return Error{Errc::kInternal, "frontier " + path_ + ": is given up"};
    changes.Seal();
    rocksdb::SetPerfLevel(
        rocksdb::PerfLevel::kDisable);  // Of this thread: it counts each comparison.
    rocksdb::WriteOptions write;
    write.sync = sync;
    const Status status = db_->Write(write, changes.batch_.get());
    if (status.ok()) return Ok{};
    Error error = ErrorOf(status, path_);
    // A log that could not be written to cannot be used or closed any more: RocksDB's own check of
    // that ends the process. So it is left as it is, for the next process to read.
    const bool of_log = status.ToString().find(".log") != std::string::npos;
    abandoned_ = of_log || error.code != Errc::kBusy;
    return error;
  }

  [[nodiscard]] bool is_given_up() const noexcept override { return abandoned_; }

  Result<> VerifyChecksums() override {
    const Status status = db_->VerifyChecksum();
    if (!status.ok()) return ErrorOf(status, path_);
    return Ok{};
  }

 private:
  std::string path_;
  bool abandoned_ = false;
  rocksdb::FileLock* lock_ = nullptr;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;  // Gone before db_.
};

Result<std::unique_ptr<Database>> Database::Open(const FrontierOptions& options) {
  if (Result<> made = MakeFolder(options.path); !made) return made.error();
  auto database = std::make_unique<RocksDatabase>(options.path);
  if (const Status status = database->Open(options, false); !status.ok()) {
    return OpenErrorOf(status, options.path);
  }
  return std::unique_ptr<Database>(std::move(database));
}

Result<std::unique_ptr<Database>> Database::OpenToCheck(const FrontierOptions& options) {
  auto database = std::make_unique<RocksDatabase>(options.path);
  Status status = database->Lock();
  if (status.ok()) status = database->Open(options, true);
  if (!status.ok()) {
    return OpenErrorOf(status, options.path);
  }
  return std::unique_ptr<Database>(std::move(database));
}

WriteSet::WriteSet(rocksdb::ColumnFamilyHandle* const families[]) : families_(families) {}

WriteSet::~WriteSet() = default;

std::size_t WriteSet::size_bytes() const {
  return batch_->GetDataSize();
}

void WriteSet::Add(Kind kind, std::string_view key, std::string_view value) {
  changes_.push_back({.at = bytes_.size(),
                      .key_size = static_cast<std::uint32_t>(key.size()),
                      .value_size = static_cast<std::uint32_t>(value.size()),
                      .kind = kind});
  bytes_.append(key).append(value);
}

// In the order of keys RocksDB takes them faster, as each is near the one before. Changes of one
// key stay in their order.
void WriteSet::Seal() {
  if (batch_) return;
  const std::string_view bytes = bytes_;
  const auto key = [bytes](const Change& c) { return bytes.substr(c.at, c.key_size); };
  std::stable_sort(changes_.begin(), changes_.end(),
                   [key](const Change& a, const Change& b) { return key(a) < key(b); });
  batch_ = std::make_unique<rocksdb::WriteBatch>(bytes.size() + changes_.size() * 8 + 16);
  for (const Change& c : changes_) {
    const Slice name = SliceOf(key(c));
    const Slice value = SliceOf(bytes.substr(c.at + c.key_size, c.value_size));
    rocksdb::ColumnFamilyHandle* family = families_[FamilyOf(key(c))];
    Status added = c.kind == Kind::kPut     ? batch_->Put(family, name, value)
                   : c.kind == Kind::kErase ? batch_->Delete(family, name)
                                            : batch_->SingleDelete(family, name);
    added.PermitUncheckedError();
  }
  changes_ = {};
  bytes_ = {};
}

}  // namespace thresh
