// LineServer: what it bounds, and the socket file it listens at.

#include <sys/stat.h>

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/lib/io/line_server_fixture.h"

using namespace thresh;
using namespace thresh::test;

TEST_SUITE("LineServer: bounds") {
  TEST_CASE_FIXTURE(ServerFixture,
                    "while paused nothing is read, and afterwards nothing is missing") {
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

  TEST_CASE_FIXTURE(ServerFixture,
                    "lines that wait for answers are bounded, and go on when answered") {
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
  TEST_CASE_FIXTURE(ServerFixture,
                    "two servers on one path: the second is refused, the first lives") {
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
    CHECK(refusal(folder.File("no/feed.sock"))
              .starts_with("cannot listen on " + folder.File("no/feed.sock")));
  }

  TEST_CASE_FIXTURE(ServerFixture, "who sends much waits for a slow reader, and hears of room") {
    Listen({.max_unread_bytes = 10'000});
    answering = false;
    Client client = Connect();
    client.Write("a\n");
    REQUIRE(Gets(1));
    // Ends only if the server says at some point that there is no room.
    int pieces = 0;
    bool room = true;
    while (room && pieces < 10'000) {
      server->Push(last, std::string(999, 'x'));
      ++pieces;
      room = false;
      server->WhenRoom(last, [&] { room = true; });
      for (int i = 0; i < 3 && !room; ++i) loop.Settle();
    }
    REQUIRE_FALSE(room);
    client.Read(static_cast<std::size_t>(pieces) * 1000);
    CHECK(loop.RunUntil([&] { return room; }));
  }

  TEST_CASE_FIXTURE(ServerFixture, "who waits for a reader that leaves hears of it") {
    Listen({.max_unread_bytes = 10'000});
    answering = false;
    Client client = Connect();
    client.Write("a\n");
    REQUIRE(Gets(1));
    server->Push(last, std::string(4 << 20, 'x'));
    bool woken = false;
    server->WhenRoom(last, [&] { woken = true; });
    loop.Settle();
    CHECK_FALSE(woken);
    client.Close();
    CHECK(loop.RunUntil([&] { return woken; }));
    CHECK_FALSE(server->IsOpen(last));
  }
}
