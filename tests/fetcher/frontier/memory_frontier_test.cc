#include "fetcher/frontier/memory_frontier.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

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

// `a/1` is the URL http://a/1 of host a.
TaskSeed Seed(const std::string& name) {
  return {.url = "http://" + name, .host = name.substr(0, name.find('/')), .recipe = "r"};
}
TaskSeed Seed(const std::string& name, std::int64_t priority) {
  TaskSeed seed = Seed(name);
  seed.priority = priority;
  return seed;
}

struct FrontierFixture {
  Published Publish(TaskSeed seed) {
    std::vector<TaskSeed> seeds;
    seeds.push_back(std::move(seed));
    return Publish(std::move(seeds)).at(0);
  }
  std::vector<Published> Publish(std::vector<TaskSeed> seeds) {
    std::vector<Published> answers;
    frontier.Publish(std::move(seeds), [&](const auto& given) { answers = given; });
    return answers;
  }

  std::optional<Task> LeaseTask() {
    return frontier.Lease(now, now + 60s, [this](const Task& head) {
      asked.push_back(head.seed.host);
      return refuse.contains(head.seed.host) ? refuse.at(head.seed.host) : HostVerdict{};
    });
  }
  // The URL after `http://`, or "none".
  std::string Lease() {
    const auto task = LeaseTask();
    return task ? task->seed.url.substr(7) : "none";
  }

  // How many children were told of; -1 if `done` was not called.
  int Complete(TaskId id, std::vector<TaskSeed> children = {}) {
    int told = -1;
    frontier.Complete(id, TaskEnd::kDone, std::move(children),
                      [&](const auto& given) { told = static_cast<int>(given.size()); });
    return told;
  }

  MemoryFrontier frontier;
  SteadyTime now{1000s};
  std::unordered_map<std::string, HostVerdict> refuse;
  std::vector<std::string> asked;
};

}  // namespace

TEST_SUITE("MemoryFrontier") {
  TEST_CASE_FIXTURE(FrontierFixture, "ids count up from 1 and answers keep the seeds' order") {
    CHECK(frontier.next_id() == 1);
    const auto answers = Publish({Seed("a/1"), Seed("a/2"), Seed("a/1"), Seed("b/1")});

    REQUIRE(answers.size() == 4);
    CHECK(answers[0].id == 1);
    CHECK(answers[1].id == 2);
    CHECK(answers[2].duplicate);
    CHECK(answers[2].id == 0);
    CHECK(answers[3].id == 3);
    CHECK(frontier.next_id() == 4);
    CHECK(frontier.queued() == 3);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "a URL is taken once, even after it has ended") {
    Publish(Seed("a/1"));
    Lease();
    Complete(1);

    CHECK(Publish(Seed("a/1")).duplicate);
    CHECK(Lease() == "none");
  }

  TEST_CASE_FIXTURE(FrontierFixture, "the same URL for another recipe is another task") {
    TaskSeed other = Seed("a/1");
    other.recipe = std::string("s");
    CHECK_FALSE(Publish({Seed("a/1"), other}).at(1).duplicate);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "dont_filter passes the filter and leaves no mark in it") {
    TaskSeed again = Seed("a/1");
    again.dont_filter = true;
    CHECK_FALSE(Publish(again).duplicate);
    CHECK_FALSE(Publish(again).duplicate);
    CHECK_FALSE(Publish(Seed("a/1")).duplicate);
    CHECK_FALSE(Publish(again).duplicate);
    CHECK(frontier.queued() == 4);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "within a host priority goes first, then age") {
    Publish({Seed("a/old"), Seed("a/low", -5), Seed("a/high", 7), Seed("a/new")});
    CHECK(Lease() == "a/high");
    CHECK(Lease() == "a/old");
    CHECK(Lease() == "a/new");
    CHECK(Lease() == "a/low");
    CHECK(Lease() == "none");
  }

  TEST_CASE_FIXTURE(FrontierFixture, "the lowest priority of all goes last") {
    Publish({Seed("a/last", std::numeric_limits<std::int64_t>::min()), Seed("a/first", -1),
             Seed("a/very-first", std::numeric_limits<std::int64_t>::max())});
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
    CHECK(frontier.queued() == 0);
    CHECK(frontier.leased() == 1);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "a refused host stands aside for the others") {
    Publish({Seed("a/1"), Seed("b/1"), Seed("b/2")});
    refuse["a"] = {.may_start = false};
    CHECK(Lease() == "b/1");
    CHECK(Lease() == "b/2");
    CHECK(Lease() == "none");
    CHECK(frontier.queued() == 1);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "a refused host is asked again at its time, not before") {
    Publish(Seed("a/1"));
    refuse["a"] = {.may_start = false, .ask_again = now + 10s};
    CHECK(Lease() == "none");
    CHECK(frontier.NextDue() == now + 10s);
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
    CHECK(frontier.NextDue() == SteadyTime::max());
    refuse.clear();

    now += 1000h;
    CHECK(Lease() == "none");
    frontier.Wake("a");
    CHECK(frontier.NextDue() <= now);
    CHECK(Lease() == "a/1");
  }

  TEST_CASE_FIXTURE(FrontierFixture, "waking hosts twice, or ones unknown, changes no turn") {
    Publish({Seed("a/1"), Seed("a/2"), Seed("b/1")});
    for (const char* host : {"a", "a", "nowhere", "b", "a"}) frontier.Wake(host);
    CHECK(Lease() == "a/1");
    CHECK(Lease() == "b/1");
    CHECK(Lease() == "a/2");
    CHECK(Lease() == "none");
    frontier.Wake("a");
    CHECK(Lease() == "none");
  }

  TEST_CASE_FIXTURE(FrontierFixture, "an empty frontier waits for nothing") {
    CHECK(Lease() == "none");
    CHECK(frontier.NextDue() == SteadyTime::max());
    CHECK(frontier.low() == 1);
  }
}
