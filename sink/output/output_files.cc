#include "sink/output/output_files.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace thresh {
namespace {

Result<> WriteAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {  // A pipe that its other users made non-blocking.
      pollfd wait{.fd = fd, .events = POLLOUT, .revents = 0};
      ::poll(&wait, 1, -1);
    } else if (errno == EPIPE) {
      return Error{Errc::kUnavailable, path + ": its reader is gone"};
    } else if (errno != EINTR) {
      return Error{Errc::kInternal, "cannot write " + path + ": " + std::strerror(errno)};
    }
  }
  return Ok{};
}

}  // namespace

std::string& OutputFiles::Lines(std::string_view name) {
  auto found = outputs_.find(name);
  if (found == outputs_.end()) {
    found = outputs_.emplace(name, Output{}).first;
    if (!to_stdout()) found->second.path = folder_ + "/" + std::string(name) + ".ndjson";
    if (to_stdout() && name == "dead") found->second.path = state_dir_ + "/dead.ndjson";
  }
  return found->second.lines;
}

Result<int> OutputFiles::Descriptor(Output& output) {
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

Result<> OutputFiles::Append() {
  for (auto& [name, output] : outputs_) {
    if (output.lines.empty()) continue;
    Result<int> fd = Descriptor(output);
    if (!fd) return fd.error();
    if (Result<> written =
            WriteAll(*fd, output.lines, output.path.empty() ? "stdout" : output.path);
        !written) {
      return written.error();
    }
    output.lines.clear();
  }
  return Ok{};
}

}  // namespace thresh
