#include "lib/io/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "lib/base/handles.h"

namespace thresh {

Result<std::string> ReadWholeFile(const std::string& path) {
  const UniqueFile file(std::fopen(path.c_str(), "rbe"));
  if (!file) {
    return Error{errno == ENOENT ? Errc::kNotFound : Errc::kInvalid,
                 "cannot read " + path + ": " + std::strerror(errno)};
  }
  std::string text;
  char chunk[64 << 10];
  while (const std::size_t n = std::fread(chunk, 1, sizeof chunk, file.get())) {
    text.append(chunk, n);
  }
  if (std::ferror(file.get()) != 0) {
    return Error{Errc::kInvalid, "cannot read " + path + ": " + std::strerror(errno)};
  }
  return text;
}

Result<> MakeFolder(const std::string& path) {
  std::error_code why;
  std::filesystem::create_directories(path, why);
  if (why) return Error{Errc::kInvalid, "cannot make folder " + path + ": " + why.message()};
  return Ok{};
}

Result<> SyncFolder(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) {
    return Error{Errc::kInternal, "cannot sync " + path + ": " + std::strerror(errno)};
  }
  return Ok{};
}

std::string AbsolutePath(const std::string& path) {
  std::error_code why;
  const auto absolute = std::filesystem::absolute(path, why);
  return why ? path : absolute.lexically_normal().string();
}

std::string ProgramFolder() {
  std::error_code why;
  return std::filesystem::read_symlink("/proc/self/exe", why).parent_path().string();
}

}  // namespace thresh
