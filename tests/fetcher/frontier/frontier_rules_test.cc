// What a task may have beside its URL: a request, a time before and after which it is not asked
// for, a line of the feed, a host that has had enough.

#include <memory>
#include <string>
#include <vector>

#include "fetcher/frontier/check_frontier.h"
#include "tests/fetcher/frontier/frontier_fixture.h"

using namespace thresh;
using namespace thresh::test;

namespace {

struct RulesFixture : FrontierFixture {
  TaskSeed Delayed(const std::string& name, std::chrono::milliseconds delay) {
    TaskSeed seed = Seed(name);
    seed.delay_ms = delay.count();
    return seed;
  }
  TaskSeed Expiring(const std::string& name, std::chrono::milliseconds in) {
    TaskSeed seed = Seed(name);
    seed.expires_at_ms = wall_ms + in.count();
    return seed;
  }
  TaskSeed Requested(const std::string& name, Request request) {
    TaskSeed seed = Seed(name);
    seed.request = std::make_shared<const Request>(std::move(request));
    return seed;
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
  std::map<std::string, std::uint64_t> Dropped() { return frontier->ledger().dropped; }
};

}  // namespace

TEST_SUITE("frontier: requests") {
  TEST_CASE("a fingerprint is of URL, method, body and recipe") {
    RulesFixture f;
    const Hash128 plain = Fingerprint(Seed("a/1"));
    CHECK(Fingerprint(f.Requested("a/1", {})) == plain);
    CHECK(Fingerprint(f.Requested("a/1", {.headers = {{"x", "y"}}})) == plain);
    CHECK(Fingerprint(f.Requested("a/1", {.method = "POST"})) != plain);
    CHECK(Fingerprint(f.Requested("a/1", {.body = "b"})) != plain);
    CHECK(Fingerprint(f.Requested("a/1", {.templated = true})) != plain);
  }

  TEST_CASE_FIXTURE(RulesFixture, "a request survives starts, failures and its burial") {
    const Request post{.method = "POST",
                       .headers = {{"content-type", "application/json"}},
                       .body = std::string("{\"q\":\"\0\"}", 9),
                       .templated = true};
    TaskSeed seed = Requested("a/1", post);
    seed.depth = 3;
    seed.refresh_ms = 1000;
    const TaskKey key{.id = 1, .fingerprint = Fingerprint(seed)};
    Publish({seed, Seed("a/1")});  // The same URL, another request.
    CHECK(frontier->pending() == 2);
    Reopen();
    auto task = LeaseTask();
    REQUIRE(task);
    CHECK(*task->seed.request == post);
    CHECK(task->seed.depth == 3);
    Release(1, now + 1s);
    Reopen();
    LeaseTask();
    Pass(2s);
    task = LeaseTask();
    REQUIRE(task);
    CHECK(*task->seed.request == post);
    Complete(key, {.end = TaskEnd::kDead, .reason = "http_500", .attempts = 2});
    CHECK(RetryDead() == 1);
    Reopen();
    frontier->Complete({.id = 2, .fingerprint = Fingerprint(Seed("a/1"))}, {}, {}, {});
    Settle();
    task = LeaseTask();
    REQUIRE(task);
    CHECK(*task->seed.request == post);
    CHECK(task->seed.depth == 3);
    CHECK(task->seed.refresh_ms == 1000);
    CheckSound();
  }

  TEST_CASE_FIXTURE(RulesFixture, "what parsers did over a task survives a start") {
    Feed({"h/a", "h/b"});
    LeaseTask();
    frontier->KeepBlame(1, "crashed once");
    frontier->KeepBlame(2, "not leased");
    Settle();
    CheckSound();
    auto task = LeaseTask();
    REQUIRE(task);
    CHECK(task->id == 1);
    CHECK(task->attempts == 1);
    CHECK(task->blame == "crashed once");
    Release(1, now + 1s);
    CHECK(LeaseTask()->blame.empty());
    Pass(1s);
    LeaseTask();
    frontier->KeepBlame(1, "crashed twice");
    Settle();
    CheckSound();
    Complete(2, "h/b");
    task = LeaseTask();
    REQUIRE(task);
    CHECK(task->blame == "crashed twice");
    CHECK(task->attempts == 2);
    CHECK(Complete(1, "h/a").empty());
    CheckSound();
  }

  TEST_CASE_FIXTURE(RulesFixture, "redirects are kept with the end, and counted") {
    Feed({"a", "b"});
    const std::vector<Hop> hops{{301, "http://a/2"}, {302, "http://c/3"}};
    Complete(Key(1, "a"), {.attempts = 1, .hops = hops});
    Complete(Key(2, "b"), {.end = TaskEnd::kDead, .reason = "x", .hops = {hops[0]}});
    Reopen();
    CHECK(frontier->ledger().redirects == 3);
    std::vector<Fate> told;
    frontier->Why(Fingerprint(Seed("a")), [&](const auto& fates) { told = fates; });
    Settle();
    REQUIRE(told.size() == 1);
    CHECK(told[0].hops == hops);
    CheckSound();
  }
}

TEST_SUITE("frontier: a time for each task") {
  TEST_CASE_FIXTURE(RulesFixture, "a delayed task is not asked for before its time") {
    Publish({Delayed("a/1", 2s), Seed("a/2")});
    CHECK(frontier->pending() == 2);
    CHECK(frontier->begun() == 0);
    CHECK(Lease() == "a/2");
    CHECK(Lease() == "none");
    CHECK(frontier->NextDue() == now + 2s);
    Pass(1999ms);
    CHECK(Lease() == "none");
    Pass(1ms);
    const auto task = LeaseTask();
    REQUIRE(task);
    CHECK(task->seed.url == "http://a/1");
    CHECK(task->attempts == 1);
    CHECK(Complete(1, "a/1").empty());
    CheckSound();
  }

  TEST_CASE_FIXTURE(RulesFixture, "a start neither shortens a delay nor, by a clock, prolongs it") {
    Publish({Delayed("a/1", 60s)});
    Pass(40s);
    Reopen();
    CHECK(Lease() == "none");
    wall_ms -= 3'600'000;
    Reopen();
    Pass(59s);
    CHECK(Lease() == "none");
    Pass(1s);
    CHECK(LeaseId() == "1:1");
    Release(1, now + 5s);
    CHECK(frontier->begun() == 1);
    CheckSound();
    CHECK(frontier->begun() == 1);
    Pass(5s);
    CHECK(LeaseId() == "1:2");
  }

  TEST_CASE_FIXTURE(RulesFixture, "a child waits from its publication") {
    Feed({"p"});
    LeaseTask();
    TaskSeed child = Follow(1, "c");
    child.delay_ms = 2000;
    Pass(10s);
    CHECK(Complete(Key(1, "p"), {.attempts = 1}, {child}) == "2 ");
    CHECK(Lease() == "none");
    Pass(2s);
    CHECK(Lease() == "c");
  }

  TEST_CASE_FIXTURE(RulesFixture, "of more delayed tasks than memory holds each has its time") {
    bounds.window_tasks = 8;
    Reopen();
    std::vector<TaskSeed> seeds;
    for (int i = 0; i < 60; ++i) {
      seeds.push_back(Delayed("h/" + std::to_string(i), std::chrono::seconds(1 + i * 7 % 60)));
    }
    Publish(std::move(seeds));
    CHECK(frontier->loaded_tasks() < 20);
    int leased = 0;
    for (int second = 0; second < 61; ++second) {
      Pass(1s);
      for (auto task = LeaseTask(); task; task = LeaseTask()) {
        CHECK(task->seed.delay_ms == 0);
        Complete(KeyOf(*task), {.attempts = 1});
        ++leased;
      }
      CHECK(leased == std::min(second + 1, 60));
    }
    CheckSound();
  }

  TEST_CASE_FIXTURE(RulesFixture, "what has not begun in time is dropped") {
    Publish({Expiring("a/1", 5s), Expiring("a/2", 20s), Seed("a/3")});
    Pass(5s);
    CHECK(Lease() == "a/2");
    CHECK(Dropped() == std::map<std::string, std::uint64_t>{{"expires", 1}});
    CHECK(Why("a/1") == "1:dropped:expires ");
    CHECK(closed == std::vector<TaskId>{1});
    CHECK(jobs.size() == 1);
    // Begun, it may take as long as it takes.
    Release(2, now + 60s);
    Pass(60s);
    CHECK(Lease() == "a/2");
    CHECK(Lease() == "a/3");
    CheckSound();
  }

  TEST_CASE_FIXTURE(RulesFixture, "it is dropped while its host has to wait") {
    refuse["a"] = {.may_start = false};
    Publish({Expiring("a/1", 5s), Expiring("a/2", 6s), Expiring("b/1", 7s)});
    frontier->HoldHost("b", now + 60s);
    CHECK(Lease() == "none");
    CHECK(frontier->NextDue() == now + 5s);
    Pass(5s);
    CHECK(Lease() == "none");
    CHECK(Dropped()["expires"] == 1);
    Pass(2s);
    CHECK(Lease() == "none");
    CHECK(Lease() == "none");
    CHECK(Dropped()["expires"] == 3);
    CHECK(frontier->pending() == 0);
    CheckSound();
  }

  TEST_CASE_FIXTURE(RulesFixture, "after a start it is dropped, whatever it was delayed") {
    TaskSeed seed = Expiring("a/1", 5s);
    seed.delay_ms = 10'000;
    Publish(std::move(seed));
    Reopen();
    Pass(10s);
    CHECK(Lease() == "none");
    CHECK(Dropped()["expires"] == 1);
    CheckSound();
  }

  TEST_CASE_FIXTURE(RulesFixture, "thousands that have expired are dropped, one after another") {
    std::vector<TaskSeed> seeds;
    for (int i = 0; i < 5000; ++i) seeds.push_back(Expiring("h/" + std::to_string(i), 1s));
    seeds.push_back(Seed("h/last"));
    Publish(std::move(seeds));
    Pass(2s);
    std::string leased = "none";
    for (int i = 0; i < 20 && leased == "none"; ++i) leased = Lease();
    CHECK(leased == "h/last");
    CHECK(Dropped()["expires"] == 5000);
  }

  TEST_CASE_FIXTURE(RulesFixture, "delayed tasks are new ones too, when these are dropped") {
    Publish({Delayed("a/1", 5s), Delayed("a/2", 50s), Seed("a/3"), Seed("a/4")});
    CHECK(Lease() == "a/3");
    Release(3, now + 7s);
    Pass(6s);
    CHECK(DropNew() == 3);
    Publish({Delayed("a/5", 2s)});
    CHECK(Lease() == "none");
    Pass(2s);
    CHECK(Lease() == "a/3");
    CHECK(Lease() == "a/5");
    CHECK(Dropped()["budget"] == 3);
    CheckSound();
  }
}

TEST_SUITE("frontier: all requests for a URL") {
  TEST_CASE_FIXTURE(RulesFixture, "they are found by the URL, whatever became of them") {
    const auto requests = [this](const std::string& url) {
      std::string told;
      frontier->WhyRequests(url, [&](const std::vector<AskedRequest>& found) {
        for (const AskedRequest& one : found) {
          told += one.recipe + " " + one.method + " " + one.body_start + " " +
                  std::to_string(one.body_bytes) + (one.templated ? " template" : "") + ":";
          for (const Fate& fate : one.fates) {
            told +=
                " " + std::to_string(fate.id) + "/" + std::to_string(static_cast<int>(fate.state));
          }
          told += "\n";
        }
      });
      Settle();
      return told;
    };
    const Request post{.method = "POST", .body = "q=1"};
    Publish({Requested("a", post), Seed("a"), Requested("a", {.headers = {{"x", "y"}}}),
             Requested("a", post), Requested("b", {.method = "PUT"})});
    CHECK(requests("http://a") == "r POST q=1 3: 1/0\n");
    CHECK(LeaseTask()->id == 1);
    CHECK(requests("http://a") == "r POST q=1 3: 1/1\n");
    Complete(TaskKey{.id = 1, .fingerprint = Fingerprint(Requested("a", post))});
    Reopen();
    CHECK(requests("http://a") == "r POST q=1 3: 1/3\n");
    CHECK(requests("http://b") == "r PUT  0: 3/0\n");
    CHECK(requests("http://c").empty());

    TaskSeed again = Requested("a", post);
    again.dont_filter = true;
    Publish({again, Requested("a", {.body = std::string(100, 'x'), .templated = true})});
    const std::string both = requests("http://a");  // 4 is the report of the job that ended.
    CHECK(both.find("r POST q=1 3: 5/0 1/3\n") != std::string::npos);
    const std::string long_one = "r GET " + std::string(60, 'x') + " 100 template: 6/0\n";
    CHECK(both.find(long_one) != std::string::npos);
    CheckSound();
  }

  TEST_CASE_FIXTURE(RulesFixture, "of very many some are told") {
    std::vector<TaskSeed> seeds;
    for (int i = 0; i < 1'100; ++i) seeds.push_back(Requested("a", {.body = std::to_string(i)}));
    Publish(std::move(seeds));
    std::size_t told = 0;
    frontier->WhyRequests("http://a", [&](const auto& found) { told = found.size(); });
    Settle();
    CHECK(told == 1'000);
  }
}

TEST_SUITE("frontier: reasons") {
  TEST_CASE_FIXTURE(RulesFixture, "pages that make up reasons make no ledger without end") {
    std::vector<TaskSeed> seeds;
    for (int i = 0; i < 1'200; ++i) seeds.push_back(Seed("a/" + std::to_string(i)));
    for (int i = 0; i < 1'100; ++i) {
      seeds.push_back(Seed("b/" + std::to_string(i)));
      seeds.back().drop_reason = "rule-" + std::to_string(i);
    }
    Publish(std::move(seeds));
    for (TaskId id = 1; id <= 1'200; ++id) {
      frontier->Complete(Key(id, "a/" + std::to_string(id - 1)),
                         {.end = TaskEnd::kDead, .reason = "r" + std::to_string(id / 2)}, {},
                         [](const auto&) {});
    }
    Settle();
    Reopen();
    const Ledger& ledger = frontier->ledger();
    CHECK(ledger.dead.size() == 601);
    CHECK(ledger.dead.at("r1") == 2);
    CHECK(ledger.dropped.size() == 1'001);
    CHECK(ledger.dropped.at("rule-7") == 1);
    CHECK(ledger.dropped.at("other") == 100);
    CHECK(ledger.pending() == frontier->pending());
    CheckSound();
  }
}

TEST_SUITE("frontier: rules for what is published") {
  TEST_CASE_FIXTURE(RulesFixture, "a line of a feed that resumes is one task, however often fed") {
    const auto line = [](const std::string& name, const std::string& mark) {
      TaskSeed seed = Seed(name);
      seed.dont_filter = true;
      seed.feed_mark = HashBytes(mark);
      return seed;
    };
    const auto answers = Publish({line("a", "1"), line("a", "2"), line("a", "1"), Seed("a")});
    CHECK(answers.at(0).id == 1);
    CHECK(answers.at(1).id == 2);
    CHECK(answers.at(2).duplicate);
    CHECK(answers.at(3).id == 3);
    Complete({.id = 1, .fingerprint = Fingerprint(Seed("a")), .dont_filter = true});
    Reopen();
    CHECK(Publish(line("a", "1")).duplicate);
    CHECK(Publish(line("a", "2")).duplicate);
    CHECK(Publish(line("a", "3")).id != 0);
    TaskSeed unmarked = Seed("a");
    unmarked.dont_filter = true;
    CHECK(Publish(unmarked).id != 0);
    CHECK(Publish(unmarked).id != 0);
    CheckSound();
  }

  TEST_CASE_FIXTURE(RulesFixture, "a host has so many pages, and no more, over all starts") {
    const auto limited = [](const std::string& name) {
      TaskSeed seed = Seed(name);
      seed.max_host_pages = 2;
      return seed;
    };
    Publish({limited("a/1"), limited("a/1"), Seed("a/9"), limited("b/1"), limited("a/2")});
    Reopen();
    Publish({limited("a/3"), limited("b/2"), limited("b/3"), Seed("a/4")});
    CHECK(Dropped() == std::map<std::string, std::uint64_t>{{"host_budget", 2}});
    CHECK(Why("a/3") == "5:dropped:host_budget ");
    CHECK(frontier->pending() == 6);
    CheckSound();
  }
}
