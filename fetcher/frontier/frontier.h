#pragma once

// Frontier: every task there is, from publication to its end, durably. Five verbs are the heart
// of the interface: publish, lease, extend, release, complete.
//
// Tasks wait in a queue for each host; hosts take turns. Whether a host may be asked
// now is for the caller to say, through HostGate.
//
// What changes the frontier is collected and written as one batch while the batch before it is
// being synced; callbacks come, on the loop, once the batch is durable. A lease is not written:
// after a restart every task that has not ended is queued again.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fetcher/frontier/task_filter.h"
#include "fetcher/job/task.h"
#include "fetcher/ledger/ledger.h"
#include "lib/base/result.h"

namespace thresh {

using SteadyTime = std::chrono::steady_clock::time_point;

/// What a HostGate says of a host and the task at its head.
struct HostVerdict {
  bool may_start = true;
  /// If not: when to ask again; never before Wake() if SteadyTime::max().
  SteadyTime ask_again = SteadyTime::max();
};
using HostGate = std::function<HostVerdict(const Task& head)>;

struct Published {
  TaskId id = 0;  ///< 0 for a duplicate.
  bool duplicate = false;
};

/// What has become of a task, for people.
struct Fate {
  TaskId id = 0;
  /// kRetry: waits for its time; with `attempts` 0 it was never asked for.
  enum class State : std::uint8_t { kQueued, kLeased, kRetry, kDone, kDead, kDropped } state;
  std::uint32_t attempts = 0;
  std::string reason;      ///< Of kDead and kDropped; of kRetry why the last attempt failed.
  std::int64_t at_ms = 0;  ///< Wall clock: when it ended; of kRetry when it is due.
  std::vector<Hop> hops;   ///< Of those that ended: redirects on the way to its answer.
};

/// A request for a URL that is no plain GET, and what has become of it.
struct AskedRequest {
  std::string recipe, method;
  bool templated = false;
  std::uint64_t body_bytes = 0;
  std::string body_start;   ///< Some of the body's first bytes.
  std::vector<Fate> fates;  ///< The newest first.
};

/// Which dead letters to ask for again: those that match all that is set.
struct DeadFilter {
  std::string reason;             ///< Empty: any.
  std::vector<std::string> urls;  ///< Canonical. Empty: any.
};

/// What cancelling has come to.
struct Cancelled {
  std::uint64_t count = 0;   ///< Tasks dropped.
  std::uint64_t leased = 0;  ///< Tasks that are named, and end as they will: they are leased.
};

/// A task whose URL was searched for.
struct FoundTask {
  std::string url, recipe;
  Fate fate;
};
/// A part of an answer that may be long; `next`: where to go on, empty at its end.
struct FoundTasks {
  std::vector<FoundTask> tasks;
  std::string next;
};

/// A job that has not ended: what its tasks have come to.
struct OpenJob {
  TaskId id = 0;  ///< Of the task that began it.
  Root root;
  std::string recipe;  ///< Of the root.
  std::uint64_t pending = 0, done = 0, dead = 0, dropped = 0, records = 0;
  bool refresh = false;  ///< It asks for a URL again, and its time has not come.
};
struct OpenJobs {
  std::vector<OpenJob> jobs;
  std::string next;  ///< As in FoundTasks.
};

/// A recipe's version that some pending task names.
struct KeptRecipe {
  Hash128 hash;
  std::string name;
  std::string text;
};

/// What a frontier tells by itself. All are called on the loop, never from within a verb.
struct FrontierEvents {
  /// Lease() may have something that it had not; or nothing is left, neither tasks nor jobs.
  std::function<void()> on_ready;
  /// The end of these tasks is durable.
  std::function<void(const std::vector<TaskId>&)> on_closed;
  /// A job has ended: report it, then CompleteJob(). Told again after each start until then.
  std::function<void(JobReport)> on_job;
  /// Nothing can be written for lack of room, for this reason; empty: it goes on.
  std::function<void(const std::string& why)> on_paused;
  /// After on_paused: there is room again, but only a process that opens the state anew can use it.
  std::function<void()> on_reopen;
  /// The state cannot be written or read any more: the process has to end.
  std::function<void(const Error&)> on_failed;
};

class Frontier {
 public:
  using PublishedFn = std::function<void(const std::vector<Published>&)>;
  using CompletedFn = std::function<void(const std::vector<Published>& children)>;
  using FoundFn = std::function<void(std::optional<Task>)>;
  using FatesFn = std::function<void(std::vector<Fate>)>;
  using RequestsFn = std::function<void(std::vector<AskedRequest>)>;
  using StateFn = std::function<void(std::string bytes)>;
  using CountFn = std::function<void(std::uint64_t)>;
  struct CancelFns {
    std::function<void(std::uint64_t so_far)> progress;
    std::function<void(Cancelled)> done;
  };
  using FoundTasksFn = std::function<void(FoundTasks)>;
  using OpenJobsFn = std::function<void(OpenJobs)>;

  virtual ~Frontier() = default;

  /// Keeps a recipe's version for as long as a task that has not ended names it.
  /// REQUIRES: called before a seed names it.
  virtual void KeepRecipe(KeptRecipe recipe) = 0;
  /// The versions kept when the frontier was opened.
  [[nodiscard]] virtual std::vector<KeptRecipe> KeptRecipes() const = 0;

  /// Adds tasks that are not there yet; `done` gets an answer for each seed, in order.
  virtual void Publish(std::vector<TaskSeed> seeds, PublishedFn done) = 0;

  /// The next task whose time has come, of a host that `gate` lets through; it is the
  /// caller's until `until`. Nullopt: none now.
  virtual std::optional<Task> Lease(SteadyTime now, SteadyTime until, const HostGate& gate) = 0;

