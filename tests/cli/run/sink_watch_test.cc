#include "cli/run/sink_watch.h"

#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "lib/io/line_server.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_loop.h"

using namespace thresh;
using thresh::test::TempFolder;
using thresh::test::TestLoop;

namespace {

// A control socket whose sink comes and goes; `records` is what it has counted.
struct SinkFixture {
  void StartSink(int new_pid) {
    pid = new_pid;
    auto made = LineServer::Listen(loop, path, {}, [this](const Line& line) {
      server->Answer(line.connection, R"({"pid":)" + std::to_string(pid) +
                                          R"(,"items":[{"item":"x","records":)" +
                                          std::to_string(records) + R"(,"filled":{}}]})");
    });
    REQUIRE(made.ok());
    server = std::move(*made);
  }
  void EndSink() { server.reset(); }
  [[nodiscard]] std::uint64_t Counted() const {
    return watch.fills().empty() ? 0 : watch.fills()[0].records;
  }
  void AskLast() {
    watch.AskLast([this] { last = true; });
  }

  TempFolder folder;
  TestLoop loop;
  const std::string path = folder.File("sink.sock");
  std::unique_ptr<LineServer> server;
  int pid = 0;
  std::uint64_t records = 0;
  bool last = false;
  SinkWatch watch{loop, path};
};

}  // namespace

TEST_SUITE("SinkWatch") {
  TEST_CASE_FIXTURE(SinkFixture, "what was counted is asked for again and again") {
    records = 3;
    StartSink(1);
    REQUIRE(loop.RunUntil([&] { return Counted() == 3; }));
    records = 5;
    REQUIRE(loop.RunUntil([&] { return Counted() == 5; }));
  }

  TEST_CASE_FIXTURE(SinkFixture, "the last answer is from after the question") {
    StartSink(1);
    records = 3;
    REQUIRE(loop.RunUntil([&] { return Counted() == 3; }));
    records = 7;
    AskLast();
    REQUIRE(loop.RunUntil([&] { return last; }));
    CHECK(Counted() == 7);
  }

  TEST_CASE_FIXTURE(SinkFixture, "a sink that was killed keeps its share") {
    records = 3;
    StartSink(1);
    REQUIRE(loop.RunUntil([&] { return Counted() == 3; }));
    EndSink();
    loop.Settle();
    records = 2;
    StartSink(2);
    REQUIRE(loop.RunUntil([&] { return Counted() == 5; }));
  }

  TEST_CASE_FIXTURE(SinkFixture, "without a sink the last question is answered at once") {
    AskLast();
    REQUIRE(loop.RunUntil([&] { return last; }));
    CHECK(watch.fills().empty());
  }
}
