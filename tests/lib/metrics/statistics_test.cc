#include "lib/metrics/statistics.h"

#include <doctest/doctest.h>

#include "tests/support/temp_folder.h"
#include "tests/support/test_loop.h"

using namespace thresh;

namespace {

StatisticsLine LineAt(std::int64_t at_ms, std::uint64_t pages) {
  return {.at_ms = 1'700'000'000'000 + at_ms, .pid = 7, .pages = pages};
}

struct StatisticsFixture {
  test::TempFolder folder;
  std::string path = folder.File("statistics.ndjson");
  test::TestLoop loop;

  std::vector<StatisticsLine> Read() const {
    const auto lines = ReadStatistics(path);
    return lines ? *lines : std::vector<StatisticsLine>{};
  }
};

}  // namespace

TEST_CASE("a line is read back as it was") {
  StatisticsLine line = LineAt(1, 3);
  line.done = 1;
  line.records = 20;
  line.dead = {{"http_404", 2}};
  line.body_bytes = 1'000'000'000'000;
  line.failures = {{"timeout", 1}};
  line.latency_us = {{96, 1}, {131072, 2}};
  line.queued = 5;
  line.in_flight = 4;
  line.waiting = 3;
  line.leased = 2;
  line.awaiting_ack = 1;
  line.parsers = 8;
  const auto read = StatisticsLine::FromJson(line.ToJson());
  REQUIRE(read);
  CHECK(read->at_ms == line.at_ms);
  CHECK(read->SameAs(line));
}

TEST_CASE("reasons that pages make up do not make a line grow") {
  StatisticsLine line = LineAt(0, 0);
  for (int i = 0; i < 10'000; ++i) line.dead["reason_" + std::to_string(i)] = 1;
  line.dead["frequent"] = 5;
  const auto read = StatisticsLine::FromJson(line.ToJson());
  REQUIRE(read);
  CHECK(read->dead.size() == StatisticsLine::kMostReasons);
  CHECK(read->dead.at("frequent") == 5);
  CHECK(read->dead.at("all others") == 10'005 - 5 - 30);
}

TEST_CASE("what is no line is refused") {
  for (const char* text : {"", "1", "[]", "{}", R"({"at":1})", R"({"at":"yesterday"})",
                           R"({"at":"2025-01-31T12:00:00Z")"}) {
    CAPTURE(text);
    CHECK(!StatisticsLine::FromJson(text));
  }
}

TEST_CASE_FIXTURE(StatisticsFixture,
                  "lines are written so often, and what came last when it goes") {
  {
    StatisticsFile file(loop, path);
    for (int i = 0; i <= 10; ++i) file.Note(LineAt(i * 90, static_cast<std::uint64_t>(i)));
  }
  loop.Settle();
  std::vector<std::uint64_t> pages;
  for (const StatisticsLine& line : Read()) pages.push_back(line.pages);
  CHECK(pages == std::vector<std::uint64_t>{0, 3, 6, 9, 10});
}

TEST_CASE_FIXTURE(StatisticsFixture, "a silence takes two lines, however long it is") {
  {
    StatisticsFile file(loop, path);
    file.Note(LineAt(0, 1));
    for (int i = 1; i < 10'000; ++i) file.Note(LineAt(i * 200, 5));
    file.Note(LineAt(2'000'000, 6));
  }
  loop.Settle();
  const auto lines = Read();
  REQUIRE(lines.size() == 4);
  CHECK(lines[1].pages == 5);
  CHECK(lines[2].pages == 5);
  CHECK(lines[2].at_ms - lines[0].at_ms == 9'999 * 200);
  CHECK(lines[3].pages == 6);
}

TEST_CASE_FIXTURE(StatisticsFixture, "a file is bounded, and has a run's beginning and its end") {
  constexpr std::uint64_t kNotes = 40'000;
  {
    StatisticsFile file(loop, path);
    for (std::uint64_t i = 0; i < kNotes; ++i) {
      file.Note(LineAt(static_cast<std::int64_t>(i) * 200, i));
      if (i % 64 == 0) REQUIRE(loop.RunUntil([&] { return !file.busy(); }));
    }
    CHECK(file.every_ms() == 200 * 16);
  }
  loop.Settle();
  const auto lines = Read();
  CHECK(lines.size() <= StatisticsFile::kMostLines + 64);
  CHECK(lines.size() >= StatisticsFile::kMostLines / 2);
  CHECK(lines.front().pages == 0);
  CHECK(lines.back().pages == kNotes - 1);
}

TEST_CASE_FIXTURE(StatisticsFixture, "another process goes on, as often as the one before") {
  folder.Write("statistics.ndjson",
               R"({"at":"2025-01-31T12:00:00.000Z","every_ms":6400,"pid":1,"pages":9})"
               "\n{\"at\":\"2025-01-31T12:0");  // It was killed here.
  {
    StatisticsFile file(loop, path);
    CHECK(file.every_ms() == 6400);
    file.Note(LineAt(0, 1));
  }
  loop.Settle();
  const auto lines = Read();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].pages == 9);
  CHECK(lines[1].pages == 1);
}

TEST_CASE_FIXTURE(StatisticsFixture, "a file cut anywhere can be read and gone on with") {
  const std::string text = LineAt(0, 1).ToJson() + "\n" + LineAt(200, 2).ToJson() + "\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    folder.Write("statistics.ndjson", text.substr(0, cut));
    {
      StatisticsFile file(loop, path);
      file.Note(LineAt(400, 3));
    }
    loop.Settle();
    const auto lines = Read();
    REQUIRE(!lines.empty());
    CHECK(lines.back().pages == 3);
  }
}

TEST_CASE_FIXTURE(StatisticsFixture, "a file that cannot be written is no fault") {
  StatisticsFile file(loop, folder.File("none/at/all"));
  file.Note(LineAt(0, 1));
  loop.Settle();
  CHECK(!ReadStatistics(folder.File("none/at/all")));
}
