// What is in memory is bounded, whatever waits on disk; and all of it comes, once, in order.

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "fetcher/frontier/check_frontier.h"
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

// Nothing is waited for: loads, releases and completions overlap.
struct BusyWindows : SmallWindows {
  std::uint64_t Pick(std::uint64_t below) {
    return std::uniform_int_distribution<std::uint64_t>(0, below - 1)(random);
  }
  void PublishSome() {
    std::vector<TaskSeed> seeds;
    for (auto left = Pick(12); left > 0; --left) {
      const std::string host = "h" + std::to_string(Pick(12) * Pick(2));
      seeds.push_back(Seed(host + "/" + std::to_string(next_url++), static_cast<int>(Pick(4))));
    }
    published += seeds.size();
    frontier->Publish(std::move(seeds), nullptr);
  }
  // Leases a task, and ends or releases one: false if there is none to be leased.
  bool Work() {
    const auto task = frontier->Lease(now, now + 1h, [](const Task&) { return HostVerdict{}; });
    if (task) {
      CHECK(leased.emplace(task->id, KeyOf(*task)).second);
      CHECK_FALSE(ended.contains(task->id));
      CHECK(task->attempts == ++attempts[task->id]);
    }
    if (leased.empty() || (task && Pick(3) == 0)) return task.has_value();
    const auto one = std::next(leased.begin(), static_cast<long>(Pick(leased.size())));
    if (Pick(3) == 0 && attempts[one->first] < 4) {
      frontier->Release(one->first, now + std::chrono::milliseconds(Pick(200)), "again");
    } else {
      frontier->Complete(one->second, {.attempts = 1}, {}, nullptr);
      ended.insert(one->first);
    }
    leased.erase(one);
    return true;
  }

  std::mt19937 random;
  std::uint64_t next_url = 0, published = 0;
  std::map<TaskId, TaskKey> leased;
  std::map<TaskId, std::uint32_t> attempts;
  std::set<TaskId> ended;
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

  TEST_CASE_FIXTURE(SmallWindows, "ever more urgent tasks do not overfill a window") {
    for (int priority = 0; priority < 300; ++priority) {
      Publish(Seed("h0/" + std::to_string(priority), priority));
    }
    CHECK(frontier->loaded_tasks() <= 80);
    const auto ids = Drain();
    CHECK(AllOnce(ids, 300));
    CHECK(std::is_sorted(ids.rbegin(), ids.rend()));
  }

  TEST_CASE_FIXTURE(SmallWindows,
                    "what is put back on disk while more is read is not passed over") {
    Backlog(1, 200);
    for (TaskId id = 1; id <= 40; ++id) {  // The window runs low, and more of it is asked for,
      const auto task = frontier->Lease(now, now + 1h, [](const Task&) { return HostVerdict{}; });
      REQUIRE(task);
      CHECK(task->id == id);
    }
    std::vector<TaskSeed> urgent;  // while others come in before what it has.
    for (int i = 0; i < 60; ++i) urgent.push_back(Seed("h0/urgent-" + std::to_string(i), 5));
    frontier->Publish(std::move(urgent), nullptr);
    Settle();
    for (TaskId id = 201; id <= 260; ++id) CHECK(LeaseTask()->id == id);
    for (TaskId id = 41; id <= 200; ++id) CHECK(LeaseTask()->id == id);
  }

  TEST_CASE_FIXTURE(BusyWindows, "with all under way at once, each task comes when it should") {
    for (unsigned seed = 1; seed <= 6; ++seed) {
      CAPTURE(seed);
      random.seed(seed);
      for (int turn = 0; turn < 300; ++turn) {
        if (published < 4000) PublishSome();
        for (int i = 0; i < 12; ++i) Work();
        now += std::chrono::milliseconds(Pick(30));
        uv_run(&static_cast<uv_loop_t&>(loop), UV_RUN_NOWAIT);
      }
    }
    Settle();  // Where the disk was slow, nothing may be published yet.
    for (int turn = 0; turn < 2000 && frontier->ledger().pending() > 0; ++turn) {
      while (Work()) {
      }
      now += 1s;
      Settle();
    }
    CHECK(frontier->ledger().pending() == 0);
    CHECK(frontier->begun() == 0);
    CHECK(ended.size() == published);
    frontier.reset();
    const auto findings = CheckFrontier(folder.File("frontier"));
    REQUIRE(findings.ok());
    for (const std::string& finding : *findings) FAIL_CHECK(finding);
    Open();
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
