#include "sink/output/file_identity.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "lib/base/handles.h"

namespace thresh {
namespace {

FileStatus FromStatx(const struct statx& s) {
  FileStatus status{.length = s.stx_size, .links = s.stx_nlink};
  status.identity.device = makedev(s.stx_dev_major, s.stx_dev_minor);
  status.identity.inode = s.stx_ino;
  if ((s.stx_mask & STATX_BTIME) != 0) {
    status.identity.born_ns =
        static_cast<std::int64_t>(s.stx_btime.tv_sec) * 1'000'000'000 + s.stx_btime.tv_nsec;
  }
  return status;
}

constexpr unsigned kWanted = STATX_BASIC_STATS | STATX_BTIME;

}  // namespace

Result<FileStatus> StatusOf(int fd, const std::string& path) {
  struct statx s {};
  if (::statx(fd, "", AT_EMPTY_PATH, kWanted, &s) != 0) {
    return Error{Errc::kInternal, "cannot look at " + path + ": " + std::strerror(errno)};
  }
  return FromStatx(s);
}

std::optional<FileStatus> StatusAt(const std::string& path) {
  struct statx s {};
  if (::statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, kWanted, &s) != 0) return std::nullopt;
  if (!S_ISREG(s.stx_mode)) return std::nullopt;
  return FromStatx(s);
}

std::optional<std::string> FindFile(const std::string& folder, const FileIdentity& identity) {
  std::error_code why;
  std::filesystem::directory_iterator files(folder, why);
  for (; !why && files != std::filesystem::directory_iterator(); files.increment(why)) {
    const std::optional<FileStatus> status = StatusAt(files->path().string());
    if (status && status->identity.IsSameAs(identity)) return files->path().string();
  }
  return std::nullopt;
}

Result<bool> EndsWithinLine(const std::string& path, const FileIdentity& identity) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return false;  // Moved away: nothing is added to it any more.
  Result<FileStatus> status = StatusOf(fd.get(), path);
  if (!status) return status.error();
  if (!status->identity.IsSameAs(identity) || status->length == 0) return false;
  char last = '\n';
  if (::pread(fd.get(), &last, 1, static_cast<off_t>(status->length - 1)) != 1) {
    return Error{Errc::kInternal, "cannot read " + path + ": " + std::strerror(errno)};
  }
  return last != '\n';
}

}  // namespace thresh
