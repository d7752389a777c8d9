#include "sink/output/recover_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "lib/base/log.h"

namespace thresh {
namespace {

Result<UniqueFd> OpenAt(const std::string& path, int flags) {
  UniqueFd fd(::open(path.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, 0640));
  if (fd) return fd;
  const bool full = errno == ENOSPC || errno == EDQUOT;
  return Error{full ? Errc::kBusy : Errc::kInternal,
               "cannot open " + path + ": " + std::strerror(errno)};
}

std::uint64_t FirstHeld(const OutputState& known, const std::vector<HeldBytes>& held) {
  return held.empty() ? known.length : held.front().offset;
}

// The held bytes from `from` on.
Result<std::string> HeldFrom(std::uint64_t from, const std::vector<HeldBytes>& held) {
  std::string bytes;
  for (const HeldBytes& part : held) {
    const std::uint64_t end = part.offset + part.size_bytes;
    if (end <= from) continue;
    Result<std::string> text = part.read();
    if (!text) return text;
    const std::uint64_t skip = std::max(from, part.offset) - part.offset;
    bytes.append(*text, static_cast<std::size_t>(skip), std::string::npos);
  }
  return bytes;
}

Result<std::string> LastBatch(const std::vector<HeldBytes>& held) {
  const auto first =
      std::find_if(held.begin(), held.end(), [](const HeldBytes& part) { return part.last_batch; });
  return first == held.end() ? std::string() : HeldFrom(first->offset, held);
}

// Does the file at `path` hold just what ours would, as far as the journal can tell?
Result<bool> IsCopy(const std::string& path, std::uint64_t length, const OutputState& known,
                    const std::vector<HeldBytes>& held) {
  const std::uint64_t first = FirstHeld(known, held);
  if (length < first || length > known.length) return false;
  if (first == known.length) return length != 0;
  Result<std::string> expected = HeldFrom(first, held);
  if (!expected) return expected.error();
  expected->resize(static_cast<std::size_t>(length - first));
  std::string found(expected->size(), '\0');
  Result<UniqueFd> fd = OpenAt(path, O_RDONLY);
  if (!fd) return fd.error();
  const ssize_t n = ::pread(fd->get(), found.data(), found.size(), static_cast<off_t>(first));
  return n == static_cast<ssize_t>(found.size()) && found == *expected && !found.empty();
}

Error CannotRepair(const std::string& path) {
  const bool full = errno == ENOSPC || errno == EDQUOT;
  return {full ? Errc::kBusy : Errc::kInternal,
          "cannot repair " + path + ": " + std::strerror(errno)};
}

// Writes `part` over what the file has in its place, up to `length`, if that differs; returns how
// many bytes that were.
Result<std::size_t> RepairPart(const UniqueFd& fd, const std::string& path, std::uint64_t length,
                               const HeldBytes& part) {
  if (part.offset >= length) return std::size_t{0};
  Result<std::string> held = part.read();
  if (!held) return held.error();
  held->resize(std::min<std::uint64_t>(held->size(), length - part.offset));
  std::string found(held->size(), '\0');
  const auto at = static_cast<off_t>(part.offset);
  const ssize_t n = ::pread(fd.get(), found.data(), found.size(), at);
  if (n < 0) return CannotRepair(path);
  if (found == *held) return std::size_t{0};
  for (std::size_t done = 0; done < held->size();) {
    const ssize_t written =
        ::pwrite(fd.get(), held->data() + done, held->size() - done, at + static_cast<off_t>(done));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return CannotRepair(path);
    done += static_cast<std::size_t>(written);
  }
  return held->size();
}

// After a power loss a file may be long enough and yet have holes: its pages go to the disk in any
// order. What the journal holds of it is put in its place again.
Result<> Repair(const std::string& path, std::uint64_t length, bool sync,
                const std::vector<HeldBytes>& held) {
  Result<UniqueFd> fd =
      OpenAt(path, O_RDWR);  // Not to append: that would add, wherever it is told.
  if (!fd) return fd.error();
  std::size_t repaired = 0;
  for (const HeldBytes& part : held) {
    Result<std::size_t> bytes = RepairPart(*fd, path, length, part);
    if (!bytes) return bytes.error();
    repaired += *bytes;
  }
  if (repaired == 0) return Ok{};
  if (sync && ::fsync(fd->get()) != 0) return CannotRepair(path);
  log::Warn("output.repaired", {{"path", path}, {"bytes", repaired}});
  return Ok{};
}

class Recovering {
 public:
  Recovering(const OutputOptions& options, OutputState known, const std::vector<HeldBytes>& held)
      : known_(std::move(known)),
        held_(held),
        path_(options.folder + "/" + known_.name),
        sync_(options.sync) {}

