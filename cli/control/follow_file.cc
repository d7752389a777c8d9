#include "cli/control/follow_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "sink/output/aside_name.h"
#include "sink/output/chunk_reader.h"

namespace thresh {
namespace {

constexpr std::size_t kChunkBytes = 64 << 10;

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

Error Unreadable(const std::string& path) {
  return {Errc::kInvalid, path + ": cannot be read: " + std::strerror(errno)};
}

}  // namespace

FollowFile::FollowFile(std::string path, Begin begin, std::uint64_t last_lines)
    : path_(std::move(path)),
      folder_(FolderOf(path_)),
      name_(path_.substr(path_.rfind('/') + 1)),
      begin_(begin),
      last_lines_(last_lines) {}

Result<bool> FollowFile::Read(const LineFn& take) {
  for (;;) {
    if (!fd_) {
      Result<Next> next = OpenNext(take);
      if (!next) return next.error();
      if (*next != Next::kOpen) return *next == Next::kAbsent;
    }
    Result<bool> more = ReadToEnd(take);
    if (!more || !*more) return more;
    if (!IsReplaced()) return true;
    more = ReadToEnd(take);  // It may have grown once more before it was put aside.
    if (!more || !*more) return more;
    NoteAside();
    partial_.clear();  // Of a file that is complete: nothing.
    fd_ = UniqueFd();
  }
}

// What was put aside before there was anything to follow is not read.
Result<FollowFile::Next> FollowFile::OpenNext(const LineFn& take) {
  for (;;) {
    if (!begun_) seen_ = Aside();
    for (const std::string& name : Unseen()) {
      Result<bool> more = ReadAside(name, take);
      if (!more) return more.error();
      if (!*more) return Next::kEnough;
      seen_.insert(name);
    }
    Result<bool> opened = Open();
    if (!opened) return opened.error();
    if (*opened && !Unseen().empty()) continue;  // It is not the next one: some lie between.
    const bool is_first = !std::exchange(begun_, true);
    if (!*opened) return Next::kAbsent;
    if (is_first && begin_ == Begin::kLastLines) SkipToLastLines(last_lines_);
    return Next::kOpen;
  }
}

// False: it is not there.
Result<bool> FollowFile::Open() {
  fd_ = UniqueFd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd_ && errno == ENOENT) return false;
  struct stat file {};
  if (!fd_ || ::fstat(fd_.get(), &file) != 0) return Unreadable(path_);
  identity_ = {file.st_dev, file.st_ino};
  offset_ = 0;
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

Result<bool> FollowFile::ReadAside(const std::string& name, const LineFn& take) {
  const std::string path = folder_ + "/" + name;
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

// Names of what was put aside, without `.zst`.
std::set<std::string> FollowFile::Aside() const {
  std::set<std::string> names;
  std::error_code why;
  std::filesystem::directory_iterator files(folder_, why);
  for (; !why && files != std::filesystem::directory_iterator(); files.increment(why)) {
    std::string name = files->path().filename().string();
    if (NameBeforeAside(name) != name_) continue;
    if (name.ends_with(".zst")) name.resize(name.size() - 4);
    names.insert(std::move(name));
  }
  return names;
}

std::vector<std::string> FollowFile::Unseen() {
  const std::set<std::string> all = Aside();
  std::erase_if(seen_, [&all](const std::string& name) { return !all.contains(name); });
  std::vector<std::string> unseen;
  std::set_difference(all.begin(), all.end(), seen_.begin(), seen_.end(),
                      std::back_inserter(unseen));
  return unseen;
}

// The file that was read has another name now. Compressed, it is another file; then it is the first
// of those that are new. One that an operator has moved elsewhere is not found.
void FollowFile::NoteAside() {
  for (const std::string& name : Unseen()) {
    struct stat file {};
    const bool is_plain = ::stat((folder_ + "/" + name).c_str(), &file) == 0;
    if (is_plain && Identity{file.st_dev, file.st_ino} != identity_) continue;
    seen_.insert(name);
    return;
  }
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
