#include "cli/control/ask.h"

#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "lib/io/line_server.h"
#include "lib/io/tick.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_loop.h"

using namespace thresh;
using thresh::test::TempFolder;
using thresh::test::TestLoop;

namespace {

// A daemon that answers each question with `lines`; with none, it says nothing.
struct AskFixture {
  AskFixture() {
    auto made = LineServer::Listen(loop, path, {}, [this](const Line& line) {
      heard.emplace_back(line.text);
      if (hang_up) drop.Set(0);  // Not from within its own callback.
      for (const std::string& text : lines) server->Push(line.connection, text);
    });
    REQUIRE(made.ok());
    server = std::move(*made);
  }
  Result<> Ask(std::size_t count, std::chrono::milliseconds patience = std::chrono::seconds(10)) {
    return AskLines(
        loop, path, "question",
        [&](std::string_view line) {
          got.emplace_back(line);
          return got.size() == count;
        },
        patience);
  }

  TempFolder folder;
  TestLoop loop;
  const std::string path = folder.File("daemon.sock");
  std::unique_ptr<LineServer> server;
  std::vector<std::string> lines, heard, got;
  bool hang_up = false;
  Alarm drop{loop, [this] { server.reset(); }};
};

}  // namespace

TEST_SUITE("AskLines") {
  TEST_CASE_FIXTURE(AskFixture, "one question, one answer") {
    lines = {"answer"};
    REQUIRE(Ask(1).ok());
    CHECK(heard == std::vector<std::string>{"question"});
    CHECK(got == lines);
  }

  TEST_CASE_FIXTURE(AskFixture, "lines are taken until the last, and no further") {
    lines = {"1", "2", "3", "4"};
    REQUIRE(Ask(3).ok());
    CHECK(got == std::vector<std::string>{"1", "2", "3"});
  }

  TEST_CASE_FIXTURE(AskFixture, "a daemon that says nothing is not waited for without end") {
    const Result<> asked = Ask(1, std::chrono::milliseconds(50));
    REQUIRE_FALSE(asked.ok());
    CHECK(asked.error().code == Errc::kTimeout);
  }

  TEST_CASE_FIXTURE(AskFixture, "a daemon that hangs up has not answered") {
    lines = {"1"};
    hang_up = true;
    const Result<> asked = Ask(2);
    REQUIRE_FALSE(asked.ok());
    CHECK(asked.error().code == Errc::kTransient);
  }

  TEST_CASE_FIXTURE(AskFixture, "nobody at work: the error says where one was looked for") {
    server.reset();
    const Result<> asked = Ask(1);
    REQUIRE_FALSE(asked.ok());
    CHECK(asked.error().code == Errc::kUnavailable);
    CHECK(asked.error().detail.find(path) != std::string::npos);
  }
}

TEST_SUITE("AskLine") {
  TEST_CASE("without a daemon it says how to start one") {
    const TempFolder folder;
    const DaemonPlace own{.state = folder.path()};
    const Result<std::string> fetcher = AskLine({own, "thresh-fetcher"}, "x");
    REQUIRE_FALSE(fetcher.ok());
    CHECK(fetcher.error().detail.find("start it with thresh-fetcher --state ") !=
          std::string::npos);
    const DaemonPlace run{.state = folder.path(), .out = "out", .run = true};
    const Result<std::string> sink = AskLine({run, "thresh-sink"}, "x");
    REQUIRE_FALSE(sink.ok());
    CHECK(sink.error().detail.find("the thresh run command that made out") != std::string::npos);
  }
}
