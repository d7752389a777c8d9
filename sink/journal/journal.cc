#include "sink/journal/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "lib/io/file.h"

namespace thresh {
namespace {

constexpr const char* kNext = "next.tmp";    // Becomes the next segment.
constexpr const char* kSpare = "spare.tmp";  // A segment that was, for the next one's file.

Error Failed(const char* what, const std::string& path) {
  const bool full = errno == ENOSPC || errno == EDQUOT;
  return {full ? Errc::kBusy : Errc::kInternal,
          std::string("cannot ") + what + " " + path + ": " + std::strerror(errno)};
}

// Writes from `done` on, which it moves.
Result<> WriteAt(const UniqueFd& fd, std::uint64_t offset, Gather bytes, std::size_t* done,
                 const std::string& path) {
  bytes.Advance(*done);
  while (!bytes.empty()) {
    const ssize_t n =
        ::pwritev(fd.get(), bytes.data(), bytes.count(), static_cast<off_t>(offset + *done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Failed("write", path);
    bytes.Advance(static_cast<std::size_t>(n));
    *done += static_cast<std::size_t>(n);
  }
  return Ok{};
}

Result<> Reserve(const UniqueFd& fd, std::uint64_t bytes, const std::string& path) {
  int rc = 0;
  do {
    rc = ::fallocate(fd.get(), 0, 0, static_cast<off_t>(bytes));
  } while (rc != 0 && errno == EINTR);
  // A file system that cannot: then a full disk shows at a write.
  if (rc != 0 && errno == EOPNOTSUPP) rc = ::ftruncate(fd.get(), static_cast<off_t>(bytes));
  if (rc != 0) return Failed("make room in", path);
  return Ok{};
}

// A sync that failed is never tried again: what it was to write may be gone from memory.
Error SyncFailed(const std::string& path) {
  return {Errc::kInternal, "cannot sync " + path + ": " + std::strerror(errno)};
}

}  // namespace

Result<std::unique_ptr<Journal>> Journal::Open(JournalOptions options) {
  std::unique_ptr<Journal> journal(new Journal(std::move(options)));
  Result<std::optional<JournalImage>> image = ReadJournal(journal->options_.folder);
  if (!image) return image.error();
  journal->owner_ = *image ? (*image)->owner : RandomId();
  if (!*image) return journal;
  journal->state_ = std::move((*image)->state);
  journal->redo_ = std::move((*image)->redo);
  journal->next_number_ = (*image)->last_segment + 1;
  journal->next_seq_ = (*image)->next_seq;
  for (std::string& name : (*image)->file_names) {
    const std::optional<std::uint64_t> number = SegmentNumber(name);
    if (number && !journal->state_.segments.contains(*number)) {
      journal->unused_.push_back(std::move(name));
    }
  }
  return journal;
}

Result<Redo> Journal::TakeRedo() {
  if (!redo_) return Redo{};
  const UniqueFd fd(::open(redo_->segment_path.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd) return Failed("open", redo_->segment_path);
  if (options_.sync && ::fdatasync(fd.get()) != 0) return SyncFailed(redo_->segment_path);
  return *std::exchange(redo_, std::nullopt);
}

std::optional<Location> Journal::Add(const Commit& commit) {
  const Location at{segment_.number, end_ + pending_.size()};
  if (!HasRoom(EncodedBytes(commit))) return std::nullopt;
  const Pieces::Mark begin = BeginRecord(&pending_);
  AppendTo(commit, &pending_);
  EndRecord(segment_, next_seq_++, RecordType::kCommit, begin, &pending_);
  state_.Apply(commit, at);
  return at;
}

bool Journal::Add(const FileState& file) {
  const std::string payload = Encode(file);
  if (!HasRoom(payload.size())) return false;
  AppendRecord(segment_, next_seq_++, RecordType::kFile, payload, pending_.own());
  state_.Apply(file);
  return true;
}

bool Journal::HasRoom(std::size_t payload_bytes) const {
  return end_ + pending_.size() + RecordBytes(payload_bytes) <= capacity_bytes_;
}

Result<> Journal::Flush() {
  if (pending_.empty()) return Ok{};
  const std::string path = Path(SegmentName(segment_.number));
  if (Result<> r = WriteAt(fd_, end_, pending_.ToGather(), &written_bytes_, path); !r) return r;
  if (options_.sync && ::fdatasync(fd_.get()) != 0) return SyncFailed(path);
  end_ += pending_.size();
  state_.segments[segment_.number].end = end_;
  written_bytes_ = 0;
  pending_.Clear();
  return Ok{};
}

Result<> Journal::Switch(std::size_t record_bytes) {
  if (Result<> made = MakeFolder(options_.folder); !made) return Failed("make", options_.folder);
  const Hash128 random = RandomId();
  SegmentHeader header{.owner = owner_, .number = next_number_, .first_seq = next_seq_};
  std::memcpy(&header.salt, random.bytes.data(), sizeof header.salt);
  const Checkpoint checkpoint = state_.ToCheckpoint();
  if (Result<> made = MakeSegment(header, record_bytes, Encode(checkpoint)); !made) return made;
  segment_ = header;
  ++next_number_;
  ++next_seq_;
  state_.segments[header.number].end = end_;
  return FreeClosedSegments(checkpoint);
}

// The file gets its name when it begins with a whole checkpoint.
Result<> Journal::MakeSegment(const SegmentHeader& header, std::size_t record_bytes,
                              std::string_view checkpoint) {
  std::string bytes = EncodeHeader(header);
  AppendRecord(header, header.first_seq, RecordType::kCheckpoint, checkpoint, &bytes);
  Result<UniqueFd> fd = OpenNext(std::max(options_.segment_bytes, bytes.size() + record_bytes));
  if (!fd) return fd.error();
  if (Result<> r = PutNext(*fd, bytes, header.number); !r) return r;
  end_ = bytes.size();
  fd_ = std::move(*fd);
  return Ok{};
}

Result<UniqueFd> Journal::OpenNext(std::uint64_t bytes) {
  ::rename(Path(kSpare).c_str(), Path(kNext).c_str());  // Fails if there is none.
  const std::string path = Path(kNext);
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640));
  if (!fd) return Failed("open", path);
  if (Result<> r = Reserve(fd, bytes, path); !r) return r.error();
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return Failed("look at", path);
  capacity_bytes_ = static_cast<std::uint64_t>(status.st_size);
  return fd;
}

Result<> Journal::PutNext(const UniqueFd& fd, std::string_view bytes, std::uint64_t number) {
  const std::string path = Path(SegmentName(number));
  std::size_t done = 0;
  Gather all;
  all.Add(bytes);
  if (Result<> r = WriteAt(fd, 0, std::move(all), &done, path); !r) return r;
  if (options_.sync && ::fsync(fd.get()) != 0) return SyncFailed(path);
  if (::rename(Path(kNext).c_str(), path.c_str()) != 0) return Failed("make", path);
  return options_.sync ? SyncFolder(options_.folder) : Ok{};
}

Result<> Journal::FreeClosedSegments(const Checkpoint& checkpoint) {
  std::vector<std::uint64_t> closed;
  for (const auto& [number, segment] : state_.segments) {
    const auto is_it = [n = number](const Checkpoint::Segment& kept) { return kept.number == n; };
    const bool kept = number == segment_.number ||
                      std::any_of(checkpoint.segments.begin(), checkpoint.segments.end(), is_it);
    if (!kept) closed.push_back(number);
  }
  for (const std::uint64_t number : closed) {
    state_.segments.erase(number);
    unused_.push_back(SegmentName(number));
  }
  for (const std::string& name : std::exchange(unused_, {})) {
    if (Result<> r = FreeFile(name); !r) return r;
  }
  return Ok{};
}

// Of the usual size: kept for the next segment, whose blocks are then there already.
Result<> Journal::FreeFile(const std::string& name) {
  struct stat status {};
  const bool usual = ::stat(Path(name).c_str(), &status) == 0 &&
                     static_cast<std::uint64_t>(status.st_size) == options_.segment_bytes;
  if (usual && ::access(Path(kSpare).c_str(), F_OK) != 0) {
    if (::rename(Path(name).c_str(), Path(kSpare).c_str()) == 0) return Ok{};
  }
  if (::unlink(Path(name).c_str()) != 0 && errno != ENOENT) return Failed("remove", Path(name));
  return Ok{};
}

Result<std::string> Journal::ReadAck(Location at) const {
  if (!state_.segments.contains(at.segment)) return std::string();
  return thresh::ReadAck(options_.folder, at);
}

bool Journal::has_closed_segments() const {
  constexpr std::size_t kUsual = 2;
  if (state_.segments.size() <= kUsual) return false;
  return std::any_of(state_.segments.begin(), state_.segments.end(), [this](const auto& entry) {
    return entry.first != segment_.number && entry.second.open_count == 0;
  });
}

void Journal::RemoveSpare() {
  ::unlink(Path(kSpare).c_str());
}

std::uint64_t Journal::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [number, segment] : state_.segments) {
    struct stat status {};
    if (::stat(Path(SegmentName(number)).c_str(), &status) == 0) {
      sum += static_cast<std::uint64_t>(status.st_size);
    }
  }
  return sum;
}

}  // namespace thresh
