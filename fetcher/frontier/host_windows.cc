#include "fetcher/frontier/host_windows.h"

#include <algorithm>
#include <chrono>

#include "fetcher/frontier/reader.h"

namespace thresh {
namespace {

constexpr std::size_t kLeastShare = 4;
constexpr std::size_t kMostShare = 512;

// When a task that was not asked for yet is to be dropped instead.
SteadyTime ExpiryOf(const Held& held, SteadyTime now, std::int64_t now_ms) {
  const std::int64_t expires_at_ms = held.task.seed.expires_at_ms;
  if (expires_at_ms == 0 || held.task.attempts != 0) return SteadyTime::max();
  constexpr std::int64_t kDayMs = 86'400'000;  // Beyond it, it is asked again.
  return now + std::chrono::milliseconds(std::min(expires_at_ms - now_ms, kDayMs));
}

ReadyKey KeyOfHeld(const Held& held) {
  return ReadyKey::Of(held.task.seed.priority, held.task.id);
}

}  // namespace

std::size_t HostWindows::share() const {
  const std::size_t fair = bounds_.tasks / std::max<std::size_t>(1, windows_.size());
  return std::clamp(fair, kLeastShare, kMostShare);
}

// ---- Tasks in, tasks out ----------------------------------------------------------

void HostWindows::Offer(Held held) {
  const std::uint64_t host = held.place.host;
  auto found = windows_.find(host);
  if (found == windows_.end()) {
    if (rest_ || frozen_ || windows_.size() >= bounds_.hosts || is_full()) {
      LeaveOnDisk(host);
      return;
    }
    found = windows_.try_emplace(host).first;
  }
  Window& window = found->second;
  const ReadyKey key = KeyOfHeld(held);
  if (frozen_ || (window.next && key >= *window.next)) return;
  const bool full = window.ready.size() >= share() || bytes_ >= bounds_.bytes;
  if (full && !window.ready.empty() && key > window.ready.rbegin()->first) {
    window.next = key;
    return;
  }
  const bool is_head = window.ready.empty() || key < window.ready.begin()->first;
  Insert(host, window, std::move(held));
  Trim(window);
  if (is_head) PutInTurn(host, window);
}

void HostWindows::Return(Held held) {
  const std::uint64_t host = HostHash(held.task.seed.host);
  Unpark(host);
  auto [found, is_new] = windows_.try_emplace(host);
  Window& window = found->second;
  if (is_new && (rest_ || frozen_)) window.next = ReadyKey{};
  Insert(host, window, std::move(held));
  PutInTurn(host, window);
  if (is_new) Settle(host, window);
}

// The cursor will find it.
void HostWindows::LeaveOnDisk(std::uint64_t host) {
  rest_ = true;
  cycle_missed_ = true;
  if (!parked_.contains(host)) scan_after_ = SteadyTime::min();
}

std::optional<Held> HostWindows::Take(SteadyTime now, std::int64_t now_ms, const HostGate& gate) {
  while (!waiting_.empty() && waiting_.begin()->first <= now) Wake(waiting_.begin()->second);
  for (std::size_t left = turn_.size(); left > 0; --left) {
    const std::uint64_t host = turn_.front();
    turn_.pop_front();
    Window& window = windows_.at(host);
    window.in_turn = false;
    if (window.ready.empty()) {
      Settle(host, window);
      continue;
    }
    const auto head = window.ready.begin();
    if (!IsExpired(head->second, now_ms)) {
      const SteadyTime asked_at = AskAgainAt(host, head->second.task, now, gate);
      if (asked_at > now) {  // Out of turn until then, or until Wake().
        Wait(host, window, std::min(asked_at, ExpiryOf(head->second, now, now_ms)));
        continue;
      }
    }
    Held held = Extract(window, head);
    if (!window.ready.empty()) PutInTurn(host, window);
    Settle(host, window);
    return held;
  }
  return std::nullopt;
}

// Not after now: at once.
SteadyTime HostWindows::AskAgainAt(std::uint64_t host, const Task& head, SteadyTime now,
                                   const HostGate& gate) const {
  if (const auto hold = holds_.find(host); hold != holds_.end() && hold->second > now) {
    return hold->second;
  }
  const HostVerdict verdict = gate(head);
  if (verdict.may_start) return now;
  return std::max(verdict.ask_again, now + SteadyTime::duration(1));
}

std::optional<Held> HostWindows::Remove(TaskId id) {
  const auto found = index_.find(id);
  if (found == index_.end()) return std::nullopt;
  const auto [host, key] = found->second;
  Window& window = windows_.at(host);
  Held held = Extract(window, window.ready.find(key));
  Settle(host, window);
  return held;
}

const Held* HostWindows::Find(TaskId id) const {
  const auto found = index_.find(id);
  if (found == index_.end()) return nullptr;
  return &windows_.at(found->second.first).ready.at(found->second.second);
}

std::pair<std::size_t, bool> HostWindows::QueuedOf(std::uint64_t host) const {
  const auto found = windows_.find(host);
  if (found == windows_.end()) return {0, rest_};
  return {found->second.ready.size(), found->second.next.has_value()};
}

void HostWindows::AddIds(std::unordered_set<TaskId>& ids) const {
  for (const auto& [id, at] : index_) ids.insert(id);
}

void HostWindows::Insert(std::uint64_t host, Window& window, Held held) {
  const ReadyKey key = KeyOfHeld(held);
  ++tasks_;
  bytes_ += CostOf(held.task);
  index_.emplace(held.task.id, std::pair(host, key));
  window.ready.emplace(key, std::move(held));
}

Held HostWindows::Extract(Window& window, std::map<ReadyKey, Held>::iterator at) {
  Held held = std::move(window.ready.extract(at).mapped());
  --tasks_;
  bytes_ -= CostOf(held.task);
  index_.erase(held.task.id);
  return held;
}

void HostWindows::Trim(Window& window) {
  while (window.ready.size() > share()) {
    const auto last = std::prev(window.ready.end());
    if (!IsNew(last->second)) return;
    window.next = last->first;
    Extract(window, last);
  }
}

void HostWindows::Settle(std::uint64_t host, Window& window) {
  if (window.next && !frozen_ && window.ready.size() < (share() + 1) / 2) hungry_.insert(host);
  if (!window.ready.empty() || window.next || window.in_turn) return;
  StopWaiting(host, window);
  hungry_.erase(host);
  windows_.erase(host);
}

// ---- Turns ------------------------------------------------------------------------

void HostWindows::PutInTurn(std::uint64_t host, Window& window) {
  StopWaiting(host, window);
  if (std::exchange(window.in_turn, true)) return;
  turn_.push_back(host);
  news_ = true;
}

void HostWindows::Wait(std::uint64_t host, Window& window, SteadyTime until) {
  window.ask_again = until;
  if (until != SteadyTime::max()) waiting_.emplace(until, host);
}

void HostWindows::StopWaiting(std::uint64_t host, Window& window) {
  const SteadyTime until = std::exchange(window.ask_again, SteadyTime::max());
  if (until != SteadyTime::max()) waiting_.erase({until, host});
}

void HostWindows::Wake(std::uint64_t host) {
  Unpark(host);
  const auto found = windows_.find(host);
  if (found == windows_.end()) return;
  StopWaiting(host, found->second);
  if (!found->second.ready.empty()) PutInTurn(host, found->second);
}

void HostWindows::WakeAll() {
  while (!parked_due_.empty()) Unpark(parked_due_.begin()->second);
  while (!waiting_.empty()) Wake(waiting_.begin()->second);
}

void HostWindows::EndHold(std::uint64_t host) {
  holds_.erase(host);
  Wake(host);
}

SteadyTime HostWindows::NextDue() const {
  if (!turn_.empty()) return SteadyTime::min();
  SteadyTime next = waiting_.empty() ? SteadyTime::max() : waiting_.begin()->first;
  if (!parked_due_.empty()) next = std::min(next, parked_due_.begin()->first);
  return next;
}

// ---- Dropping what is new -----------------------------------------------------------

std::vector<Held> HostWindows::Freeze() {
  std::vector<Held> waited;
  frozen_ = true;
  rest_ = true;
  hungry_.clear();
  for (auto& [host, window] : windows_) {
    window.next = ReadyKey{};
    for (auto at = window.ready.begin(); at != window.ready.end();) {
      const auto here = at++;
      const Held& held = here->second;
      if (IsNew(held)) {
        Extract(window, here);
      } else if (held.task.attempts == 0) {
        waited.push_back(Extract(window, here));
      }
    }
  }
  return waited;
}

void HostWindows::Thaw() {
  frozen_ = false;
  cursor_ = 0;
  cycle_missed_ = true;
  scan_after_ = SteadyTime::min();
  for (const auto& [host, window] : windows_) {
    if (window.next) hungry_.insert(host);
  }
}

}  // namespace thresh
