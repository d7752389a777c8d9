// The life of a lease: prolonged, given back, run out, completed.

#include "tests/fetcher/frontier/frontier_fixture.h"

using namespace thresh;
using namespace thresh::test;

TEST_SUITE("RocksFrontier: leases") {
  TEST_CASE_FIXTURE(FrontierFixture,
                    "a task given back is offered again when due, attempt counted") {
    Feed({"u"});
    CHECK(LeaseId() == "1:1");
    Release(1, now + 5s);
    CHECK(queued() == 1);
    CHECK(frontier->begun() == 1);
    CHECK(LeaseId() == "none");
    CHECK(frontier->NextDue() == now + 5s);
    CHECK(Why("u") == "1:retry:http_503 ");

    now += 4999ms;
    CHECK(LeaseId() == "none");
    now += 1ms;
    CHECK(LeaseId() == "1:2");
    CHECK(queued() == 0);
    CHECK(frontier->begun() == 0);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "after a start what is left of the wait is waited, no more") {
    Feed({"u", "v"});
    LeaseId();
    LeaseId();
    Release(1, now + 60s);
    Release(2, now + 10s);
    SUBCASE("time went on") {
      wall_ms += 50'000;
    }
    SUBCASE("the clock was set back by an hour") {
      wall_ms -= 3'600'000;
    }
    const auto left = wall_ms > 1'700'000'000'000 ? 10s : 60s;
    Reopen();
    CHECK(frontier->begun() == 2);

    now += left - 1ms;
    LeaseId();
    CHECK(Why("u") == "1:retry:http_503 ");
    now += 1ms;
    CHECK(LeaseId() == "1:2");
  }

  TEST_CASE_FIXTURE(FrontierFixture, "what is not leased cannot be given back") {
    Feed({"u"});
    Release(1, now + 5s);
    Release(99, now);
    CHECK(queued() == 1);
    CHECK(LeaseId() == "1:1");
  }

  TEST_CASE_FIXTURE(FrontierFixture, "a lease that has run out is offered again at once") {
    Feed({"u"});
    CHECK(LeaseId() == "1:1");
    CHECK(LeaseId() == "none");
    CHECK(frontier->NextDue() == now + 30s);

    now += 29'999ms;
    CHECK(LeaseId() == "none");
    now += 1ms;
    CHECK(LeaseId() == "1:2");
    CHECK(frontier->leased() == 1);
    CHECK(queued() == 0);
    CHECK(frontier->begun() == 0);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "an extended lease runs out at its new time only") {
    Feed({"u"});
    CHECK(LeaseId() == "1:1");
    frontier->Extend(1, now + 90s);
    CHECK(LeaseId() == "none");
    CHECK(frontier->NextDue() == now + 90s);

    now += 60s;
    CHECK(LeaseId() == "none");
    CHECK(frontier->leased() == 1);
    now += 30s;
    CHECK(LeaseId() == "1:2");
  }

  TEST_CASE_FIXTURE(FrontierFixture, "extending what is not leased is nothing") {
    Feed({"u"});
    frontier->Extend(1, now + 1h);
    frontier->Extend(7, now + 1h);
    CHECK(LeaseId() == "1:1");
    Complete(1, "u");
    frontier->Extend(1, now + 1h);
    CHECK(LeaseId() == "none");
    CHECK(frontier->NextDue() == SteadyTime::max());
  }

  TEST_CASE_FIXTURE(FrontierFixture, "completing publishes the children, duplicates marked") {
    Feed({"u"});
    LeaseId();
    CHECK(Complete(1, "u", {"v", "u", "w", "v"}) == "2 dup 3 dup ");
    CHECK(LeaseId() == "2:1");
    CHECK(LeaseId() == "3:1");
    CHECK(LeaseId() == "none");
    CHECK(closed == std::vector<TaskId>{1});
    CHECK(frontier->ledger().followed == 2);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "the second completion does nothing, but is told of") {
    Feed({"u", "v"});
    LeaseId();
    CHECK(Complete(1, "u").empty());
    closed.clear();
    const TaskId next = frontier->next_id();
    CHECK(Complete(1, "u", {"w"}) == "ignored");
    CHECK(closed == std::vector<TaskId>{1});
    CHECK(Complete(42, "v", {"w"}) == "ignored");
    CHECK(closed == std::vector<TaskId>{1});
    CHECK(frontier->next_id() == next);
    CHECK(frontier->ledger().done == 1);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "two completions in one batch: the first counts") {
    Feed({"u"});
    int told = 0;
    const auto count = [&told](const auto& children) {
      told += 1 + static_cast<int>(children.size());
    };
    frontier->Complete(Key(1, "u"), {.records = 2}, {Follow(1, "v")}, count);
    frontier->Complete(Key(1, "u"), {.records = 9}, {Follow(1, "w")}, count);
    Settle();
    CHECK(told == 2);
    CHECK(frontier->ledger().records == 2);
    CHECK(frontier->ledger().followed == 1);
    CHECK(closed == std::vector<TaskId>{1, 1});
    CHECK_FALSE(Publish(Seed("w")).duplicate);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "children that are passed over leave those after them alone") {
    Feed({"u"});
    Complete(1, "u");
    frontier->Complete(Key(1, "u"), {}, {Follow(1, "c"), Follow(1, "d")}, nullptr);
    frontier->Publish({Seed("x"), Seed("y")}, nullptr);
    Settle();
    CHECK(Publish(Seed("x")).duplicate);
    CHECK(Publish(Seed("y")).duplicate);
    CHECK_FALSE(Publish(Seed("c")).duplicate);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "a task that ended while queued is not offered") {
    Feed({"u", "v", "w"});
    CHECK(Complete(1, "u").empty());
    CHECK(queued() == 2);
    CHECK(LeaseId() == "2:1");
    CHECK(Complete(3, "w").empty());
    CHECK(LeaseId() == "none");
    CHECK(queued() == 0);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "a task that ended after it was given back is not offered") {
    Feed({"u"});
    LeaseId();
    Release(1, now + 1s);
    CHECK(Complete(1, "u").empty());
    CHECK(queued() == 0);
    CHECK(frontier->begun() == 0);

    now += 2s;
    CHECK(LeaseId() == "none");
    CHECK(frontier->NextDue() == SteadyTime::max());
    Reopen();
    CHECK(LeaseId() == "none");
  }

  TEST_CASE_FIXTURE(FrontierFixture, "after a start tasks are found and completed by their key") {
    Feed({"u", "v", "w"});
    for (int i = 0; i < 2; ++i) LeaseId();
    Release(2, now + 60s);
    Reopen();
    CHECK(frontier->begun() == 1);
    // Before anything is leased: the sink tells what it had.
    CHECK(Find(Key(1, "u")) == "u");
    CHECK(Find(Key(2, "v")) == "v");
    CHECK(Complete(1, "u", {"x"}) == "4 ");
    CHECK(Complete(2, "v") == "");
    CHECK(frontier->begun() == 0);
    closed.clear();
    CHECK(Find(Key(1, "u")) == "none");
    CHECK(closed == std::vector<TaskId>{1});
    CHECK(Find(Key(77, "u")) == "none");
    CHECK(closed == std::vector<TaskId>{1});
    CHECK(LeaseId() == "3:1");
    CHECK(LeaseId() == "4:1");
    CHECK(LeaseId() == "none");
  }

  TEST_CASE_FIXTURE(FrontierFixture, "low() is the oldest id whose end is not durable") {
    Feed({"u", "v", "w"});
    CHECK(frontier->low() == 1);
    Complete(2, "v");  // Job 4 ends with it.
    CHECK(frontier->low() == 1);
    Complete(1, "u");  // And job 5.
    CHECK(frontier->low() == 3);
    Complete(3, "w", {"x"});
    CHECK(frontier->low() == 4);
    CHECK(frontier->next_id() == 7);
    for (const JobReport& job : std::vector(jobs)) frontier->CompleteJob(job.id);
    Settle();
    CHECK(frontier->low() == 6);
    Reopen();
    CHECK(frontier->low() == 6);
    CHECK(frontier->next_id() == 7);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "a seed with a drop reason has an id, a mark and no life") {
    TaskSeed dropped = Seed("u");
    dropped.drop_reason = "offsite";
    const auto answers = Publish({dropped, Seed("u")});

    CHECK(answers.at(0).id == 1);
    CHECK(answers.at(1).duplicate);
    CHECK(queued() == 0);
    CHECK(LeaseId() == "none");
    CHECK(closed == std::vector<TaskId>{1});
    CHECK(frontier->ledger().dropped == std::map<std::string, std::uint64_t>{{"offsite", 1}});
    CHECK(Complete(1, "u") == "ignored");
    CHECK(Why("u") == "1:dropped:offsite ");
  }
}
