#include "lib/io/line_server.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "lib/base/handles.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_loop.h"

using namespace thresh;
using thresh::test::TempFolder;
using thresh::test::TestLoop;
using Texts = std::vector<std::string>;

namespace {

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
      const ssize_t n = ::send(fd_.get(), bytes.data() + written, bytes.size() - written, MSG_NOSIGNAL);
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
  bool HangsUp() { return loop_.RunUntil([&] { return Take(SIZE_MAX), hung_up; }); }

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

}  // namespace

TEST_SUITE("LineServer") {
  TEST_CASE_FIXTURE(ServerFixture, "each line is given with its number, and answered") {
    Client client = Connect();
    client.Write("a\nb b\n\n");
    CHECK(client.Read(16) == "ok a\nok b b\nok \n");
    CHECK(lines == Texts{"1:a", "2:b b", "3:"});
  }

  TEST_CASE_FIXTURE(ServerFixture, "a line may come in any number of pieces") {
    Client client = Connect();
    for (const char c : std::string("one\ntwo\n")) {
      client.Write({&c, 1});
      loop.Settle();
    }
    CHECK(client.Read(14) == "ok one\nok two\n");
    CHECK(lines == Texts{"1:one", "2:two"});
  }

  TEST_CASE_FIXTURE(ServerFixture, "CRLF ends a line as LF does, a lone CR does not") {
    Client client = Connect();
    client.Write("a\r\nb\rc\n\r\n");
    REQUIRE(Gets(3));
    CHECK(lines == Texts{"1:a", "2:b\rc", "3:"});
    client.Write("d\r");
    loop.Settle();
    client.Write("\n");
    REQUIRE(Gets(4));
    CHECK(lines.back() == "4:d");
  }

  TEST_CASE_FIXTURE(ServerFixture, "a last line without newline counts, and is answered") {
    Client client = Connect();
    client.Write("a\nlast");
    client.FinishWriting();
    CHECK(client.HangsUp());
    CHECK(client.received == "ok a\nok last\n");
    CHECK(lines == Texts{"1:a", "2:last"});
  }

  TEST_CASE_FIXTURE(ServerFixture, "a half-closed client gets answers that come late, then the end") {
    answering = false;
    Client client = Connect();
    client.Write("a\nb\n");
    client.FinishWriting();
    REQUIRE(Gets(2));
    loop.Settle();
    CHECK(server->IsOpen(last));
    server->Answer(last, "1");
    CHECK(client.Read(2) == "1\n");
    CHECK_FALSE(client.hung_up);
    server->Answer(last, "2");
    CHECK(client.HangsUp());
    CHECK(client.received == "1\n2\n");
    CHECK_FALSE(server->IsOpen(last));
  }

  TEST_CASE_FIXTURE(ServerFixture, "a client that says nothing and ends is let go") {
    Client client = Connect();
    client.FinishWriting();
    CHECK(client.HangsUp());
    CHECK(lines.empty());
  }

  TEST_CASE_FIXTURE(ServerFixture, "a line of the longest length passes, one byte more is skipped") {
    Listen({.max_line_bytes = 10});
    Client client = Connect();
    client.Write("0123456789\n01234567890\nshort\n");
    REQUIRE(Gets(3));
    CHECK(lines == Texts{"1:0123456789", "2:(too long)", "3:short"});
  }

  TEST_CASE_FIXTURE(ServerFixture, "the length of a line is without its CRLF") {
    Listen({.max_line_bytes = 10});
    Client client = Connect();
    client.Write("0123456789\r\n");
    REQUIRE(Gets(1));
    CHECK(lines == Texts{"1:0123456789"});
  }

  TEST_CASE_FIXTURE(ServerFixture, "a line without end is told once, when it ends, whatever its size") {
    Listen({.max_line_bytes = 10});
    Client client = Connect();
    for (int i = 0; i < 50; ++i) client.Write(std::string(10'000, 'x'));
    loop.Settle();
    CHECK(lines.empty());
    client.Write("\nnext\n");
    REQUIRE(Gets(2));
    CHECK(lines == Texts{"1:(too long)", "2:next"});
    client.Write("01234567890");
    client.FinishWriting();
    REQUIRE(Gets(3));
    CHECK(lines.back() == "3:(too long)");
  }

  TEST_CASE_FIXTURE(ServerFixture, "ten thousand pipelined lines are all answered, in order") {
    Client client = Connect();
    std::string sent, expected;
    for (int i = 0; i < 10'000; ++i) {
      sent += std::to_string(i) + "\n";
      expected += "ok " + std::to_string(i) + "\n";
    }
    client.Write(sent);
    client.FinishWriting();
    CHECK(client.HangsUp());
    CHECK(client.received.size() == expected.size());
    CHECK((client.received == expected));
  }

  TEST_CASE_FIXTURE(ServerFixture, "clients have connections and numbers of their own") {
    Client one = Connect();
    Client two = Connect();
    one.Write("a\n");
    REQUIRE(Gets(1));
    const ConnectionId first = last;
    two.Write("b\n");
    REQUIRE(Gets(2));
    CHECK(first != last);
    CHECK(lines == Texts{"1:a", "1:b"});
    CHECK(one.Read(5) == "ok a\n");
    CHECK(two.Read(5) == "ok b\n");
  }

  TEST_CASE_FIXTURE(ServerFixture, "a client that is gone before its answers harms nobody") {
    answering = false;
    Client gone = Connect();
    gone.Write("a\nb\n");
    REQUIRE(Gets(2));
    const ConnectionId connection = last;
    gone.Close();
    loop.Settle();
    for (int i = 0; i < 3; ++i) {
      server->Answer(connection, "late");
      loop.Settle();
    }
    CHECK_FALSE(server->IsOpen(connection));
    answering = true;
    Client other = Connect();
    other.Write("c\n");
    CHECK(other.Read(5) == "ok c\n");
  }

  TEST_CASE_FIXTURE(ServerFixture, "an answer to a connection that never was is nothing") {
    server->Answer(99, "x");
    server->Push(99, "x");
    CHECK_FALSE(server->IsOpen(99));
    loop.Settle();
  }

  TEST_CASE_FIXTURE(ServerFixture, "what is pushed answers no line") {
    answering = false;
    Client client = Connect();
    client.Write("a\n");
    REQUIRE(Gets(1));
    server->Push(last, "news");
    client.FinishWriting();
    CHECK(client.Read(5) == "news\n");
    loop.Settle();
    CHECK_FALSE(client.hung_up);
    server->Answer(last, "1");
    CHECK(client.HangsUp());
    CHECK(client.received == "news\n1\n");
  }

  TEST_CASE_FIXTURE(ServerFixture, "a server may end with clients and answers under way") {
    Client client = Connect();
    client.Write("a\nb\n");
    REQUIRE(Gets(2));
    server.reset();
    CHECK(client.HangsUp());
    CHECK_FALSE(std::filesystem::exists(path));
  }
}

TEST_SUITE("LineServer: bounds") {
  TEST_CASE_FIXTURE(ServerFixture, "while paused nothing is read, and afterwards nothing is missing") {
    Client client = Connect();
    client.Write("a\n");
    REQUIRE(Gets(1));
    server->SetPaused(true);
    client.Write("b\n");
    Client newcomer = Connect();
    newcomer.Write("c\n");
    loop.Settle();
    CHECK(lines == Texts{"1:a"});
    server->SetPaused(false);
    REQUIRE(Gets(3));
    CHECK(client.Read(10) == "ok a\nok b\n");
  }

  TEST_CASE_FIXTURE(ServerFixture, "lines that wait for answers are bounded, and go on when answered") {
    answering = false;
    Listen({.max_unanswered_count = 10});
    Client client = Connect();
    const std::string line = std::string(10'000, 'x') + "\n";
    std::string all;
    for (int i = 0; i < 200; ++i) all += line;
    const std::size_t taken = client.WriteAtMost(all, 200);
    CHECK(taken < all.size());
    const std::size_t before = lines.size();
    CHECK(before <= 10 + 1 + 7);  // What one read of 64 KiB holds may come on top.
    for (std::size_t i = 0; i < before; ++i) server->Answer(last, "ok");
    client.WriteAtMost(std::string_view(all).substr(taken), 50);
    CHECK(lines.size() > before);
  }

  TEST_CASE_FIXTURE(ServerFixture, "a client that reads no answers is not read on") {
    Listen({.max_unread_bytes = 50'000});
    Client client = Connect();
    const std::string line = std::string(10'000, 'x') + "\n";
    std::string all;
    for (int i = 0; i < 400; ++i) all += line;
    const std::size_t taken = client.WriteAtMost(all, 400);
    CHECK(taken < all.size());
    CHECK(lines.size() < 200);
    const std::size_t before = lines.size();
    client.Read(before * 10'004);  // It reads again: so is it.
    client.WriteAtMost(std::string_view(all).substr(taken), 50);
    CHECK(lines.size() > before);
  }
}

TEST_SUITE("LineServer: the socket file") {
  TEST_CASE_FIXTURE(ServerFixture, "two servers on one path: the second is refused, the first lives") {
    const auto second = LineServer::Listen(loop, path, {}, [](const Line&) {});
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().code == Errc::kUnavailable);
    CHECK(second.error().detail == path + ": another process is listening there");
    Client client = Connect();
    client.Write("a\n");
    CHECK(client.Read(5) == "ok a\n");
  }

  TEST_CASE_FIXTURE(ServerFixture, "a socket file that a dead process left is replaced") {
    server.reset();
    const UniqueFd dead(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    REQUIRE(::bind(dead.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    Listen();
    Client client = Connect();
    client.Write("a\n");
    CHECK(client.Read(5) == "ok a\n");
  }

  TEST_CASE_FIXTURE(ServerFixture, "a file that is no socket is not touched") {
    const std::string file = folder.Write("urls.txt", "precious");
    CHECK_FALSE(LineServer::Listen(loop, file, {}, [](const Line&) {}).ok());
    CHECK(folder.Read("urls.txt") == "precious");
  }

  TEST_CASE_FIXTURE(ServerFixture, "owner and group may connect, nobody else") {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0660);
  }

  TEST_CASE_FIXTURE(ServerFixture, "a path too long or a folder not there is told") {
    const auto refusal = [&](const std::string& name) {
      const auto made = LineServer::Listen(loop, name, {}, [](const Line&) {});
      REQUIRE_FALSE(made.ok());
      CHECK(made.error().code == Errc::kInvalid);
      return made.error().detail;
    };
    const std::string longest = "/" + std::string(107, 'x');
    CHECK(refusal(longest) == "socket path too long: " + longest + " (at most 107 bytes)");
    CHECK(refusal(folder.File("no/feed.sock")).starts_with("cannot listen on " + folder.File("no/feed.sock")));
  }
}
