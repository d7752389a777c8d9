// thresh-disk-faults: a library for LD_PRELOAD that makes a disk fail, or a process die, at an
// exact operation, and that can write down all operations. Told by variables of the environment:
//
//   THRESH_FAULT_PREFIX=A:B   only files whose absolute path begins with one of these
//   THRESH_FAULT_OPS=a,b      only these: open write fsync fdatasync rename fallocate truncate
//                             unlink mkdir send; default: all but send. `open` is one that writes;
//                             `send` is any write to a socket, whatever the prefix
//   THRESH_FAULT_AT=N         the fault befalls the N-th of them, counted from 1
//   THRESH_FAULT_COUNT=M      and the M-1 that follow; default 1; 0: all that follow
//   THRESH_FAULT_WHILE=FILE   instead: it befalls each of them as long as FILE exists
//   THRESH_FAULT_DO=WHAT      kill_before, kill_half (a write is done in half first), kill_after;
//                             EIO, ENOSPC, EINTR, EDQUOT (nothing is done); short (half a write)
//   THRESH_FAULT_HIT=FILE     gets a line for each fault, before it happens
//   THRESH_FAULT_LOG=FILE     gets a line for each operation after it was done, of tab-separated
//                             fields: number, name, path, offset (open: the flags; truncate: the
//                             new size), bytes asked, result, where to (fallocate: the mode)
//   THRESH_FAULT_DATA=1       each write's line is followed by the bytes written
//
// Operations are done one at a time, so that their order in the log is the order they happened in.
// What the C library does within itself (stdio) is not seen.

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

enum class Act { kNothing, kKillBefore, kKillHalf, kKillAfter, kError, kShort };

std::vector<std::string> Split(const char* text, char by) {
  std::vector<std::string> parts;
  std::string_view rest = text == nullptr ? "" : text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(by), rest.size());
    if (end > 0) parts.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return parts;
}

long NumberOf(const char* name, long otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atol(text);
}

int OpenForAppend(const char* name) {
  const char* path = std::getenv(name);
  if (path == nullptr) return -1;
  const long fd =
      syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  // Out of the way, so that the program's own descriptors keep their numbers.
  const long high = syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 1000);
  syscall(SYS_close, fd);
  return static_cast<int>(high);
}

void WriteAll(int fd, std::string_view bytes) {
  while (fd >= 0 && !bytes.empty()) {
    const long done = syscall(SYS_write, fd, bytes.data(), bytes.size());
    if (done <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
}

// What the environment asks for, and what has happened. Made at the first call, never destroyed:
// programs write until their very end.
struct Plan {
  std::vector<std::string> prefixes = Split(std::getenv("THRESH_FAULT_PREFIX"), ':');
  std::vector<std::string> operations = Split(std::getenv("THRESH_FAULT_OPS"), ',');
  long at = NumberOf("THRESH_FAULT_AT", 0);
  long count = NumberOf("THRESH_FAULT_COUNT", 1);
  const char* as_long_as = std::getenv("THRESH_FAULT_WHILE");
  Act act = Act::kNothing;
  int error = 0;
  int hit_fd = OpenForAppend("THRESH_FAULT_HIT");
  int log_fd = OpenForAppend("THRESH_FAULT_LOG");
  bool with_data = NumberOf("THRESH_FAULT_DATA", 0) != 0;
  long number = 0;
  std::array<std::string, 4096> paths;  // of the open files that match

  Plan() {
    const char* text = std::getenv("THRESH_FAULT_DO");
    const std::string_view what = text == nullptr ? "" : text;
    if (what == "kill_before") act = Act::kKillBefore;
    if (what == "kill_half") act = Act::kKillHalf;
    if (what == "kill_after") act = Act::kKillAfter;
    if (what == "short") act = Act::kShort;
    for (const auto& [name, value] :
         {std::pair{"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EINTR", EINTR}, {"EDQUOT", EDQUOT}}) {
      if (what != name) continue;
      act = Act::kError;
      error = value;
    }
  }

  bool Matches(std::string_view path) const {
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&](const std::string& p) { return path.starts_with(p); });
  }

  bool Wants(std::string_view operation) const {
    if (operations.empty()) return operation != "send";
    return std::find(operations.begin(), operations.end(), operation) != operations.end();
  }

  bool IsTime() const {
    if (as_long_as != nullptr) return syscall(SYS_faccessat, AT_FDCWD, as_long_as, F_OK) == 0;
    return at > 0 && number >= at && (count == 0 || number < at + count);
  }
};

