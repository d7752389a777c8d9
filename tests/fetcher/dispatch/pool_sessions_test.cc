// ParserPool: parsers that come, go, come back as others, and say what they should not.

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/fetcher/dispatch/pool_fixture.h"

using thresh::NewPeerId;
using thresh::PeerId;
using thresh::TaskId;
using thresh::test::PoolFixture;

TEST_SUITE("ParserPool: sessions") {
  TEST_CASE_FIXTURE(PoolFixture, "a lost parser's pages go to another, oldest first, once more") {
    auto parser = Join(3);
    OfferAndDispatch(1, 5);
    parser->Grant(3, {2});
    CHECK(Counts() == "2 2 1");
    Lose(parser);
    CHECK(Counts() == "5 0 0");

    auto other = Join(10);
    pool->Dispatch();
    CHECK(other->Tasks() == "1/2");  // Alone: the parser may have died of it.
    other->Grant(10, {1});
    pool->Dispatch();
    CHECK(other->Tasks() == "1/2 2/2 3/2 4/1 5/1");
  }

  TEST_CASE_FIXTURE(PoolFixture, "losing a parser takes no page from the others") {
    auto one = Join(2);
    OfferAndDispatch(1, 2);
    auto two = Join(2);
    OfferAndDispatch(3, 4);
    two->Grant(2, {4});
    Lose(one);
    CHECK(Counts() == "2 1 1");
    CHECK(two->Tasks() == "3/1 4/1");
  }

  TEST_CASE_FIXTURE(PoolFixture, "what was forgotten does not come back with a lost parser") {
    auto parser = Join(2);
    OfferAndDispatch(1, 2);
    pool->Forget(1);
    Lose(parser);
    CHECK(Counts() == "1 0 0");
  }

  TEST_CASE_FIXTURE(PoolFixture, "who says goodbye gives its pages back, to blame for none") {
    auto parser = Join(3);
    OfferAndDispatch(1, 3);
    parser->Grant(3, {1});
    CHECK(Counts() == "0 2 1");
    parser->SayGoodbye();
    REQUIRE(loop.RunUntil([&] { return pool->Parsers().empty(); }));
    CHECK(Counts() == "3 0 0");

    auto other = Join(3);
    pool->Dispatch();
    CHECK(other->Tasks() == "1/2 2/2 3/2");  // Together: nobody is suspected.
  }

  TEST_CASE_FIXTURE(PoolFixture, "a goodbye is heard of one that is already found gone") {
    auto parser = Join(1'000'000);
    OfferAndDispatch(1, 1);
    parser->Linger();
    parser->SayGoodbye();
    parser.reset();
    // Sends until that fails; what arrives meanwhile is not looked at, as by a loop that is late.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    for (TaskId id = 2; !pool->Parsers().empty(); ++id) {
      REQUIRE(std::chrono::steady_clock::now() < deadline);
      Offer(id);
      pool->Dispatch();
    }
    auto other = Join(10);
    pool->Dispatch();
    other->Barrier();
    CHECK(other->tasks.size() > 1);  // None was suspected: that would go out alone.
  }

  TEST_CASE_FIXTURE(PoolFixture, "after a goodbye another life comes by the same connection") {
    auto parser = Join(3);
    OfferAndDispatch(1, 2);
    PeerId other_life = parser->self;
    parser->SayGoodbye();
    ++parser->self.incarnation;
    parser->SayHello(1);
    REQUIRE(loop.RunUntil([&] { return Counts() == "2 0 0" && pool->Parsers().size() == 1; }));
    pool->Dispatch();
    CHECK(Counts() == "1 1 0");
    std::swap(parser->self, other_life);
    parser->SayGoodbye();  // The old life's, late.
    std::swap(parser->self, other_life);
    CHECK(parser->Tasks() == "1/1 2/1 1/2");
    CHECK(Counts() == "1 1 0");
    CHECK(pool->Parsers().size() == 1);
  }

  TEST_CASE_FIXTURE(PoolFixture, "a new life of a parser has only the credit it grants itself") {
    PeerId peer = NewPeerId();
    auto parser = NewParser(peer);
    parser->Join(9);
    ++peer.incarnation;
    auto reborn = NewParser(peer);
    reborn->Join(1);
    Lose(parser);
    OfferAndDispatch(1, 3);
    CHECK(reborn->Tasks() == "1/1");
  }

  TEST_CASE_FIXTURE(PoolFixture, "a new life under an old routing id voids the old one's session") {
    PeerId peer = NewPeerId();
    auto parser = NewParser(peer, "fixed name");
    parser->Join(2);
    OfferAndDispatch(1, 3);
    CHECK(parser->Tasks() == "1/1 2/1");
    parser.reset();
    ++peer.incarnation;
    auto reborn = NewParser(peer, "fixed name");
    reborn->Join(1);

    CHECK(Counts() == "3 0 0");
    pool->Dispatch();
    CHECK(reborn->Tasks() == "1/2");
  }

  TEST_CASE_FIXTURE(PoolFixture, "a restarted sink asks again for what awaits its ack, only that") {
    auto parser = Join(3);
    OfferAndDispatch(1, 4);
    parser->Grant(3, {3, 1});
    CHECK(Counts() == "1 1 2");
    pool->ResultsLost();
    CHECK(Counts() == "3 1 0");
    parser->Grant(6);
    pool->Dispatch();
    CHECK(parser->Tasks() == "1/1 2/1 3/1 1/2 3/2 4/1");
  }

  TEST_CASE_FIXTURE(PoolFixture, "what is meant for another life of the fetcher is void") {
    auto parser = Join(1);
    OfferAndDispatch(1, 2);
    PeerId earlier = self;
    --earlier.incarnation;
    parser->fetcher = earlier;
    parser->Grant(9, {1});
    parser->SayHello(9);
    parser->Retry(1, "an old id", 0);
    parser->recipes.clear();
    parser->Need(thresh::HashBytes("the recipe").View());
    parser->Barrier();

    pool->Dispatch();
    CHECK(Counts() == "1 1 0");
    CHECK(parser->Tasks() == "1/1");
    CHECK(retries.empty());
    CHECK(parser->recipes.size() == 2);  // Those of the two barriers.
  }

  TEST_CASE_FIXTURE(PoolFixture,
                    "a HELLO to an earlier life of the fetcher joins, without credit") {
    auto parser = NewParser();
    parser->fetcher = NewPeerId();
    parser->SayHello(5);
    REQUIRE(loop.RunUntil([&] { return parser->nudges > 0; }));
    CHECK(pool->Parsers().size() == 1);
    OfferAndDispatch(1, 1);
    CHECK(Counts() == "1 0 0");
  }

  TEST_CASE_FIXTURE(PoolFixture, "who has not said HELLO is not heard") {
    auto stranger = NewParser();
    stranger->fetcher = self;
    stranger->Need(thresh::HashBytes("the recipe").View());
    stranger->SayHello(0);
    REQUIRE(loop.RunUntil([&] { return stranger->nudges > 0; }));
    CHECK(stranger->recipes.empty());
  }

  TEST_CASE_FIXTURE(PoolFixture, "garbage from a parser changes nothing") {
    auto parser = Join(1);
    Offer(1);
    parser->SendRaw({""});
    parser->SendRaw({"no envelope"});
    parser->SendRaw({"\xff\xff\xff\xff", "and more", ""});
    pool->Dispatch();
    CHECK(parser->Tasks() == "1/1");
    CHECK(pool->Parsers().size() == 1);
  }

  TEST_CASE_FIXTURE(PoolFixture, "parsers are nudged unasked, so that the lost are noticed") {
    auto parser = Join(0);
    const int before = parser->nudges;
    CHECK(loop.RunUntil([&] { return parser->nudges > before; }));
  }
}
