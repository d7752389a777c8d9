#pragma once

// Frontier: every task there is, from publication to its end. Five verbs are the whole
// interface: publish, lease, extend, release, complete. What it answers is durable as
// far as the implementation is.
//
// Tasks wait in a queue for each host; hosts take turns. Whether a host may be asked
// now is for the caller to say, through HostGate.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fetcher/job/task.h"

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

enum class TaskEnd { kDone, kDead, kDropped };

class Frontier {
 public:
  using PublishedFn = std::function<void(const std::vector<Published>&)>;
  using CompletedFn = std::function<void(const std::vector<Published>& children)>;

  virtual ~Frontier() = default;

  /// Adds tasks that are not there yet; `done` gets an answer for each seed, in order,
  /// when they are durable, maybe before Publish() returns.
  virtual void Publish(std::vector<TaskSeed> seeds, PublishedFn done) = 0;

  /// The next task whose time has come, of a host that `gate` lets through; it is the
  /// caller's until `until`. Nullopt: none now.
  virtual std::optional<Task> Lease(SteadyTime now, SteadyTime until, const HostGate& gate) = 0;

  /// Prolongs a lease; a task not leased is left as it is. A task whose lease has run out
  /// is offered again.
  virtual void Extend(TaskId id, SteadyTime until) = 0;

  /// Gives a leased task back, to be offered again from `due` on; its attempt counts.
  virtual void Release(TaskId id, SteadyTime due) = 0;

  /// Ends a task, leased or given back, and publishes what follows from it, in one step. A
  /// task that has ended already is left as it is, its children too, and `done` is not called.
  virtual void Complete(TaskId id, TaskEnd end, std::vector<TaskSeed> children,
                        CompletedFn done) = 0;

  /// Asks `gate` about this host again at the next Lease().
  virtual void Wake(const std::string& host) = 0;

  /// Ends every task that was never leased, and returns how many those were.
  virtual std::uint64_t DropNew() = 0;

  /// When Lease() may have something, if nothing else happens; max(): never.
  [[nodiscard]] virtual SteadyTime NextDue() const = 0;

  [[nodiscard]] virtual TaskId next_id() const = 0;
  /// All tasks below it have ended.
  [[nodiscard]] virtual TaskId low() const = 0;
  [[nodiscard]] virtual std::uint64_t queued() const = 0;  ///< Not leased.
  [[nodiscard]] virtual std::uint64_t leased() const = 0;
};

}  // namespace thresh
