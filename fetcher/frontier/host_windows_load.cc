// HostWindows, the half that reads: which hosts' queues to load next, and who makes room.

#include <algorithm>
#include <chrono>

#include "fetcher/frontier/host_windows.h"

namespace thresh {
namespace {

constexpr std::size_t kHostsALoad = 64;
constexpr std::size_t kHostsAScan = 256;
constexpr std::size_t kScannedTasks = 32;  // Of each host at first.
constexpr std::size_t kParkedHosts = 65536;
constexpr std::chrono::milliseconds kLongWait{500};

}  // namespace

void HostWindows::Plan(Group& group, SteadyTime now) {
  if (frozen_) return;
  UnparkDue(now);
  PlanHungry(group);
  if (rest_ && !scanning_ && turn_.empty() && !may_scan(now)) MakeRoom(now);
  if (may_scan(now)) PlanScan(group, now);
}

bool HostWindows::wants_load(SteadyTime now) const {
  return !frozen_ && (!hungry_.empty() || may_scan(now) ||
                      (!parked_due_.empty() && parked_due_.begin()->first <= now) ||
                      (rest_ && !scanning_ && turn_.empty() && scan_after_ <= now));
}

void HostWindows::PlanHungry(Group& group) {
  const std::size_t loads = std::min(hungry_.size(), kHostsALoad);
  for (std::size_t i = 0; i < loads; ++i) {
    const std::uint64_t host = *hungry_.begin();
    hungry_.erase(hungry_.begin());
    Window& window = windows_.at(host);
    if (window.loading || !window.next) continue;
    if (bytes_ >= bounds_.bytes) {
      // It comes back by the cursor, when there is room.
      if (!window.ready.empty() || window.in_turn) continue;
      StopWaiting(host, window);
      windows_.erase(host);
      LeaveOnDisk(host);
      continue;
    }
    window.loading = true;
    const std::size_t wanted = share();
    group.host_loads.push_back(
        {.host = host,
         .from = *window.next,
         .max_tasks = wanted > window.ready.size() ? wanted - window.ready.size() : 1,
         .max_bytes = (bounds_.bytes - bytes_) / loads + 1});
  }
}

bool HostWindows::may_scan(SteadyTime now) const {
  return rest_ && !scanning_ && now >= scan_after_ && windows_.size() < bounds_.hosts &&
         tasks_ < bounds_.tasks + bounds_.tasks / 4 && bytes_ < bounds_.bytes;
}

void HostWindows::PlanScan(Group& group, SteadyTime) {
  ScanLoad scan{.from = cursor_,
                .max_hosts = std::min(bounds_.hosts - windows_.size(), kHostsAScan),
                .max_tasks = std::min(share(), kScannedTasks),
                .max_bytes = bounds_.bytes - bytes_};
  for (const auto& [host, window] : windows_) scan.skip.push_back(host);
  for (const auto& [host, until] : parked_) scan.skip.push_back(host);
  std::sort(scan.skip.begin(), scan.skip.end());
  scanning_ = true;
  group.scan = std::move(scan);
}

void HostWindows::TakeLoaded(HostLoad load, const ElsewhereFn& elsewhere) {
  const auto found = windows_.find(load.host);
  if (found == windows_.end()) return;
  Window& window = found->second;
  window.loading = false;
  if (frozen_) return;
  // Tasks were put back on disk meanwhile: what was read does not follow on what is here.
  if (window.next != load.from) {
    Settle(load.host, window);
    return;
  }
  const std::uint64_t host = load.host;
  Fill(host, window, std::move(load), elsewhere);
}

void HostWindows::Fill(std::uint64_t host, Window& window, HostLoad load,
                       const ElsewhereFn& elsewhere) {
  window.next = load.next;
  for (Held& held : load.tasks) {
    const TaskId id = held.task.id;
    if (!index_.contains(id) && !elsewhere(id)) Insert(host, window, std::move(held));
  }
  const bool waits = window.ask_again != SteadyTime::max();
  if (!window.ready.empty() && !waits) PutInTurn(host, window);
  Settle(host, window);
}

void HostWindows::TakeScanned(ScanLoad scan, const ElsewhereFn& elsewhere) {
  scanning_ = false;
  if (frozen_) return;
  for (HostLoad& load : scan.hosts) {
    if (parked_.contains(load.host)) continue;
    const std::uint64_t host = load.host;
    auto found = windows_.find(host);
    if (found == windows_.end() && windows_.size() >= bounds_.hosts) {
      LeaveOnDisk(host);
      continue;
    }
    if (found == windows_.end()) {
      found = windows_.try_emplace(host).first;
      found->second.next = ReadyKey{};
    }
    if (found->second.next == load.from) {
      Fill(host, found->second, std::move(load), elsewhere);
    }
  }
  if (scan.next) {
    cursor_ = *scan.next;
  } else {
    EndCycle();
  }
}

void HostWindows::EndCycle() {
  cursor_ = 0;
  const bool missed = std::exchange(cycle_missed_, false);
  if (!missed && parked_.empty()) rest_ = false;
  if (!missed && !parked_.empty()) scan_after_ = parked_due_.begin()->first;
}

// ---- Parking ----------------------------------------------------------------------

// No loaded host may be asked now: those that wait longest give way to others.
void HostWindows::MakeRoom(SteadyTime now) {
  if (now < scan_after_) return;
  std::size_t left = std::min(bounds_.hosts / 4 + 1, kParkedHosts - parked_.size());
  while (left-- > 0 && !waiting_.empty()) {
    const auto [until, host] = *waiting_.rbegin();
    if (until < now + kLongWait) return;
    Park(host, until);
  }
}

void HostWindows::Park(std::uint64_t host, SteadyTime until) {
  Window& window = windows_.at(host);
  StopWaiting(host, window);
  while (!window.ready.empty()) {
    Held held = Extract(window, window.ready.begin());
    if (!IsNew(held)) park_(std::move(held), until);
  }
  hungry_.erase(host);
  windows_.erase(host);
  parked_.emplace(host, until);
  parked_due_.emplace(until, host);
}

void HostWindows::Unpark(std::uint64_t host) {
  const auto found = parked_.find(host);
  if (found == parked_.end()) return;
  parked_due_.erase({found->second, host});
  parked_.erase(found);
  LeaveOnDisk(host);
}

void HostWindows::UnparkDue(SteadyTime now) {
  while (!parked_due_.empty() && parked_due_.begin()->first <= now) {
    Unpark(parked_due_.begin()->second);
  }
}

}  // namespace thresh
