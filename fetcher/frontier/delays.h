#pragma once

// Delays: tasks that wait for their time. Those due first are in memory, as many as the bounds
// allow; where on disk there may be more is remembered, by the wall clock, as the disk has them.
// What is in memory waits by the monotonic clock: a clock that is set forward or back moves
// nothing.
//
// Lifetime: lives on the loop; borrows nothing.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "fetcher/frontier/frontier.h"
#include "fetcher/frontier/group.h"
#include "fetcher/frontier/keys.h"

namespace thresh {

class Delays {
 public:
  using ElsewhereFn = std::function<bool(TaskId)>;

  Delays(std::size_t max_tasks, std::size_t max_bytes, bool all_loaded)
      : max_tasks_(max_tasks), max_bytes_(max_bytes) {
    if (!all_loaded) next_ = DelayKey::First();
  }

  /// A task that waits; it may be left on disk.
  void Put(Held held, SteadyTime due);
  /// One whose time has come.
  [[nodiscard]] std::optional<Held> TakeDue(SteadyTime now);
  [[nodiscard]] std::optional<Held> Remove(TaskId id);
  [[nodiscard]] const Held* Find(TaskId id) const;
  [[nodiscard]] bool Contains(TaskId id) const { return entries_.contains(id); }
  /// Leaves those never asked for to the disk: they are being dropped there.
  void ForgetNew();
  void AddIds(std::unordered_set<TaskId>& ids) const;

  [[nodiscard]] bool wants_load() const;
  void Plan(Group& group);
  /// `now_ms` is the wall clock.
  void TakeLoaded(DelayLoad load, std::int64_t now_ms, SteadyTime now,
                  const ElsewhereFn& elsewhere);

  [[nodiscard]] SteadyTime NextDue() const {
    return due_.empty() ? SteadyTime::max() : due_.begin()->first;
  }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    Held held;
    SteadyTime due;
  };
  [[nodiscard]] bool full() const { return entries_.size() > max_tasks_ || bytes_ > max_bytes_; }
  void Insert(Held held, SteadyTime due);

  const std::size_t max_tasks_, max_bytes_;
  std::size_t bytes_ = 0;
  std::unordered_map<TaskId, Entry> entries_;
  std::set<std::pair<SteadyTime, TaskId>> due_;
  std::set<DelayKey> keys_;       // Of those that the disk has here too: the last may be forgotten.
  std::optional<DelayKey> next_;  // On disk there may be tasks from here on that are not here.
  bool loading_ = false;
};

/// What is left of a wait of `delay_ms` that ends at `due_ms`: never more than all of it, so that
/// a clock that was set back prolongs none.
[[nodiscard]] std::int64_t RemainingMs(std::int64_t due_ms, std::int64_t delay_ms,
                                       std::int64_t now_ms);

}  // namespace thresh
