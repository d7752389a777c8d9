#pragma once

// Group: what the loop hands to the worker at once, to be written as one batch, and what comes
// back: the answers stand beside the questions. Operations first, in order; then the loads,
// which see what the operations wrote.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <variant>
#include <vector>

#include "fetcher/frontier/frontier.h"
#include "fetcher/frontier/keys.h"
#include "fetcher/frontier/records.h"

namespace thresh {

/// A pending task, and where its record is.
struct Held {
  Task task;
  Place place;
};

struct PublishOp {
  std::vector<TaskSeed> seeds;
  Frontier::PublishedFn done;
  std::vector<Published> answers;
  std::vector<Held> fresh;  ///< The tasks it made.
};

struct CompleteOp {
  TaskKey key;
  Ending ending;
  std::vector<TaskSeed> children;
  Frontier::CompletedFn done;
  std::optional<Held> held;  ///< If the loop has it; else it is looked up.
  bool ended = false;        ///< By this operation.
  bool was_begun = false;    ///< It was not held, and a request had been made for it.
  std::vector<Published> answers;
  std::vector<Held> fresh;
};

struct ReleaseOp {
  Held held;  ///< Its place is the new one.
  Place from;
  std::string why;
};

/// What parsers did over a leased task: its record is written anew, where it is.
struct BlameOp {
  Held held;
};

struct CloseJobOp {
  TaskId id = 0;
};

struct FindOp {
  TaskKey key;
  Frontier::FoundFn found;
  std::optional<Task> task;  ///< Set before if the loop has it.
};

struct KeepOp {
  KeptRecipe recipe;
};

struct HoldOp {
  std::string host;
  std::optional<HoldRecord> hold;  ///< Nullopt: its time has come.
};

struct HostStateOp {
  std::string host;
  std::string bytes;  ///< Empty: to be forgotten.
};

struct FindHostStateOp {
  std::string host;
  Frontier::StateFn found;
  std::string bytes;
};

struct WhyOp {
  Hash128 fingerprint;
  Frontier::FatesFn done;
  std::vector<Fate> fates;
};

struct RequestsOp {
  std::string url;
  Frontier::RequestsFn done;
  std::vector<AskedRequest> requests;
};

struct RetriedOp {
  std::function<void(std::vector<TaskId>)> done;
  std::vector<TaskId> ids;
};

/// How far a walk over all that wait has come: it is made in steps.
struct Sweep {
  TaskId below = 0;                  ///< Only older tasks; 0: those there are at the first step.
  std::unordered_set<TaskId> spare;  ///< Leased, begun, or about to change.
  bool queues_done = false;          ///< Then those that wait for their time.
  QueueKey from;
  DelayKey delayed_from = DelayKey::First();
  bool finished = false;
};

/// One step through the queues: drops what nobody has asked for. In a group of its own.
struct DropOp {
  std::string reason;
  Frontier::CountFn done;
  Sweep sweep;
  std::uint64_t count = 0;
};

/// One step of a cancellation. In a group of its own.
struct CancelOp {
  std::uint64_t number = 0;  ///< Of the order, for the loop.
  std::string note;          ///< Its record's name; empty: it is to be written.
  std::shared_ptr<const TaskFilter> filter;
  Sweep sweep;
  std::vector<std::uint64_t> hosts;  ///< Hosts' hashes whose queues are still to be read,
  bool all_hosts = false;            ///< if not all are.
  struct Ended {
    TaskId id = 0;
    bool was_begun = false;  ///< As the disk had it.
  };
  std::vector<Ended> ended;  ///< By this step.
};

struct NoteOp {
  std::string name, value;  ///< Empty value: it goes.
  std::function<void()> done;
};

struct SearchOp {
  std::string text, from;
  std::size_t most = 0;
  Frontier::FoundTasksFn done;
  FoundTasks found;
};

struct JobsOp {
  std::string label, from;
  std::size_t most = 0;
  Frontier::OpenJobsFn done;
  OpenJobs found;
};

/// One step through the dead letters. In a group of its own.
struct RetryOp {
  DeadFilter filter;
  Frontier::CountFn done;
  TaskId from = 0;
  TaskId below = 0;
  std::uint64_t count = 0;
  bool finished = false;
  std::vector<Held> fresh;
};

using Op = std::variant<PublishOp, CompleteOp, ReleaseOp, BlameOp, CloseJobOp, FindOp, KeepOp,
                        HoldOp, HostStateOp, FindHostStateOp, WhyOp, RequestsOp, RetriedOp, DropOp,
                        RetryOp, CancelOp, NoteOp, SearchOp, JobsOp>;

/// Some of one host's queue.
struct HostLoad {
  std::uint64_t host = 0;
  ReadyKey from;
  std::size_t max_tasks = 0;
  std::size_t max_bytes = 0;  ///< One task may go beyond.
  std::vector<Held> tasks;
  std::optional<ReadyKey> next;  ///< Where more may be; nullopt: there was none.
};

/// The heads of the queues of hosts that are not in memory.
struct ScanLoad {
  std::uint64_t from = 0;           ///< A host's hash.
  std::vector<std::uint64_t> skip;  ///< Hosts, ascending.
  std::size_t max_hosts = 0;
  std::size_t max_tasks = 0;  ///< Of each.
  std::size_t max_bytes = 0;  ///< Of all.
  std::vector<HostLoad> hosts;
  std::optional<std::uint64_t> next;  ///< Nullopt: that was the last.
};

struct DelayLoad {
  struct Waiting {
    Held held;
    std::int64_t delay_ms = 0;
  };
  DelayKey from;
  std::size_t max_tasks = 0;
  std::size_t max_bytes = 0;
  std::vector<Waiting> tasks;
  std::optional<DelayKey> next;
};

struct ReportLoad {
  TaskId from = 0;
  std::size_t max_reports = 0;
  std::vector<JobReport> reports;
  std::optional<TaskId> next;
};

/// What the frontier tells of itself, as of the last batch.
struct Facts {
  TaskId next_id = 1, low = 1;
  Ledger ledger;
  std::uint64_t open = 0;  ///< Tasks and jobs that have not ended.
  std::uint64_t retrying = 0, postponed = 0, reports = 0;
};

struct Group {
  std::int64_t now_ms = 0;  ///< Wall clock.
  std::vector<Op> ops;
  std::vector<HostLoad> host_loads;
  std::optional<ScanLoad> scan;
  std::optional<DelayLoad> delay_load;
  std::optional<ReportLoad> report_load;

  std::vector<TaskId> closed;      ///< Ended in it, or before and asked about again.
  std::vector<JobReport> reports;  ///< Jobs that ended in it.
  Facts facts;
};

}  // namespace thresh
