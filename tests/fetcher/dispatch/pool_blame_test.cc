// ParserPool: which page is blamed when parsers die or hang, and when it is given up.

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "lib/io/flight_recorder.h"
#include "tests/fetcher/dispatch/pool_fixture.h"

using std::chrono::seconds;
using thresh::FlightWriter;
using thresh::TaskId;
using thresh::test::FakeParser;
using thresh::test::PoolFixture;

namespace {

struct BlameFixture : PoolFixture {
  /// A parser with a recorder. Letting go of that is its death.
  struct Recorded {
    std::unique_ptr<FakeParser> parser;
    std::unique_ptr<FlightWriter> recorder;
  };
  Recorded JoinRecorded(std::uint64_t credit_total) {
    auto parser = Join(credit_total);
    auto made = FlightWriter::Create(flight_dir, parser->self.uuid, parser->self.incarnation);
    REQUIRE(made.ok());
    return {std::move(parser), std::move(*made)};
  }
  /// It dies while at work on the page it was last sent, having noted `mark`.
  void DieAtWork(Recorded victim, TaskId id, std::uint32_t mark) {
    victim.parser->Barrier();
    REQUIRE_FALSE(victim.parser->tasks.empty());
    std::uint32_t attempt = 0;
    for (const auto& [task, body] : victim.parser->tasks) {
      if (task.task().id() == id) attempt = task.task().attempt();
    }
    victim.recorder->Begin(self.incarnation, id, attempt);
    victim.recorder->Mark(mark);
    victim.recorder.reset();
    Lose(victim.parser);
  }
  /// A parser gets what there is and dies of page `id`.
  void Kill(TaskId id, std::uint32_t mark) {
    Recorded victim = JoinRecorded(9);
    pool->Dispatch();
    DieAtWork(std::move(victim), id, mark);
  }
  /// `reason, detail, attempts`, or nothing.
  std::string GivenUp() const {
    if (given_up.empty()) return "";
    const auto& last = given_up.back();
    return std::to_string(last.page.id) + ": " + last.reason + ", " + last.detail + ", " +
           std::to_string(last.attempts);
  }
};

}  // namespace

