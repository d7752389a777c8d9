// What a frontier hands out, and in which order.

#include <limits>

#include "tests/fetcher/frontier/frontier_fixture.h"

using namespace thresh;
using namespace thresh::test;

TEST_SUITE("RocksFrontier") {
  TEST_CASE_FIXTURE(FrontierFixture, "ids count up from 1 and answers keep the seeds' order") {
    CHECK(frontier->next_id() == 1);
    const auto answers = Publish({Seed("a/1"), Seed("a/2"), Seed("a/1"), Seed("b/1")});

    REQUIRE(answers.size() == 4);
    CHECK(answers[0].id == 1);
    CHECK(answers[1].id == 2);
    CHECK(answers[2].duplicate);
    CHECK(answers[2].id == 0);
    CHECK(answers[3].id == 3);
    CHECK(frontier->next_id() == 4);
    CHECK(queued() == 3);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "a URL is taken once, even after it has ended") {
    Publish(Seed("a/1"));
    Lease();
    Complete(1, "a/1");

    CHECK(Publish(Seed("a/1")).duplicate);
    CHECK(Lease() == "none");
  }

  TEST_CASE_FIXTURE(FrontierFixture, "a URL in two publications of one batch is taken once") {
    std::vector<Published> first, second;
    frontier->Publish({Seed("a/1")}, [&](const auto& given) { first = given; });
    frontier->Publish({Seed("a/1"), Seed("a/2")}, [&](const auto& given) { second = given; });
    Settle();

    CHECK(first.at(0).id == 1);
    CHECK(second.at(0).duplicate);
    CHECK(second.at(1).id == 2);
    CHECK(frontier->ledger().fed == 2);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "the same URL for another recipe is another task") {
    TaskSeed other = Seed("a/1");
    other.recipe = std::string("s");
    other.recipe_hash = HashBytes("s");
    CHECK_FALSE(Publish({Seed("a/1"), other}).at(1).duplicate);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "dont_filter passes the filter and leaves no mark in it") {
    TaskSeed again = Seed("a/1");
    again.dont_filter = true;
    CHECK_FALSE(Publish(again).duplicate);
    CHECK_FALSE(Publish(again).duplicate);
    CHECK_FALSE(Publish(Seed("a/1")).duplicate);
    CHECK_FALSE(Publish(again).duplicate);
    CHECK(queued() == 4);
    CHECK(Why("a/1") == "4:queued: 3:queued: 2:queued: 1:queued: ");
  }

  TEST_CASE_FIXTURE(FrontierFixture, "within a host priority goes first, then age") {
    Publish({Seed("a/old"), Seed("a/low", -5), Seed("a/high", 7), Seed("a/new")});
    CHECK(Lease() == "a/high");
    CHECK(Lease() == "a/old");
    CHECK(Lease() == "a/new");
    CHECK(Lease() == "a/low");
    CHECK(Lease() == "none");
  }

  TEST_CASE_FIXTURE(FrontierFixture, "the lowest priority of all goes last, read from disk too") {
    Publish({Seed("a/last", std::numeric_limits<std::int64_t>::min()), Seed("a/first", -1),
             Seed("a/very-first", std::numeric_limits<std::int64_t>::max())});
    Reopen();
    CHECK(Lease() == "a/very-first");
    CHECK(Lease() == "a/first");
    CHECK(Lease() == "a/last");
  }

  TEST_CASE_FIXTURE(FrontierFixture, "hosts take turns, however long the queue of one is") {
    Publish({Seed("a/1"), Seed("a/2"), Seed("a/3"), Seed("b/1"), Seed("c/1"), Seed("c/2")});
    std::string order;
    for (int i = 0; i < 6; ++i) order += Lease() + " ";
    CHECK(order == "a/1 b/1 c/1 a/2 c/2 a/3 ");
  }

  TEST_CASE_FIXTURE(FrontierFixture, "a lease counts as an attempt and leaves the queue") {
    Publish(Seed("a/1"));
    const auto task = LeaseTask();

    REQUIRE(task);
    CHECK(task->id == 1);
    CHECK(task->attempts == 1);
    CHECK(task->seed.root_id == 1);
    CHECK(queued() == 0);
    CHECK(frontier->leased() == 1);
    CHECK(Why("a/1") == "1:leased: ");
  }

  TEST_CASE_FIXTURE(FrontierFixture, "a refused host stands aside for the others") {
    Publish({Seed("a/1"), Seed("b/1"), Seed("b/2")});
    refuse["a"] = {.may_start = false};
    CHECK(Lease() == "b/1");
    CHECK(Lease() == "b/2");
    CHECK(Lease() == "none");
    CHECK(queued() == 1);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "a refused host is asked again at its time, not before") {
    Publish(Seed("a/1"));
    refuse["a"] = {.may_start = false, .ask_again = now + 10s};
    CHECK(Lease() == "none");
    CHECK(frontier->NextDue() == now + 10s);
    refuse.clear();

    now += 9999ms;
    CHECK(Lease() == "none");
    CHECK(asked.size() == 1);
    now += 1ms;
    CHECK(Lease() == "a/1");
  }

  TEST_CASE_FIXTURE(FrontierFixture, "without a time only Wake() makes a host be asked again") {
    Publish(Seed("a/1"));
    refuse["a"] = {.may_start = false};
    CHECK(Lease() == "none");
    CHECK(frontier->NextDue() == SteadyTime::max());
    refuse.clear();

    now += 1000h;
    CHECK(Lease() == "none");
    frontier->Wake("a");
    CHECK(frontier->NextDue() <= now);
    CHECK(Lease() == "a/1");
  }

  TEST_CASE_FIXTURE(FrontierFixture, "all that wait can be woken: what they wait for has changed") {
    Publish({Seed("a/1"), Seed("b/1")});
    refuse["a"] = {.may_start = false, .ask_again = now + 1h};
    refuse["b"] = {.may_start = false, .ask_again = now + 2h};
    CHECK(Lease() == "none");
    refuse.clear();
    CHECK(Lease() == "none");
    frontier->WakeAll();
    CHECK(Lease() == "a/1");
    CHECK(Lease() == "b/1");
  }

  TEST_CASE_FIXTURE(FrontierFixture, "waking hosts twice, or ones unknown, changes no turn") {
    Publish({Seed("a/1"), Seed("a/2"), Seed("b/1")});
    for (const char* host : {"a", "a", "nowhere", "b", "a"}) frontier->Wake(host);
    CHECK(Lease() == "a/1");
    CHECK(Lease() == "b/1");
    CHECK(Lease() == "a/2");
    CHECK(Lease() == "none");
    frontier->Wake("a");
    CHECK(Lease() == "none");
  }

  TEST_CASE_FIXTURE(FrontierFixture, "an empty frontier waits for nothing") {
    CHECK(Lease() == "none");
    CHECK(frontier->NextDue() == SteadyTime::max());
    CHECK(frontier->low() == 1);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "new tasks are told of by on_ready, and not before") {
    frontier->Publish({Seed("a/1")}, nullptr);
    CHECK(ready == 0);
    CHECK_FALSE(frontier->Lease(now, now + 30s, [](const Task&) { return HostVerdict{}; }));
    Settle();
    CHECK(ready == 1);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "that nothing is left is told at once") {
    Publish({Seed("a/1"), Seed("a/2")});
    LeaseTask();
    LeaseTask();
    Complete(1, "a/1");
    Complete(2, "a/2");
    REQUIRE(jobs.size() == 2);
    for (const JobReport& job : jobs) frontier->CompleteJob(job.id);
    ready = 0;
    Settle();
    CHECK(frontier->open_jobs() == 0);
    CHECK(ready > 0);
  }

  TEST_CASE_FIXTURE(FrontierFixture,
                    "a held host is not asked before its time, nor after a start") {
    Publish({Seed("a/1"), Seed("b/1")});
    frontier->HoldHost("a", now + 60s);
    CHECK(Lease() == "b/1");
    CHECK(Lease() == "none");
    CHECK(asked == std::vector<std::string>{"b"});

    wall_ms += 20'000;
    Reopen();
    CHECK(Lease() == "b/1");
    now += 39'999ms;
    CHECK(Lease() == "b/1");  // Its lease has run out.
    CHECK(Lease() == "none");
    now += 1ms;
    CHECK(Lease() == "a/1");
  }
}