Plan& ThePlan() {
  static Plan* const plan = new Plan;
  return *plan;
}

pthread_mutex_t g_mutex = PTHREAD_MUTEX_INITIALIZER;

class Locked {
 public:
  Locked() { pthread_mutex_lock(&g_mutex); }
  ~Locked() { pthread_mutex_unlock(&g_mutex); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;
};

void Die() {
  syscall(SYS_kill, getpid(), SIGKILL);
  while (true) pause();
}

std::string Absolute(int folder, const char* path) {
  if (path[0] == '/') return path;
  if (folder != AT_FDCWD) {
    std::array<char, 4096> target{};
    const std::string link = "/proc/self/fd/" + std::to_string(folder);
    const ssize_t size = readlink(link.c_str(), target.data(), target.size() - 1);
    return std::string(target.data(), size > 0 ? static_cast<std::size_t>(size) : 0) + "/" + path;
  }
  std::array<char, 4096> cwd{};
  return std::string(getcwd(cwd.data(), cwd.size()) == nullptr ? "" : cwd.data()) + "/" + path;
}

// The path of an open file that matches, else empty.
std::string PathOf(int fd) {
  const Locked locked;
  Plan& plan = ThePlan();
  return fd >= 0 && static_cast<std::size_t>(fd) < plan.paths.size()
             ? plan.paths[static_cast<std::size_t>(fd)]
             : std::string();
}

// REQUIRES: locked.
void Remember(int fd, const std::string& path) {
  Plan& plan = ThePlan();
  if (fd >= 0 && static_cast<std::size_t>(fd) < plan.paths.size())
    plan.paths[static_cast<std::size_t>(fd)] = path;
}

struct Operation {
  const char* name;
  std::string path;
  long offset = 0;
  std::size_t bytes = 0;
  std::string to = {};
};

// Does an operation that is watched. REQUIRES: locked. `whole` does all of it; `half` the first
// half of a write. `data` are a write's bytes.
template <typename Whole, typename Half>
long Do(const Operation& op, const Whole& whole, const Half& half, std::string_view data) {
  Plan& plan = ThePlan();
  ++plan.number;
  const bool now = plan.act != Act::kNothing && plan.IsTime();
  const Act act = now ? plan.act : Act::kNothing;
  const std::string line = std::to_string(plan.number) + '\t' + op.name + '\t' + op.path;
  if (now) WriteAll(plan.hit_fd, line + '\n');
  if (act == Act::kKillBefore) Die();
  long result = -1;
  if (act == Act::kError) {
    errno = plan.error;
  } else if ((act == Act::kKillHalf || act == Act::kShort) && data.size() > 1) {
    result = half();
  } else {
    result = whole();
  }
  if (act == Act::kKillHalf || act == Act::kKillAfter) Die();
  const int error = errno;
  if (plan.log_fd >= 0) {
    std::string entry = line + '\t' + std::to_string(op.offset) + '\t' + std::to_string(op.bytes) +
                        '\t' + std::to_string(result) + '\t' + op.to + '\n';
    if (plan.with_data && !data.empty() && result > 0)
      entry += data.substr(0, static_cast<std::size_t>(result));
    WriteAll(plan.log_fd, entry);
  }
  errno = error;
  return result;
}

template <typename Whole>
long Do(const Operation& op, const Whole& whole) {
  return Do(op, whole, whole, {});
}

bool IsSocket(int fd) {
  struct stat info {};
  return syscall(SYS_fstat, fd, &info) == 0 && S_ISSOCK(info.st_mode);
}

// Writes `data` by `write_some(bytes)`: a file's, or a socket's if sends are watched.
template <typename Write>
long Watch(int fd, std::string_view data, long offset, const Write& write_some) {
  const auto whole = [&] { return write_some(data); };
  const auto half = [&] { return write_some(data.substr(0, data.size() / 2)); };
  const std::string path = PathOf(fd);
  const bool file = !path.empty();
  if (file ? !ThePlan().Wants("write") : !ThePlan().Wants("send") || !IsSocket(fd)) return whole();
  const Locked locked;
  if (file) {
    struct stat info {};
    const bool append =
        (syscall(SYS_fcntl, fd, F_GETFL) & O_APPEND) != 0;  // pwrite appends then too
    if (append && syscall(SYS_fstat, fd, &info) == 0) offset = info.st_size;
    if (offset < 0) offset = syscall(SYS_lseek, fd, 0, SEEK_CUR);
  }
  return Do({file ? "write" : "send", file ? path : "socket", offset, data.size()}, whole, half,
            data);
}

std::string Joined(const iovec* parts, int count) {
  std::string all;
  for (int i = 0; i < count; ++i)
    all.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
  return all;
}

long RawWrite(int fd, std::string_view data) {
  return syscall(SYS_write, fd, data.data(), data.size());
}

long RawPwrite(int fd, std::string_view data, long offset) {
  return syscall(SYS_pwrite64, fd, data.data(), data.size(), offset);
}

int Open(int folder, const char* path, int flags, mode_t mode) {
  const auto whole = [&] { return syscall(SYS_openat, folder, path, flags, mode); };
  const std::string name = Absolute(folder, path);
  const Locked locked;
  Plan& plan = ThePlan();
  if (!plan.Matches(name)) return static_cast<int>(whole());
  const bool writes = (flags & (O_ACCMODE | O_CREAT | O_TRUNC)) != O_RDONLY;
  const long fd = writes && plan.Wants("open") ? Do({"open", name, flags}, whole) : whole();
  Remember(static_cast<int>(fd), name);
  return static_cast<int>(fd);
}

mode_t ModeOf(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

// An operation on an open file that matches; else just done.
template <typename Whole>
int OnFile(const char* name, int fd, long offset, std::size_t bytes, const Whole& whole) {
  const std::string path = PathOf(fd);
  if (path.empty() || !ThePlan().Wants(name)) return static_cast<int>(whole());
  const Locked locked;
  return static_cast<int>(Do({name, path, offset, bytes}, whole));
}

// An operation on a name.
template <typename Whole>
int OnName(const char* name, const std::string& path, const std::string& to, const Whole& whole) {
  const Locked locked;
  Plan& plan = ThePlan();
  if (!(plan.Matches(path) || plan.Matches(to)) || !plan.Wants(name))
    return static_cast<int>(whole());
  return static_cast<int>(Do({name, path, 0, 0, to}, whole));
}

// An open file keeps its new name; the one that it replaced has none any more.
void Renamed(const std::string& from, const std::string& to) {
  const Locked locked;
  for (std::string& path : ThePlan().paths) {
    if (path == to) path += " (gone)";
    if (path == from) path = to;
  }
}

int Rename(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  const std::string old_name = Absolute(from_folder, from);
  const std::string new_name = Absolute(to_folder, to);
  const int result = OnName("rename", old_name, new_name, [&] {
    return syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
  });
  if (result == 0) Renamed(old_name, new_name);
  return result;
}

int Unlink(int folder, const char* path, int flags) {
  return OnName("unlink", Absolute(folder, path), "",
                [&] { return syscall(SYS_unlinkat, folder, path, flags); });
}

int Truncate(int fd, off_t length) {
  return OnFile("truncate", fd, length, 0, [&] { return syscall(SYS_ftruncate, fd, length); });
}

int Allocate(int fd, int mode, off_t offset, off_t length) {
  const auto whole = [&] { return syscall(SYS_fallocate, fd, mode, offset, length); };
  const std::string path = PathOf(fd);
  if (path.empty() || !ThePlan().Wants("fallocate")) return static_cast<int>(whole());
  const Locked locked;
  return static_cast<int>(Do(
      {"fallocate", path, offset, static_cast<std::size_t>(length), std::to_string(mode)}, whole));
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  return Open(AT_FDCWD, path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  return Open(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  return Open(folder, path, flags, mode);
}

int openat64(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  return Open(folder, path, flags, mode);
}

int __open_2(const char* path, int flags) {
  return Open(AT_FDCWD, path, flags, 0);
}
int __open64_2(const char* path, int flags) {
  return Open(AT_FDCWD, path, flags, 0);
}
int __openat_2(int folder, const char* path, int flags) {
  return Open(folder, path, flags, 0);
}
int __openat64_2(int folder, const char* path, int flags) {
  return Open(folder, path, flags, 0);
}
int creat(const char* path, mode_t mode) {
  return Open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
int creat64(const char* path, mode_t mode) {
  return Open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int close(int fd) {
  const Locked locked;
  Remember(fd, "");
  return static_cast<int>(syscall(SYS_close, fd));
}

ssize_t write(int fd, const void* data, size_t size) {
  return Watch(fd, {static_cast<const char*>(data), size}, -1,
               [&](std::string_view part) { return RawWrite(fd, part); });
}

ssize_t writev(int fd, const iovec* parts, int count) {
  return Watch(fd, Joined(parts, count), -1,
               [&](std::string_view part) { return RawWrite(fd, part); });
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
  return Watch(fd, {static_cast<const char*>(data), size}, offset,
               [&](std::string_view part) { return RawPwrite(fd, part, offset); });
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
  return pwrite(fd, data, size, offset);
}

ssize_t pwritev(int fd, const iovec* parts, int count, off_t offset) {
  return Watch(fd, Joined(parts, count), offset,
               [&](std::string_view part) { return RawPwrite(fd, part, offset); });
}

ssize_t pwritev64(int fd, const iovec* parts, int count, off64_t offset) {
  return pwritev(fd, parts, count, offset);
}

ssize_t send(int fd, const void* data, size_t size, int flags) {
  return Watch(fd, {static_cast<const char*>(data), size}, 0, [&](std::string_view part) {
    return syscall(SYS_sendto, fd, part.data(), part.size(), flags, nullptr, 0);
  });
}

ssize_t sendto(int fd, const void* data, size_t size, int flags, const sockaddr* to,
               socklen_t to_size) {
  return Watch(fd, {static_cast<const char*>(data), size}, 0, [&](std::string_view part) {
    return syscall(SYS_sendto, fd, part.data(), part.size(), flags, to, to_size);
  });
}

int fsync(int fd) {
  return OnFile("fsync", fd, 0, 0, [&] { return syscall(SYS_fsync, fd); });
}

int fdatasync(int fd) {
  return OnFile("fdatasync", fd, 0, 0, [&] { return syscall(SYS_fdatasync, fd); });
}

int ftruncate(int fd, off_t length) noexcept {
  return Truncate(fd, length);
}
int ftruncate64(int fd, off64_t length) noexcept {
  return Truncate(fd, length);
}
int fallocate(int fd, int mode, off_t offset, off_t length) {
  return Allocate(fd, mode, offset, length);
}
int fallocate64(int fd, int mode, off64_t offset, off64_t length) {
  return Allocate(fd, mode, offset, length);
}

int posix_fallocate(int fd, off_t offset, off_t length) {
  return Allocate(fd, 0, offset, length) == 0 ? 0 : errno;
}
int posix_fallocate64(int fd, off64_t offset, off64_t length) {
  return posix_fallocate(fd, offset, length);
}

int rename(const char* from, const char* to) noexcept {
  return Rename(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
  return Rename(from_folder, from, to_folder, to, 0);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to,
              unsigned flags) noexcept {
  return Rename(from_folder, from, to_folder, to, flags);
}

int unlink(const char* path) noexcept {
  return Unlink(AT_FDCWD, path, 0);
}
int unlinkat(int folder, const char* path, int flags) noexcept {
  return Unlink(folder, path, flags);
}
int rmdir(const char* path) noexcept {
  return Unlink(AT_FDCWD, path, AT_REMOVEDIR);
}

int mkdir(const char* path, mode_t mode) noexcept {
  return OnName("mkdir", Absolute(AT_FDCWD, path), "",
                [&] { return syscall(SYS_mkdir, path, mode); });
}

}  // extern "C"
