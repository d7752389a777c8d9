// GroupWriter: the steps of a cancellation, and notes.

#include <utility>

#include "fetcher/frontier/cancels.h"
#include "fetcher/frontier/group_writer.h"

namespace thresh {
namespace {

using Step = Database::Step;

constexpr Step kStop{.go_on = false};
constexpr std::size_t kTasksAStep = 2000;
constexpr std::size_t kRowsAStep = 10'000;  // Looked at, most of them passed over.

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
  if (op.below == 0) op.below = book_.state.next_id;
  if (op.note.empty()) {
    op.note = "cancel:" + std::to_string(book_.state.batch + 1);
    changes_->Put(NoteKey(op.note), CancelRecord{op.below, *op.filter}.Encode());
  }
  std::vector<Held> condemned;
  Result<> chosen = op.queues_done ? ChooseDelayed(op, condemned) : ChooseQueued(op, condemned);
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
Result<> GroupWriter::ChooseQueued(CancelOp& op, std::vector<Held>& condemned) {
  if (!op.all_hosts && op.hosts.empty()) {
    op.queues_done = true;
    return Ok{};
  }
  if (!op.all_hosts && op.from.host != op.hosts.back()) op.from = {.host = op.hosts.back()};
  const std::string end = op.all_hosts ? keys::Of(keys::kQueue + 1) : EndOfHost(op.hosts.back());
  Result<> fault = Ok{};
  std::size_t rows = 0;
  bool at_end = true;
  Result<> read = database_.Read(op.from.Encode(), end, [&](std::string_view key, auto value) {
    const auto at = QueueKey::Decode(key);
    if (at && (condemned.size() >= kTasksAStep || ++rows > kRowsAStep)) {
      op.from = *at;
      at_end = false;
      return kStop;
    }
    if (at && (at->ready.id >= op.below || op.spare.contains(at->ready.id))) return Step{};
    auto task = at ? reader_.ToTask(at->ready.id, {.host = at->host}, value)
                   : Result<DelayLoad::Waiting>(Damaged("key of a queue"));
    if (!task) {
      fault = task.error();
      return kStop;
    }
    if (op.filter->Matches(task->held.task)) condemned.push_back(std::move(task->held));
    return Step{};
  });
  if (!read) return read;
  if (at_end && !op.all_hosts) op.hosts.pop_back();
  if (at_end && (op.all_hosts || op.hosts.empty())) op.queues_done = true;
  return fault;
}

Result<> GroupWriter::ChooseDelayed(CancelOp& op, std::vector<Held>& condemned) {
  Result<> fault = Ok{};
  std::size_t rows = 0;
  op.finished = true;
  Result<> read = database_.Read(
      op.delayed_from.Encode(), keys::Of(keys::kDelay + 1), [&](std::string_view key, auto value) {
        const auto at = DelayKey::Decode(key);
        if (at && (condemned.size() >= kTasksAStep || ++rows > kRowsAStep)) {
          op.delayed_from = *at;
          op.finished = false;
          return kStop;
        }
        if (at && (at->id >= op.below || op.spare.contains(at->id))) return Step{};
        auto task = at ? reader_.ToTask(at->id, {.delayed = true, .due_ms = at->due_ms}, value)
                       : Result<DelayLoad::Waiting>(Damaged("key of a delay"));
        if (!task) {
          fault = task.error();
          return kStop;
        }
        if (op.filter->Matches(task->held.task)) condemned.push_back(std::move(task->held));
        return Step{};
      });
  return read ? fault : read;
}

}  // namespace thresh
