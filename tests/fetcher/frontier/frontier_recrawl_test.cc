// Tasks that are done and asked for again.

#include <memory>
#include <string>

#include "fetcher/frontier/check_frontier.h"
#include "tests/fetcher/frontier/frontier_fixture.h"

using namespace thresh;
using namespace thresh::test;

namespace {

struct RecrawlFixture : FrontierFixture {
  static Ending Again(std::chrono::milliseconds after, const std::string& etag = "") {
    Ending ending{.attempts = 1, .records = 1, .again_after_ms = after.count()};
    if (!etag.empty()) {
      ending.validators = std::make_shared<const Validators>(Validators{.etag = etag});
    }
    return ending;
  }
  void Pass(std::chrono::milliseconds time) {
    now += time;
    wall_ms += time.count();
  }
  void CheckSound() {
    frontier.reset();
    const auto findings = CheckFrontier(folder.File("frontier"));
    REQUIRE(findings.ok());
    for (const std::string& finding : *findings) FAIL_CHECK(finding);
    Open();
  }
};

}  // namespace

TEST_SUITE("frontier: recrawl") {
  TEST_CASE_FIXTURE(RecrawlFixture, "done and the next task, with a new id, are one step") {
    Feed({"a"});
    LeaseTask();
    CHECK(Complete(Key(1, "a"), Again(6h, "v1"), {Follow(1, "b")}) == "2 ");
    CHECK(Why("a") == "3:retry: 1:done: ");
    CHECK(frontier->ledger().done == 1);
    CHECK(frontier->ledger().recrawled == 1);
    CHECK(frontier->ledger().created() == 3);
    CHECK(frontier->pending() == 2);
    CHECK(Publish(Seed("a")).duplicate);
    CHECK(Lease() == "b");
    Complete(2, "b");
    REQUIRE(jobs.size() == 1);  // The first job has ended; the next task is one of its own.
    CHECK(jobs[0].done == 2);
    CheckSound();
    CHECK(Lease() == "none");
    Pass(6h);
    const auto task = LeaseTask();
    REQUIRE(task);
    CHECK(task->id == 3);
    CHECK(task->seed.origin == Origin::kRecrawled);
    CHECK(task->seed.root_id == 3);
    CHECK(task->seed.root->url == "http://a");
    CHECK(task->seed.again_of == 1);
    REQUIRE(task->seed.validators);
    CHECK(task->seed.validators->etag == "v1");
  }

  TEST_CASE_FIXTURE(RecrawlFixture, "however often, the last end is kept, and one before it") {
    Feed({"a"});
    TaskId id = 1;
    for (int round = 0; round < 5; ++round) {
      const auto task = LeaseTask();
      REQUIRE(task);
      CHECK(task->id == id);
      Ending ending = Again(1h);
      ending.unchanged = round > 0;
      Complete(Key(id, "a"), ending);
      frontier->CompleteJob(jobs.back().id);
      id = frontier->next_id() - (round == 0 ? 2 : 2);
      CHECK(Why("a") == std::to_string(id) + ":retry: " + std::to_string(task->id) + ":done: ");
      Pass(1h);
    }
    CHECK(frontier->ledger().done == 5);
    CHECK(frontier->ledger().unchanged == 4);
    CHECK(frontier->ledger().recrawled == 5);
    LeaseTask();
    Bury(id, "a", "http_404");
    CHECK(Why("a") == std::to_string(id) + ":dead:http_404 ");
    CheckSound();
    CHECK(frontier->pending() == 0);
    CHECK(frontier->ledger().unchanged == 4);
  }

  TEST_CASE_FIXTURE(RecrawlFixture, "a page that was followed keeps its root and its depth") {
    Feed({"p"});
    LeaseTask();
    TaskSeed child = Follow(1, "c");
    child.depth = 2;
    child.refresh_ms = 1000;
    Complete(Key(1, "p"), {.attempts = 1}, {child});
    LeaseTask();
    Complete(Key(2, "c"), Again(1s));
    Reopen();
    Pass(1s);
    const auto task = LeaseTask();
    REQUIRE(task);
    CHECK(task->seed.root->url == "http://root");
    CHECK(task->seed.depth == 2);
    CHECK(task->seed.refresh_ms == 1000);
    CHECK(task->seed.validators == nullptr);
    CheckSound();
  }

  TEST_CASE_FIXTURE(RecrawlFixture, "a task of its own comes again as one of its own") {
    TaskSeed seed = Seed("a");
    seed.dont_filter = true;
    Publish({Seed("a"), seed});
    for (int i = 0; i < 2; ++i) LeaseTask();
    const TaskKey key{.id = 2, .fingerprint = Fingerprint(seed), .dont_filter = true};
    Complete(key, Again(1s));
    CHECK(Why("a") == "3:retry: 2:done: 1:leased: ");
    Pass(1s);
    LeaseTask();
    Complete({.id = 3, .fingerprint = key.fingerprint, .dont_filter = true}, Again(1s));
    CHECK(Why("a") == "5:retry: 3:done: 1:leased: ");
    CheckSound();
  }

  TEST_CASE_FIXTURE(RecrawlFixture, "it runs with the newest version of its recipe") {
    Feed({"a"});
    frontier->KeepRecipe({.hash = HashBytes("new"), .name = "r", .text = "new"});
    LeaseTask();
    Complete(Key(1, "a"), Again(1s));
    Pass(1s);
    CHECK(LeaseTask()->seed.recipe_hash == HashBytes("new"));
    CheckSound();
  }

  TEST_CASE_FIXTURE(RecrawlFixture, "a budget that is spent ends it") {
    Feed({"a"});
    LeaseTask();
    Complete(Key(1, "a"), Again(1s));
    CHECK(DropNew() == 1);
    CHECK(frontier->pending() == 0);
    Pass(1s);
    CHECK(Lease() == "none");
    CheckSound();
  }
}
