#pragma once

// FrontierFixture: a RocksFrontier in a folder of its own, on a loop and clocks of its own, in
// words. What is asked of it is waited for, so that a test reads as if answers came at once.

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "fetcher/frontier/rocks_frontier.h"
#include "tests/fetcher/frontier/seeds.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_loop.h"

namespace thresh::test {

using namespace std::chrono_literals;

struct FrontierFixture {
  FrontierFixture() { Open(); }

  FrontierOptions Options() {
    FrontierOptions options = bounds;
    options.path = folder.File("frontier");
    options.durability = Durability::kProcess;
    options.cache_bytes = 4 << 20;
    options.write_buffer_bytes = 8 << 20;
    options.min_free_bytes = 0;
    options.group_every_ms = 0;
    options.steady_now = [this] { return now; };
    options.wall_now_ms = [this] { return wall_ms; };
    return options;
  }
  FrontierEvents Events() {
    return {.on_ready = [this] { ++ready; },
            .on_closed =
                [this](const std::vector<TaskId>& ids) {
                  closed.insert(closed.end(), ids.begin(), ids.end());
                },
            .on_job = [this](JobReport report) { jobs.push_back(std::move(report)); },
            .on_paused = [this](const std::string& why) { pauses.push_back(why); },
            .on_failed = [this](const Error& error) { failures.push_back(error.detail); }};
  }
  void Open() {
    auto opened = RocksFrontier::Open(loop, Options(), Events());
    REQUIRE_MESSAGE(opened.ok(), opened.error().detail);
    frontier = std::move(*opened);
    Settle();
  }
  /// What a crash leaves, as far as the frontier knows: nothing is flushed or told.
  void Reopen() {
    frontier.reset();
    jobs.clear();
    closed.clear();
    Open();
  }
  /// Turns the loop until nothing is left to do: what is read ahead, too.
  void Settle() {
    for (int i = 0; i < 20; ++i) {
      loop.Settle();
      frontier->Finish();
    }
  }

  std::vector<Published> Publish(std::vector<TaskSeed> seeds) {
    std::vector<Published> answers;
    frontier->Publish(std::move(seeds), [&](const auto& given) { answers = given; });
    Settle();
    return answers;
  }
  Published Publish(TaskSeed seed) {
    std::vector<TaskSeed> seeds;
    seeds.push_back(std::move(seed));
    return Publish(std::move(seeds)).at(0);
  }
  void Feed(const std::vector<std::string>& names) {
    std::vector<TaskSeed> seeds;
    for (const std::string& name : names) seeds.push_back(Seed(name));
    Publish(std::move(seeds));
  }

  std::optional<Task> LeaseTask() {
    const auto task = frontier->Lease(now, now + 30s, [this](const Task& head) {
      asked.push_back(head.seed.host);
      return refuse.contains(head.seed.host) ? refuse.at(head.seed.host) : HostVerdict{};
    });
    Settle();
    return task;
  }
  /// The URL after `http://`, or "none".
  std::string Lease() {
    const auto task = LeaseTask();
    return task ? task->seed.url.substr(7) : "none";
  }
  /// The id and attempt, as `3:1`; or "none".
  std::string LeaseId() {
    const auto task = LeaseTask();
    return task ? std::to_string(task->id) + ":" + std::to_string(task->attempts) : "none";
  }
  void Release(TaskId id, SteadyTime due, const std::string& why = "http_503") {
    frontier->Release(id, due, why);
    Settle();
  }
  static TaskKey Key(TaskId id, const std::string& name) {
    return {.id = id, .fingerprint = Fingerprint(Seed(name))};
  }

  /// Ids of the children, `dup` for duplicates; "ignored" if nothing was told.
  std::string Complete(const TaskKey& key, Ending ending = {}, std::vector<TaskSeed> seeds = {}) {
    std::string told = "ignored";
    frontier->Complete(key, std::move(ending), std::move(seeds), [&](const auto& children) {
      told.clear();
      for (const Published& c : children) told += c.duplicate ? "dup " : std::to_string(c.id) + " ";
    });
    Settle();
    return told;
  }
  std::string Complete(TaskId id, const std::string& name,
                       const std::vector<std::string>& follow = {}) {
    std::vector<TaskSeed> seeds;
    for (const std::string& child : follow) seeds.push_back(Follow(id, child));
    return Complete(Key(id, name), {.attempts = 1}, std::move(seeds));
  }
  static TaskSeed Follow(TaskId root_id, const std::string& name) {
    TaskSeed seed = Seed(name);
    seed.root = MakeRoot("http://root");
    seed.root_id = root_id;
    seed.origin = Origin::kFollowed;
    return seed;
  }
  std::string Bury(TaskId id, const std::string& name, const std::string& reason = "http_404") {
    return Complete(Key(id, name), {.end = TaskEnd::kDead, .reason = reason, .attempts = 1});
  }
  /// As `id:state:reason`, the newest first.
  std::string Why(const std::string& name) {
    static constexpr const char* kNames[] = {"queued", "leased", "retry",
                                             "done",   "dead",   "dropped"};
    std::string told;
    frontier->Why(Fingerprint(Seed(name)), [&](const std::vector<Fate>& fates) {
      for (const Fate& fate : fates) {
        told += std::to_string(fate.id) + ":" + kNames[static_cast<int>(fate.state)] + ":" +
                fate.reason + " ";
      }
    });
    Settle();
    return told;
  }
  /// The URL after `http://`, or "none"; "silent" if nothing was told.
  std::string Find(const TaskKey& key) {
    std::string told = "silent";
    frontier->Find(key, [&](const std::optional<Task>& task) {
      told = task ? task->seed.url.substr(7) : "none";
    });
    Settle();
    return told;
  }
  std::uint64_t DropNew(const std::string& reason = "budget") {
    std::uint64_t dropped = std::numeric_limits<std::uint64_t>::max();
    frontier->DropNew(reason, [&](std::uint64_t count) { dropped = count; });
    Settle();
    return dropped;
  }
  std::uint64_t RetryDead(DeadFilter filter = {}) {
    std::uint64_t retried = std::numeric_limits<std::uint64_t>::max();
    frontier->RetryDead(std::move(filter), [&](std::uint64_t count) { retried = count; });
    Settle();
    return retried;
  }
  /// Pending tasks that are not leased.
  [[nodiscard]] std::uint64_t queued() const {
    return frontier->ledger().pending() - frontier->leased();
  }

  TempFolder folder;
  TestLoop loop;
  FrontierOptions bounds;  // As a test wants them; the rest is set by Options().
  SteadyTime now{1000s};
  std::int64_t wall_ms = 1'700'000'000'000;
  std::unordered_map<std::string, HostVerdict> refuse;
  std::vector<std::string> asked;
  int ready = 0;
  std::vector<TaskId> closed;
  std::vector<JobReport> jobs;
  std::vector<std::string> pauses, failures;
  std::unique_ptr<RocksFrontier> frontier;  // The first to go.
};

}  // namespace thresh::test
