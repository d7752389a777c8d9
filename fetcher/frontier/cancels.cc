#include "fetcher/frontier/cancels.h"

#include <algorithm>

#include "fetcher/frontier/codec.h"

namespace thresh {

std::string CancelRecord::Encode() const {
  return Encoder().Number(below).Raw(filter.Encode()).Take();
}

std::optional<CancelRecord> CancelRecord::Decode(std::string_view bytes) {
  Decoder in(bytes);
  CancelRecord record{.below = in.Number()};
  auto filter = TaskFilter::Decode(in.rest());
  if (!in.ok() || !filter) return std::nullopt;
  record.filter = std::move(*filter);
  return record;
}

Cancels::Order& Cancels::Add(TaskFilter filter, Frontier::CancelFns told) {
  return orders_.emplace_back(Order{.number = next_number_++,
                                    .filter = std::make_shared<const TaskFilter>(std::move(filter)),
                                    .told = std::move(told)});
}

void Cancels::Restore(const std::string& note, std::string_view record) {
  auto read = CancelRecord::Decode(record);
  if (!read) return;
  Order& order = Add(std::move(read->filter), {});
  order.note = note;
  order.below = read->below;
  order.waits = true;
}

Cancels::Order* Cancels::Find(std::uint64_t number) {
  const auto found = std::find_if(orders_.begin(), orders_.end(),
                                  [&](const Order& order) { return order.number == number; });
  return found == orders_.end() ? nullptr : &*found;
}

std::vector<Cancels::Order*> Cancels::Waiting() {
  std::vector<Order*> waiting;
  for (Order& order : orders_) {
    if (order.waits) waiting.push_back(&order);
  }
  return waiting;
}

bool Cancels::any_waits() const {
  return std::any_of(orders_.begin(), orders_.end(), [](const Order& o) { return o.waits; });
}

const Cancels::Order* Cancels::Of(const Task& task) const {
  for (const Order& order : orders_) {
    if (task.id < order.below && order.filter->Matches(task)) return &order;
  }
  return nullptr;
}

void Cancels::Ended(TaskId id) {
  for (Order& order : orders_) {
    order.leased.erase(id);
    order.dropping.erase(id);
  }
}

std::vector<std::string> Cancels::TakeOver() {
  std::vector<std::string> notes;
  std::erase_if(orders_, [&](Order& order) {
    if (!order.passed || !order.dropping.empty()) return false;
    if (auto done = std::exchange(order.told, {}).done) done({order.count, order.leased.size()});
    if (!order.leased.empty()) return false;
    if (!order.note.empty()) notes.push_back(order.note);
    return true;
  });
  return notes;
}

}  // namespace thresh
