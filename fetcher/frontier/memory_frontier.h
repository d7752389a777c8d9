#pragma once

// MemoryFrontier: a frontier that lives and dies with its process.

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "fetcher/frontier/frontier.h"

namespace thresh {

class MemoryFrontier final : public Frontier {
 public:
  void Publish(std::vector<TaskSeed> seeds, PublishedFn done) override;
  std::optional<Task> Lease(SteadyTime now, SteadyTime until, const HostGate& gate) override;
  void Extend(TaskId id, SteadyTime until) override;
  void Release(TaskId id, SteadyTime due) override;
  void Complete(TaskId id, TaskEnd end, std::vector<TaskSeed> children, CompletedFn done) override;
  void Wake(const std::string& host) override;
  std::uint64_t DropNew() override;
  [[nodiscard]] SteadyTime NextDue() const override;
  [[nodiscard]] TaskId next_id() const override { return next_id_; }
  [[nodiscard]] TaskId low() const override;
  [[nodiscard]] std::uint64_t queued() const override { return queued_; }
  [[nodiscard]] std::uint64_t leased() const override { return leases_.size(); }

 private:
  // Higher priority first (its complement is lower), then the older task.
  using ReadyKey = std::pair<std::int64_t, TaskId>;
  struct Host {
    std::map<ReadyKey, Task> ready;
    bool in_turn = false;  // Stands in turn_.
  };
  struct Held {
    Task task;
    SteadyTime until;
  };

  std::vector<Published> Add(std::vector<TaskSeed> seeds);
  void Enqueue(Task task);
  void TakeDue(SteadyTime now);
  void PutInTurn(const std::string& name, Host& host);

  TaskId next_id_ = 1;
  std::uint64_t queued_ = 0;
  std::unordered_set<Hash128> seen_;
  std::unordered_map<std::string, Host> hosts_;
  std::deque<std::string> turn_;                    // Hosts to ask, the next one first.
  std::multimap<SteadyTime, Task> delayed_;         // Tasks whose time has not come,
  std::multimap<SteadyTime, std::string> waiting_;  // and hosts to ask again later.
  std::unordered_map<TaskId, Held> leases_;
  std::set<std::pair<SteadyTime, TaskId>> lease_ends_;
  std::set<TaskId> open_;  // Not ended.
};

}  // namespace thresh
