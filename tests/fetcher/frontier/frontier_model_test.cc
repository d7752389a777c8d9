// Random verbs against a simple model of what a frontier promises, with starts in between.

#include "tests/fetcher/frontier/frontier_model.h"

#include <algorithm>
#include <random>

#include "fetcher/frontier/check_frontier.h"
#include "tests/fetcher/frontier/frontier_fixture.h"

using namespace thresh;
using namespace thresh::test;

namespace {

struct ModelFixture : FrontierFixture {
  ModelFixture() {
    bounds.window_hosts = 5;
    bounds.window_tasks = 24;
    bounds.window_bytes = 64 << 10;
    Reopen();
  }

  std::uint64_t Pick(std::uint64_t below) {
    return std::uniform_int_distribution<std::uint64_t>(0, below - 1)(random);
  }
  TaskSeed RandomSeed() {
    const std::string host = "h" + std::to_string(Pick(12));
    TaskSeed seed = Seed(host + "/" + std::to_string(Pick(150)), static_cast<int>(Pick(3)) - 1);
    if (Pick(10) == 0) seed.dont_filter = true;
    if (Pick(12) == 0) seed.drop_reason = "offsite";
    if (Pick(8) == 0) seed.delay_ms = static_cast<std::int64_t>(1 + Pick(30)) * 1000;
    if (Pick(8) == 0)
      seed.request = std::make_shared<const Request>(Request{.headers = {{"a", "b"}}});
    return seed;
  }
  TaskKey KeyOfPending(TaskId id) {
    const Model::Known& task = model.pending.at(id);
    TaskKey key = Key(id, task.name);
    key.dont_filter = task.dont_filter;
    return key;
  }
  template <typename Map>
  TaskId Any(const Map& map) {
    return std::next(map.begin(), static_cast<long>(Pick(map.size())))->first;
  }

  void DoPublish() {
    std::vector<TaskSeed> seeds;
    for (auto left = Pick(20); left > 0; --left) seeds.push_back(RandomSeed());
    std::string expected, told;
    for (const TaskSeed& seed : seeds) expected += model.Add(seed, wall_ms);
    model.EndJobs();
    for (const Published& p : Publish(seeds)) {
      told += p.duplicate ? "dup " : std::to_string(p.id) + " ";
    }
    CHECK(told == expected);
  }

  void DoLease() {
    const auto task = LeaseTask();
    const bool some =
        std::any_of(model.pending.begin(), model.pending.end(), [](const auto& entry) {
          return !entry.second.leased && entry.second.attempts == 0 && entry.second.due_ms == 0;
        });
    if (some) REQUIRE(task);
    if (!task) return;
    REQUIRE(model.pending.contains(task->id));
    Model::Known& known = model.pending.at(task->id);
    CHECK_FALSE(known.leased);
    CHECK("http://" + known.name == task->seed.url);
    CHECK(task->attempts == known.attempts + 1);
    CHECK(task->seed.root_id == known.root);
    CHECK(known.due_ms <= wall_ms);
    // None of its host that is ready and never asked for comes before it.
    for (const auto& [id, other] : model.pending) {
      if (other.leased || other.attempts > 0 || other.due_ms != 0 ||
          other.name.substr(0, 3) != known.name.substr(0, 3)) {
        continue;
      }
      CHECK_FALSE(other.priority > known.priority);
      CHECK_FALSE((other.priority == known.priority && id < task->id));
    }
    known.leased = true;
  }

  void DoRelease() {
    for (auto& [id, task] : model.pending) {
      if (!task.leased || Pick(3) != 0) continue;
      Release(id, now + std::chrono::seconds(1 + Pick(20)));
      task.leased = false;
      ++task.attempts;
      return;
    }
  }

  void DoComplete() {
    if (model.pending.empty()) return;
    const TaskId id = Any(model.pending);
    Ending ending{.attempts = static_cast<std::uint32_t>(Pick(2))};
    if (Pick(4) == 0) ending = {.end = TaskEnd::kDead, .reason = "http_404", .attempts = 1};
    std::vector<TaskSeed> children;
    for (auto left = Pick(4); left > 0 && ending.end == TaskEnd::kDone; --left) {
      TaskSeed child = RandomSeed();
      child.origin = Origin::kFollowed;
      if (Pick(5) != 0) child.root_id = model.pending.at(id).root;
      children.push_back(child);
    }
    const TaskKey key = KeyOfPending(id);
    const bool again = ending.end == TaskEnd::kDone && Pick(6) == 0;
    if (again) ending.again_after_ms = 5000;
    std::string expected;
    TaskSeed next = Seed(model.pending.at(id).name, model.pending.at(id).priority);
    next.origin = Origin::kRecrawled;
    next.dont_filter = model.pending.at(id).dont_filter;
    next.delay_ms = 5000;
    model.End(id, ending);
    for (const TaskSeed& child : children) expected += model.Add(child, wall_ms);
    if (again) {
      if (!next.dont_filter) model.seen.erase(next.url.substr(7));  // It is marked again at once.
      model.Add(next, wall_ms);
    }
    model.EndJobs();
    CHECK(Complete(key, ending, children) == expected);
  }

