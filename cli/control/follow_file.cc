#include "cli/control/follow_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "lib/base/time.h"
#include "sink/output/aside_name.h"
#include "sink/output/chunk_reader.h"

namespace thresh {
namespace {

constexpr std::size_t kChunkBytes = 64 << 10;

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

std::string NameOf(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

Error Unreadable(const std::string& path) {
  return {Errc::kInvalid, path + ": cannot be read: " + std::strerror(errno)};
}

}  // namespace

FollowFile::FollowFile(std::string path, Begin begin, std::uint64_t last_lines)
    : path_(std::move(path)), begin_(begin), last_lines_(last_lines) {}

Result<bool> FollowFile::Read(const LineFn& take) {
  if (!fd_) {
    Result<bool> opened = Open();
    if (!opened) return opened.error();
    if (!*opened) return true;
  }
  for (;;) {
    const std::int64_t now_ms = WallClockMs();
    Result<bool> more = ReadToEnd(take);
    if (!more || !*more) return more;
    if (!IsReplaced()) {
      looked_ms_ = now_ms;
      return true;
    }
    // It may have grown once more before it was put aside.
    more = ReadToEnd(take);
    if (!more || !*more) return more;
    for (const std::string& aside : AsideSince()) {
      more = ReadAside(aside, take);
      if (!more || !*more) return more;
    }
    partial_.clear();  // Of a file that is complete: nothing.
    fd_ = UniqueFd();
    Result<bool> opened = Open();
    if (!opened) return opened.error();
    if (!*opened) return true;
  }
}

// False: it is not there.
Result<bool> FollowFile::Open() {
  fd_ = UniqueFd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  const Begin begin = std::exchange(begin_, Begin::kStart);
  if (!fd_ && errno == ENOENT) return false;
  struct stat file {};
  if (!fd_ || ::fstat(fd_.get(), &file) != 0) return Unreadable(path_);
  identity_ = {file.st_dev, file.st_ino};
  offset_ = 0;
  if (begin == Begin::kLastLines) SkipToLastLines(last_lines_);
  return true;
}

Result<bool> FollowFile::ReadToEnd(const LineFn& take) {
  std::string chunk(kChunkBytes, '\0');
  for (;;) {
    const ssize_t n = ::pread(fd_.get(), chunk.data(), chunk.size(), static_cast<off_t>(offset_));
    if (n < 0) return Unreadable(path_);
    if (n == 0) return true;
    offset_ += static_cast<std::uint64_t>(n);
    if (!TakeBytes({chunk.data(), static_cast<std::size_t>(n)}, take)) return false;
  }
}

Result<bool> FollowFile::ReadAside(const std::string& path, const LineFn& take) {
  auto reader = ChunkReader::Open(path);
  if (!reader && reader.error().code == Errc::kNotFound) {  // Compressed since it was listed?
    reader = ChunkReader::Open(path + ".zst");
  }
  if (!reader && reader.error().code == Errc::kNotFound) return true;
  if (!reader) return reader.error();
  partial_.clear();
  for (;;) {
    Result<std::string> chunk = (*reader)->Next();
    if (!chunk) return chunk.error();
    if (chunk->empty()) return true;
    if (!TakeBytes(*chunk, take)) return false;
  }
}

bool FollowFile::TakeBytes(std::string_view bytes, const LineFn& take) {
  for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    bool more = true;
    if (partial_.empty()) {
      more = take(bytes.substr(0, end));
    } else {
      partial_.append(bytes.substr(0, end));
      more = take(std::exchange(partial_, {}));
    }
    if (!more) return false;
    bytes.remove_prefix(end + 1);
  }
  partial_.append(bytes);
  return true;
}

// Another file has its name: only then is it complete.
bool FollowFile::IsReplaced() const {
  struct stat file {};
  return ::stat(path_.c_str(), &file) == 0 && Identity{file.st_dev, file.st_ino} != identity_;
}

// What was put aside after the file that was being read: by name, which has the time in it.
std::deque<std::string> FollowFile::AsideSince() const {
  std::vector<std::string> names;
  std::string ours;
  std::error_code why;
  const std::string folder = FolderOf(path_), name = NameOf(path_);
  std::filesystem::directory_iterator files(folder, why);
  for (; !why && files != std::filesystem::directory_iterator(); files.increment(why)) {
    const std::string aside = files->path().filename().string();
    if (NameBeforeAside(aside) != name) continue;
    const std::string plain = aside.ends_with(".zst") ? aside.substr(0, aside.size() - 4) : aside;
    struct stat file {};
    const bool same = ::stat(files->path().c_str(), &file) == 0 &&
                      Identity{file.st_dev, file.st_ino} == identity_;
    if (same) ours = plain;
    names.push_back(plain);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  // Compressed by now, it is another file: then it is the first that was put aside since we looked.
  if (ours.empty()) {
    const auto first = std::upper_bound(names.begin(), names.end(), AsideName(name, looked_ms_));
    if (first == names.end()) return {};
    ours = *first;
  }
  std::deque<std::string> since;
  for (const std::string& each : names) {
    if (each > ours) since.push_back(folder + "/" + each);
  }
  return since;
}

// Reads backwards until there are enough line ends.
void FollowFile::SkipToLastLines(std::uint64_t lines) {
  struct stat file {};
  if (::fstat(fd_.get(), &file) != 0) return;
  auto begin = static_cast<std::uint64_t>(file.st_size);
  std::uint64_t ends = 0;
  std::string chunk;
  while (begin > 0) {
    const std::uint64_t size = std::min<std::uint64_t>(begin, kChunkBytes);
    chunk.resize(size);
    if (::pread(fd_.get(), chunk.data(), size, static_cast<off_t>(begin - size)) !=
        static_cast<ssize_t>(size)) {
      return;
    }
    for (std::size_t i = chunk.size(); i > 0; --i) {
      if (chunk[i - 1] != '\n') continue;
      // What follows the last line's end is no whole line yet.
      if (ends++ == lines) {
        offset_ = begin - size + i;
        return;
      }
    }
    begin -= size;
  }
  offset_ = 0;
}

}  // namespace thresh