  Result<RecoveredFile> Run(const std::vector<std::string>& folders) {
    const std::optional<FileStatus> there = StatusAt(path_);
    if (there && there->identity.IsSameAs(known_.identity)) return Complete(path_, *there, false);
    for (const std::string& folder : folders) {
      const std::optional<std::string> moved = FindFile(folder, known_.identity);
      if (!moved) continue;
      log::Info("output.found_moved", {{"path", path_}, {"now", *moved}});
      return Complete(*moved, StatusAt(*moved).value_or(FileStatus{}), true);
    }
    if (there) {
      Result<bool> copy = IsCopy(path_, there->length, known_, held_);
      if (!copy) return copy.error();
      if (*copy) return Complete(path_, *there, false);
    }
    return Doubtful(there.has_value());
  }

 private:
  Result<RecoveredFile> Complete(const std::string& path, const FileStatus& status, bool moved) {
    if (status.length < FirstHeld(known_, held_) && !moved) return Doubtful(true);
    const std::uint64_t length = std::min(status.length, known_.length);
    if (Result<> repaired = Repair(path, length, sync_, held_); !repaired) return repaired.error();
    Result<UniqueFd> fd = OpenAt(path, O_WRONLY | O_APPEND);
    if (!fd) return fd.error();
    RecoveredFile file{.state = known_, .fd = std::move(*fd), .leaving = moved};
    if (moved) file.state.name = path;
    file.state.identity = status.identity;
    file.state.length = status.length;
    if (status.length > known_.length) {
      log::Warn(
          "output.changed",
          {{"path", path}, {"length_bytes", status.length}, {"expected_bytes", known_.length}});
    }
    if (status.length >= known_.length) return file;
    Result<std::string> missing = HeldFrom(status.length, held_);
    if (!missing) return missing.error();
    file.missing = std::move(*missing);
    return file;
  }

  Result<RecoveredFile> Doubtful(bool there) {
    RecoveredFile file{.state = known_};
    Result<std::string> missing = LastBatch(held_);
    if (!missing) return missing.error();
    if (missing->empty() && !there) return file;
    Result<UniqueFd> fd = OpenAt(path_, O_WRONLY | O_APPEND | O_CREAT);
    if (!fd) return fd.error();
    Result<FileStatus> status = StatusOf(fd->get(), path_);
    if (!status) return status.error();
    Result<bool> torn = EndsWithinLine(path_, status->identity);
    if (!torn) return torn.error();
    if (*torn) {  // Cut within a line that nobody can complete.
      if (::write(fd->get(), "\n", 1) != 1) return CannotRepair(path_);
      ++status->length;
    }
    file.fd = std::move(*fd);
    file.state.identity = status->identity;
    file.state.length = status->length;
    file.missing = std::move(*missing);
    file.doubtful_lines =
        static_cast<std::uint64_t>(std::count(file.missing.begin(), file.missing.end(), '\n'));
    log::Warn("output.missing", {{"path", path_},
                                 {"expected_bytes", known_.length},
                                 {"doubtful_lines_count", file.doubtful_lines},
                                 {"hint",
                                  "the file was removed or cut; these lines may stand in "
                                  "it as well"}});
    return file;
  }

  OutputState known_;
  const std::vector<HeldBytes>& held_;
  const std::string path_;
  const bool sync_;
};

}  // namespace

Result<RecoveredFile> RecoverFile(const OutputOptions& options, const std::string& old_dir,
                                  OutputState known, const std::vector<HeldBytes>& held) {
  std::vector<std::string> folders{options.folder};
  if (!old_dir.empty()) folders.push_back(old_dir);
  return Recovering(options, std::move(known), held).Run(folders);
}

}  // namespace thresh
