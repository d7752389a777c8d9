// GroupWriter: walks over all that wait, a step at a time.

#include <utility>

#include "fetcher/frontier/group_writer.h"

namespace thresh {
namespace {

using Step = Database::Step;

constexpr Step kStop{.go_on = false};
constexpr std::size_t kTasksAStep = 2000;
constexpr std::size_t kRowsAStep = 10'000;  // Looked at, most of them passed over.

}  // namespace

Result<bool> GroupWriter::SweepQueue(Sweep& sweep, const std::string& end,
                                     const CondemnsFn& condemns, std::vector<Held>& condemned) {
  Result<> fault = Ok{};
  std::size_t rows = 0;
  bool at_end = true;
  Result<> read = database_.Read(sweep.from.Encode(), end, [&](std::string_view key, auto value) {
    const auto at = QueueKey::Decode(key);
    if (at && (condemned.size() >= kTasksAStep || ++rows > kRowsAStep)) {
      sweep.from = *at;
      at_end = false;
      return kStop;
    }
    if (at && (at->ready.id >= sweep.below || sweep.spare.contains(at->ready.id))) return Step{};
    auto task = at ? reader_.ToTask(at->ready.id, {.host = at->host}, value)
                   : Result<DelayLoad::Waiting>(Damaged("key of a queue"));
    if (!task) {
      fault = task.error();
      return kStop;
    }
    if (condemns(task->held)) condemned.push_back(std::move(task->held));
    return Step{};
  });
  if (!read) return read.error();
  if (!fault) return fault.error();
  return at_end;
}

Result<> GroupWriter::SweepDelays(Sweep& sweep, const CondemnsFn& condemns,
                                  std::vector<Held>& condemned) {
  Result<> fault = Ok{};
  std::size_t rows = 0;
  sweep.finished = true;
  const std::string end = keys::Of(keys::kDelay + 1);
  Result<> read =
      database_.Read(sweep.delayed_from.Encode(), end, [&](std::string_view key, auto value) {
        const auto at = DelayKey::Decode(key);
        if (at && (condemned.size() >= kTasksAStep || ++rows > kRowsAStep)) {
          sweep.delayed_from = *at;
          sweep.finished = false;
          return kStop;
        }
        if (at && (at->id >= sweep.below || sweep.spare.contains(at->id))) return Step{};
        auto task = at ? reader_.ToTask(at->id, {.delayed = true, .due_ms = at->due_ms}, value)
                       : Result<DelayLoad::Waiting>(Damaged("key of a delay"));
        if (!task) {
          fault = task.error();
          return kStop;
        }
        if (condemns(task->held)) condemned.push_back(std::move(task->held));
        return Step{};
      });
  return read ? fault : read;
}

}  // namespace thresh
