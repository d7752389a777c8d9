#include "cli/feed/feeder.h"

#include <algorithm>
#include <memory>
#include <optional>
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

// A feed socket that answers as the test says, one answer after another, the last for ever.
struct FeederFixture {
  FeederFixture() { StartFetcher(); }
  void StartFetcher() {
    auto made = LineServer::Listen(loop, path, {}, [this](const Line& line) {
      heard.emplace_back(line.text);
      const std::size_t at = std::min(heard.size() - 1, answers.size() - 1);
      server->Answer(line.connection, answers[at]);
    });
    REQUIRE(made.ok());
    server = std::move(*made);
  }
  void EndFetcher() { server.reset(); }
  void Start(FeedSource source, OnHangUp on_hang_up = OnHangUp::kEnd) {
    auto started = Feeder::Start(
        loop, path, std::move(source), [this](bool c) { complete = c; }, on_hang_up);
    REQUIRE(started.ok());
    feeder = std::move(*started);
  }
  const FeedCounts& Feed(FeedSource source) {
    Start(std::move(source));
    REQUIRE(loop.RunUntil([&] { return complete.has_value(); }));
    return feeder->counts();
  }
  static FeedSource Urls(const std::string& range) {
    FeedSource source;
    source.AddUrl(range, "");
    return source;
  }

  TempFolder folder;
  TestLoop loop;
  const std::string path = folder.File("feed.sock");
  std::vector<std::string> heard, answers{R"({"ok":true,"id":"1"})"};
  std::unique_ptr<LineServer> server;
  std::unique_ptr<Feeder> feeder;
  std::optional<bool> complete;
};

}  // namespace

