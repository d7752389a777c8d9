// ParserPool: a page that another parser has taken is dropped by the one that kept it waiting.

#include <chrono>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "parser/large_body.h"
#include "tests/fetcher/dispatch/pool_fixture.h"

using std::chrono::milliseconds;
using std::chrono::seconds;
using thresh::PageState;
using thresh::test::FakeParser;
using thresh::test::PoolFixture;

namespace {

struct TakenFixture : PoolFixture {
  std::unique_ptr<FakeParser> heavy, light;

  /// Page 1 is at work at `heavy`, 2 waited there and is at `light`.
  void Overtake() {
    heavy = Join(2);
    OfferAndDispatch(1, 2);
    light = Join(9);
    Pass(milliseconds(200));
    pool->Dispatch();
    REQUIRE(light->Tasks() == "2/2");
  }
};

}  // namespace

TEST_SUITE("ParserPool: taken") {
  TEST_CASE_FIXTURE(TakenFixture, "who keeps a page waiting is told when it is taken, once") {
    Overtake();
    CHECK(heavy->Taken() == "2/1");
    Pass(milliseconds(400));
    pool->Dispatch();
    light->Grant(9, {2});
    CHECK(heavy->Taken() == "2/1");
    CHECK(light->Taken().empty());
  }

  TEST_CASE_FIXTURE(TakenFixture, "a page that is dropped counts as had back, and not as parsed") {
    Overtake();
    heavy->Drop(3, {2});
    CHECK(Counts() == "0 2 0");
    CHECK(pool->Parsers()[0].parsed + pool->Parsers()[1].parsed == 0);
    CHECK(parsed.empty());
    light->Grant(2, {2});
    CHECK(Counts() == "0 1 1");
    CHECK(parsed.size() == 1);
    pool->Forget(2);
    Lose(light);
    OfferAndDispatch(3, 4);
    CHECK(heavy->Tasks() == "1/1 2/1 3/1");  // It has granted three.
  }

  TEST_CASE_FIXTURE(TakenFixture, "who does not know of it may parse the page all the same") {
    Overtake();
    heavy->Grant(4, {1, 2});
    CHECK(Counts() == "0 0 2");
    CHECK(light->Taken() == "2/2");  // So the other need not begin it.
    light->Drop(9, {2});
    CHECK(Counts() == "0 0 2");
    pool->Forget(2);
    CHECK(Counts() == "0 0 1");
  }

  TEST_CASE_FIXTURE(TakenFixture, "a page whose taker is lost is not: it goes out when dropped") {
    Overtake();
    Lose(light);
    CHECK(Counts() == "0 2 0");  // It may be at work there.
    heavy->Drop(3, {2});
    CHECK(Counts() == "1 1 0");
    heavy->Grant(4, {1});
    auto other = Join(1);
    pool->Dispatch();
    CHECK(Counts() == "0 1 1");
  }

  TEST_CASE_FIXTURE(TakenFixture, "a page that was dropped, and whose taker is lost, goes out") {
    Overtake();
    heavy->Drop(2, {2});
    Lose(light);
    CHECK(Counts() == "1 1 0");
    auto other = Join(1);
    pool->Dispatch();
    CHECK(other->Tasks() == "2/3");
  }

  TEST_CASE_FIXTURE(TakenFixture, "a lost CREDIT of what was dropped is made up for by a HELLO") {
    Overtake();
    heavy->Grant(2, {1});
    Lose(light);
    heavy->SayIdle(2, 2);
    CHECK(Counts() == "1 0 1");  // Nobody has it. Were it parsed, the sink would know.
  }

  TEST_CASE_FIXTURE(TakenFixture, "of a lease that ran out the rest is dropped; that is no life") {
    auto stuck = Join(9);
    OfferAndDispatch(1, 2);
    Pass(seconds(15));
    CHECK(stuck->Taken() == "1/1 2/1");
    stuck->Drop(9, {2});
    CHECK(Counts() == "2 0 0");
    OfferAndDispatch(3, 3);
    CHECK(stuck->Tasks() == "1/1 2/1");
    stuck->Grant(9, {1});
    pool->Dispatch();
    CHECK(stuck->Tasks() == "1/1 2/1 2/2 3/1");
  }

  TEST_CASE_FIXTURE(TakenFixture, "an attempt that is dropped leaves the next one where it is") {
    auto stuck = Join(9);
    OfferAndDispatch(1, 2);
    Pass(seconds(15));
    stuck->Grant(9, {1});  // It is heard of, and gets page 2 again.
    pool->Dispatch();
    REQUIRE(stuck->Tasks() == "1/1 2/1 2/2");
    thresh::wire::Envelope credit = thresh::MakeEnvelope(stuck->self, stuck->fetcher);
    credit.mutable_credit()->set_credit_total(10);
    thresh::wire::Attempt& page = *credit.mutable_credit()->add_parsed();
    page.set_id(2);
    page.set_attempt(1);
    page.set_dropped(true);
    stuck->Say(credit);
    CHECK(Counts() == "0 1 1");
    stuck->Grant(10, {2});
    CHECK(Counts() == "0 0 2");
  }

  TEST_CASE_FIXTURE(TakenFixture, "a blocked parser that drops a page is blocked still") {
    heavy = Join(1);
    OfferAndDispatch(1, 1);
    heavy->SayBlocked(1);
    light = Join(1);
    Pass(milliseconds(200));
    pool->Dispatch();
    REQUIRE(light->Tasks() == "1/2");
    CHECK(heavy->Taken() == "1/1");
    heavy->Drop(2, {1});
    std::size_t blocked = 0;
    for (const thresh::ParserInfo& parser : pool->Parsers()) blocked += parser.blocked ? 1 : 0;
    CHECK(blocked == 1);
    CHECK(Counts() == "0 1 0");
  }

  TEST_CASE_FIXTURE(TakenFixture, "what a parser drops and never had changes nothing") {
    Overtake();
    light->Drop(9, {1, 7});
    CHECK(Counts() == "0 2 0");
    heavy->Drop(9, {2});
    heavy->Drop(9, {2});
    CHECK(Counts() == "0 2 0");
  }
}
