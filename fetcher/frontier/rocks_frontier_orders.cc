// RocksFrontier: what operators order: to cancel, to look for tasks and jobs, to keep a note.

#include <algorithm>
#include <chrono>
#include <utility>

#include "fetcher/frontier/rocks_frontier.h"
#include "lib/base/hash.h"

namespace thresh {
namespace {

constexpr std::chrono::seconds kLookAgain{1};

// The host of a canonical URL, as TaskSeed has it.
std::string_view HostOf(std::string_view url) {
  const std::size_t begin = url.find("://");
  if (begin == std::string_view::npos) return {};
  const std::string_view rest = url.substr(begin + 3);
  return rest.substr(0, rest.find_first_of("/?#"));
}

// Queues are kept by host: of those that cannot hold what is meant none is read.
std::vector<std::uint64_t> HostsOf(const TaskFilter& filter) {
  std::vector<std::uint64_t> hosts;
  if (!filter.host.empty()) {
    hosts.push_back(HostHash(filter.host));
  } else {
    for (const std::string& url : filter.urls) hosts.push_back(HostHash(HostOf(url)));
  }
  std::sort(hosts.begin(), hosts.end());
  hosts.erase(std::unique(hosts.begin(), hosts.end()), hosts.end());
  return hosts;
}

}  // namespace

// ---- Cancelling -----------------------------------------------------------------------

void RocksFrontier::Cancel(TaskFilter filter, CancelFns told) {
  Cancels::Order& order = cancels_.Add(std::move(filter), std::move(told));
  leases_.ForEach([&order](const Task& task) {
    if (order.filter->Matches(task)) order.leased.insert(task.id);
  });
  BeginPass(order);
}

void RocksFrontier::ResumeCancels() {
  for (Cancels::Order* order : cancels_.Waiting()) {
    order->waits = false;
    leases_.ForEach([order](const Task& task) {
      if (task.id < order->below && order->filter->Matches(task)) order->leased.insert(task.id);
    });
    BeginPass(*order);
  }
}

void RocksFrontier::BeginPass(const Cancels::Order& order) {
  const bool by_host = !order.filter->host.empty() || !order.filter->urls.empty();
  Ask(CancelOp{.number = order.number,
               .note = order.note,
               .filter = order.filter,
               .sweep = {.below = order.note.empty() ? 0 : order.below},
               .hosts = by_host ? HostsOf(*order.filter) : std::vector<std::uint64_t>(),
               .all_hosts = !by_host});
}

// Who has a task now sees to its end; what is about to change ends by that change.
void RocksFrontier::Spare(CancelOp& op) {
  op.sweep.spare.clear();
  leases_.AddIds(op.sweep.spare);
  for (const auto& [id, count] : busy_) op.sweep.spare.insert(id);
  op.sweep.spare.insert(finding_.begin(), finding_.end());
}

void RocksFrontier::TakeAnswer(CancelOp& op) {
  for (const CancelOp::Ended& ended : op.ended) ForgetCancelled(ended);
  Cancels::Order* order = cancels_.Find(op.number);
  order->note = op.note;
  order->below = op.sweep.below;
  order->count += op.ended.size();
  if (!op.sweep.finished) {
    if (order->told.progress) order->told.progress(order->count);
    Ask(std::move(op));
    return;
  }
  order->passed = true;
  EndCancels();
}

void RocksFrontier::ForgetCancelled(const CancelOp::Ended& ended) {
  auto held = windows_.Remove(ended.id);
  if (!held) held = delays_.Remove(ended.id);
  if (held ? held->task.attempts != 0 : ended.was_begun) --begun_;
}

void RocksFrontier::DropCancelled(Held held) {
  Cancels::Order* order = cancels_.Of(held.task);
  order->dropping.insert(held.task.id);
  DropUnasked(std::move(held), std::string(kCancelled), [this, number = order->number] {
    if (Cancels::Order* counted = cancels_.Find(number)) ++counted->count;
  });
}

void RocksFrontier::EndCancels() {
  if (cancels_.empty()) return;
  for (std::string& note : cancels_.TakeOver()) {
    notes_.erase(note);
    Ask(NoteOp{.name = std::move(note)});
  }
}

// What the sink has of these tasks is not known yet: they may be done.
HostGate RocksFrontier::GateOf(const HostGate& gate, SteadyTime now) const {
  return [this, &gate, now](const Task& head) {
    const Cancels::Order* order = cancels_.Of(head);
    if (order == nullptr || !order->waits) return gate(head);
    return HostVerdict{.may_start = false, .ask_again = now + kLookAgain};
  };
}

// ---- Looking --------------------------------------------------------------------------

void RocksFrontier::Search(std::string text, std::string from, std::size_t most,
                           FoundTasksFn found) {
  Ask(SearchOp{
      .text = std::move(text), .from = std::move(from), .most = most, .done = std::move(found)});
}

void RocksFrontier::ListJobs(std::string label, std::string from, std::size_t most,
                             OpenJobsFn listed) {
  Ask(JobsOp{
      .label = std::move(label), .from = std::move(from), .most = most, .done = std::move(listed)});
}

// ---- Notes ----------------------------------------------------------------------------

void RocksFrontier::KeepNote(std::string name, std::string value, std::function<void()> done) {
  notes_[name] = value;
  Ask(NoteOp{.name = std::move(name), .value = std::move(value), .done = std::move(done)});
}

void RocksFrontier::TakeAnswer(NoteOp& op) {
  if (op.done) op.done();
}

}  // namespace thresh
