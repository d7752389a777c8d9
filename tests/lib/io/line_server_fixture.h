#pragma once

// Words for tests of LineServer: a server, and clients as crude as `nc -U`.

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "lib/base/handles.h"
#include "lib/io/line_server.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_loop.h"

namespace thresh::test {

using Texts = std::vector<std::string>;

// A client as crude as `nc -U`: it writes bytes and reads bytes.
class Client {
 public:
  Client(TestLoop& loop, const std::string& path)
      : loop_(loop), fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    REQUIRE(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  void Write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
      if (n < 0) loop_.Settle();
    }
  }
  // As much as the socket takes while the server does not read.
  std::size_t WriteAtMost(std::string_view bytes, int patience) {
    std::size_t written = 0;
    while (patience-- > 0 && written < bytes.size()) {
      const ssize_t n =
          ::send(fd_.get(), bytes.data() + written, bytes.size() - written, MSG_NOSIGNAL);
      if (n > 0) written += static_cast<std::size_t>(n);
      loop_.Settle();
    }
    return written;
  }
  void FinishWriting() { ::shutdown(fd_.get(), SHUT_WR); }
  void Close() { fd_ = UniqueFd(); }

  // Waits for this many bytes, or for the server to hang up.
  std::string Read(std::size_t bytes) {
    CHECK(loop_.RunUntil([&] { return Take(bytes) || hung_up; }));
    return received;
  }
  bool HangsUp() {
    return loop_.RunUntil([&] { return Take(SIZE_MAX), hung_up; });
  }

  std::string received;
  bool hung_up = false;

 private:
  bool Take(std::size_t wanted) {
    char chunk[4096];
    for (;;) {
      const ssize_t n = ::recv(fd_.get(), chunk, sizeof chunk, 0);
      if (n > 0) received.append(chunk, static_cast<std::size_t>(n));
      if (n == 0 || (n < 0 && errno == ECONNRESET)) hung_up = true;
      if (n <= 0) return received.size() >= wanted;
    }
  }

  TestLoop& loop_;
  UniqueFd fd_;
};

struct ServerFixture {
  ServerFixture() { Listen(); }
  void Listen(LineLimits limits = {}) {
    server.reset();
    auto made = LineServer::Listen(loop, path, limits, [this](const Line& line) { Take(line); });
    REQUIRE_MESSAGE(made.ok(), made.error().detail);
    server = std::move(*made);
  }
  void Take(const Line& line) {
    lines.push_back(std::to_string(line.number) + ":" + std::string(line.text) +
                    (line.too_long ? "(too long)" : ""));
    last = line.connection;
    if (answering) server->Answer(line.connection, "ok " + std::string(line.text));
  }
  [[nodiscard]] bool Gets(std::size_t count) {
    return loop.RunUntil([&] { return lines.size() >= count; });
  }
  Client Connect() { return Client(loop, path); }

  TempFolder folder;
  TestLoop loop;
  const std::string path = folder.File("feed.sock");
  std::unique_ptr<LineServer> server;
  Texts lines;
  ConnectionId last = 0;
  bool answering = true;
};

}  // namespace thresh::test
