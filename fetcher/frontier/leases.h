#pragma once

// Leases: tasks that the caller has, each until some time.

#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "fetcher/frontier/group.h"

namespace thresh {

class Leases {
 public:
  void Add(Held held, SteadyTime until) {
    const TaskId id = held.task.id;
    ends_.emplace(until, id);
    leases_.emplace(id, Lease{std::move(held), until});
  }

  void Extend(TaskId id, SteadyTime until) {
    const auto found = leases_.find(id);
    if (found == leases_.end()) return;
    ends_.erase({found->second.until, id});
    ends_.emplace(until, id);
    found->second.until = until;
  }

  [[nodiscard]] std::optional<Held> Remove(TaskId id) {
    auto node = leases_.extract(id);
    if (node.empty()) return std::nullopt;
    ends_.erase({node.mapped().until, id});
    return std::move(node.mapped().held);
  }

  /// One that has run out.
  [[nodiscard]] std::optional<Held> TakeRunOut(SteadyTime now) {
    if (ends_.empty() || ends_.begin()->first > now) return std::nullopt;
    return Remove(ends_.begin()->second);
  }

  [[nodiscard]] Held* Find(TaskId id) {
    const auto found = leases_.find(id);
    return found == leases_.end() ? nullptr : &found->second.held;
  }
  [[nodiscard]] const Held* Find(TaskId id) const {
    const auto found = leases_.find(id);
    return found == leases_.end() ? nullptr : &found->second.held;
  }

  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const auto& [id, lease] : leases_) visit(lease.held.task);
  }
  template <typename Ids>
  void AddIds(Ids& ids) const {
    for (const auto& [id, lease] : leases_) ids.insert(id);
  }

  [[nodiscard]] SteadyTime NextEnd() const {
    return ends_.empty() ? SteadyTime::max() : ends_.begin()->first;
  }
  [[nodiscard]] std::size_t size() const noexcept { return leases_.size(); }

 private:
  struct Lease {
    Held held;
    SteadyTime until;
  };
  std::unordered_map<TaskId, Lease> leases_;
  std::set<std::pair<SteadyTime, TaskId>> ends_;
};

}  // namespace thresh
