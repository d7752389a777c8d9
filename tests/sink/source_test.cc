#include "sink/source.h"

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
