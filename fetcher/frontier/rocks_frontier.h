#pragma once

// RocksFrontier: a frontier in a RocksDB folder. Format: docs/frontier.md.
//
//   verbs ──▶ operations ──▶ group ──▶ (worker: Store) ──▶ answers, callbacks
//                              ▲                              │
//   Lease() ◀── windows, delays┴──── what to load ◀───────────┘
//
// Threads: the loop's, but for Store, which works on libuv's pool.
// Lifetime: borrows the loop, which must turn once more after the frontier is gone.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <uv.h>

#include "fetcher/frontier/cancels.h"
#include "fetcher/frontier/delays.h"
#include "fetcher/frontier/frontier.h"
#include "fetcher/frontier/group.h"
#include "fetcher/frontier/host_windows.h"
#include "fetcher/frontier/leases.h"
#include "fetcher/frontier/options.h"
#include "fetcher/frontier/reports.h"
#include "fetcher/frontier/store.h"
#include "lib/base/result.h"
#include "lib/io/tick.h"
#include "lib/io/worker.h"

namespace thresh {

class RocksFrontier final : public Frontier {
 public:
  /// Opens the state in options.path, or makes it.
  /// Errors: kUnavailable if another process has it open; kBusy if the disk is full; kInvalid for
  /// a folder that cannot be used or a format of another version; kInternal if it is damaged.
  [[nodiscard]] static Result<std::unique_ptr<RocksFrontier>> Open(uv_loop_t& loop,
                                                                   FrontierOptions options,
                                                                   FrontierEvents events);

  void KeepRecipe(KeptRecipe recipe) override;
  [[nodiscard]] std::vector<KeptRecipe> KeptRecipes() const override { return kept_recipes_; }
  void Publish(std::vector<TaskSeed> seeds, PublishedFn done) override;
  std::optional<Task> Lease(SteadyTime now, SteadyTime until, const HostGate& gate) override;
  void Extend(TaskId id, SteadyTime until) override { leases_.Extend(id, until); }
  void Release(TaskId id, SteadyTime due, std::string why) override;
  void KeepBlame(TaskId id, std::string blame) override;
  void Complete(const TaskKey& key, Ending ending, std::vector<TaskSeed> children,
                CompletedFn done) override;
  void CompleteJob(TaskId id) override;
  void Find(const TaskKey& key, FoundFn found) override;
  void Wake(const std::string& host) override { windows_.Wake(HostHash(host)); }
  void WakeAll() override { windows_.WakeAll(); }
  void HoldHost(const std::string& host, SteadyTime due) override;
  void KeepHostState(const std::string& host, std::string bytes) override;
  void FindHostState(const std::string& host, StateFn found) override;
  void DropNew(std::string reason, CountFn done) override;
  void Cancel(TaskFilter filter, CancelFns told) override;
  [[nodiscard]] bool IsCancelled(const Task& task) const override {
    return !cancels_.empty() && cancels_.Of(task) != nullptr;
  }
  void ResumeCancels() override;
  void Search(std::string text, std::string from, std::size_t most, FoundTasksFn found) override;
  void ListJobs(std::string label, std::string from, std::size_t most, OpenJobsFn listed) override;
  void Why(const Hash128& fingerprint, FatesFn fates) override;
  void RetryDead(DeadFilter filter, CountFn done) override;
  void WhyRequests(const std::string& url, RequestsFn requests) override;
  void RetriedIds(std::function<void(std::vector<TaskId>)> ids) override;
  /// Also returns if there is no room to write.
  void Finish() override;
  [[nodiscard]] SteadyTime NextDue() const override;
  [[nodiscard]] Hash128 uuid() const override { return uuid_; }
  [[nodiscard]] TaskId next_id() const override { return facts_.next_id; }
  [[nodiscard]] TaskId low() const override { return facts_.low; }
  [[nodiscard]] const Ledger& ledger() const override { return facts_.ledger; }
  [[nodiscard]] std::uint64_t leased() const override { return leases_.size(); }
  [[nodiscard]] std::uint64_t delayed() const override { return facts_.retrying; }
  [[nodiscard]] std::uint64_t postponed() const override { return facts_.postponed; }
  [[nodiscard]] std::uint64_t begun() const override { return begun_; }
  [[nodiscard]] std::uint64_t pending() const override { return facts_.open - facts_.reports; }
  [[nodiscard]] std::uint64_t open_jobs() const override { return facts_.reports; }
  [[nodiscard]] std::pair<std::size_t, bool> QueuedOf(const std::string& host) const override {
    return windows_.QueuedOf(HostHash(host));
  }
  Result<> SetNote(const std::string& name, const std::string& value) override;
  [[nodiscard]] std::string Note(const std::string& name) const override;
  void KeepNote(std::string name, std::string value, std::function<void()> done) override;

