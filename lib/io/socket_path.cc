#include "lib/io/socket_path.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <map>

#include "lib/base/handles.h"

namespace thresh {

std::string SocketPath(const std::string& folder, const std::string& name) {
  constexpr std::size_t kSafeBytes = 100;
  std::string path = folder + "/" + name;
  if (path.size() <= kSafeBytes) return path;
  static std::map<std::string, UniqueFd> folders;
  UniqueFd& fd = folders[folder];
  if (!fd) fd = UniqueFd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return path;  // The caller's error then names the path as it was given.
  return "/proc/self/fd/" + std::to_string(fd.get()) + "/" + name;
}

void ShareSocket(const std::string& path) {
  struct stat folder {};
  const std::string name = path.substr(0, path.rfind('/') + 1) + ".";
  const bool shared = ::stat(name.c_str(), &folder) == 0 && (folder.st_mode & S_IWGRP) != 0;
  if (shared) ::chmod(path.c_str(), 0660);
}

}  // namespace thresh