  /// Prolongs a lease; a task not leased is left as it is. A task whose lease has run out
  /// is offered again.
  virtual void Extend(TaskId id, SteadyTime until) = 0;

  /// Gives a leased task back, to be offered again from `due` on; its attempt counts, and is
  /// written with `why` and the due time.
  virtual void Release(TaskId id, SteadyTime due, std::string why) = 0;

  /// Keeps with a leased task what parsers did over it; a task not leased is left as it is.
  virtual void KeepBlame(TaskId id, std::string blame) = 0;

  /// Ends a task, whatever its state, and publishes what follows from it, in one step. A
  /// task that has ended already is left as it is, its children too, and `done` is not called;
  /// that it is closed is told again.
  virtual void Complete(const TaskKey& key, Ending ending, std::vector<TaskSeed> children,
                        CompletedFn done) = 0;

  /// The job's report is in the output.
  virtual void CompleteJob(TaskId id) = 0;

  /// A task that has not ended, by its key; nullopt: it has, or never was: if it has, that it is
  /// closed is told again. For what is told of tasks that the caller has not leased itself.
  virtual void Find(const TaskKey& key, FoundFn found) = 0;

  /// Asks `gate` about this host again at the next Lease().
  virtual void Wake(const std::string& host) = 0;
  /// The same of all hosts that wait to be asked about.
  virtual void WakeAll() = 0;

  /// Offers no task of this host before `due`; durable.
  virtual void HoldHost(const std::string& host, SteadyTime due) = 0;

  /// Keeps what the caller knows of a host: robots.txt, backoff, whatever has to outlive it.
  /// Written with the next batch; empty: forgotten.
  virtual void KeepHostState(const std::string& host, std::string bytes) = 0;
  /// What was kept last, also if it is not durable yet; empty: nothing.
  virtual void FindHostState(const std::string& host, StateFn found) = 0;

  /// Ends every task for which no request was ever made, but for those leased, as dropped for
  /// this reason: little by little, `done` gets their number at the end.
  virtual void DropNew(std::string reason, CountFn done) = 0;

  /// Drops all tasks that match, but for those leased, as `cancelled`: little by little. A leased
  /// one is not offered again, and IsCancelled() until it ends. What is published from now on is
  /// not meant. Once it is begun it goes on after a restart: see ResumeCancels().
  virtual void Cancel(TaskFilter filter, CancelFns told) = 0;
  /// The task is named by an order that is not over: nothing is to follow from it.
  [[nodiscard]] virtual bool IsCancelled(const Task& task) const = 0;
  /// Goes on with orders of earlier lives. Until it is called none of their tasks is offered. To be
  /// called when what the sink knows to be done has been told.
  virtual void ResumeCancels() = 0;

  /// Pending tasks and dead letters with `text` in their URL: `most` at once, or fewer if it takes
  /// long. `from`: empty, or `next` of the answer before.
  virtual void Search(std::string text, std::string from, std::size_t most, FoundTasksFn found) = 0;
  /// The same for jobs that have not ended, with this label; empty: any.
  virtual void ListJobs(std::string label, std::string from, std::size_t most,
                        OpenJobsFn listed) = 0;

  /// All tasks there ever were with this fingerprint, the newest first.
  virtual void Why(const Hash128& fingerprint, FatesFn fates) = 0;

  /// All requests for this URL, canonical, that are no plain GETs; of very many some.
  virtual void WhyRequests(const std::string& url, RequestsFn requests) = 0;

  /// Publishes matching dead letters anew, each as a job of its own with the root of the first
  /// task; `done` gets their number.
  virtual void RetryDead(DeadFilter filter, CountFn done) = 0;
  /// Ids of dead letters that were published anew.
  virtual void RetriedIds(std::function<void(std::vector<TaskId>)> ids) = 0;

  /// Waits until all that was asked for is durable, callbacks included.
  virtual void Finish() = 0;

  /// When Lease() may have something, if nothing else happens; max(): never.
  [[nodiscard]] virtual SteadyTime NextDue() const = 0;

  /// Of the state: drawn when it was made.
  [[nodiscard]] virtual Hash128 uuid() const = 0;
  /// No task has this id or a higher one; durable.
  [[nodiscard]] virtual TaskId next_id() const = 0;
  /// The end of all tasks below it is durable.
  [[nodiscard]] virtual TaskId low() const = 0;
  [[nodiscard]] virtual const Ledger& ledger() const = 0;  ///< Durable, as of the last batch.
  /// Tasks that have not ended, counted by their ids: what the ledger must come to.
  [[nodiscard]] virtual std::uint64_t pending() const = 0;
  [[nodiscard]] virtual std::uint64_t leased() const = 0;
  /// Pending tasks that wait for their time, and of these, those for which no request was made.
  [[nodiscard]] virtual std::uint64_t delayed() const = 0;
  [[nodiscard]] virtual std::uint64_t postponed() const = 0;
  /// Pending tasks for which a request was made, leases not counted.
  [[nodiscard]] virtual std::uint64_t begun() const = 0;
  /// Jobs that have ended, whose report is not in the output.
  [[nodiscard]] virtual std::uint64_t open_jobs() const = 0;

  /// Tasks of a host that wait to be asked for, as far as they are in memory, and whether more may
  /// be on disk.
  [[nodiscard]] virtual std::pair<std::size_t, bool> QueuedOf(const std::string& host) const = 0;

  /// A word kept with the state, durable before this returns; empty if it was never set.
  virtual Result<> SetNote(const std::string& name, const std::string& value) = 0;
  [[nodiscard]] virtual std::string Note(const std::string& name) const = 0;
  /// The same without waiting: `done` is called when it is durable.
  virtual void KeepNote(std::string name, std::string value, std::function<void()> done) = 0;
};

}  // namespace thresh
