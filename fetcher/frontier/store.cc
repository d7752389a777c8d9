#include "fetcher/frontier/store.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "fetcher/frontier/group_writer.h"
#include "fetcher/frontier/keys.h"
#include "fetcher/frontier/reader.h"
#include "lib/base/handles.h"

namespace thresh {
namespace {

constexpr std::uint64_t kLogBytes = 1 << 20;  // What RocksDB may write besides.

std::string Megabytes(std::uint64_t bytes) {
  return std::to_string(bytes >> 20) + " MiB";
}

// Whether the disk takes as much as a log may need. Sets errno.
bool Fits(int fd) {
  const std::string block(kLogBytes, '\0');
  for (std::size_t done = 0; done < block.size();) {
    const ssize_t n = ::write(fd, block.data() + done, block.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<Store>> Store::Open(FrontierOptions options) {
  std::unique_ptr<Store> store(new Store(std::move(options)));
  if (Result<> room = store->FindRoom(); !room) return room.error();
  auto database = Database::Open(store->options_);
  if (!database) return database.error();
  store->database_ = std::move(*database);
  if (Result<> restored = store->book_.Restore(*store->database_); !restored) {
    return restored.error();
  }
  return store;
}

Result<> Store::Run(Group& group) {
  built_ = false;
  return GoOn(group);
}

Result<> Store::GoOn(Group& group) {
  const std::lock_guard lock(mutex_);
  if (!database_) {
    if (Result<> opened = OpenAgain(); !opened) return opened;
  } else if (database_->is_given_up()) {
    return WaitForRoom();
  }
  if (!std::exchange(built_, true)) {
    GroupWriter writer(*database_, book_, group);
    auto changes = writer.Build();
    if (!changes) return changes.error();
    unwritten_ = std::move(*changes);
  }
  if (Result<> committed = Commit(); !committed) return committed;
  return Answer(group);
}

Result<> Store::Commit() {
  if (!unwritten_) return Ok{};
  if (Result<> written = Write(*unwritten_); !written) return written;
  unwritten_.reset();
  return Ok{};
}

Result<> Store::Write(WriteSet& changes) {
  changes.Seal();
  if (Result<> room = CheckRoom(changes.size_bytes()); !room) return room;
  Result<> written = database_->Write(changes, options_.durability == Durability::kPower);
  // What a failed write left behind is not known until the database is read again.
  const bool full = !written && written.error().code == Errc::kBusy;
  if (full && !database_->is_given_up()) database_.reset();
  return written;
}

// A log that the disk has no room for would end the process.
Result<> Store::CheckRoom(std::size_t batch_bytes) const {
  struct statvfs disk {};
  if (::statvfs(options_.path.c_str(), &disk) != 0) return Ok{};  // Writing will tell.
  const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  const std::uint64_t needed =
      std::max<std::uint64_t>(options_.min_free_bytes, 4 * batch_bytes + kLogBytes);
  if (free >= needed) return Ok{};
  return Error{Errc::kBusy, "disk full: " + Megabytes(free) + " free at " + options_.path + ", " +
                                Megabytes(needed) + " needed"};
}

// Room for a log, as the disk itself says: what its figures promise may not be there.
Result<> Store::FindRoom() const {
  const bool is_new = ::access(options_.path.c_str(), F_OK) != 0;  // Then it will be beside this.
  const std::string path = options_.path + (is_new ? ".probe" : "/probe.tmp");
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
  const bool fits = fd && Fits(fd.get());
  const int why = fits ? 0 : errno;
  ::unlink(path.c_str());
  if (why != ENOSPC && why != EDQUOT) return Ok{};  // What else is wrong, opening it will tell.
  return Error{Errc::kBusy, "disk full at " + options_.path};
}

Result<> Store::WaitForRoom() const {
  if (Result<> room = CheckRoom(0); !room) return room;
  if (Result<> room = FindRoom(); !room) return room;
  return Error{Errc::kUnavailable, "there is room again at " + options_.path};
}

// The batch that failed may have reached the disk all the same: its number says so.
Result<> Store::OpenAgain() {
  if (Result<> room = CheckRoom(0); !room) return room;
  auto opened = Database::Open(options_);
  if (!opened) return opened.error();
  Result<std::string> bytes = (*opened)->Get(keys::Of(keys::kMeta, "state"));
  if (!bytes) return bytes.error();
  const auto state = StateRecord::Decode(*bytes);
  if (!state) return Damaged("state record");
  if (state->batch == book_.state.batch) {
    unwritten_.reset();
  } else if (state->batch + 1 != book_.state.batch) {
    return Damaged("log: batch " + std::to_string(book_.state.batch - 1) + " is gone");
  }
  database_ = std::move(*opened);
  return Ok{};
}

Result<> Store::Answer(Group& group) {
  Reader reader(*database_, book_);
  for (Op& op : group.ops) {
    Result<> answered = Ok{};
    if (auto* find = std::get_if<FindOp>(&op)) answered = reader.Find(*find);
    if (auto* state = std::get_if<FindHostStateOp>(&op)) answered = reader.Find(*state);
    if (auto* why = std::get_if<WhyOp>(&op)) answered = reader.Why(*why);
    if (auto* requests = std::get_if<RequestsOp>(&op)) answered = reader.Requests(*requests);
    if (auto* retried = std::get_if<RetriedOp>(&op)) answered = reader.Retried(*retried);
    if (auto* search = std::get_if<SearchOp>(&op)) answered = reader.Search(*search);
    if (auto* jobs = std::get_if<JobsOp>(&op)) answered = reader.Jobs(*jobs);
    if (!answered) return answered;
  }
  for (HostLoad& load : group.host_loads) {
    if (Result<> loaded = reader.Load(load); !loaded) return loaded;
  }
  if (group.scan) {
    if (Result<> loaded = reader.Load(*group.scan); !loaded) return loaded;
  }
  if (group.delay_load) {
    if (Result<> loaded = reader.Load(*group.delay_load); !loaded) return loaded;
  }
  if (group.report_load) {
    if (Result<> loaded = reader.Load(*group.report_load); !loaded) return loaded;
  }
  group.facts = book_.ToFacts();
  return Ok{};
}

Result<> Store::SetNote(const std::string& name, const std::string& value) {
  const std::lock_guard lock(mutex_);
  if (!database_) return Error{Errc::kBusy, "frontier: no room"};
  const auto changes = database_->NewWriteSet();
  changes->Put(keys::Of(keys::kMeta, "note:" + name), value);
  return Write(*changes);
}

}  // namespace thresh
