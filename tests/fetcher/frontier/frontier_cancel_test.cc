// Cancelling, and looking for tasks and jobs.

#include <set>

#include "tests/fetcher/frontier/frontier_fixture.h"

using namespace thresh;
using namespace thresh::test;

namespace {

struct CancelFixture : FrontierFixture {
  // `count+leased`, or "silent".
  std::string Cancel(TaskFilter filter) {
    told = "silent";
    frontier->Cancel(std::move(filter), {.done = [this](const Cancelled& c) {
                       told = std::to_string(c.count) + "+" + std::to_string(c.leased);
                     }});
    Settle();
    return told;
  }
  [[nodiscard]] std::uint64_t cancelled() const {
    const auto& dropped = frontier->ledger().dropped;
    return dropped.contains("cancelled") ? dropped.at("cancelled") : 0;
  }
  // Of a/0 to a/4999, whose ids are 1 to 5000. Returns how many had gone; the last was not among
  // them.
  std::uint64_t CrashInACancel() {
    std::vector<std::string> names;
    for (int i = 0; i < 5000; ++i) names.push_back("a/" + std::to_string(i));
    Feed(names);
    frontier->Cancel({}, {});
    REQUIRE(loop.RunUntil([&] { return cancelled() > 0; }));
    const std::uint64_t gone = cancelled();
    REQUIRE(gone < 3000);
    Reopen();
    return gone;
  }
  void CheckBalance(std::uint64_t pending) {
    CHECK(frontier->pending() == pending);
    CHECK(frontier->ledger().pending() == pending);
  }
  std::vector<std::string> SearchAll(const std::string& text, std::size_t most) {
    std::vector<std::string> urls;
    std::string from;
    do {
      FoundTasks found;
      frontier->Search(text, from, most, [&](FoundTasks f) { found = std::move(f); });
      Settle();
      for (const FoundTask& task : found.tasks) urls.push_back(task.url.substr(7));
      from = found.next;
    } while (!from.empty());
    return urls;
  }

  std::string told;
};

}  // namespace

TEST_SUITE("RocksFrontier: cancelling") {
  TEST_CASE_FIXTURE(CancelFixture, "what waits is dropped, and never offered") {
    Feed({"a/1", "a/2", "b/1"});
    CHECK(Cancel({.host = "a"}) == "2+0");
    CHECK(Why("a/1") == "1:dropped:cancelled ");
    CHECK(Lease() == "b/1");
    CHECK(Lease() == "none");
    CHECK(cancelled() == 2);
    CheckBalance(1);
    CHECK(closed == std::vector<TaskId>{1, 2});
  }

  TEST_CASE_FIXTURE(CancelFixture, "all that is named has to fit") {
    TaskSeed labelled = Seed("a/1");
    auto root = std::make_shared<Root>(*labelled.root);
    root->label = "j";
    labelled.root = root;
    Publish(labelled);
    Feed({"a/2", "b/1"});
    CHECK(Cancel({.host = "b", .label = "j"}) == "0+0");
    CHECK(Cancel({.recipe = "other"}) == "0+0");
    CHECK(Cancel({.label = "j"}) == "1+0");
    CHECK(Cancel({.root_id = 3}) == "1+0");
    CHECK(Cancel({.urls = {"http://a/2", "http://nowhere/"}}) == "1+0");
    CheckBalance(0);
  }

  TEST_CASE_FIXTURE(CancelFixture, "what is leased ends as it does, and is meant until then") {
    Feed({"a/1", "b/1"});
    const auto task = LeaseTask();
    REQUIRE(task);
    CHECK(Cancel({}) == "1+1");
    CHECK(frontier->IsCancelled(*task));
    CHECK(Complete(1, "a/1") == "");
    CHECK(!frontier->IsCancelled(*task));
    CHECK(frontier->ledger().done == 1);
    CheckBalance(0);
  }

  TEST_CASE_FIXTURE(CancelFixture, "what is leased and given back is dropped") {
    Feed({"a/1"});
    CHECK(LeaseId() == "1:1");
    CHECK(Cancel({}) == "0+1");
    Release(1, now + 5s);
    CHECK(Why("a/1") == "1:dropped:cancelled ");
    CHECK(frontier->begun() == 0);
    CheckBalance(0);
    CHECK(jobs.size() == 1);
  }

  TEST_CASE_FIXTURE(CancelFixture, "a lease that runs out meanwhile ends as cancelled") {
    Feed({"a/1"});
    CHECK(LeaseId() == "1:1");
    CHECK(Cancel({}) == "0+1");
    now += 31s;
    CHECK(Lease() == "none");
    CHECK(Why("a/1") == "1:dropped:cancelled ");
    CHECK(frontier->begun() == 0);
    CheckBalance(0);
  }

  TEST_CASE_FIXTURE(CancelFixture, "those that wait for their time are dropped too") {
    Feed({"a/1"});
    TaskSeed later = Seed("a/2");
    later.delay_ms = 60'000;
    Publish(later);
    CHECK(LeaseId() == "1:1");
    Release(1, now + 5s);
    CHECK(frontier->begun() == 1);
    CHECK(Cancel({}) == "2+0");
    CHECK(frontier->begun() == 0);
    CheckBalance(0);
    now += 100s;
    CHECK(Lease() == "none");
  }

  TEST_CASE_FIXTURE(CancelFixture, "what is published afterwards is not meant") {
    Feed({"a/1"});
    Cancel({});
    Feed({"a/2"});
    CHECK(Lease() == "a/2");
    Reopen();
    CHECK(Lease() == "a/2");
    CheckBalance(1);
  }

  TEST_CASE_FIXTURE(CancelFixture, "a known URL stays known") {
    Feed({"a/1"});
    Cancel({});
    CHECK(Publish(Seed("a/1")).duplicate);
  }

  TEST_CASE_FIXTURE(CancelFixture, "many on many hosts, most of them on disk only") {
    bounds.window_hosts = 10;
    bounds.window_tasks = 100;
    Reopen();
    std::vector<std::string> names;
    for (int i = 0; i < 9000; ++i) {
      names.push_back("h" + std::to_string(i % 90) + "/" + std::to_string(i));
    }
    Feed(names);
    CHECK(Cancel({.host = "h7"}) == "100+0");
    CHECK(Cancel({}) == "8900+0");
    CHECK(Lease() == "none");
    CheckBalance(0);
    Feed({"h1/new"});
    CHECK(Lease() == "h1/new");
  }

  TEST_CASE_FIXTURE(CancelFixture,
                    "an order goes on after a crash, and none of its tasks is offered before") {
    const std::uint64_t before = CrashInACancel();
    CHECK(cancelled() >= before);
    CHECK(cancelled() < 5000);
    Feed({"b/after"});
    CHECK(Lease() == "b/after");
    now += 10s;
    CHECK(Lease() == "none");
    frontier->ResumeCancels();
    Settle();
    CHECK(cancelled() == 5000);
    CheckBalance(1);
    Reopen();
    Feed({"a/new"});
    now += 10s;
    CHECK(LeaseTask());
    CHECK(LeaseTask());
    CheckBalance(2);
  }

  TEST_CASE_FIXTURE(CancelFixture, "what the sink tells of after a crash is done, not cancelled") {
    CrashInACancel();
    CHECK(Complete(5000, "a/4999") == "");
    frontier->ResumeCancels();
    Settle();
    CheckBalance(0);
    CHECK(frontier->ledger().done == 1);
    CHECK(cancelled() == 4999);
  }
}

