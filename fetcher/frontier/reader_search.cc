// Reader: what people look for among many tasks. A look ends after some rows or some time, and
// says where to go on.

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "fetcher/frontier/codec.h"
#include "fetcher/frontier/reader.h"

namespace thresh {
namespace {

using Step = Database::Step;

constexpr std::size_t kRowsALook = 20'000;
constexpr std::chrono::milliseconds kTimeOfALook{40};
constexpr std::size_t kRowsBetweenClocks = 256;

std::string EndOf(char kind) {
  return keys::Of(static_cast<char>(kind + 1));
}

bool HasText(std::string_view bytes, const std::string& text) {
  return bytes.find(text) != std::string_view::npos;
}

}  // namespace

// Goes through several kinds of rows, one after the other, from where the last look ended.
struct Reader::Look {
  std::size_t rows = 0;
  std::chrono::steady_clock::time_point end = std::chrono::steady_clock::now() + kTimeOfALook;

  [[nodiscard]] bool IsOver() {
    if (++rows > kRowsALook) return true;
    return rows % kRowsBetweenClocks == 0 && std::chrono::steady_clock::now() >= end;
  }

  /// `take(kind, key, value)` gives whether there is room for more; `next` gets where to go on.
  template <std::size_t n, typename Take>
  Result<> Through(Database& database, const std::array<char, n>& kinds, const std::string& from,
                   const Take& take, std::string* next) {
    next->clear();
    auto kind = from.empty() ? kinds.begin() : std::find(kinds.begin(), kinds.end(), from.front());
    std::string at = from;
    for (; kind != kinds.end(); ++kind, at.clear()) {
      bool stopped = false;
      if (at.empty()) at = keys::Of(*kind);
      Result<> fault = Ok{};
      Result<> read =
          database.Read(at, EndOf(*kind), [&](std::string_view key, std::string_view value) {
            Result<bool> room = true;
            if (IsOver() || !(room = take(*kind, key, value)) || !*room) {
              if (!room) fault = room.error();
              stopped = true;
              *next = key;
              return Step{.go_on = false};
            }
            return Step{};
          });
      if (!read) return read;
      if (stopped) return fault;
    }
    return Ok{};
  }
};

std::optional<FoundTask> Reader::FoundIn(char kind, std::string_view key, std::string_view value,
                                         const std::string& text) {
  if (!HasText(value, text)) return std::nullopt;
  if (kind == keys::kDead) {
    const auto dead = DeadRecord::Decode(value);
    if (!dead || !HasText(dead->url, text)) return std::nullopt;
    return FoundTask{.url = dead->url,
                     .recipe = dead->recipe,
                     .fate = {.id = Decoder(key.substr(1)).Fixed(),
                              .state = Fate::State::kDead,
                              .reason = dead->reason}};
  }
  const auto record = TaskRecord::Decode(value);
  const auto queued = kind == keys::kQueue ? QueueKey::Decode(key) : std::nullopt;
  const auto delayed = kind == keys::kDelay ? DelayKey::Decode(key) : std::nullopt;
  if (!record || !HasText(record->task.seed.url, text)) return std::nullopt;
  const auto recipe = book_.state.recipes.find(record->recipe);
  return FoundTask{
      .url = record->task.seed.url,
      .recipe = recipe != book_.state.recipes.end() ? recipe->second.name : std::string(),
      .fate = {.id = queued    ? queued->ready.id
                     : delayed ? delayed->id
                               : 0,
               .state = queued ? Fate::State::kQueued : Fate::State::kRetry,
               .attempts = record->task.attempts,
               .reason = record->why,
               .at_ms = delayed ? delayed->due_ms : 0}};
}

Result<> Reader::Search(SearchOp& op) {
  constexpr std::array kKinds{keys::kQueue, keys::kDelay, keys::kDead};
  const auto take = [&](char kind, std::string_view key, std::string_view value) -> Result<bool> {
    if (op.found.tasks.size() >= op.most) return false;
    if (auto task = FoundIn(kind, key, value, op.text)) op.found.tasks.push_back(std::move(*task));
    return true;
  };
  return Look().Through(database_, kKinds, op.from, take, &op.found.next);
}

// A job that is its first task alone has no record of its own: it is found by that task.
Result<std::optional<OpenJob>> Reader::JobIn(char kind, std::string_view key,
                                             std::string_view value, const std::string& label) {
  if (kind == keys::kCount) {
    const TaskId id = Decoder(key.substr(1)).Fixed();
    const auto count = CountRecord::Decode(value);
    if (!count) return Damaged("counts of job " + std::to_string(id));
    Result<JobRecord> job = Job(id);
    if (!job) return job.error();
    if (!label.empty() && job->root.label != label) return std::optional<OpenJob>();
    return std::optional(OpenJob{.id = id,
                                 .root = std::move(job->root),
                                 .recipe = std::move(job->recipe),
                                 .pending = count->pending,
                                 .done = count->done,
                                 .dead = count->dead,
                                 .dropped = count->dropped,
                                 .records = count->records});
  }
  const auto record = TaskRecord::Decode(value);
  const auto queued = kind == keys::kQueue ? QueueKey::Decode(key) : std::nullopt;
  const auto delayed = kind == keys::kDelay ? DelayKey::Decode(key) : std::nullopt;
  if (!record || (!queued && !delayed)) return Damaged("record of a task");
  if (record->root_id != 0) return std::optional<OpenJob>();  // It has one with a record.
  const Root& root = *record->task.seed.root;
  if (!label.empty() && root.label != label) return std::optional<OpenJob>();
  const TaskId id = queued ? queued->ready.id : delayed->id;
  Result<std::string> counted = database_.Get(keys::Of(keys::kCount, id));
  if (counted) return std::optional<OpenJob>();
  if (counted.error().code != Errc::kNotFound) return counted.error();
  const auto recipe = book_.state.recipes.find(record->recipe);
  return std::optional(
      OpenJob{.id = id,
              .root = root,
              .recipe = recipe != book_.state.recipes.end() ? recipe->second.name : std::string(),
              .pending = 1,
              .refresh = delayed && record->task.seed.again_of != 0 && record->task.attempts == 0});
}

Result<> Reader::Jobs(JobsOp& op) {
  constexpr std::array kKinds{keys::kCount, keys::kQueue, keys::kDelay};
  const auto take = [&](char kind, std::string_view key, std::string_view value) -> Result<bool> {
    if (op.found.jobs.size() >= op.most) return false;
    auto job = JobIn(kind, key, value, op.label);
    if (!job) return job.error();
    if (*job) op.found.jobs.push_back(std::move(**job));
    return true;
  };
  return Look().Through(database_, kKinds, op.from, take, &op.found.next);
}

}  // namespace thresh
