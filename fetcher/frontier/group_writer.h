#pragma once

// GroupWriter: turns the operations of a group into one set of changes, and answers them. The
// book is changed at once: a set that cannot be written now is kept and written later, or the
// process ends.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "fetcher/frontier/book.h"
#include "fetcher/frontier/database.h"
#include "fetcher/frontier/group.h"
#include "fetcher/frontier/reader.h"
#include "lib/base/result.h"

namespace thresh {

class GroupWriter {
 public:
  GroupWriter(Database& database, Book& book, Group& group)
      : database_(database),
        reader_(database, book),
        book_(book),
        group_(group),
        changes_(database.NewWriteSet()) {}

  /// The changes; null if the group changes nothing.
  [[nodiscard]] Result<std::unique_ptr<WriteSet>> Build();

 private:
  // A job as this group leaves it.
  struct Job {
    CountRecord count{.pending = 1};  // Its first task alone.
    bool stored = false;              // Its records are in the database.
    std::shared_ptr<const Root> root;
    std::string recipe;
  };

  // Reads ahead: all of the group's look-ups at once.
  Result<> LocateEnding();
  Result<> LookUpSeen();
  Result<> LookUpJobs();

  Result<> Apply(PublishOp& op);
  Result<> Apply(CompleteOp& op);
  Result<> Apply(ReleaseOp& op);
  Result<> Apply(BlameOp& op);
  Result<> Apply(CloseJobOp& op);
  Result<> Apply(KeepOp& op);
  Result<> Apply(HoldOp& op);
  Result<> Apply(HostStateOp& op);
  Result<> Apply(FindHostStateOp&) { return Ok{}; }
  Result<> Apply(DropOp& op);
  Result<> Apply(RetryOp& op);
  Result<> Apply(FindOp& op);
  Result<> Apply(WhyOp&) { return Ok{}; }
  Result<> Apply(RequestsOp&) { return Ok{}; }
  Result<> Apply(RetriedOp&) { return Ok{}; }
  Result<> Apply(CancelOp& op);
  Result<> Apply(NoteOp& op);
  Result<> Apply(SearchOp&) { return Ok{}; }
  Result<> Apply(JobsOp&) { return Ok{}; }

  Result<> AddAll(std::vector<TaskSeed>& seeds, std::vector<Published>& answers,
                  std::vector<Held>& fresh);
  /// `job` is null for a task that begins one.
  Published Add(TaskSeed seed, const Hash128& fingerprint, Job* job, std::vector<Held>& fresh);
  void AddAgain(const Task& before, const Ending& ending, std::vector<Held>& fresh);
  void UseNewestRecipe(TaskSeed& seed) const;
  Result<> LimitHost(TaskSeed& seed);
  void Count(const TaskSeed& seed);
  Result<> End(const Held& held, const Ending& ending);
  [[nodiscard]] static bool IsAgain(const Ending& ending) {
    return ending.end == TaskEnd::kDone && ending.again_after_ms > 0;
  }
  void PutEnd(const Task& task, const Ending& ending);
  void CountEnd(const Held& held, const Ending& ending, Job& job);
  Result<> SweepQueues(CancelOp& op, std::vector<Held>& condemned);

  // group_sweep.cc: a step each over what waits, to those that `condemns` says.
  using CondemnsFn = std::function<bool(const Held&)>;
  /// Of the queues before the key `end`. True: that is reached.
  Result<bool> SweepQueue(Sweep& sweep, const std::string& end, const CondemnsFn& condemns,
                          std::vector<Held>& condemned);
  Result<> SweepDelays(Sweep& sweep, const CondemnsFn& condemns, std::vector<Held>& condemned);
  void PutDead(const Task& task, const Ending& ending);
  void PutTask(const Held& held, const std::string& why);
  void PutFate(const Task& task, const Hash128& fingerprint, const FateRecord& fate);
  /// The job that a seed names, if it has not ended; null: the seed begins one.
  [[nodiscard]] Result<Job*> JobOf(const TaskSeed& seed);
  [[nodiscard]] Result<Job*> JobOf(const Task& task);
  /// Null if it has no records: it is its first task alone, or has ended.
  [[nodiscard]] Result<Job*> StoredJob(TaskId root_id);
  Result<> FinishJobs();
  Result<> Report(TaskId root_id, Job& job);
  void StoreJob(TaskId root_id, const Job& job);
  Result<> Revive(TaskId id, const DeadRecord& dead, RetryOp& op);
  void Close(TaskId id);

  Database& database_;
  Reader reader_;
  Book& book_;
  Group& group_;
  std::unique_ptr<WriteSet> changes_;
  std::vector<Hash128> fingerprints_;  // Of all seeds, in order,
  std::vector<bool> was_seen_;         // and whether there was one before this group.
  std::size_t next_seed_ = 0;
  std::unordered_set<Hash128> seen_here_;  // Fingerprints, and marks of feed lines.
  std::unordered_map<std::string, std::uint64_t> host_pages_;
  std::map<TaskId, Job> jobs_;
  std::unordered_set<TaskId> jobs_looked_up_;
  std::vector<TaskId> closed_;
};

}  // namespace thresh
