#pragma once

// HostWindows: the part of the hosts' queues that is in memory. Each loaded host has a window:
// the head of its queue, in order, and where on disk there may be more. Hosts take turns. Of the
// hosts that are not loaded only this is known: that there may be some, and how far a cursor over
// them has come.
//
// Bounds hold whatever waits on disk. If all loaded hosts have to wait while others may not, those
// that wait longest make room: they are parked, and only the time is kept at which they are due.
//
// Lifetime: lives on the loop; borrows nothing.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "fetcher/frontier/frontier.h"
#include "fetcher/frontier/group.h"
#include "fetcher/frontier/keys.h"

namespace thresh {

/// It was to be begun before now.
[[nodiscard]] inline bool IsExpired(const Held& held, std::int64_t now_ms) {
  const std::int64_t expires_at_ms = held.task.seed.expires_at_ms;
  return expires_at_ms != 0 && expires_at_ms <= now_ms && held.task.attempts == 0;
}

class HostWindows {
 public:
  struct Bounds {
    std::size_t hosts = 0, tasks = 0, bytes = 0;
  };
  /// Is this task in memory, outside the windows?
  using ElsewhereFn = std::function<bool(TaskId)>;
  /// Takes a task with an attempt, whose host is parked until then.
  using ParkFn = std::function<void(Held, SteadyTime)>;

  /// `all_loaded`: there is nothing on disk.
  HostWindows(Bounds bounds, bool all_loaded, ParkFn park)
      : bounds_(bounds), park_(std::move(park)), rest_(!all_loaded) {}

  /// A new task; it may be left on disk.
  void Offer(Held held);
  /// A task whose lease has run out, or whose time has come.
  void Return(Held held);
  /// The head of the next host that `gate` lets through; or one that has expired, without asking.
  /// `now_ms` is the wall clock.
  [[nodiscard]] std::optional<Held> Take(SteadyTime now, std::int64_t now_ms, const HostGate& gate);
  [[nodiscard]] std::optional<Held> Remove(TaskId id);
  [[nodiscard]] const Held* Find(TaskId id) const;
  void AddIds(std::unordered_set<TaskId>& ids) const;
  /// Tasks of the host in memory, and whether more may be on disk.
  [[nodiscard]] std::pair<std::size_t, bool> QueuedOf(std::uint64_t host) const;

  void Wake(std::uint64_t host);
  void WakeAll();
  void Hold(std::uint64_t host, SteadyTime until) { holds_[host] = until; }
  void EndHold(std::uint64_t host);

  /// Forgets new tasks, and takes none until Thaw(): they are being dropped on disk. Gives back
  /// those of them that have waited for their time.
  [[nodiscard]] std::vector<Held> Freeze();
  void Thaw();

  /// Adds what is to be read to the group.
  void Plan(Group& group, SteadyTime now);
  void TakeLoaded(HostLoad load, const ElsewhereFn& elsewhere);
  void TakeScanned(ScanLoad scan, const ElsewhereFn& elsewhere);

  /// Some host's turn came since this was asked last.
  [[nodiscard]] bool TakeNews() { return std::exchange(news_, false); }
  /// A host is to be asked at once: min(); none ever: max().
  [[nodiscard]] SteadyTime NextDue() const;
  [[nodiscard]] bool is_full() const { return tasks_ >= bounds_.tasks || bytes_ >= bounds_.bytes; }
  [[nodiscard]] std::size_t tasks() const noexcept { return tasks_; }
  [[nodiscard]] std::size_t hosts() const noexcept { return windows_.size(); }
  [[nodiscard]] bool wants_load(SteadyTime now) const;

 private:
  struct Window {
    std::map<ReadyKey, Held> ready;
    // On disk there may be tasks from here on that are not in `ready`; nullopt: none.
    std::optional<ReadyKey> next;
    bool loading = false;
    bool in_turn = false;
    SteadyTime ask_again = SteadyTime::max();  // In waiting_, unless max().
  };
  using Windows = std::unordered_map<std::uint64_t, Window>;

  /// New tasks can be forgotten: they are on disk as they are here.
  [[nodiscard]] static bool IsNew(const Held& held) {
    return held.task.attempts == 0 && !held.place.delayed;
  }
  void Insert(std::uint64_t host, Window& window, Held held);
  Held Extract(Window& window, std::map<ReadyKey, Held>::iterator at);
  void Trim(Window& window);
  [[nodiscard]] SteadyTime AskAgainAt(std::uint64_t host, const Task& head, SteadyTime now,
                                      const HostGate& gate) const;
  void PutInTurn(std::uint64_t host, Window& window);
  void Wait(std::uint64_t host, Window& window, SteadyTime until);
  void StopWaiting(std::uint64_t host, Window& window);
  /// Called when a window may have run low: asks for more, or lets it go.
  void Settle(std::uint64_t host, Window& window);
  void Fill(std::uint64_t host, Window& window, HostLoad load, const ElsewhereFn& elsewhere);
  void EndCycle();
  void LeaveOnDisk(std::uint64_t host);

  [[nodiscard]] bool may_scan(SteadyTime now) const;
  void PlanHungry(Group& group);
  void PlanScan(Group& group, SteadyTime now);
  void MakeRoom(SteadyTime now);
  void Park(std::uint64_t host, SteadyTime until);
  void Unpark(std::uint64_t host);
  void UnparkDue(SteadyTime now);
  [[nodiscard]] std::size_t share() const;

  const Bounds bounds_;
  const ParkFn park_;
  Windows windows_;
  std::unordered_map<TaskId, std::pair<std::uint64_t, ReadyKey>> index_;
  std::size_t tasks_ = 0, bytes_ = 0;
  std::deque<std::uint64_t> turn_;                          // Hosts to ask, the next one first.
  std::set<std::pair<SteadyTime, std::uint64_t>> waiting_;  // Hosts to ask again later.
  std::unordered_map<std::uint64_t, SteadyTime> holds_;
  std::unordered_set<std::uint64_t> hungry_;  // Windows that have run low.
  std::unordered_map<std::uint64_t, SteadyTime> parked_;
  std::set<std::pair<SteadyTime, std::uint64_t>> parked_due_;
  bool news_ = false;
  bool frozen_ = false;

  // The cursor. rest_: there may be hosts on disk that have no window.
  bool rest_;
  bool scanning_ = false;
  std::uint64_t cursor_ = 0;
  bool cycle_missed_ = false;  // Some host was left behind the cursor.
  SteadyTime scan_after_ = SteadyTime::min();
};

}  // namespace thresh
