// GroupWriter: the steps of a cancellation, and notes.

#include <utility>

#include "fetcher/frontier/cancels.h"
#include "fetcher/frontier/group_writer.h"

namespace thresh {
namespace {

std::string NoteKey(std::string_view name) {
  return keys::Of(keys::kMeta, "note:" + std::string(name));
}

std::string EndOfHost(std::uint64_t host) {
  return host == UINT64_MAX ? keys::Of(keys::kQueue + 1) : keys::Of(keys::kQueue, host + 1);
}

}  // namespace

Result<> GroupWriter::Apply(NoteOp& op) {
  if (op.value.empty()) {
    changes_->Erase(NoteKey(op.name));
  } else {
    changes_->Put(NoteKey(op.name), op.value);
  }
  return Ok{};
}

// The order is durable with its first step, under a name that no other one has.
Result<> GroupWriter::Apply(CancelOp& op) {
  op.ended.clear();
  if (op.sweep.below == 0) op.sweep.below = book_.state.next_id;
  if (op.note.empty()) {
    op.note = "cancel:" + std::to_string(book_.state.batch + 1);
    changes_->Put(NoteKey(op.note), CancelRecord{op.sweep.below, *op.filter}.Encode());
  }
  std::vector<Held> condemned;
  const auto matches = [&op](const Held& held) { return op.filter->Matches(held.task); };
  Result<> chosen =
      op.sweep.queues_done ? SweepDelays(op.sweep, matches, condemned) : SweepQueues(op, condemned);
  if (!chosen) return chosen;
  for (const Held& held : condemned) {
    const std::uint32_t attempts = held.task.attempts;
    Result<> ended = End(
        held, {.end = TaskEnd::kDropped, .reason = std::string(kCancelled), .attempts = attempts});
    if (!ended) return ended;
    op.ended.push_back({held.task.id, attempts != 0});
  }
  return Ok{};
}

// Of the hosts that are named, one after another; or of all.
Result<> GroupWriter::SweepQueues(CancelOp& op, std::vector<Held>& condemned) {
  Sweep& sweep = op.sweep;
  if (!op.all_hosts && op.hosts.empty()) {
    sweep.queues_done = true;
    return Ok{};
  }
  if (!op.all_hosts && sweep.from.host != op.hosts.back()) sweep.from = {.host = op.hosts.back()};
  const std::string end = op.all_hosts ? keys::Of(keys::kQueue + 1) : EndOfHost(op.hosts.back());
  Result<bool> at_end = SweepQueue(
      sweep, end, [&op](const Held& held) { return op.filter->Matches(held.task); }, condemned);
  if (!at_end) return at_end.error();
  if (*at_end && !op.all_hosts) op.hosts.pop_back();
  if (*at_end && (op.all_hosts || op.hosts.empty())) sweep.queues_done = true;
  return Ok{};
}

}  // namespace thresh
