#include "cli/run/fetcher_watch.h"

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

namespace {

// A control socket whose fetcher comes and goes; `done` is what its statuses say.
struct WatchFixture {
  void StartFetcher() {
    auto made = LineServer::Listen(loop, path, {}, [this](const Line& line) {
      if (line.text == R"({"op":"watch"})") watcher = line.connection;
      server->Answer(line.connection, StatusLine());
    });
    REQUIRE(made.ok());
    server = std::move(*made);
  }
  void EndFetcher() { server.reset(); }
  void Push() { server->Push(watcher, StatusLine()); }
  [[nodiscard]] std::string StatusLine() const { return "{\"done\":" + std::to_string(done) + "}"; }
  [[nodiscard]] bool Asked(std::uint64_t value) const {
    return !asked.empty() && asked.back() == value;
  }
  [[nodiscard]] bool Told(std::uint64_t value) const {
    return !told.empty() && told.back() == value;
  }

  TempFolder folder;
  TestLoop loop;
  const std::string path = folder.File("fetcher.sock");
  std::unique_ptr<LineServer> server;
  ConnectionId watcher = 0;
  std::uint64_t done = 0;
  std::vector<std::uint64_t> asked, told;
  FetcherWatch watch{loop, path,
                     [this](CrawlStatus s, bool a) { (a ? asked : told).push_back(s.done); }};
};

}  // namespace

TEST_SUITE("FetcherWatch") {
  TEST_CASE_FIXTURE(WatchFixture, "statuses come as soon as there is a fetcher") {
    loop.Settle();
    done = 3;
    StartFetcher();
    REQUIRE(loop.RunUntil([&] { return Told(3); }));
    done = 4;
    Push();
    REQUIRE(loop.RunUntil([&] { return Told(4); }));
    CHECK(asked.empty());
  }

  TEST_CASE_FIXTURE(WatchFixture, "what was asked for is told from what came by itself") {
    StartFetcher();
    REQUIRE(loop.RunUntil([&] { return Told(0); }));
    done = 5;
    watch.Ask();
    watch.Ask();
    REQUIRE(loop.RunUntil([&] { return Asked(5); }));
    loop.Settle();
    CHECK(asked.size() == 1);
  }

  TEST_CASE_FIXTURE(WatchFixture, "a new fetcher is watched like the one before") {
    StartFetcher();
    REQUIRE(loop.RunUntil([&] { return Told(0); }));
    EndFetcher();
    loop.Settle();
    done = 7;
    StartFetcher();
    REQUIRE(loop.RunUntil([&] { return Told(7); }));
  }

  TEST_CASE_FIXTURE(WatchFixture, "a question that one fetcher left open is put to the next") {
    StartFetcher();
    REQUIRE(loop.RunUntil([&] { return Told(0); }));
    server->SetPaused(true);
    watch.Ask();
    loop.Settle();
    EndFetcher();
    loop.Settle();
    done = 9;
    StartFetcher();
    REQUIRE(loop.RunUntil([&] { return Asked(9); }));
  }
}