TEST_SUITE("Feeder") {
  TEST_CASE_FIXTURE(FeederFixture, "all lines are fed in order, however many") {
    const FeedCounts& counts = Feed(Urls("http://x/[1-20000]"));
    CHECK(complete == true);
    CHECK(counts.sent == 20'000);
    CHECK(counts.accepted == 20'000);
    REQUIRE(heard.size() == 20'000);
    CHECK(heard[0] == "http://x/1");
    CHECK(heard[19'999] == "http://x/20000");
  }

  TEST_CASE_FIXTURE(FeederFixture, "a source of nothing has ended at once") {
    CHECK(Feed(FeedSource()).sent == 0);
    CHECK(complete == true);
  }

  TEST_CASE_FIXTURE(FeederFixture, "answers are counted by what they say") {
    answers = {R"({"ok":true,"id":"1"})", R"({"ok":true,"duplicate":true})",
               R"({"ok":false,"error":"no_recipe: none","line":3})", R"({"ok":true,"id":"2"})",
               "no JSON"};
    const FeedCounts& counts = Feed(Urls("http://x/[1-5]"));
    CHECK(counts.accepted == 2);
    CHECK(counts.duplicates == 1);
    CHECK(counts.refused == 2);
    CHECK(counts.first_refusals ==
          std::vector<std::string>{"line 3: no_recipe: none", "line 5: no JSON"});
  }

  TEST_CASE_FIXTURE(FeederFixture, "five refusals are kept, all are counted") {
    answers = {R"({"ok":false,"error":"no"})"};
    const FeedCounts& counts = Feed(Urls("http://x/[1-9]"));
    CHECK(counts.refused == 9);
    CHECK(counts.first_refusals.size() == 5);
    CHECK(counts.first_refusals.back() == "line 5: no");
  }

  TEST_CASE_FIXTURE(FeederFixture, "a fetcher that hangs up is the end, and not a complete one") {
    server->SetPaused(true);
    Start(Urls("http://x/[1-10]"));
    loop.Settle();
    server.reset();
    REQUIRE(loop.RunUntil([&] { return complete.has_value(); }));
    CHECK(complete == false);
    CHECK(feeder->counts().answered() == 0);
  }

  TEST_CASE_FIXTURE(FeederFixture,
                    "lines without an answer go to the next fetcher, as they were numbered") {
    Start(Urls("http://x/[1-10]"), OnHangUp::kReconnect);
    REQUIRE(loop.RunUntil([&] { return feeder->counts().answered() == 10 || complete; }));
    CHECK(complete == true);
    complete.reset();
    heard.clear();
    server->SetPaused(true);
    Start(Urls("http://x/[1-3]"), OnHangUp::kReconnect);
    loop.Settle();
    EndFetcher();
    loop.Settle();
    CHECK_FALSE(complete.has_value());
    StartFetcher();
    REQUIRE(loop.RunUntil([&] { return complete.has_value(); }));
    CHECK(complete == true);
    CHECK(heard == std::vector<std::string>{R"({"n":1,"url":"http://x/1"})",
                                            R"({"n":2,"url":"http://x/2"})",
                                            R"({"n":3,"url":"http://x/3"})"});
  }

  TEST_CASE_FIXTURE(FeederFixture,
                    "a fetcher that dies in mid-list loses no line, and none is new twice") {
    constexpr std::uint64_t kLines = 20'000;
    Start(Urls("http://x/[1-20000]"), OnHangUp::kReconnect);
    REQUIRE(loop.RunUntil([&] { return feeder->counts().answered() > 100; }));
    const std::uint64_t answered = feeder->counts().answered();
    EndFetcher();
    loop.Settle();
    heard.clear();
    answers = {R"({"ok":true,"duplicate":true})"};
    StartFetcher();
    REQUIRE(loop.RunUntil([&] { return complete.has_value(); }));
    const FeedCounts& counts = feeder->counts();
    CHECK(counts.sent == kLines);
    CHECK(counts.answered() == kLines);
    CHECK(heard.size() == kLines - answered);
    CHECK(heard.front() == WithPosition("http://x/" + std::to_string(answered + 1), answered + 1));
    CHECK(heard.back() == R"({"n":20000,"url":"http://x/20000"})");
    CHECK(counts.duplicates < kLines - answered);  // Those sent twice were taken the first time.
  }

  TEST_CASE_FIXTURE(FeederFixture,
                    "a refusal names the line's place in the list, on whatever connection") {
    server->SetPaused(true);
    Start(Urls("http://x/[1-3]"), OnHangUp::kReconnect);
    loop.Settle();
    EndFetcher();
    answers = {R"({"ok":true,"id":"1"})", R"({"ok":false,"error":"no","line":2})"};
    StartFetcher();
    REQUIRE(loop.RunUntil([&] { return complete.has_value(); }));
    CHECK(feeder->counts().first_refusals == std::vector<std::string>{"line 2: no", "line 3: no"});
  }

  TEST_CASE_FIXTURE(FeederFixture, "a fetcher that is not there yet is waited for") {
    EndFetcher();
    Start(Urls("http://x/[1-3]"), OnHangUp::kReconnect);
    loop.Settle();
    StartFetcher();
    REQUIRE(loop.RunUntil([&] { return complete.has_value(); }));
    CHECK(heard == std::vector<std::string>{"http://x/1", "http://x/2", "http://x/3"});
  }

  TEST_CASE_FIXTURE(FeederFixture, "each answer is told with its line, and lines get a label") {
    answers = {R"({"ok":true,"id":"1"})", R"({"ok":true,"duplicate":true})",
               R"({"ok":false,"error":"no"})"};
    std::vector<std::string> told;
    const auto take = [&](std::uint64_t n, std::string_view line, FedAs how, std::string_view why) {
      told.push_back(std::to_string(n) + " " + std::string(line) + " " +
                     std::to_string(static_cast<int>(how)) + " " + std::string(why));
    };
    auto started = Feeder::Start(loop, path, Urls("http://x/[1-3]"),
                                 {.on_end = [this](bool all) { complete = all; },
                                  .job = "j",
                                  .resume = true,
                                  .on_answer = take});
    REQUIRE(started.ok());
    REQUIRE(loop.RunUntil([&] { return complete.has_value(); }));
    CHECK(told ==
          std::vector<std::string>{"1 http://x/1 0 ", "2 http://x/2 1 ", "3 http://x/3 2 no"});
    CHECK(heard.back() == R"({"resume":true,"n":3,"job":"j","url":"http://x/3"})");
  }

  TEST_CASE_FIXTURE(FeederFixture, "without a fetcher there is nothing to start") {
    auto started = Feeder::Start(loop, folder.File("none"), Urls("http://x/"), [](bool) {});
    REQUIRE_FALSE(started.ok());
    CHECK(started.error().code == Errc::kUnavailable);
  }
}

TEST_SUITE("WithMarks") {
  TEST_CASE("a line has what it does not say itself") {
    CHECK(WithMarks("http://x/", {.n = 3, .job = "a\"b", .resume = true}) ==
          R"({"resume":true,"n":3,"job":"a\"b","url":"http://x/"})");
    CHECK(WithMarks(R"({"url":"u","job":"own","n":9})", {.n = 3, .job = "j"}) ==
          R"({"url":"u","job":"own","n":9})");
    CHECK(WithMarks(R"({"url":"u"})", {.job = "j"}) == R"({"job":"j","url":"u"})");
    CHECK(WithMarks(R"({"url":"u"})", {}) == R"({"url":"u"})");
    CHECK(WithMarks("{ oh", {.job = "j"}) == "{ oh");
  }
}

TEST_SUITE("WithPosition") {
  TEST_CASE("a URL and a JSON line get it, a line that has one keeps its own") {
    CHECK(WithPosition(R"({"url":"u","dont_filter":true})", 2, true) ==
          R"({"resume":true,"n":2,"url":"u","dont_filter":true})");
    CHECK(WithPosition(R"({"url":"u","n":9})", 2, true) == R"({"resume":true,"url":"u","n":9})");
    CHECK(WithPosition("{broken", 2, true) == "{broken");
    CHECK(WithPosition("http://x/\"", 17) == R"({"n":17,"url":"http://x/\""})");
    CHECK(WithPosition(R"({"url":"http://x/"})", 2) == R"({"n":2,"url":"http://x/"})");
    CHECK(WithPosition(R"({"url":"http://x/","n":9})", 2) == R"({"url":"http://x/","n":9})");
  }

  TEST_CASE("what is no JSON object stays what it is, and is refused as such") {
    CHECK(WithPosition("{}", 2) == "{}");
    CHECK(WithPosition("{ oh", 2) == "{ oh");
  }
}
