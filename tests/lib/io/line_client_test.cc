#include "lib/io/line_client.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "lib/io/line_server.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_loop.h"

using namespace thresh;
using thresh::test::TempFolder;
using thresh::test::TestLoop;
using Texts = std::vector<std::string>;

namespace {

struct ClientFixture {
  ClientFixture() {
    auto made = LineServer::Listen(loop, path, {}, [this](const Line& line) {
      last = line.connection;
      if (answering) server->Answer(line.connection, "<" + std::string(line.text) + ">");
    });
    REQUIRE(made.ok());
    server = std::move(*made);
    auto connected = Connect(path);
    REQUIRE(connected.ok());
    client = std::move(*connected);
  }
  Result<std::unique_ptr<LineClient>> Connect(const std::string& where) {
    return LineClient::Connect(
        loop, where, [this](std::string_view line) { answers.emplace_back(line); },
        [this] { ++ends; });
  }
  [[nodiscard]] bool Gets(std::size_t count) {
    return loop.RunUntil([&] { return answers.size() >= count; });
  }

  TempFolder folder;
  TestLoop loop;
  const std::string path = folder.File("feed.sock");
  std::unique_ptr<LineServer> server;
  std::unique_ptr<LineClient> client;
  Texts answers;
  int ends = 0;
  ConnectionId last = 0;
  bool answering = true;
};

}  // namespace

TEST_SUITE("LineClient") {
  TEST_CASE_FIXTURE(ClientFixture, "lines go out and answers come back, in order") {
    client->Send("a");
    client->Send("");
    client->Send("b b");
    REQUIRE(Gets(3));
    CHECK(answers == Texts{"<a>", "<>", "<b b>"});
    CHECK(client->unsent_bytes() == 0);
  }

  TEST_CASE_FIXTURE(ClientFixture, "answers larger than any buffer come as one line each") {
    const std::string large(60'000, 'x');
    for (int i = 0; i < 20; ++i) client->Send(large);
    REQUIRE(Gets(20));
    for (const std::string& answer : answers) CHECK((answer == "<" + large + ">"));
  }

  TEST_CASE_FIXTURE(ClientFixture, "after FinishSending() answers still come, then the end, once") {
    client->Send("a");
    client->FinishSending();
    REQUIRE(loop.RunUntil([&] { return ends > 0; }));
    CHECK(answers == Texts{"<a>"});
    loop.Settle();
    CHECK(ends == 1);
  }

  TEST_CASE_FIXTURE(ClientFixture, "a server that hangs up is told, once") {
    client->Send("a");
    REQUIRE(Gets(1));
    server.reset();
    REQUIRE(loop.RunUntil([&] { return ends > 0; }));
    client->Send("into the void");
    loop.Settle();
    CHECK(ends == 1);
  }

  TEST_CASE_FIXTURE(ClientFixture, "what the server does not read is counted as unsent") {
    server->SetPaused(true);
    loop.Settle();
    for (int i = 0; i < 100; ++i) client->Send(std::string(60'000, 'x'));
    loop.Settle();
    CHECK(client->unsent_bytes() > 1'000'000);
    CHECK(client->unsent_bytes() <= 100 * 60'001);
    server->SetPaused(false);
    CHECK(Gets(100));
    CHECK(client->unsent_bytes() == 0);
  }

  TEST_CASE_FIXTURE(ClientFixture, "a client may end with lines under way") {
    server->SetPaused(true);
    for (int i = 0; i < 100; ++i) client->Send(std::string(60'000, 'x'));
    client.reset();
    loop.Settle();
    CHECK(ends == 0);
  }

  TEST_CASE_FIXTURE(ClientFixture, "nobody listening is unavailable: no file, or a dead one") {
    const auto refusal = [&](const std::string& where) {
      const auto connected = Connect(where);
      REQUIRE_FALSE(connected.ok());
      CHECK(connected.error().code == Errc::kUnavailable);
      return connected.error().detail;
    };
    CHECK(refusal(folder.File("none")) == "cannot connect to " + folder.File("none") +
                                              ": No such file or directory (is thresh running?)");
    const UniqueFd dead(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string file = folder.File("dead");
    std::memcpy(address.sun_path, file.data(), file.size());
    REQUIRE(::bind(dead.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    CHECK(refusal(file) ==
          "cannot connect to " + file + ": Connection refused (is thresh running?)");
  }

  TEST_CASE_FIXTURE(ClientFixture, "a path too long is invalid") {
    const std::string longest(108, 'x');
    const auto connected = Connect(longest);
    REQUIRE_FALSE(connected.ok());
    CHECK(connected.error().code == Errc::kInvalid);
    CHECK(connected.error().detail == "socket path too long: " + longest + " (at most 107 bytes)");
  }
}
