#include <filesystem>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "lib/io/line_client.h"
#include "tests/sink/sink_fixture.h"

using namespace thresh;
using test::Texts;

namespace {

struct ControlFixture : test::SinkFixture {
  ControlFixture() {
    Sync();
    auto made = LineClient::Connect(
        loop, options.state_dir + "/sink.sock",
        [this](std::string_view line) { lines.emplace_back(line); }, [] {});
    REQUIRE(made.ok());
    client = std::move(*made);
  }
  // All lines up to the one that answers.
  Texts Ask(const std::string& request) {
    lines.clear();
    client->Send(request);
    REQUIRE(loop.RunUntil([&] { return !lines.empty() && lines.back().starts_with("{\"ok\""); }));
    return lines;
  }

  Texts lines;
  std::unique_ptr<LineClient> client;
};

}  // namespace

TEST_SUITE("the sink's control socket") {
  TEST_CASE_FIXTURE(ControlFixture, "status says what there is") {
    Deliver(7, 1, 'a');
    const std::string status = Ask(R"({"op":"status"})").at(0);
    CHECK(status.find(R"("journal_segments":1,"journal_bytes":4096,"unclosed":1,)"
                      R"("late_dropped":0,"records":1,"paused":"",)") != std::string::npos);
    CHECK(status.find(folder.File("thing.ndjson")) != std::string::npos);
  }

  TEST_CASE_FIXTURE(ControlFixture, "status says how many records have something in each field") {
    Deliver(7, 1, 'a');
    Deliver(8, 1, 'b');
    const std::string status = Ask(R"({"op":"status"})").at(0);
    CHECK(status.ends_with(R"(,"items":[{"item":"thing","records":2,"filled":{"v":2}}]})"));
  }

  TEST_CASE_FIXTURE(ControlFixture, "dead letters come line by line, those put aside first") {
    folder.Write("dead-20250131T120000.000Z.ndjson", "{\"reason\":\"dns\",\"url\":\"old\"}\n");
    SendDead(7, "dns", "");
    SendDead(8, "http_500", "");
    const Texts all = Ask(R"({"op":"dead"})");
    REQUIRE(all.size() == 4);
    CHECK(all[0] == "{\"reason\":\"dns\",\"url\":\"old\"}");
    CHECK(all[1] + "\n" + all[2] + "\n" == folder.Read("dead.ndjson"));
    CHECK(all[3] == R"({"ok":true,"count":3})");
    const Texts some = Ask(R"({"op":"dead","reason":"http_500"})");
    CHECK(some == Texts{all[2], R"({"ok":true,"count":1})"});
  }

  TEST_CASE_FIXTURE(ControlFixture, "without dead letters there are none") {
    CHECK(Ask(R"({"op":"dead"})") == Texts{R"({"ok":true,"count":0})"});
  }

  TEST_CASE_FIXTURE(ControlFixture, "rotate is answered when a moved file has its successor") {
    Deliver(7, 1, 'a');
    std::filesystem::rename(folder.File("thing.ndjson"), folder.File("thing.1"));
    CHECK(Ask(R"({"op":"rotate"})") == Texts{R"({"ok":true})"});
    CHECK(std::filesystem::exists(folder.File("thing.ndjson")));
    Deliver(8, 1, 'b');
    CHECK(Values("thing.1") == Texts{"a"});
    CHECK(Values() == Texts{"b"});
  }

  TEST_CASE_FIXTURE(ControlFixture, "a request that is none is answered with what was expected") {
    const std::string ops = "one of status, metrics, dead, letters, letter_body, tap, rotate";
    CHECK(Ask("hello") ==
          Texts{R"({"ok":false,"error":"expected {\"op\": )" + ops + R"(}, found hello"})"});
    CHECK(Ask(R"({"op":"stop"})") ==
          Texts{R"({"ok":false,"error":"op: expected )" + ops + R"(, found stop"})"});
  }
}
