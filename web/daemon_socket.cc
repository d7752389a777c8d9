#include "web/daemon_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace thresh {
namespace {

constexpr std::size_t kMostLineBytes = 64 << 20;
constexpr std::string_view kProgress = R"({"progress")";

}  // namespace

void DaemonSocket::Close() {
  fd_ = UniqueFd();
  unread_.clear();
}

Result<> DaemonSocket::Connect() {
  unread_.clear();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof address.sun_path) {
    return Error{Errc::kInvalid, "socket path too long: " + path_};
  }
  path_.copy(address.sun_path, path_.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd ||
      ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Error{Errc::kUnavailable,
                 who_ + " is not at work: " + path_ + ": " + std::strerror(errno)};
  }
  fd_ = std::move(fd);
  return Ok{};
}

Result<> DaemonSocket::Wait(short events, Time until) const {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd ready{.fd = fd_.get(), .events = events, .revents = 0};
    const int n = ::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (n > 0) return Ok{};
    if (n == 0) return Error{Errc::kTimeout, who_ + " does not answer"};
    if (errno != EINTR) return Error{Errc::kInternal, std::strerror(errno)};
  }
}

Result<> DaemonSocket::Send(std::string_view lines, Time until) {
  if (!fd_) {
    if (Result<> connected = Connect(); !connected) return connected;
  }
  while (!lines.empty()) {
    const ssize_t n = ::send(fd_.get(), lines.data(), lines.size(), MSG_NOSIGNAL);
    if (n > 0) {
      lines.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      if (Result<> room = Wait(POLLOUT, until); !room) return room;
    } else if (errno != EINTR) {
      Close();
      return Error{Errc::kTransient, who_ + " hung up"};
    }
  }
  return Ok{};
}

Result<std::string> DaemonSocket::ReadLine(Time until) {
  for (;;) {
    if (const std::size_t end = unread_.find('\n'); end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    char chunk[16 << 10];
    const ssize_t n = ::recv(fd_.get(), chunk, sizeof chunk, 0);
    if (n > 0 && unread_.size() < kMostLineBytes) {
      unread_.append(chunk, static_cast<std::size_t>(n));
    } else if (n < 0 && errno == EAGAIN) {
      if (Result<> ready = Wait(POLLIN, until); !ready) return ready.error();
    } else if (n >= 0 || errno != EINTR) {
      Close();
      return Error{Errc::kTransient, who_ + " hung up"};
    }
  }
}

// What was left of a connection may be dead: then once more, on a new one.
Result<std::string> DaemonSocket::Ask(std::string_view request,
                                      std::chrono::milliseconds patience) {
  const Time until = std::chrono::steady_clock::now() + patience;
  const bool was_open = fd_.get() >= 0;
  Result<std::string> line = std::string();
  if (Result<> sent = Send(std::string(request) + "\n", until); !sent) {
    line = sent.error();
  } else {
    do {
      line = ReadLine(until);
    } while (line && line->starts_with(kProgress));
  }
  if (line) return line;
  Close();  // Its answer must not be taken for the next one's.
  if (was_open && line.error().code == Errc::kTransient) return Ask(request, patience);
  return line;
}

}  // namespace thresh
