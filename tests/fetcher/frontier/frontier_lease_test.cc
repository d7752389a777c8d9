// The life of a lease in MemoryFrontier: prolonged, given back, run out, completed.

#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "fetcher/frontier/memory_frontier.h"

using namespace std::chrono_literals;
using thresh::HostVerdict;
using thresh::MemoryFrontier;
using thresh::Published;
using thresh::SteadyTime;
using thresh::Task;
using thresh::TaskEnd;
using thresh::TaskId;
using thresh::TaskSeed;

namespace {

TaskSeed Seed(const std::string& url) {
  return {.url = url, .host = "h", .recipe = "r"};
}

struct LeaseFixture {
  void Publish(const std::vector<std::string>& urls) {
    std::vector<TaskSeed> seeds;
    for (const std::string& url : urls) seeds.push_back(Seed(url));
    frontier.Publish(std::move(seeds), [](const auto&) {});
  }
  // The id and attempt of the task leased until 30 s from now, as `3:1`; or "none".
  std::string Lease() {
    const auto task = frontier.Lease(
        now, now + 30s, [this](const Task&) { return HostVerdict{.may_start = host_is_open}; });
    return task ? std::to_string(task->id) + ":" + std::to_string(task->attempts) : "none";
  }
  // The ids of the children, `dup` for duplicates; "ignored" if nothing was told.
  std::string Complete(TaskId id, const std::vector<std::string>& urls = {}) {
    std::vector<TaskSeed> seeds;
    for (const std::string& url : urls) seeds.push_back(Seed(url));
    std::string told = "ignored";
    frontier.Complete(id, TaskEnd::kDone, std::move(seeds), [&](const auto& children) {
      told.clear();
      for (const Published& c : children) told += c.duplicate ? "dup " : std::to_string(c.id) + " ";
    });
    return told;
  }

  MemoryFrontier frontier;
  SteadyTime now{1000s};
  bool host_is_open = true;
};

}  // namespace