  /// Tasks in memory, for measurements.
  [[nodiscard]] std::size_t loaded_tasks() const {
    return windows_.tasks() + delays_.size() + leases_.size();
  }

 private:
  RocksFrontier(uv_loop_t& loop, FrontierOptions options, FrontierEvents events,
                std::unique_ptr<Store> store);
  void RestoreHolds(const Book& book);

  // A group's way: collected, written, answered.
  void Ask(Op op);
  /// A group is to be started, unless one is under way: its end sees to the next.
  void Nudge() {
    if (!group_) tick_.Request();
  }
  void StartGroup();
  void TakeOps(Group& group);
  void Spare(DropOp& op);
  void Spare(CancelOp& op);
  void StepDone();
  void Pause(const Error& error);
  void TryAgain();
  void TakeAnswers(Group& group);
  void TakeAnswer(PublishOp& op);
  void TakeAnswer(CompleteOp& op);
  void TakeAnswer(ReleaseOp& op);
  void TakeAnswer(BlameOp&) {}
  void TakeAnswer(CloseJobOp&) {}
  void TakeAnswer(FindOp& op);
  void TakeAnswer(KeepOp&) {}
  void TakeAnswer(HoldOp&) {}
  void TakeAnswer(HostStateOp&) {}
  void TakeAnswer(FindHostStateOp& op) { op.found(std::move(op.bytes)); }
  void TakeAnswer(WhyOp& op);
  void TakeAnswer(RequestsOp& op);
  void TakeAnswer(RetriedOp& op);
  void MarkLeased(std::vector<Fate>& fates) const;
  void TakeAnswer(DropOp& op);
  void TakeAnswer(RetryOp& op);
  void TakeAnswer(CancelOp& op);
  void TakeAnswer(NoteOp& op);
  void TakeAnswer(SearchOp& op) { op.done(std::move(op.found)); }
  void TakeAnswer(JobsOp& op) { op.done(std::move(op.found)); }
  void TakeLoads(Group& group);
  void TellEvents(Group& group);

  void Offer(std::vector<Held>& fresh);
  void DropUnasked(Held held, std::string reason, std::function<void()> ended);
  void DropCancelled(Held held);
  [[nodiscard]] HostGate GateOf(const HostGate& gate, SteadyTime now) const;
  void BeginPass(const Cancels::Order& order);
  void ForgetCancelled(const CancelOp::Ended& ended);
  void EndCancels();
  void TakeDue(SteadyTime now);
  [[nodiscard]] std::optional<Held> TakeHeld(TaskId id);
  [[nodiscard]] bool IsElsewhere(TaskId id) const;
  void SetBusy(TaskId id) { ++busy_[id]; }
  void EndBusy(TaskId id);

  const FrontierOptions options_;
  const FrontierEvents events_;
  const std::unique_ptr<Store> store_;
  const Hash128 uuid_;
  const std::vector<KeptRecipe> kept_recipes_;
  std::map<std::string, std::string> notes_;
  Facts facts_;
  std::uint64_t begun_;
  HostWindows windows_;
  Delays delays_;
  Leases leases_;
  Reports reports_;
  std::unordered_map<TaskId, int> busy_;  // Operations under way that change where a task is.
  std::map<std::string, SteadyTime> holds_;
  std::set<std::pair<SteadyTime, std::string>> hold_ends_;
  int drops_ = 0;  // DropNew() under way.
  Cancels cancels_;
  std::unordered_multiset<TaskId> finding_;  // Find() of these is under way.

  std::deque<Op> ops_;
  std::unique_ptr<Group> group_;  // In the worker's hands, or waiting for room.
  Result<> outcome_ = Ok{};
  std::string paused_;  // Why.
  bool failed_ = false;
  PacedTick tick_;
  Alarm again_;
  Worker worker_;  // The first to go: it waits until the store is at rest.
};

}  // namespace thresh
