#include "fetcher/frontier/delays.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "fetcher/frontier/reader.h"

namespace thresh {

std::int64_t RemainingMs(std::int64_t due_ms, std::int64_t delay_ms, std::int64_t now_ms) {
  if (due_ms <= now_ms) return 0;
  return std::min(due_ms - now_ms, std::max<std::int64_t>(delay_ms, 0));
}

void Delays::Put(Held held, SteadyTime due) {
  const DelayKey key{held.place.due_ms, held.task.id};
  // What is being read now was on disk before this one.
  if (held.place.delayed && next_ && key >= *next_ && !loading_) return;
  Insert(std::move(held), due);
  while (full() && !keys_.empty()) {
    next_ = *keys_.rbegin();
    (void)Remove(next_->id);
  }
}

void Delays::Insert(Held held, SteadyTime due) {
  const TaskId id = held.task.id;
  bytes_ += CostOf(held.task);
  due_.emplace(due, id);
  if (held.place.delayed) keys_.insert({held.place.due_ms, id});
  entries_.emplace(id, Entry{std::move(held), due});
}

std::optional<Held> Delays::TakeDue(SteadyTime now) {
  if (due_.empty() || due_.begin()->first > now) return std::nullopt;
  return Remove(due_.begin()->second);
}

std::optional<Held> Delays::Remove(TaskId id) {
  auto node = entries_.extract(id);
  if (node.empty()) return std::nullopt;
  Entry& entry = node.mapped();
  bytes_ -= CostOf(entry.held.task);
  due_.erase({entry.due, id});
  keys_.erase({entry.held.place.due_ms, id});
  return std::move(entry.held);
}

const Held* Delays::Find(TaskId id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second.held;
}

void Delays::ForgetNew() {
  std::vector<DelayKey> keys;
  for (const auto& [id, entry] : entries_) {
    const Held& held = entry.held;
    if (held.place.delayed && held.task.attempts == 0) keys.push_back({held.place.due_ms, id});
  }
  for (const DelayKey& key : keys) {
    (void)Remove(key.id);
    next_ = next_ ? std::min(*next_, key) : key;
  }
}

void Delays::AddIds(std::unordered_set<TaskId>& ids) const {
  for (const auto& [id, entry] : entries_) ids.insert(id);
}

bool Delays::wants_load() const {
  return next_ && !loading_ && entries_.size() < (max_tasks_ + 1) / 2 && bytes_ < max_bytes_;
}

void Delays::Plan(Group& group) {
  if (!wants_load()) return;
  loading_ = true;
  group.delay_load = DelayLoad{
      .from = *next_, .max_tasks = max_tasks_ - entries_.size(), .max_bytes = max_bytes_ - bytes_};
}

void Delays::TakeLoaded(DelayLoad load, std::int64_t now_ms, SteadyTime now,
                        const ElsewhereFn& elsewhere) {
  loading_ = false;
  if (next_ != load.from) return;  // Some were forgotten meanwhile, from before what was read.
  next_ = load.next;
  for (DelayLoad::Waiting& waiting : load.tasks) {
    const TaskId id = waiting.held.task.id;
    if (entries_.contains(id) || elsewhere(id)) continue;
    const std::int64_t left = RemainingMs(waiting.held.place.due_ms, waiting.delay_ms, now_ms);
    Insert(std::move(waiting.held), now + std::chrono::milliseconds(left));
  }
}

}  // namespace thresh
