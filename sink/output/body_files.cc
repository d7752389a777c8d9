#include "sink/output/body_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lib/base/handles.h"
#include "lib/io/file.h"

namespace thresh {
namespace {

Error Failed(const char* what, const std::string& path) {
  const bool full = errno == ENOSPC || errno == EDQUOT;
  return {full ? Errc::kBusy : Errc::kInternal,
          std::string("cannot ") + what + " " + path + ": " + std::strerror(errno)};
}

Result<> WriteFile(const std::string& path, std::string_view bytes) {
  const UniqueFd fd(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640));
  if (!fd) return Failed("open", path);
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Failed("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return Ok{};
}

}  // namespace

void BodyFiles::Add(std::string_view name, std::string_view bytes) {
  added_.emplace_back(name, bytes);
}

Result<> BodyFiles::Write() {
  if (!added_.empty() && ::access(folder_.c_str(), F_OK) != 0) {
    if (::mkdir(folder_.c_str(), 0750) != 0 && errno != EEXIST) return Failed("make", folder_);
  }
  while (!added_.empty()) {
    const auto& [name, bytes] = added_.back();
    if (Result<> written = WriteFile(folder_ + "/" + name, bytes); !written) return written;
    unsynced_.push_back(name);
    added_.pop_back();
  }
  return Ok{};
}

Result<> BodyFiles::Sync() {
  if (!sync_) unsynced_.clear();
  if (unsynced_.empty()) return Ok{};
  for (const std::string& name : unsynced_) {
    const std::string path = folder_ + "/" + name;
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd && errno == ENOENT) continue;  // Somebody removed it: that is theirs to do.
    if (!fd || ::fsync(fd.get()) != 0) return Error{Errc::kInternal, Failed("sync", path).detail};
  }
  unsynced_.clear();
  return SyncFolder(folder_);
}

}  // namespace thresh