TEST_SUITE("RocksFrontier: looking") {
  TEST_CASE_FIXTURE(CancelFixture,
                    "a part of a URL finds what waits and what is dead, part by part") {
    Feed({"a/x1", "b/x2", "c/y", "d/x3"});
    TaskSeed later = Seed("e/x4");
    later.delay_ms = 60'000;
    Publish(later);
    Bury(4, "d/x3");
    for (const std::size_t most : {1U, 2U, 100U}) {
      const auto urls = SearchAll("/x", most);
      CHECK(std::set<std::string>(urls.begin(), urls.end()) ==
            std::set<std::string>{"a/x1", "b/x2", "d/x3", "e/x4"});
      CHECK(urls.size() == 4);
    }
    CHECK(SearchAll("nothing", 5).empty());
  }

  TEST_CASE_FIXTURE(CancelFixture, "open jobs have their counts") {
    Feed({"a/1", "b/1"});
    Complete(1, "a/1", {"a/2", "a/3"});
    Bury(3, "a/2");
    OpenJobs open;
    frontier->ListJobs("", "", 10, [&](OpenJobs listed) { open = std::move(listed); });
    Settle();
    REQUIRE(open.jobs.size() == 2);
    CHECK(open.next.empty());
    CHECK(open.jobs[0].id == 1);
    CHECK(open.jobs[0].pending == 1);
    CHECK(open.jobs[0].done == 1);
    CHECK(open.jobs[0].dead == 1);
    CHECK(open.jobs[1].id == 2);
    CHECK(open.jobs[1].pending == 1);
    CHECK(open.jobs[1].root.url == "http://b/1");
  }

  TEST_CASE_FIXTURE(CancelFixture, "a note is there after a crash, and goes when it is empty") {
    int kept = 0;
    frontier->KeepNote("n", "v", [&] { ++kept; });
    Settle();
    CHECK(kept == 1);
    Reopen();
    CHECK(frontier->Note("n") == "v");
    frontier->KeepNote("n", "", {});
    Settle();
    Reopen();
    CHECK(frontier->Note("n").empty());
  }
}
