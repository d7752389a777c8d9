#include "lib/io/state_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "lib/io/file.h"

namespace thresh {

Result<StateLock> StateLock::Take(const std::string& path, const std::string& who) {
  const auto cannot = [&path] {
    return Error{Errc::kInvalid, "cannot write " + path + ": " + std::strerror(errno)};
  };
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  if (!fd) return cannot();
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    Result<std::string> pid = ReadWholeFile(path);
    return Error{Errc::kUnavailable, who + " is at work in this folder already, pid " +
                                         (pid ? *pid : "?") + " (" + path + ")"};
  }
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(fd.get(), 0) != 0 ||
      ::pwrite(fd.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return cannot();
  }
  return StateLock(std::move(fd));
}

Result<std::vector<StateLock>> StateLock::TakeAll(const std::vector<std::string>& paths,
                                                  const std::string& who) {
  std::vector<StateLock> locks;
  for (const std::string& path : paths) {
    Result<StateLock> lock = Take(path, who);
    if (!lock) return lock.error();
    locks.push_back(std::move(*lock));
  }
  return locks;
}

}  // namespace thresh
