#pragma once

// Cancels: orders to drop tasks that are at work. An order ends when its pass over the queues is
// done and nothing that it named is leased any more; until then a task that it names is neither
// leased, nor tried again, nor followed. It stands in the state, so that a restart goes on with it.
//
//   Add() ─▶ the pass ─▶ told.done ─▶ Ended() of those leased ─▶ TakeOver()
//
// Lifetime: lives on the loop; borrows nothing.

#include <cstdint>
#include <functional>
#include <limits>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "fetcher/frontier/frontier.h"
#include "fetcher/frontier/task_filter.h"

namespace thresh {

/// What CancelOp and the note in the state have of an order.
struct CancelRecord {
  TaskId below = 0;  ///< Only older tasks.
  TaskFilter filter;

  [[nodiscard]] std::string Encode() const;
  [[nodiscard]] static std::optional<CancelRecord> Decode(std::string_view bytes);
};

class Cancels {
 public:
  struct Order {
    std::uint64_t number = 0;
    std::string note;  ///< The record's name in the state; empty: it is not written yet.
    std::shared_ptr<const TaskFilter> filter;
    TaskId below = std::numeric_limits<TaskId>::max();  ///< Until it is known: all there are.
    bool waits = false;   ///< Of an earlier life: its pass has not been asked for.
    bool passed = false;  ///< Over all queues.
    std::uint64_t count = 0;
    std::unordered_set<TaskId> leased;
    std::unordered_set<TaskId> dropping;  ///< Met beside the pass; their end is being written.
    Frontier::CancelFns told;
  };

  Order& Add(TaskFilter filter, Frontier::CancelFns told);
  /// Of an earlier life. Nothing happens for what is no record.
  void Restore(const std::string& note, std::string_view record);

  [[nodiscard]] Order* Find(std::uint64_t number);
  [[nodiscard]] std::vector<Order*> Waiting();
  [[nodiscard]] bool any_waits() const;
  [[nodiscard]] bool empty() const noexcept { return orders_.empty(); }

  /// The order that names the task; null: none.
  [[nodiscard]] const Order* Of(const Task& task) const;
  [[nodiscard]] Order* Of(const Task& task) {
    return const_cast<Order*>(std::as_const(*this).Of(task));
  }
  /// The task has ended.
  void Ended(TaskId id);
  /// Tells of passes that are done, and forgets orders that are over: their notes.
  [[nodiscard]] std::vector<std::string> TakeOver();

 private:
  std::list<Order> orders_;
  std::uint64_t next_number_ = 1;
};

}  // namespace thresh
