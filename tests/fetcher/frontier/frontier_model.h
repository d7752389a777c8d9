#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "fetcher/frontier/frontier.h"

namespace thresh::test {

// All that may be known of a frontier from the outside, kept in plain maps.
struct Model {
  struct Known {
    std::string name;
    TaskId root = 0;
    bool dont_filter = false;
    bool leased = false;
    std::uint32_t attempts = 0;  // Durable ones.
    std::int64_t priority = 0;
    std::int64_t due_ms = 0;  // Not asked for before it.
  };
  struct JobCount {
    std::uint64_t pending = 0, done = 0, dead = 0, dropped = 0;
  };

  TaskId next = 1;
  std::set<std::string> seen;
  std::map<TaskId, Known> pending;
  std::map<TaskId, std::string> ended;
  std::map<TaskId, Known> dead;  // Those not yet asked for again.
  std::map<TaskId, JobCount> jobs;
  std::map<TaskId, JobCount> reports;
  Ledger ledger;

  // Mirrors one seed; the answer as text.
  std::string Add(const TaskSeed& seed, std::int64_t now_ms) {
    const std::string name = seed.url.substr(7);
    if (!seed.dont_filter && !seen.insert(name).second) return "dup ";
    const TaskId id = next++;
    const TaskId root = jobs.contains(seed.root_id) ? seed.root_id : id;
    ++(seed.origin == Origin::kFed         ? ledger.fed
       : seed.origin == Origin::kFollowed  ? ledger.followed
       : seed.origin == Origin::kRecrawled ? ledger.recrawled
                                           : ledger.retried);
    JobCount& job = jobs[root];
    if (seed.drop_reason.empty()) {
      ++job.pending;
      pending[id] = {.name = name,
                     .root = root,
                     .dont_filter = seed.dont_filter,
                     .priority = seed.priority,
                     .due_ms = seed.delay_ms == 0 ? 0 : now_ms + seed.delay_ms};
    } else {
      ++job.dropped;
      ++ledger.dropped[seed.drop_reason];
      ended[id] = name;
    }
    return std::to_string(id) + " ";
  }

  void End(TaskId id, const Ending& ending) {
    const Known task = pending.at(id);
    pending.erase(id);
    ended[id] = task.name;
    JobCount& job = jobs.at(task.root);
    --job.pending;
    if (ending.end == TaskEnd::kDone) ++job.done, ++ledger.done;
    if (ending.end == TaskEnd::kDropped) ++job.dropped, ++ledger.dropped[ending.reason];
    if (ending.end == TaskEnd::kDead) {
      ++job.dead, ++ledger.dead[ending.reason];
      dead[id] = task;
    }
    if (ending.attempts > 0) ++ledger.asked;
  }

  // Jobs that have ended since, in the order of their roots: one batch.
  void EndJobs() {
    for (auto it = jobs.begin(); it != jobs.end();) {
      if (it->second.pending == 0) {
        reports[next++] = it->second;
        it = jobs.erase(it);
      } else {
        ++it;
      }
    }
  }

  [[nodiscard]] TaskId low() const {
    const TaskId task = pending.empty() ? next : pending.begin()->first;
    return reports.empty() ? task : std::min(task, reports.begin()->first);
  }
};

}  // namespace thresh::test
