// Jobs: their counts, their reports, what their tasks share; dead letters asked for again.

#include "tests/fetcher/frontier/frontier_fixture.h"

using namespace thresh;
using namespace thresh::test;

namespace {

std::string Text(const JobReport& job) {
  return job.root->url + " " + std::to_string(job.done) + "/" + std::to_string(job.dead) + "/" +
         std::to_string(job.dropped) + " " + std::to_string(job.records);
}

}  // namespace

TEST_SUITE("RocksFrontier: jobs") {
  TEST_CASE_FIXTURE(FrontierFixture, "a job ends with its last task, and counts them all") {
    Feed({"u"});
    TaskSeed offsite = Follow(1, "off");
    offsite.drop_reason = "offsite";
    Complete(Key(1, "u"), {.attempts = 1, .records = 3},
             {Follow(1, "v"), offsite, Follow(1, "w"), Follow(1, "v")});
    CHECK(jobs.empty());
    Bury(2, "v");
    CHECK(jobs.empty());
    Reopen();
    CHECK(jobs.empty());
    wall_ms += 77;
    Complete(Key(4, "w"), {.attempts = 1, .records = 4});

    REQUIRE(jobs.size() == 1);
    CHECK(jobs[0].id == 5);
    CHECK(Text(jobs[0]) == "http://u 2/1/1 7");
    CHECK(jobs[0].ended_at_ms == wall_ms);
    CHECK(jobs[0].recipe == "r");
    CHECK(frontier->open_jobs() == 1);
    CHECK(frontier->ledger().created() == 4);
    CHECK(frontier->ledger().pending() == 0);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "a job is told of after each start until its report is out") {
    Feed({"u"});
    Complete(1, "u");
    REQUIRE(jobs.size() == 1);
    Reopen();
    REQUIRE(jobs.size() == 1);
    CHECK(jobs[0].id == 2);
    CHECK(frontier->low() == 2);
    closed.clear();
    frontier->CompleteJob(2);
    Settle();
    CHECK(closed == std::vector<TaskId>{2});
    CHECK(frontier->open_jobs() == 0);
    frontier->CompleteJob(2);
    Settle();
    CHECK(closed == std::vector<TaskId>{2, 2});
    Reopen();
    CHECK(jobs.empty());
    CHECK(frontier->low() == 3);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "thousands of jobs at once are told of bit by bit") {
    std::vector<TaskSeed> seeds;
    for (int i = 0; i < 3000; ++i) seeds.push_back(Seed("u/" + std::to_string(i)));
    Publish(std::move(seeds));
    CHECK(DropNew() == 3000);
    CHECK(jobs.size() < 1100);
    std::size_t done = 0;
    while (done < jobs.size()) {
      frontier->CompleteJob(jobs[done++].id);
      Settle();
    }
    CHECK(done == 3000);
    CHECK(frontier->open_jobs() == 0);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "tasks of a job share its Root, read from disk too") {
    TaskSeed fed = Seed("u");
    fed.root = std::make_shared<const Root>(Root{.url = "http://u",
                                                 .n = 42,
                                                 .meta = R"({"term":"x"})",
                                                 .label = "monday",
                                                 .created_at_ms = 123});
    Publish(fed);
    std::vector<TaskSeed> children{Follow(1, "v"), Follow(1, "w")};
    for (TaskSeed& child : children) child.root = fed.root;
    Complete(Key(1, "u"), {}, children);
    const auto before = LeaseTask();
    CHECK(before->seed.root == fed.root);
    Reopen();
    const auto v = LeaseTask(), w = LeaseTask();
    REQUIRE(v);
    REQUIRE(w);
    CHECK(v->seed.root == w->seed.root);
    CHECK(v->seed.root->url == "http://u");
    CHECK(v->seed.root->n == 42);
    CHECK(v->seed.root->meta == R"({"term":"x"})");
    CHECK(v->seed.root->label == "monday");
    CHECK(v->seed.root->created_at_ms == 123);
    CHECK(v->seed.root_id == 1);
    CHECK(v->seed.origin == Origin::kFollowed);
  }

  TEST_CASE_FIXTURE(FrontierFixture,
                    "a child that begins a job of its own is none of its parent's") {
    Feed({"u"});
    TaskSeed child = Follow(0, "v");
    child.root = MakeRoot("http://v");
    Complete(Key(1, "u"), {}, {child});
    REQUIRE(jobs.size() == 1);
    CHECK(Text(jobs[0]) == "http://u 1/0/0 0");
    CHECK(LeaseTask()->seed.root_id == 2);
    Complete(2, "v");
    REQUIRE(jobs.size() == 2);
    CHECK(Text(jobs[1]) == "http://v 1/0/0 0");
  }

  TEST_CASE_FIXTURE(FrontierFixture, "dead letters are published anew, once, with their root") {
    Feed({"h/u", "h/v", "h/w"});
    Bury(1, "h/u");
    Bury(2, "h/v", "http_500");
    CHECK(RetryDead({.reason = "http_418"}) == 0);
    CHECK(RetryDead({.reason = "http_404", .urls = {"http://h/v"}}) == 0);
    CHECK(RetryDead({.urls = {"http://h/v"}}) == 1);
    CHECK(frontier->ledger().retried == 1);
    CHECK(Why("h/v") == "6:queued: 2:dead:http_500 ");
    CHECK(RetryDead() == 1);
    CHECK(RetryDead() == 0);
    std::vector<TaskId> ids;
    frontier->RetriedIds([&](std::vector<TaskId> given) { ids = std::move(given); });
    Settle();
    CHECK(ids == std::vector<TaskId>{1, 2});

    Reopen();
    CHECK(RetryDead() == 0);
    CHECK(LeaseId() == "3:1");
    CHECK(LeaseId() == "6:1");
    const auto u = LeaseTask();
    REQUIRE(u);
    CHECK(u->id == 7);
    CHECK(u->seed.root_id == 7);
    CHECK(u->seed.origin == Origin::kRetried);
    CHECK(u->seed.root->url == "http://h/u");
    CHECK(Publish(Seed("h/v")).duplicate);
    Bury(6, "h/v", "http_410");
    CHECK(Why("h/v") == "6:dead:http_410 2:dead:http_500 ");
    CHECK(Complete(2, "h/v") == "ignored");
    CHECK(RetryDead() == 1);
  }

  TEST_CASE_FIXTURE(FrontierFixture, "a recipe's version is kept while a task names it") {
    const auto keep = [this](const std::string& text) {
      frontier->KeepRecipe({.hash = HashBytes(text), .name = "r", .text = text});
    };
    keep("one");
    keep("two");
    TaskSeed one = Seed("u"), two = Seed("v");
    one.recipe_hash = HashBytes("one");
    two.recipe_hash = HashBytes("two");
    Publish({one, two});
    Complete(2, "v");
    Reopen();
    REQUIRE(frontier->KeptRecipes().size() == 1);
    CHECK(frontier->KeptRecipes()[0].text == "one");
    CHECK(frontier->KeptRecipes()[0].name == "r");
    CHECK(LeaseTask()->seed.recipe_hash == HashBytes("one"));
    Bury(1, "u");
    // What is asked for again goes by the recipe as it is now.
    keep("three");
    CHECK(RetryDead() == 1);
    CHECK(LeaseTask()->seed.recipe_hash == HashBytes("three"));
    Reopen();
    REQUIRE(frontier->KeptRecipes().size() == 1);
    CHECK(frontier->KeptRecipes()[0].text == "three");
  }

  TEST_CASE_FIXTURE(FrontierFixture, "DropNew() ends what was never asked for, and only that") {
    Feed({"leased", "delayed", "due", "ended", "new"});
    for (int i = 0; i < 3; ++i) LeaseId();
    Release(2, now + 1h);
    Release(3, now);
    for (const char* host : {"leased", "delayed", "due", "ended", "new", "newer"}) {
      refuse[host] = {.may_start = false};
    }
    CHECK(LeaseId() == "none");  // Moves what is due into the queue.
    Complete(4, "ended");
    Feed({"newer"});

    CHECK(DropNew() == 2);
    CHECK(DropNew() == 0);
    CHECK(frontier->ledger().dropped.at("budget") == 2);
    CHECK(queued() == 2);
    CHECK(frontier->low() == 1);
    refuse.clear();
    for (const char* host : {"leased", "delayed", "due", "ended", "new", "newer"}) {
      frontier->Wake(host);
    }
    CHECK(LeaseId() == "3:2");
    CHECK(LeaseId() == "none");
    Feed({"newest"});
    CHECK(LeaseId().ends_with(":1"));
  }

  TEST_CASE_FIXTURE(FrontierFixture, "notes and the uuid stay, from one start to the next") {
    const Hash128 uuid = frontier->uuid();
    CHECK(frontier->Note("sink").empty());
    CHECK(frontier->SetNote("sink", "one").ok());
    CHECK(frontier->SetNote("sink", "two").ok());
    CHECK(frontier->Note("sink") == "two");
    Reopen();
    CHECK(frontier->Note("sink") == "two");
    CHECK(frontier->uuid() == uuid);
    CHECK(uuid != Hash128{});
  }
}
