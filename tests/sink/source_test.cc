#include "sink/source.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace thresh;
using Begun = Source::Begun;
using Texts = std::vector<std::string>;

namespace {

struct SourceFixture {
  void Commit(std::uint64_t id, std::string ack) {
    REQUIRE(source.Begin(id, 1) == Begun::kNew);
    source.Commit(id, std::move(ack), {1, id * 8});
  }

  AckMemory memory{.limit_bytes = 30 << 20};
  Source source{memory};
};

const std::string kLarge(5 << 20, 'x');

}  // namespace

TEST_SUITE("Source") {
  TEST_CASE_FIXTURE(SourceFixture, "a task is new once, then known, then late") {
    CHECK(source.Begin(7, 1) == Begun::kNew);
    CHECK(source.Begin(7, 1) == Begun::kAgain);
    source.Close(8, {});
    CHECK(source.Begin(7, 1) == Begun::kLate);
    CHECK(source.highest() == 7);
  }

  TEST_CASE_FIXTURE(SourceFixture, "ACKs go out in the order of their commits, once") {
    Commit(9, "nine");
    Commit(7, "seven");
    CHECK(source.TakeOutgoing(0).acks == Texts{"nine", "seven"});
    CHECK(source.TakeOutgoing(0).acks.empty());
  }

  TEST_CASE_FIXTURE(SourceFixture, "a late copy of a result has its ACK sent again") {
    Commit(7, "seven");
    (void)source.TakeOutgoing(0);
    CHECK(source.Begin(7, 1) == Begun::kAgain);
    CHECK(source.TakeOutgoing(0).acks == Texts{"seven"});
  }

  TEST_CASE_FIXTURE(SourceFixture, "whatever becomes of tasks, none is told of once it is closed") {
    std::mt19937 random(3);
    std::uint64_t begun = 1;
    std::map<std::uint64_t, bool> open{{1, false}};  // By id; whether it is committed.
    REQUIRE(source.Begin(1, 1) == Begun::kNew);
    for (int step = 0; step < 5'000; ++step) {
      const std::uint64_t id = begun - std::min<std::uint64_t>(random() % 30, begun - 1);
      switch (random() % 8) {
        case 0:
        case 1:
          if (source.Begin(++begun, 1) == Begun::kNew) open[begun] = false;
          break;
        case 2:
        case 3:
          source.Commit(id, std::to_string(id), {1, id});
          if (open.contains(id)) open[id] = true;
          break;
        case 4:
          source.Close(0, {id});
          open.erase(id);
          break;
        case 5:
          CHECK(source.Begin(id, 1) == (open.contains(id) ? Begun::kAgain : Begun::kLate));
          break;
        case 6: source.Remind(step - 10); break;
        default: source.Ask();
      }
      for (const std::string& ack : source.TakeOutgoing(step).acks) {
        const auto found = open.find(std::stoull(ack));
        REQUIRE(found != open.end());
        REQUIRE(found->second);
      }
      REQUIRE(source.unclosed_count() == open.size());
    }
    source.Ask();
    std::size_t committed = 0;
    for (const auto& [id, is_committed] : open) committed += is_committed ? 1 : 0;
    CHECK(source.TakeOutgoing(5'000).acks.size() == committed);
    CHECK(committed > 0);
    source.Close(begun + 1, {});
    CHECK(memory.used_bytes == 0);
  }

  TEST_CASE_FIXTURE(SourceFixture, "what is not closed in time is sent again") {
    Commit(7, "seven");
    Commit(8, "eight");
    (void)source.TakeOutgoing(1000);
    source.Close(0, {8});
    source.Remind(999);
    CHECK(source.TakeOutgoing(5000).acks.empty());
    source.Remind(1000);
    CHECK(source.TakeOutgoing(6000).acks == Texts{"seven"});
  }

  TEST_CASE_FIXTURE(SourceFixture, "what is sent and not closed is bounded") {
    Commit(1, kLarge);
    Commit(2, kLarge);
    Commit(3, "small");
    CHECK(source.TakeOutgoing(0).acks.size() == 1);
    source.Close(2, {});
    CHECK(source.TakeOutgoing(0).acks == Texts{kLarge, "small"});
  }

  TEST_CASE_FIXTURE(SourceFixture, "a question is answered when all from before it has been sent") {
    Commit(1, kLarge);
    Commit(2, kLarge);
    REQUIRE(source.Begin(3, 1) == Begun::kNew);
    source.Ask();
    CHECK_FALSE(source.TakeOutgoing(0).synced);
    source.Close(2, {});
    CHECK_FALSE(source.TakeOutgoing(0).synced);  // Task 3 is being written.
    source.Commit(3, "three", {1, 8});
    CHECK(source.TakeOutgoing(0).synced);
    CHECK_FALSE(source.TakeOutgoing(0).synced);
  }

  TEST_CASE_FIXTURE(SourceFixture, "a question with nothing to tell is answered at once") {
    source.Ask();
    CHECK(source.TakeOutgoing(0).synced);
  }

  TEST_CASE_FIXTURE(SourceFixture, "memory over its bound is read back from the journal") {
    memory.limit_bytes = 6;
    Commit(1, "first");
    Commit(2, "second");
    CHECK(memory.used_bytes == 5);
    CHECK(source.TakeOutgoing(0).acks == Texts{"first"});
    CHECK(source.TakeWanted() == std::vector<Location>{{1, 16}});
    CHECK(source.TakeWanted().empty());
    source.Load({1, 16}, "second");
    CHECK(source.TakeOutgoing(0).acks == Texts{"second"});
    source.Close(3, {});
    CHECK(memory.used_bytes == 0);
  }

  TEST_CASE_FIXTURE(SourceFixture, "what the journal knows is taken over in its order") {
    JournalState::Source known;
    known.closed.CloseBelow(5);
    known.closed.Close(9);
    known.highest = 12;
    known.open = {{6, {2, 64}}, {12, {1, 64}}};
    source.Restore(known);
    CHECK(source.TakeWanted() == std::vector<Location>{{1, 64}, {2, 64}});
    CHECK(source.Begin(4, 1) == Begun::kLate);
    CHECK(source.Begin(9, 1) == Begun::kLate);
    CHECK(source.Begin(12, 1) == Begun::kAgain);
    CHECK(source.highest() == 12);
  }

  TEST_CASE_FIXTURE(SourceFixture, "a task closed while it is written needs no ACK") {
    REQUIRE(source.Begin(1, 1) == Begun::kNew);
    source.Close(2, {});
    source.Commit(1, "one", {1, 8});
    CHECK(source.TakeOutgoing(0).acks.empty());
    CHECK(source.unclosed_count() == 0);
  }
}