TEST_SUITE("MemoryFrontier: leases") {
  TEST_CASE_FIXTURE(LeaseFixture, "a task given back is offered again when due, attempt counted") {
    Publish({"u"});
    CHECK(Lease() == "1:1");
    frontier.Release(1, now + 5s);
    CHECK(frontier.queued() == 1);
    CHECK(frontier.leased() == 0);
    CHECK(Lease() == "none");
    CHECK(frontier.NextDue() == now + 5s);

    now += 4999ms;
    CHECK(Lease() == "none");
    now += 1ms;
    CHECK(Lease() == "1:2");
    CHECK(frontier.queued() == 0);
  }

  TEST_CASE_FIXTURE(LeaseFixture, "what is not leased cannot be given back") {
    Publish({"u"});
    frontier.Release(1, now + 5s);
    frontier.Release(99, now);
    CHECK(frontier.queued() == 1);
    CHECK(Lease() == "1:1");
  }

  TEST_CASE_FIXTURE(LeaseFixture, "a lease that has run out is offered again at once") {
    Publish({"u"});
    CHECK(Lease() == "1:1");
    CHECK(Lease() == "none");
    CHECK(frontier.NextDue() == now + 30s);

    now += 29'999ms;
    CHECK(Lease() == "none");
    now += 1ms;
    CHECK(Lease() == "1:2");
    CHECK(frontier.leased() == 1);
    CHECK(frontier.queued() == 0);
  }

  TEST_CASE_FIXTURE(LeaseFixture, "an extended lease runs out at its new time only") {
    Publish({"u"});
    CHECK(Lease() == "1:1");
    frontier.Extend(1, now + 90s);
    CHECK(Lease() == "none");
    CHECK(frontier.NextDue() == now + 90s);

    now += 60s;
    CHECK(Lease() == "none");
    CHECK(frontier.leased() == 1);
    now += 30s;
    CHECK(Lease() == "1:2");
  }

  TEST_CASE_FIXTURE(LeaseFixture, "extending what is not leased is nothing") {
    Publish({"u"});
    frontier.Extend(1, now + 1h);
    frontier.Extend(7, now + 1h);
    CHECK(Lease() == "1:1");
    Complete(1);
    frontier.Extend(1, now + 1h);
    CHECK(Lease() == "none");
    CHECK(frontier.NextDue() == SteadyTime::max());
  }

  TEST_CASE_FIXTURE(LeaseFixture, "completing publishes the children, duplicates marked") {
    Publish({"u"});
    Lease();
    CHECK(Complete(1, {"v", "u", "w", "v"}) == "2 dup 3 dup ");
    CHECK(Lease() == "2:1");
    CHECK(Lease() == "3:1");
    CHECK(Lease() == "none");
  }

  TEST_CASE_FIXTURE(LeaseFixture, "the second completion does nothing, its children neither") {
    Publish({"u"});
    Lease();
    CHECK(Complete(1).empty());
    CHECK(Complete(1, {"v"}) == "ignored");
    CHECK(Complete(42, {"v"}) == "ignored");
    CHECK(frontier.queued() == 0);
    CHECK(frontier.next_id() == 2);
  }

  TEST_CASE_FIXTURE(LeaseFixture, "a task that ended while queued is not offered") {
    Publish({"u", "v", "w"});
    CHECK(Complete(1).empty());
    CHECK(frontier.queued() == 2);
    CHECK(Lease() == "2:1");
    CHECK(Complete(3).empty());
    CHECK(Lease() == "none");
    CHECK(frontier.queued() == 0);
  }

  TEST_CASE_FIXTURE(LeaseFixture, "a task that ended after it was given back is not offered") {
    Publish({"u"});
    Lease();
    frontier.Release(1, now + 1s);
    CHECK(Complete(1).empty());
    CHECK(frontier.queued() == 0);

    now += 2s;
    CHECK(Lease() == "none");
    CHECK(frontier.queued() == 0);
    CHECK(frontier.NextDue() == SteadyTime::max());
  }

  TEST_CASE_FIXTURE(LeaseFixture, "low() is the oldest task that has not ended") {
    Publish({"u", "v", "w"});
    CHECK(frontier.low() == 1);
    Complete(2);
    CHECK(frontier.low() == 1);
    Complete(1);
    CHECK(frontier.low() == 3);
    Complete(3, {"x"});
    CHECK(frontier.low() == 4);
    Complete(4);
    CHECK(frontier.low() == frontier.next_id());
  }

  TEST_CASE_FIXTURE(LeaseFixture, "a seed with a drop reason has an id, a mark and no life") {
    TaskSeed dropped = Seed("u");
    dropped.drop_reason = "offsite";
    std::vector<Published> answers;
    frontier.Publish({dropped, Seed("u")}, [&](const auto& given) { answers = given; });

    CHECK(answers.at(0).id == 1);
    CHECK(answers.at(1).duplicate);
    CHECK(frontier.low() == 2);
    CHECK(frontier.queued() == 0);
    CHECK(Lease() == "none");
    CHECK(Complete(1) == "ignored");
  }

  TEST_CASE_FIXTURE(LeaseFixture, "DropNew() ends what was never asked for, and only that") {
    Publish({"leased", "delayed", "due", "ended", "new"});
    for (int i = 0; i < 3; ++i) Lease();
    frontier.Release(2, now + 1h);
    frontier.Release(3, now);
    host_is_open = false;
    CHECK(Lease() == "none");  // Moves what is due into the queue.
    Complete(4);
    Publish({"newer"});

    CHECK(frontier.DropNew() == 2);
    CHECK(frontier.DropNew() == 0);
    CHECK(frontier.queued() == 2);
    CHECK(frontier.low() == 1);
    host_is_open = true;
    frontier.Wake("h");
    CHECK(Lease() == "3:2");
    CHECK(Lease() == "none");
  }
}
