// ParserPool: parsers that hang, are stopped, or keep pages waiting.

#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "tests/fetcher/dispatch/pool_fixture.h"

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using thresh::PageState;
using thresh::test::PoolFixture;

TEST_SUITE("ParserPool: leases") {
  TEST_CASE_FIXTURE(PoolFixture, "a page whose lease ran out goes to another parser as well") {
    auto slow = Join(1);
    OfferAndDispatch(1, 1);
    CHECK(slow->Tasks() == "1/1");
    auto other = Join(1);
    Pass(milliseconds(14'900));
    CHECK(Counts() == "0 1 0");
    Pass(milliseconds(100));
    CHECK(Counts() == "1 0 0");
    pool->Dispatch();
    CHECK(other->Tasks() == "1/2");

    slow->Grant(1, {1});  // First after all.
    CHECK(pool->StateOf(1) == PageState::kAwaitingAck);
    other->Grant(2, {1});
    CHECK(Counts() == "0 0 1");
    pool->Forget(1);
    CHECK(Counts() == "0 0 0");
  }

  TEST_CASE_FIXTURE(PoolFixture, "a parser whose lease ran out gets no page until it is heard") {
    auto slow = Join(9);
    OfferAndDispatch(1, 2);
    Pass(seconds(15));
    CHECK(Counts() == "2 0 0");  // What it had not begun goes elsewhere, too.
    OfferAndDispatch(3, 3);
    CHECK(slow->Tasks() == "1/1 2/1");
    slow->Grant(9, {1});
    pool->Dispatch();
    CHECK(slow->Tasks() == "1/1 2/1 2/2 3/1");
    CHECK(Counts() == "0 2 1");
  }

  TEST_CASE_FIXTURE(PoolFixture,
                    "a lease that ran out does so once, and costs the others nothing") {
    auto slow = Join(9);
    OfferAndDispatch(1, 1);
    Pass(seconds(60));
    CHECK(given_up.empty());
    pool->Forget(1);  // Parsed elsewhere.
    OfferAndDispatch(2, 2);
    CHECK(slow->Tasks() == "1/1");
    slow->Grant(9, {1});
    pool->Dispatch();
    CHECK(slow->Tasks() == "1/1 2/1");
  }

  TEST_CASE_FIXTURE(PoolFixture, "a HELLO is a sign of life, too") {
    auto slow = Join(9);
    OfferAndDispatch(1, 1);
    Pass(seconds(15));
    slow->SayBlocked(9);
    pool->Dispatch();
    CHECK(Counts() == "1 0 0");  // A page under suspicion waits for a parser that has nothing.
    slow->Grant(9, {1});
    CHECK(Counts() == "0 0 1");
  }

  TEST_CASE_FIXTURE(PoolFixture, "only the lease of the oldest page runs") {
    auto parser = Join(2);
    OfferAndDispatch(1, 2);
    CHECK(parser->Tasks() == "1/1 2/1");
    Pass(seconds(14));
    parser->Grant(2, {1});
    Pass(seconds(14));
    CHECK(Counts() == "0 1 1");
    Pass(seconds(1));
    CHECK(Counts() == "1 0 1");
  }

  TEST_CASE_FIXTURE(PoolFixture, "a lease stands still while its parser is blocked") {
    auto parser = Join(1);
    OfferAndDispatch(1, 1);
    Pass(seconds(10));
    parser->SayBlocked(1);
    Pass(hours(1));
    CHECK(Counts() == "0 1 0");
    parser->Grant(1);  // Nothing parsed, but it says that it goes on.
    Pass(milliseconds(4'900));
    CHECK(Counts() == "0 1 0");
    Pass(milliseconds(100));
    CHECK(Counts() == "1 0 0");
  }

  TEST_CASE_FIXTURE(PoolFixture, "time in which the fetcher was stopped counts for no lease") {
    auto parser = Join(1);
    OfferAndDispatch(1, 1);
    now += hours(5);
    pool->CheckLeases();
    CHECK(Counts() == "0 1 0");
  }

  TEST_CASE_FIXTURE(PoolFixture, "a RETRY whose lease ran out is stale") {
    auto parser = Join(1);
    OfferAndDispatch(1, 1);
    Pass(seconds(15));
    parser->Retry(1, "later", 0, 1);
    CHECK(retries.empty());
    CHECK(Counts() == "1 0 0");
  }

  TEST_CASE_FIXTURE(PoolFixture,
                    "what a parser was acked for, but did not tell, may stall it only") {
    auto parser = Join(2);
    OfferAndDispatch(1, 1);
    pool->Forget(1);
    Pass(seconds(15));
    CHECK(Counts() == "0 0 0");
    CHECK(given_up.empty());
  }
}

TEST_SUITE("ParserPool: light before heavy") {
  TEST_CASE_FIXTURE(PoolFixture,
                    "a page kept waiting for 200 ms goes to a parser with credit, too") {
    auto heavy = Join(3);
    OfferAndDispatch(1, 3);
    CHECK(heavy->Tasks() == "1/1 2/1 3/1");
    auto light = Join(9);
    Pass(milliseconds(150));
    pool->Dispatch();
    CHECK(light->Tasks().empty());
    Pass(milliseconds(50));
    CHECK(changes > 0);
    pool->Dispatch();
    CHECK(light->Tasks() == "2/2 3/2");
    CHECK(Counts() == "0 3 0");

    light->Grant(9, {2, 3});
    CHECK(Counts() == "0 1 2");
    heavy->Grant(9, {1, 2, 3});
    CHECK(Counts() == "0 0 3");
  }

  TEST_CASE_FIXTURE(PoolFixture, "the first end of a page held twice ends it for both") {
    auto heavy = Join(2);
    OfferAndDispatch(1, 2);
    auto light = Join(9);
    Pass(milliseconds(200));
    pool->Dispatch();
    CHECK(light->Tasks() == "2/2");
    SUBCASE("told by one, the other lost") {
      light->Grant(9, {2});
      Lose(heavy);
      CHECK(Counts() == "1 0 1");
    }
    SUBCASE("told by one, while the other says RETRY") {
      light->Grant(9, {2});
      heavy->Retry(2, "later", 0, 1);
      CHECK(retries.empty());
      CHECK(Counts() == "0 1 1");
    }
    SUBCASE("acknowledged") {
      pool->Forget(2);
      Lose(heavy);
      Lose(light);
      CHECK(Counts() == "1 0 0");
    }
    SUBCASE("one of the two lost") {
      Lose(light);
      CHECK(Counts() == "0 2 0");
    }
    SUBCASE("both lost") {
      Lose(light);
      Lose(heavy);
      CHECK(Counts() == "2 0 0");
    }
  }

  TEST_CASE_FIXTURE(PoolFixture, "those that wait overtake new pages, the page at work stays") {
    auto heavy = Join(2);
    OfferAndDispatch(1, 2);
    auto light = Join(1);
    Offer(3);
    Pass(milliseconds(200));
    pool->Dispatch();
    CHECK(light->Tasks() == "2/2");
    Pass(milliseconds(400));
    pool->Dispatch();
    CHECK(heavy->Tasks() == "1/1 2/1");
  }

  TEST_CASE_FIXTURE(PoolFixture, "a parser that keeps pages waiting itself is given none") {
    auto heavy = Join(2);
    OfferAndDispatch(1, 2);
    auto other = Join(1);
    OfferAndDispatch(3, 3);
    Pass(milliseconds(250));
    other->Grant(9);
    pool->Dispatch();
    CHECK(other->Tasks() == "3/1");
    other->Grant(9, {3});
    Pass(milliseconds(50));
    pool->Dispatch();
    CHECK(other->Tasks() == "3/1 2/2");
  }

  TEST_CASE_FIXTURE(PoolFixture, "a blocked parser has begun none of its pages") {
    auto blocked = Join(1);
    OfferAndDispatch(1, 1);
    blocked->SayBlocked(1);
    auto other = Join(1);
    other->SayBlocked(1);
    Pass(milliseconds(200));
    pool->Dispatch();
    CHECK(other->Tasks().empty());  // It would not begin it either.
    other->Grant(1);
    pool->Dispatch();
    Pass(milliseconds(50));
    pool->Dispatch();
    CHECK(other->Tasks() == "1/2");
  }

  TEST_CASE_FIXTURE(PoolFixture, "pages that died with a connection go out again, none is blamed") {
    auto parser = Join(3);
    OfferAndDispatch(1, 2);
    parser->SayIdle(3, 0);
    parser->SayIdle(3, 0);  // As it met us, and as it does every 500 ms.
    Pass(milliseconds(200));
    parser->SayIdle(3, 0);
    CHECK(Counts() == "0 2 0");  // They may be under way.
    Pass(milliseconds(50));
    parser->SayIdle(3, 0);
    CHECK(Counts() == "2 0 0");
    OfferAndDispatch(3, 3);
    CHECK(parser->Tasks() == "1/1 2/1 1/2 2/2 3/1");
    parser->SayIdle(6, 3);
    CHECK(Counts() == "0 0 3");
    CHECK(pool->Parsers()[0].parsed == 3);
    parser->Grant(6, {1, 2, 3});  // Too late: they are counted.
    CHECK(pool->Parsers()[0].parsed == 3);
  }
}
