#include "lib/io/spool_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace thresh {
namespace {

Error Fault(const std::string& what, int why) {
  const bool passes = why == ENOSPC || why == EDQUOT || why == EMFILE || why == ENFILE;
  return {passes ? Errc::kBusy : Errc::kInternal, what + ": " + std::strerror(why)};
}

// Not all file systems have files without a name: there it is taken away at once.
UniqueFd OpenNameless(const std::string& folder) {
  UniqueFd fd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (fd || (errno != EOPNOTSUPP && errno != EISDIR)) return fd;
  std::string name = folder + "/spool-XXXXXX";
  fd = UniqueFd(::mkostemp(name.data(), O_CLOEXEC));
  if (fd) ::unlink(name.c_str());
  return fd;
}

}  // namespace

Result<std::shared_ptr<SpoolFile>> SpoolFile::Create(
    const std::string& folder, std::shared_ptr<std::atomic<std::uint64_t>> used_bytes) {
  UniqueFd fd = OpenNameless(folder);
  if (!fd) return Fault("cannot make a spool file in " + folder, errno);
  return std::shared_ptr<SpoolFile>(new SpoolFile(std::move(fd), std::move(used_bytes)));
}

SpoolFile::~SpoolFile() {
  if (used_bytes_) *used_bytes_ -= size_;
}

Result<> SpoolFile::Append(std::string_view bytes) {
  std::uint64_t at = size_;
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Fault("cannot write to a spool file", n < 0 ? errno : ENOSPC);
    at += static_cast<std::uint64_t>(n);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  if (used_bytes_) *used_bytes_ += at - size_;
  size_ = at;
  return Ok{};
}

Result<std::string> SpoolFile::ReadAt(std::uint64_t offset, std::size_t n) const {
  if (offset >= size_) return std::string();
  std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(n, size_ - offset)), '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = ::pread(fd_.get(), bytes.data() + filled, bytes.size() - filled,
                                static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Fault("cannot read a spool file", got < 0 ? errno : EIO);
    filled += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace thresh
