#include "fetcher/frontier/memory_frontier.h"

#include <algorithm>

namespace thresh {

void MemoryFrontier::Publish(std::vector<TaskSeed> seeds, PublishedFn done) {
  done(Add(std::move(seeds)));
}

std::vector<Published> MemoryFrontier::Add(std::vector<TaskSeed> seeds) {
  std::vector<Published> answers;
  answers.reserve(seeds.size());
  for (TaskSeed& seed : seeds) {
    if (!seed.dont_filter && !seen_.insert(Fingerprint(seed)).second) {
      answers.push_back({.duplicate = true});
      continue;
    }
    const TaskId id = next_id_++;
    answers.push_back({.id = id});
    if (!seed.drop_reason.empty()) continue;  // Ended as it began.
    open_.insert(id);
    Enqueue({.id = id, .seed = std::move(seed)});
  }
  return answers;
}

void MemoryFrontier::Enqueue(Task task) {
  ++queued_;
  Host& host = hosts_[task.seed.host];
  PutInTurn(task.seed.host, host);
  host.ready.emplace(ReadyKey{~task.seed.priority, task.id}, std::move(task));
}

void MemoryFrontier::PutInTurn(const std::string& name, Host& host) {
  if (std::exchange(host.in_turn, true)) return;
  turn_.push_back(name);
}

void MemoryFrontier::TakeDue(SteadyTime now) {
  while (!lease_ends_.empty() && lease_ends_.begin()->first <= now) {
    Release(lease_ends_.begin()->second, now);
  }
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    Task task = std::move(delayed_.extract(delayed_.begin()).mapped());
    if (!open_.contains(task.id)) continue;  // Ended while it waited.
    --queued_;                               // Enqueue() counts it again.
    Enqueue(std::move(task));
  }
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    Wake(std::exchange(waiting_.begin()->second, {}));
    waiting_.erase(waiting_.begin());
  }
}

std::optional<Task> MemoryFrontier::Lease(SteadyTime now, SteadyTime until, const HostGate& gate) {
  TakeDue(now);
  for (std::size_t left = turn_.size(); left > 0; --left) {
    const std::string name = std::move(turn_.front());
    turn_.pop_front();
    Host& host = hosts_.at(name);
    host.in_turn = false;
    while (!host.ready.empty() && !open_.contains(host.ready.begin()->second.id)) {
      host.ready.erase(host.ready.begin());  // Ended while it waited.
    }
    if (host.ready.empty()) {
      hosts_.erase(name);
      continue;
    }
    const auto head = host.ready.begin();
    if (const HostVerdict verdict = gate(head->second); !verdict.may_start) {
      if (verdict.ask_again != SteadyTime::max()) waiting_.emplace(verdict.ask_again, name);
      continue;  // Out of turn until then, or until Wake().
    }
    Task task = std::move(host.ready.extract(head).mapped());
    PutInTurn(name, host);
    --queued_;
    ++task.attempts;
    const TaskId id = task.id;
    lease_ends_.emplace(until, id);
    return leases_.emplace(id, Held{std::move(task), until}).first->second.task;
  }
  return std::nullopt;
}

void MemoryFrontier::Extend(TaskId id, SteadyTime until) {
  const auto found = leases_.find(id);
  if (found == leases_.end()) return;
  lease_ends_.erase({found->second.until, id});
  lease_ends_.emplace(until, id);
  found->second.until = until;
}

void MemoryFrontier::Release(TaskId id, SteadyTime due) {
  auto node = leases_.extract(id);
  if (node.empty()) return;
  lease_ends_.erase({node.mapped().until, id});
  ++queued_;
  delayed_.emplace(due, std::move(node.mapped().task));
}

void MemoryFrontier::Complete(TaskId id, TaskEnd, std::vector<TaskSeed> children,
                              CompletedFn done) {
  if (open_.erase(id) == 0) return;
  if (auto node = leases_.extract(id); node.empty()) {
    --queued_;  // Its entry in the queue is passed over when its turn comes.
  } else {
    lease_ends_.erase({node.mapped().until, id});
  }
  done(Add(std::move(children)));
}

void MemoryFrontier::Wake(const std::string& name) {
  const auto found = hosts_.find(name);
  if (found != hosts_.end()) PutInTurn(name, found->second);
}

std::uint64_t MemoryFrontier::DropNew() {
  std::uint64_t dropped = 0;
  for (auto& [name, host] : hosts_) {
    dropped += std::erase_if(host.ready, [this](const auto& entry) {
      const Task& task = entry.second;
      return task.attempts == 0 && open_.erase(task.id) != 0;
    });
  }
  queued_ -= dropped;
  return dropped;
}

SteadyTime MemoryFrontier::NextDue() const {
  if (!turn_.empty()) return SteadyTime::min();
  SteadyTime next = SteadyTime::max();
  if (!delayed_.empty()) next = std::min(next, delayed_.begin()->first);
  if (!waiting_.empty()) next = std::min(next, waiting_.begin()->first);
  if (!lease_ends_.empty()) next = std::min(next, lease_ends_.begin()->first);
  return next;
}

TaskId MemoryFrontier::low() const {
  return open_.empty() ? next_id_ : *open_.begin();
}

}  // namespace thresh