  void DoAgain() {
    if (model.ended.empty()) return;
    const TaskId id = Any(model.ended);
    closed.clear();
    CHECK(Complete(Key(id, model.ended.at(id)), {}, {RandomSeed()}) == "ignored");
    CHECK(closed == std::vector<TaskId>{id});
    CHECK(Find(Key(id, model.ended.at(id))) == "none");
  }

  void DoFind() {
    if (model.pending.empty()) return;
    const TaskId id = Any(model.pending);
    CHECK(Find(KeyOfPending(id)) == model.pending.at(id).name);
  }

  void DoCloseJob() {
    std::erase_if(jobs, [this](const JobReport& job) { return !model.reports.contains(job.id); });
    if (model.reports.empty()) return;
    REQUIRE_FALSE(jobs.empty());  // Not all are told of at once.
    const auto told = std::next(jobs.begin(), static_cast<long>(Pick(jobs.size())));
    const TaskId id = told->id;
    const Model::JobCount& expected = model.reports.at(id);
    CHECK(told->done == expected.done);
    CHECK(told->dead == expected.dead);
    CHECK(told->dropped == expected.dropped);
    frontier->CompleteJob(id);
    Settle();
    model.reports.erase(id);
  }

  void DoDropNew() {
    std::size_t dropped = 0;
    for (const bool delayed : {false, true}) {  // One step after the other.
      std::vector<TaskId> condemned;
      for (const auto& [id, task] : model.pending) {
        if (!task.leased && task.attempts == 0 && (task.due_ms != 0) == delayed) {
          condemned.push_back(id);
        }
      }
      for (const TaskId id : condemned) {
        model.End(id, {.end = TaskEnd::kDropped, .reason = "budget"});
      }
      model.EndJobs();
      dropped += condemned.size();
    }
    CHECK(DropNew() == dropped);
  }

  void DoRetry() {
    const auto dead = std::exchange(model.dead, {});
    for (const auto& [id, letter] : dead) {
      TaskSeed seed = Seed(letter.name, letter.priority);
      seed.origin = Origin::kRetried;
      seed.dont_filter = letter.dont_filter;
      if (!letter.dont_filter) model.seen.erase(letter.name);  // It is marked again at once.
      model.Add(seed, wall_ms);
    }
    CHECK(RetryDead() == dead.size());
  }

  void DoReopen() {
    Reopen();
    for (auto& [id, task] : model.pending) task.leased = false;
  }

  void Compare() {
    const Ledger& ledger = frontier->ledger();
    CHECK(frontier->next_id() == model.next);
    CHECK(frontier->low() == model.low());
    CHECK(ledger.pending() == model.pending.size());
    CHECK(ledger.fed == model.ledger.fed);
    CHECK(ledger.followed == model.ledger.followed);
    CHECK(ledger.retried == model.ledger.retried);
    CHECK(ledger.recrawled == model.ledger.recrawled);
    CHECK(ledger.done == model.ledger.done);
    CHECK(ledger.dead == model.ledger.dead);
    CHECK(ledger.dropped == model.ledger.dropped);
    CHECK(ledger.asked == model.ledger.asked);
    CHECK(frontier->open_jobs() == model.reports.size());
    std::uint64_t leased = 0, begun = 0;
    for (const auto& [id, task] : model.pending) {
      leased += task.leased ? 1 : 0;
      begun += !task.leased && task.attempts > 0 ? 1 : 0;
    }
    CHECK(frontier->leased() == leased);
    CHECK(frontier->begun() == begun);
    CHECK(frontier->loaded_tasks() < 200);
  }

  void Step() {
    const auto verb = Pick(100);
    if (verb < 25) return DoPublish();
    if (verb < 50) return DoLease();
    if (verb < 60) return DoRelease();
    if (verb < 80) return DoComplete();
    if (verb < 84) return DoAgain();
    if (verb < 87) return DoFind();
    if (verb < 92) return DoCloseJob();
    if (verb < 93) return DoDropNew();
    if (verb < 95) return DoRetry();
    if (verb < 98) {
      now += 3s;  // Leases of 30 s may run out: they end here, so that the model need not know.
      wall_ms += 3000;
      for (auto& [id, task] : model.pending) {
        if (task.leased) frontier->Extend(id, now + 1h);
      }
      return;
    }
    DoReopen();
  }

  std::mt19937 random;
  Model model;
};

}  // namespace

TEST_CASE_FIXTURE(ModelFixture,
                  "whatever is asked in whatever order, the frontier is as the model") {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    random.seed(seed);
    for (int step = 0; step < 400; ++step) {
      CAPTURE(step);
      Step();
      Compare();
    }
  }
  CHECK(failures.empty());
  frontier.reset();
  const auto findings = CheckFrontier(folder.File("frontier"));
  REQUIRE(findings.ok());
  for (const std::string& finding : *findings) FAIL_CHECK(finding);
  Open();
}
