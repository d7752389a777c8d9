// What is in memory is bounded, whatever waits on disk; and all of it comes, once, in order.

#include <algorithm>
#include <set>

#include "tests/fetcher/frontier/frontier_fixture.h"

using namespace thresh;
using namespace thresh::test;

namespace {

struct SmallWindows : FrontierFixture {
  SmallWindows() {
    bounds.window_hosts = 8;
    bounds.window_tasks = 64;
    bounds.window_bytes = 1 << 20;
    Reopen();
  }
  void Backlog(int hosts, int tasks_each) {
    std::vector<TaskSeed> seeds;
    for (int task = 0; task < tasks_each; ++task) {
      for (int host = 0; host < hosts; ++host) {
        seeds.push_back(Seed("h" + std::to_string(host) + "/" + std::to_string(task)));
      }
    }
    Publish(std::move(seeds));
  }
  // Leases and completes until there is none; the ids in order.
  std::vector<TaskId> Drain() {
    std::vector<TaskId> ids;
    while (const auto task = LeaseTask()) {
      ids.push_back(task->id);
      most_loaded = std::max(most_loaded, frontier->loaded_tasks());
      frontier->Complete(KeyOf(*task), {.attempts = 1}, {}, nullptr);
    }
    return ids;
  }
  std::size_t most_loaded = 0;
};

bool AllOnce(std::vector<TaskId> ids, TaskId count) {
  std::sort(ids.begin(), ids.end());
  for (TaskId id = 1; id <= count; ++id) {
    if (ids.size() < id || ids[id - 1] != id) return false;
  }
  return ids.size() == count;
}

}  // namespace

TEST_SUITE("RocksFrontier: windows") {
  TEST_CASE_FIXTURE(SmallWindows, "a backlog of many hosts comes through a small window") {
    Backlog(200, 3);
    CHECK(frontier->loaded_tasks() <= 80);
    SUBCASE("at once") {}
    SUBCASE("after a start") {
      Reopen();
    }
    CHECK(AllOnce(Drain(), 600));
    CHECK(most_loaded <= 120);
    CHECK(frontier->ledger().done == 600);
  }

  TEST_CASE_FIXTURE(SmallWindows, "a backlog of one host comes in order") {
    Backlog(1, 500);
    CHECK(frontier->loaded_tasks() <= 80);
    const auto ids = Drain();
    CHECK(AllOnce(ids, 500));
    CHECK(std::is_sorted(ids.begin(), ids.end()));
  }

  TEST_CASE_FIXTURE(SmallWindows, "a task of high priority goes into a full window") {
    Backlog(1, 500);
    const TaskId urgent = Publish(Seed("h0/urgent", 5)).id;
    CHECK(LeaseTask()->id == urgent);
    CHECK(LeaseTask()->id == 1);
  }

  TEST_CASE_FIXTURE(SmallWindows, "large tasks fill a window by their bytes") {
    std::vector<TaskSeed> seeds;
    for (int i = 0; i < 100; ++i) {
      TaskSeed seed = Seed("h" + std::to_string(i % 20) + "/" + std::to_string(i));
      seed.root = MakeRoot(seed.url, std::string(100'000, 'm'));
      seeds.push_back(std::move(seed));
    }
    Publish(std::move(seeds));
    CHECK(frontier->loaded_tasks() <= 20);
    CHECK(AllOnce(Drain(), 100));
  }

  TEST_CASE_FIXTURE(SmallWindows, "hosts that have to wait make room for those that need not") {
    Backlog(100, 1);
    for (int host = 0; host < 100; ++host) {
      if (host == 57) continue;
      refuse["h" + std::to_string(host)] = {.may_start = false, .ask_again = now + 1h};
    }
    std::string got = "none";
    for (int turn = 0; turn < 200 && got == "none"; ++turn) got = Lease();
    CHECK(got == "h57/0");
    CHECK(frontier->loaded_tasks() <= 80);
    CHECK(Lease() == "none");
    // And they come when their time has come.
    CHECK(frontier->NextDue() <= now + 1h);
    now += 1h;
    refuse.clear();
    frontier->Extend(58, now + 1h);
    CHECK(Drain().size() == 99);
  }

  TEST_CASE_FIXTURE(SmallWindows, "tasks given back are bounded in memory, too") {
    Backlog(1, 300);
    for (int i = 0; i < 300; ++i) {
      const auto task = LeaseTask();
      REQUIRE(task);
      Release(task->id, now + std::chrono::seconds(1000 - i));
    }
    CHECK(frontier->begun() == 300);
    CHECK(frontier->loaded_tasks() <= 80);
    SUBCASE("at once") {}
    SUBCASE("after a start") {
      Reopen();
    }
    now += 1000s;
    wall_ms += 1'000'000;
    CHECK(AllOnce(Drain(), 300));
    CHECK(frontier->begun() == 0);
  }

  TEST_CASE_FIXTURE(SmallWindows, "a task under way is not read again from the disk") {
    Backlog(30, 4);
    std::set<TaskId> ids;
    while (const auto task = LeaseTask()) CHECK(ids.insert(task->id).second);
    CHECK(ids.size() == 120);
    CHECK(frontier->leased() == 120);
  }
}
