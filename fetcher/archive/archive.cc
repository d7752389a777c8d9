#include "fetcher/archive/archive.h"

#include <iterator>

namespace thresh {
namespace {

// Less than recovery looks through (warc_recovery.cc).
constexpr std::uint64_t kBatchBytes = 32 << 20;
constexpr std::uint64_t kAgainMs = 1000;

std::size_t MemoryOf(const RawBody& body) {
  return body.spooled ? 0 : body.memory.size();
}

}  // namespace

Archive::Archive(uv_loop_t& loop, ArchiveOptions options, ArchiveEvents events)
    : loop_(loop),
      options_(std::move(options)),
      events_(std::move(events)),
      again_(loop, [this] { StartBatch(); }),
      worker_(loop) {}

Result<> Archive::Open() {
  auto warc = WarcWriter::Open({.folder = options_.folder,
                                .software = options_.software,
                                .max_file_bytes = options_.max_warc_bytes});
  if (!warc) return warc.error();
  warc_ = std::move(*warc);
  return Ok{};
}

void Archive::Save(RawPage page, std::optional<PathNames> names, SavedFn saved) {
  waiting_bytes_ += MemoryOf(page.body);
  queue_.push_back({std::move(page), std::move(names), std::move(saved), {}});
  if (paused_.empty()) StartBatch();
}

void Archive::Note(WarcRecord record, SavedFn saved) {
  queue_.push_back({{}, {}, std::move(saved), std::move(record)});
  if (paused_.empty()) StartBatch();
}

void Archive::StartBatch() {
  if (worker_.busy() || queue_.empty() || failed_) return;
  std::uint64_t bytes = 0;
  while (!queue_.empty() && bytes < kBatchBytes) {
    bytes += queue_.front().page.body.size();
    in_work_.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  written_ = 0;
  error_.reset();
  worker_.Start([this] { WriteBatch(); }, [this] { EndBatch(); });
}

// What could be written before the disk was full is saved.
void Archive::WriteBatch() {
  for (const Job& job : in_work_) {
    if (Result<> wrote = WriteOne(job); !wrote) {
      error_ = wrote.error();
      break;
    }
    ++written_;
  }
  if (written_ == 0) return;
  if (Result<> synced = SyncBatch(); !synced) {
    error_ = Error{Errc::kInternal, synced.error().detail};
    written_ = 0;
  }
}

Result<> Archive::WriteOne(const Job& job) {
  if (job.names) {
    if (!files_) {
      auto files = FileSaver::Open(options_.folder, options_.durable);
      if (!files) return files.error();
      files_ = std::move(*files);
    }
    const auto path = files_->Save(*job.names, Fingerprint(job.page.task.seed), job.page.body);
    if (!path) return path.error();
    return Ok{};
  }
  if (!warc_) {
    if (Result<> opened = Open(); !opened) return opened;
  }
  return job.note ? warc_->Append({*job.note}) : warc_->Append(RecordsOf(job.page));
}

Result<> Archive::SyncBatch() {
  if (!options_.durable) return Ok{};
  if (warc_) {
    if (Result<> synced = warc_->Sync(); !synced) return synced;
  }
  return files_ ? files_->Sync() : Ok{};
}

void Archive::EndBatch() {
  std::vector<SavedFn> saved;
  for (; written_ > 0; --written_) {
    waiting_bytes_ -= MemoryOf(in_work_.front().page.body);
    saved.push_back(std::move(in_work_.front().saved));
    in_work_.pop_front();
  }
  queue_.insert(queue_.begin(), std::make_move_iterator(in_work_.begin()),
                std::make_move_iterator(in_work_.end()));
  in_work_.clear();
  const bool full = error_ && error_->code == Errc::kBusy;
  failed_ = error_ && !full;
  if (failed_) events_.on_failed(*error_);
  if (full) again_.Set(kAgainMs);
  const bool was_full = !paused_.empty();
  paused_ = full ? error_->detail : "";
  if (full != was_full) events_.on_paused(paused_);
  if (!full) StartBatch();
  for (const SavedFn& each : saved) each();
}

}  // namespace thresh
