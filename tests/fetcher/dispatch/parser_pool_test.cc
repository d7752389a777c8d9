#include "fetcher/dispatch/parser_pool.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/fetcher/dispatch/pool_fixture.h"

using thresh::HashBytes;
using thresh::PageState;
using thresh::ParserPool;
using thresh::TaskId;
using thresh::test::PoolFixture;

TEST_SUITE("ParserPool") {
  TEST_CASE_FIXTURE(PoolFixture, "a parser that says HELLO is greeted by name and counted") {
    auto parser = Join(0);
    CHECK(parser->fetcher == self);
    REQUIRE(pool->Parsers().size() == 1);
    CHECK(pool->Parsers()[0].pid == 4711);
    CHECK(pool->Parsers()[0].leased == 0);
    CHECK(changes > 0);
  }

  TEST_CASE_FIXTURE(PoolFixture, "a page goes out as a TASK with all that is known of it") {
    auto parser = Join(1);
    pool->Offer({.id = 9,
                 .identity = "who it is",
                 .recipe_hash = HashBytes("the recipe"),
                 .recipe = "r",
                 .final_url = "http://x/end",
                 .status = 203,
                 .headers = {{"a", "1"}, {"a", "2"}},
                 .meta = R"({"m":1})",
                 .body = thresh::SharedBytes(std::string("a\0b", 3))});
    pool->Dispatch();
    CHECK(parser->Tasks() == "9/1");

    const auto& [envelope, body] = parser->tasks.at(0);
    CHECK(body == std::string("a\0b", 3));
    CHECK(envelope.task().page() == "who it is");
    CHECK(envelope.task().recipe_hash() == HashBytes("the recipe").View());
    CHECK(envelope.task().url() == "http://x/end");
    CHECK(envelope.task().status() == 203);
    CHECK(envelope.task().headers_size() == 2);
    CHECK(envelope.task().headers(1).value() == "2");
    CHECK(envelope.task().meta() == R"({"m":1})");
    CHECK(thresh::FromWire(envelope.to()) == parser->self);
  }

  TEST_CASE_FIXTURE(PoolFixture, "headers that are no UTF-8 reach the parser as they are") {
    auto parser = Join(1);
    pool->Offer({.id = 1,
                 .recipe = "r",
                 .headers = {{"x-\xE9", "caf\xE9"}},
                 .body = thresh::SharedBytes("body")});
    pool->Dispatch();
    CHECK(parser->Tasks() == "1/1");
    REQUIRE(parser->tasks.size() == 1);
    CHECK(parser->tasks[0].first.task().headers(0).name() == "x-\xE9");
    CHECK(parser->tasks[0].first.task().headers(0).value() == "caf\xE9");
  }

  TEST_CASE_FIXTURE(PoolFixture, "nothing goes out before Dispatch(), or without credit") {
    auto parser = Join(0);
    Offer(1);
    pool->Dispatch();
    CHECK(parser->Tasks().empty());
    parser->Grant(1);
    CHECK(parser->Tasks().empty());
    pool->Dispatch();
    CHECK(parser->Tasks() == "1/1");
  }

  TEST_CASE_FIXTURE(PoolFixture, "credit is a total and is never overdrawn") {
    auto parser = Join(2);
    OfferAndDispatch(1, 5);
    CHECK(parser->Tasks() == "1/1 2/1");
    CHECK(Counts() == "3 2 0");

    parser->Grant(2);  // The same total again, and an older one,
    parser->Grant(1);
    parser->SayHello(2);  // and again in a HELLO.
    pool->Dispatch();
    CHECK(parser->Tasks() == "1/1 2/1");
    parser->Grant(4);
    pool->Dispatch();
    pool->Dispatch();
    CHECK(parser->Tasks() == "1/1 2/1 3/1 4/1");
    CHECK(Counts() == "1 4 0");
  }

  TEST_CASE_FIXTURE(PoolFixture, "what parsers say is heard within a turn of the loop, too") {
    auto parser = Join(1);
    OfferAndDispatch(1, 3);
    REQUIRE(Counts() == "2 1 0");
    parser->GrantUnheard(3);
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (pool->leased() < 3 && std::chrono::steady_clock::now() < give_up) {
      pool->TakeMessages();
      pool->Dispatch();
    }
    CHECK(Counts() == "0 3 0");
  }

  TEST_CASE_FIXTURE(PoolFixture, "a HELLO grants credit as CREDIT does") {
    auto parser = Join(0);
    OfferAndDispatch(1, 2);
    parser->SayHello(1);
    parser->Barrier();
    pool->Dispatch();
    CHECK(parser->Tasks() == "1/1");
  }

  TEST_CASE_FIXTURE(PoolFixture,
                    "pages go out in the order they were offered, whatever their ids") {
    auto parser = Join(10);
    for (const TaskId id : {5, 3, 9, 1}) Offer(id);
    pool->Dispatch();
    CHECK(parser->Tasks() == "5/1 3/1 9/1 1/1");
  }

  TEST_CASE_FIXTURE(PoolFixture, "the parser with the fewest pages is served first") {
    auto one = Join(10);
    auto two = Join(10);
    OfferAndDispatch(1, 6);
    one->Barrier();
    two->Barrier();
    CHECK(one->tasks.size() == 3);
    CHECK(two->tasks.size() == 3);
  }

  TEST_CASE_FIXTURE(PoolFixture, "a page that nobody serves lets the others pass") {
    auto parser = Join(10, {"r", "s"});
    Offer(1, "unserved");
    Offer(2, "s");
    Offer(3, "unserved");
    Offer(4, "r");
    pool->Dispatch();
    CHECK(parser->Tasks() == "2/1 4/1");

    auto other = Join(10, {"unserved"});
    pool->Dispatch();
    CHECK(other->Tasks() == "1/1 3/1");
  }

  TEST_CASE_FIXTURE(PoolFixture, "a page is waiting, leased, awaiting_ack, then forgotten") {
    auto parser = Join(1);
    Offer(1, "r", "12345");
    Offer(2, "r", "123");
    CHECK(Counts() == "2 0 0");
    CHECK(pool->StateOf(1) == PageState::kWaiting);
    CHECK(pool->held_bytes() == 8);
    pool->Dispatch();
    CHECK(Counts() == "1 1 0");
    CHECK(pool->StateOf(1) == PageState::kLeased);
    parser->Tasks();
    parser->Grant(1, {1});
    CHECK(Counts() == "1 0 1");
    CHECK(pool->StateOf(1) == PageState::kAwaitingAck);
    CHECK(pool->Parsers()[0].parsed == 1);
    pool->Forget(1);
    CHECK(pool->StateOf(1) == PageState::kNone);
    CHECK(Counts() == "1 0 0");
    CHECK(pool->held_bytes() == 3);
    CHECK(pool->HeldIds() == std::vector<TaskId>{2});
  }

  TEST_CASE_FIXTURE(PoolFixture, "a page may be forgotten in any state, and twice") {
    auto parser = Join(1);
    OfferAndDispatch(1, 3);
    pool->Forget(1);  // Leased: acknowledged before its parser said so.
    pool->Forget(2);  // Waiting.
    pool->Forget(2);
    pool->Forget(99);
    CHECK(Counts() == "1 0 0");
    CHECK(pool->held_bytes() == 4);
    parser->Grant(3, {1, 2, 99});
    CHECK(Counts() == "1 0 0");
    pool->Dispatch();
    CHECK(parser->Tasks() == "1/1 3/1");
  }

  TEST_CASE_FIXTURE(PoolFixture, "what a page took is told, even if it is committed by then") {
    auto parser = Join(3);
    OfferAndDispatch(1, 2);
    parser->Tasks();
    parser->Grant(3, {1});
    pool->Forget(2);
    parser->Grant(3, {2});
    CHECK(parsed == std::vector<std::string>{"http://h/1 100", "http://h/2 200"});
    CHECK(pool->Parsers()[0].parsed == 2);
    CHECK(pool->Parsers()[0].last_url == "http://h/2");
  }

  TEST_CASE_FIXTURE(PoolFixture, "a page offered twice is held once") {
    auto parser = Join(10);
    Offer(1);
    Offer(1);
    CHECK(pool->held_bytes() == 4);
    pool->Dispatch();
    Offer(1);
    pool->Dispatch();
    CHECK(parser->Tasks() == "1/1");
  }

  TEST_CASE_FIXTURE(PoolFixture, "who asks for a recipe gets its text") {
    auto parser = Join(0);
    parser->recipes.clear();
    parser->Need(HashBytes("unknown").View());
    parser->Need("no hash");
    parser->Barrier();
    REQUIRE(parser->recipes.size() == 1);  // The barrier's own.
    CHECK(parser->recipes[0].first.recipe().hash() == HashBytes("the recipe").View());
    CHECK(parser->recipes[0].second == recipe_text);
    CHECK(parser->recipes[0].first.recipe().set().empty());
  }

  TEST_CASE_FIXTURE(PoolFixture, "and what goes over it") {
    recipe_sets = {"fetch.respect_nofollow=true"};
    auto parser = Join(0);
    parser->recipes.clear();
    parser->Barrier();
    REQUIRE(parser->recipes.size() == 1);
    REQUIRE(parser->recipes[0].first.recipe().set_size() == 1);
    CHECK(parser->recipes[0].first.recipe().set(0) == "fetch.respect_nofollow=true");
  }

  TEST_CASE_FIXTURE(PoolFixture, "RETRY lets go of a page and tells when to ask again") {
    auto parser = Join(2);
    OfferAndDispatch(1, 2);
    parser->Retry(1, "OVER_QUERY_LIMIT", 1500);
    CHECK(retries == std::vector<std::string>{"1 OVER_QUERY_LIMIT 1500"});
    CHECK(pool->HeldIds() == std::vector<TaskId>{2});
    CHECK(Counts() == "0 1 0");
  }

  TEST_CASE_FIXTURE(PoolFixture, "RETRY is heard only from the parser that has the page") {
    auto one = Join(1);
    OfferAndDispatch(1, 1);
    auto two = Join(1);
    two->Retry(1, "not mine", 0);
    two->Retry(99, "nobody's", 0);
    one->Grant(1, {1});
    one->Retry(1, "parsed already", 0);
    CHECK(retries.empty());
    CHECK(Counts() == "0 0 1");
  }

  TEST_CASE_FIXTURE(PoolFixture, "RETRY of an attempt that is over is not heard") {
    auto parser = Join(9);
    OfferAndDispatch(1, 1);
    parser->Grant(9, {1});
    pool->ResultsLost();
    pool->Dispatch();
    CHECK(parser->Tasks() == "1/1 1/2");
    parser->Retry(1, "stale", 0, 1);
    CHECK(retries.empty());
    parser->Retry(1, "later", 7, 2);
    CHECK(retries == std::vector<std::string>{"1 later 7"});
  }

  TEST_CASE_FIXTURE(PoolFixture, "CREDIT moves only the pages of its own parser") {
    auto one = Join(1);
    OfferAndDispatch(1, 1);
    auto two = Join(1);
    two->Grant(1, {1});
    CHECK(Counts() == "0 1 0");
    CHECK(one->Tasks() == "1/1");
  }

  TEST_CASE("an endpoint that cannot be bound is told") {
    thresh::test::TestLoop loop;
    zmq::context_t context;
    for (const char* endpoint : {"ipc:///nowhere/at/all", "http://x/", ""}) {
      const auto made =
          ParserPool::Create(loop, context, {.endpoint = endpoint}, thresh::NewPeerId(), {});
      REQUIRE_FALSE(made.ok());
      CHECK(made.error().code == thresh::Errc::kInvalid);
    }
  }
}
