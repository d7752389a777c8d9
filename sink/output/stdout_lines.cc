#include "sink/output/stdout_lines.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace thresh {
namespace {

constexpr int kLookUpMs = 100;  // How often a wait for a slow reader looks at `stop`.

// True when a write is worth a try: at once, for all but a full pipe.
bool WaitForRoom(int fd) {
  pollfd wait{.fd = fd, .events = POLLOUT, .revents = 0};
  const int rc = ::poll(&wait, 1, kLookUpMs);
  return rc != 0;
}

Result<> WriteFrom(int fd, std::string_view bytes, std::size_t* done, const std::string& path,
                   const std::atomic<bool>& stop) {
  while (*done < bytes.size()) {
    if (stop) return Error{Errc::kBusy, path + ": its reader is slow"};
    if (!WaitForRoom(fd)) continue;
    // A pipe that has room takes this much without making us wait.
    const ssize_t written =
        ::write(fd, bytes.data() + *done, std::min<std::size_t>(bytes.size() - *done, 4096));
    if (written >= 0) {
      *done += static_cast<std::size_t>(written);
    } else if (errno == EPIPE) {
      return Error{Errc::kUnavailable, path + ": its reader is gone"};
    } else if (errno != EINTR && errno != EAGAIN) {
      return Error{Errc::kInternal, "cannot write " + path + ": " + std::strerror(errno)};
    }
  }
  return Ok{};
}

}  // namespace

void StdoutLines::Add(std::string_view file_name, std::string_view lines) {
  const bool to_file = file_name == "dead.ndjson" || file_name == "jobs.ndjson";
  Output& output = outputs_[to_file ? std::string(file_name) : std::string()];
  if (to_file) output.path = state_dir_ + "/" + std::string(file_name);
  output.lines += lines;
}

Result<int> StdoutLines::Descriptor(Output& output) {
  if (output.path.empty()) return STDOUT_FILENO;
  if (!output.fd) {
    output.fd = UniqueFd(
        ::open(output.path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640));
    if (!output.fd) {
      return Error{Errc::kInternal, "cannot open " + output.path + ": " + std::strerror(errno)};
    }
  }
  return output.fd.get();
}

Result<> StdoutLines::Append(const std::atomic<bool>& stop) {
  for (auto& [name, output] : outputs_) {
    if (output.lines.empty()) continue;
    Result<int> fd = Descriptor(output);
    if (!fd) return fd.error();
    const std::string path = output.path.empty() ? "stdout" : output.path;
    Result<> written = WriteFrom(*fd, output.lines, &output.written_bytes, path, stop);
    if (!written) return written;
    output.lines.clear();
    output.written_bytes = 0;
  }
  return Ok{};
}

}  // namespace thresh
