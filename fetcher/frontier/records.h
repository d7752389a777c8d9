#pragma once

// Records: the values of the frontier's database. Each has Encode() and a Decode() that gives
// nullopt for what it could not have written. Grammar and a worked example: docs/frontier.md.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fetcher/frontier/frontier.h"
#include "fetcher/frontier/keys.h"
#include "fetcher/job/task.h"
#include "fetcher/ledger/ledger.h"

namespace thresh {

/// Of the whole database. 1 lacks what a task may have beside its URL; opened, it is made 2.
constexpr std::uint64_t kFormat = 2;

/// 'S' and 'X': what has become of a task, and while it is pending, where its record is.
struct FateRecord {
  TaskId id = 0;
  Fate::State state = Fate::State::kQueued;
  std::uint32_t attempts = 0;
  std::string reason;
  std::int64_t at_ms = 0;     ///< When it ended, or is due.
  std::vector<Hop> hops;      ///< Of one that ended.
  std::uint64_t host = 0;     ///< Of its QueueKey,
  std::int64_t priority = 0;  ///< and its priority: of pending tasks only.

  [[nodiscard]] bool pending() const {
    return state == Fate::State::kQueued || state == Fate::State::kRetry;
  }
  /// REQUIRES: pending().
  [[nodiscard]] Place place() const {
    return {.delayed = state == Fate::State::kRetry,
            .host = host,
            .due_ms = at_ms,
            .attempts = attempts};
  }
  [[nodiscard]] Fate ToFate() const { return {id, state, attempts, reason, at_ms, hops}; }
  [[nodiscard]] std::string Encode() const;
  [[nodiscard]] static std::optional<FateRecord> Decode(std::string_view bytes);
};

/// 'Q' and 'D': a pending task. A task that began its job carries the job's Root; all others
/// name the job.
struct TaskRecord {
  Task task;                  ///< Decode() leaves `recipe` and `recipe_hash` empty,
  std::uint64_t recipe = 0;   ///< which stand in the table of recipes under this number,
  TaskId root_id = 0;         ///< and `root` too, unless root_id is 0: it is the task's own.
  std::string why;            ///< Of the last attempt, if there was one.
  std::int64_t delay_ms = 0;  ///< The whole wait after it, or before the first one.

  [[nodiscard]] static std::optional<TaskRecord> Decode(std::string_view bytes);
};
/// The record's bytes; `root_id` is 0 for the task that began its job. Attempts and delay are
/// those of `place`.
[[nodiscard]] std::string EncodeTask(const Task& task, const Place& place, std::uint64_t recipe,
                                     TaskId root_id, std::string_view why);

/// 'J': what all tasks of a job share.
struct JobRecord {
  Root root;
  std::string recipe;  ///< Of the root.

  [[nodiscard]] std::string Encode() const;
  [[nodiscard]] static std::optional<JobRecord> Decode(std::string_view bytes);
};

/// 'K': a job's tasks, by how they ended.
struct CountRecord {
  std::uint64_t pending = 0, done = 0, dead = 0, dropped = 0, records = 0;

  [[nodiscard]] std::string Encode() const;
  [[nodiscard]] static std::optional<CountRecord> Decode(std::string_view bytes);
};

/// 'P': see JobReport; its id is in the key.
[[nodiscard]] std::string EncodeReport(const JobReport& report);
[[nodiscard]] std::optional<JobReport> DecodeReport(TaskId id, std::string_view bytes);

/// 'E': a dead letter, complete, with its job's Root.
struct DeadRecord {
  std::string reason;
  std::string url, host, recipe;
  Hash128 recipe_hash;
  std::int64_t priority = 0;
  bool dont_filter = false;
  std::uint32_t depth = 0;
  std::int64_t refresh_ms = 0;
  std::shared_ptr<const Request> request;
  Root root;

  [[nodiscard]] std::string Encode() const;
  [[nodiscard]] static std::optional<DeadRecord> Decode(std::string_view bytes);
};

/// 'H': a host is not asked before this time.
struct HoldRecord {
  std::int64_t due_ms = 0;    ///< Wall clock.
  std::int64_t delay_ms = 0;  ///< The whole wait.

  [[nodiscard]] std::string Encode() const;
  [[nodiscard]] static std::optional<HoldRecord> Decode(std::string_view bytes);
};

/// 'R': a recipe's version.
[[nodiscard]] std::string EncodeRecipe(const KeptRecipe& recipe);
[[nodiscard]] std::optional<KeptRecipe> DecodeRecipe(const Hash128& hash, std::string_view bytes);

/// 'B': what a batch did to the set of open ids.
struct BatchRecord {
  TaskId next_id = 1;          ///< After it.
  std::vector<TaskId> closed;  ///< In it, ascending.

  [[nodiscard]] std::string Encode() const;
  [[nodiscard]] static std::optional<BatchRecord> Decode(std::string_view bytes);
};

/// 'U': what tells a request from others for its URL. Decode leaves `fates` empty.
[[nodiscard]] std::string EncodeRequestNote(const Request& request, std::string_view recipe);
[[nodiscard]] std::optional<AskedRequest> DecodeRequestNote(std::string_view bytes);

/// A recipe that some task names or named: its number stands for it in task records.
struct RecipeUse {
  Hash128 hash;
  std::string name;
  std::uint64_t pending = 0;  ///< Tasks that name it and have not ended.
};

/// `Mstate`: what each batch changes.
struct StateRecord {
  std::uint64_t batch = 0;  ///< Number of the last batch.
  TaskId next_id = 1;
  Ledger ledger;
  std::uint64_t retrying = 0;   ///< Records at DelayKeys,
  std::uint64_t postponed = 0;  ///< and of these, those never asked for.
  std::uint64_t forgotten = 0;  ///< Fates of tasks that were asked for again, and again.
  std::uint64_t reports = 0;    ///< Jobs that have ended, not yet reported.
  std::uint64_t next_recipe = 0;
  std::map<std::uint64_t, RecipeUse> recipes;  ///< By number.

  [[nodiscard]] std::string Encode() const;
  /// `format` is that of the database.
  [[nodiscard]] static std::optional<StateRecord> Decode(std::string_view bytes,
                                                         std::uint64_t format = kFormat);
};

}  // namespace thresh
