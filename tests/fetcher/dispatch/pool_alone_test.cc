// ParserPool: a page that a parser may have died of goes out alone.

#include <string>

#include <doctest/doctest.h>

#include "tests/fetcher/dispatch/pool_fixture.h"

using thresh::test::PoolFixture;

namespace {

struct AloneFixture : PoolFixture {
  /// Makes page 1 suspect, and with it 2 wait: they were at a parser that is gone.
  void SuspectOne() {
    auto parser = Join(2);
    OfferAndDispatch(1, 2);
    CHECK(parser->Tasks() == "1/1 2/1");
    Lose(parser);
    CHECK(pool->waiting() == 2);
  }
};

}  // namespace

TEST_SUITE("ParserPool: alone") {
  TEST_CASE_FIXTURE(AloneFixture, "its parser gets nothing else until it is parsed") {
    SuspectOne();
    auto parser = Join(9);
    pool->Dispatch();
    CHECK(parser->Tasks() == "1/2");
    OfferAndDispatch(3, 3);
    CHECK(parser->Tasks() == "1/2");
    parser->Grant(9, {1});
    pool->Dispatch();
    CHECK(parser->Tasks() == "1/2 2/2 3/1");
  }

  TEST_CASE_FIXTURE(AloneFixture, "it waits until a parser has nothing, which gets nothing new") {
    auto busy = Join(9);
    OfferAndDispatch(11, 12);
    SuspectOne();
    pool->Dispatch();
    CHECK(busy->Tasks() == "11/1 12/1");  // 2 would be next, but 1 has reserved it.
    busy->Grant(9, {11});
    pool->Dispatch();
    CHECK(busy->Tasks() == "11/1 12/1");
    busy->Grant(9, {12});
    pool->Dispatch();
    CHECK(busy->Tasks() == "11/1 12/1 1/2");
  }

  TEST_CASE_FIXTURE(AloneFixture, "the others go on elsewhere meanwhile") {
    SuspectOne();
    auto one = Join(9);
    auto two = Join(9);
    pool->Dispatch();
    for (const auto& parser : {one.get(), two.get()}) parser->Barrier();
    CHECK(one->tasks.size() == 1);
    CHECK(two->tasks.size() == 1);
    OfferAndDispatch(3, 5);
    for (const auto& parser : {one.get(), two.get()}) parser->Barrier();
    CHECK(one->tasks.size() + two->tasks.size() == 5);
    CHECK(one->tasks.size() != 2);  // All three are at the other.
    CHECK(two->tasks.size() != 2);
  }

  TEST_CASE_FIXTURE(AloneFixture, "where there are several, one parser is left to the others") {
    auto first = Join(1);
    auto second = Join(1);
    OfferAndDispatch(1, 2);
    CHECK(Counts() == "0 2 0");
    Lose(first);
    Lose(second);
    auto one = Join(9);
    auto two = Join(9);
    pool->Dispatch();
    CHECK(Counts() == "1 1 0");
    OfferAndDispatch(5, 6);
    CHECK(Counts() == "1 3 0");
  }
}
