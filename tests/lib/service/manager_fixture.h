#pragma once

// A service manager as far as a process sees one: the socket that $NOTIFY_SOCKET names.

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include <uv.h>

#include "lib/base/handles.h"
#include "lib/io/tick.h"
#include "tests/support/temp_folder.h"

namespace thresh {

class FakeManager {
 public:
  /// `watchdog_ms`: 0: none.
  explicit FakeManager(int watchdog_ms = 0) : path_(folder_.File("notify")) {
    socket_ = UniqueFd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.c_str(), path_.size());
    if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      std::abort();
    }
    ::setenv("NOTIFY_SOCKET", path_.c_str(), 1);
    if (watchdog_ms == 0) return;
    ::setenv("WATCHDOG_USEC", std::to_string(watchdog_ms * 1000).c_str(), 1);
    ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  }
  ~FakeManager() {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  }
  FakeManager(const FakeManager&) = delete;
  FakeManager& operator=(const FakeManager&) = delete;

  /// The next message, if one comes within the time.
  std::string Next(int wait_ms = 0) {
    pollfd p{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&p, 1, wait_ms) <= 0) return {};
    char text[4096];
    const ssize_t n = ::recv(socket_.get(), text, sizeof text, 0);
    return n > 0 ? std::string(text, static_cast<std::size_t>(n)) : std::string();
  }

  std::vector<std::string> All() {
    std::vector<std::string> messages;
    for (std::string next = Next(); !next.empty(); next = Next()) messages.push_back(next);
    return messages;
  }

  [[nodiscard]] bool HasNext() {
    pollfd p{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&p, 1, 0) > 0;
  }

 private:
  const test::TempFolder folder_;
  const std::string path_;
  UniqueFd socket_;
};

/// A loop for what a test makes on it.
class LoopFixture {
 public:
  LoopFixture() { uv_loop_init(&loop); }
  ~LoopFixture() {
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
  }
  LoopFixture(const LoopFixture&) = delete;
  LoopFixture& operator=(const LoopFixture&) = delete;

  /// Turns the loop until it is so; false after ten seconds.
  bool TurnUntil(const std::function<bool()>& so) {
    bool late = false;
    Alarm alarm(loop, [&] { late = true; });
    Every look(loop, 5, [] {});
    alarm.Set(10'000);
    while (!so() && !late) uv_run(&loop, UV_RUN_ONCE);
    return !late;
  }

  uv_loop_t loop{};
};

}  // namespace thresh