TEST_SUITE("ParserPool: blame") {
  TEST_CASE_FIXTURE(BlameFixture, "three marked crashes give a page up, with its whole body") {
    const std::string body(1 << 20, 'x');
    Offer(1, "r", body);
    for (int i = 0; i < 2; ++i) Kill(1, SIGSEGV);
    CHECK(Counts() == "1 0 0");
    CHECK(GivenUp().empty());
    Kill(1, SIGSEGV);
    CHECK(GivenUp() == "1: parse_crash, signal 11 (SIGSEGV) 3 times, 3");
    CHECK(given_up.back().page.body.View() == body);
    CHECK(given_up.back().page.recipe == "r");
    CHECK(Counts() == "0 0 0");
    CHECK(pool->held_bytes() == 0);
  }

  TEST_CASE_FIXTURE(BlameFixture, "the page at work is blamed, not the oldest, and no other") {
    for (TaskId id = 1; id <= 3; ++id) Offer(id);
    Kill(2, SIGABRT);
    auto parser = Join(9);
    pool->Dispatch();
    CHECK(parser->Tasks() == "2/2");
    Lose(parser);
    Kill(2, SIGABRT);
    Kill(2, SIGABRT);
    CHECK(GivenUp() == "2: parse_crash, signal 6 (SIGABRT) 3 times, the parser was killed once, 4");
    CHECK(Counts() == "2 0 0");
    auto last = Join(9);
    pool->Dispatch();
    CHECK(last->Tasks() == "1/2 3/2");
  }

  TEST_CASE_FIXTURE(BlameFixture, "unmarked deaths count only if the page was alone, ten of them") {
    Offer(1);
    Offer(2);
    Kill(1, 0);  // Not alone: 2 was there.
    for (int i = 0; i < 9; ++i) Kill(1, 0);
    CHECK(GivenUp().empty());
    Kill(1, 0);
    CHECK(GivenUp() == "1: parse_crash, the parser was killed 10 times, 10");
    CHECK(Counts() == "1 0 0");
  }

  TEST_CASE_FIXTURE(BlameFixture,
                    "without a recorder the oldest page is suspected, counted alone") {
    Offer(1);
    Offer(2);
    for (int i = 0; i < 11; ++i) {
      CHECK(given_up.empty());
      auto parser = Join(9);
      pool->Dispatch();
      parser->Barrier();
      Lose(parser);
    }
    CHECK(GivenUp() == "1: parse_crash, the parser was killed 10 times, 10");
  }

  TEST_CASE_FIXTURE(BlameFixture, "who dies with nothing at work blames nobody") {
    Offer(1);
    for (int i = 0; i < 12; ++i) {
      Recorded victim = JoinRecorded(9);
      pool->Dispatch();
      victim.parser->Barrier();
      victim.recorder.reset();
      Lose(victim.parser);
    }
    CHECK(given_up.empty());
    Offer(2);
    auto parser = Join(9);
    pool->Dispatch();
    CHECK(parser->Tasks() == "1/13 2/1");  // Not alone.
  }

  TEST_CASE_FIXTURE(BlameFixture, "who lives, and only its connection is gone, blames nobody") {
    Offer(1);
    Recorded cut_off = JoinRecorded(9);
    const std::string file = thresh::FlightPath(flight_dir, cut_off.parser->self.uuid);
    pool->Dispatch();
    cut_off.parser->Barrier();
    cut_off.recorder->Begin(self.incarnation, 1, 1);
    Lose(cut_off.parser);
    CHECK(std::filesystem::exists(file));
    Offer(2);
    auto parser = Join(9);
    pool->Dispatch();
    CHECK(parser->Tasks() == "1/2 2/1");
  }

  TEST_CASE_FIXTURE(BlameFixture, "what another life of the fetcher handed out is not ours") {
    Offer(1);
    Recorded victim = JoinRecorded(9);
    pool->Dispatch();
    victim.parser->Barrier();
    victim.recorder->Begin(self.incarnation + 1, 1, 1);
    victim.recorder->Mark(SIGSEGV);
    victim.recorder.reset();
    Lose(victim.parser);
    Offer(2);
    auto parser = Join(9);
    pool->Dispatch();
    CHECK(parser->Tasks() == "1/2 2/1");
  }

  TEST_CASE_FIXTURE(BlameFixture, "three leases that run out give a page up") {
    Offer(1, "r", "heavy");
    for (int i = 0; i < 3; ++i) {
      CHECK(given_up.empty());
      Recorded hung = JoinRecorded(1);
      pool->Dispatch();
      hung.parser->Barrier();
      hung.recorder->Begin(self.incarnation, 1, static_cast<std::uint32_t>(i + 1));
      Pass(seconds(15));
      // Its death later, of the same, is not counted once more.
      DieAtWork(std::move(hung), 1, thresh::kMarkTimeout);
    }
    CHECK(GivenUp() == "1: parse_timeout, no result within the lease 3 times, 3");
    CHECK(given_up.back().page.body.View() == "heavy");
  }

  TEST_CASE_FIXTURE(BlameFixture, "a lease of a page that was not at work is charged to none") {
    Offer(1);
    for (int i = 0; i < 6; ++i) {
      Recorded stopped = JoinRecorded(1);
      pool->Dispatch();
      stopped.parser->Barrier();
      if (i > 1) {  // Parsed, but not told.
        stopped.recorder->Begin(self.incarnation, 1, static_cast<std::uint32_t>(i + 1));
        stopped.recorder->End();
      }
      Pass(seconds(15));
      stopped.recorder.reset();
      Lose(stopped.parser);
    }
    CHECK(given_up.empty());
  }

  TEST_CASE_FIXTURE(BlameFixture,
                    "the recorder names the page that took the lease of an older one") {
    Offer(1);
    Offer(2);
    Recorded hung = JoinRecorded(9);
    pool->Dispatch();
    hung.parser->Barrier();
    hung.recorder->Begin(self.incarnation, 2, 1);  // 1 is parsed, but not told.
    Pass(seconds(15));
    auto parser = Join(9);
    pool->Dispatch();
    CHECK(parser->Tasks() == "2/2");  // Alone.
  }

  TEST_CASE_FIXTURE(BlameFixture,
                    "a recorder goes with its parser; a dead one's is found at start") {
    Recorded victim = JoinRecorded(1);
    const std::string file = thresh::FlightPath(flight_dir, victim.parser->self.uuid);
    CHECK(std::filesystem::exists(file));
    victim.recorder.reset();
    SUBCASE("lost while we are there") {
      Lose(victim.parser);
    }
    SUBCASE("lost while no fetcher was") {
      auto made = thresh::ParserPool::Create(
          loop, context, {.endpoint = endpoint + "2", .flight_dir = flight_dir}, self, {});
      CHECK(made.ok());
    }
    CHECK_FALSE(std::filesystem::exists(file));
  }
}
