#pragma once

// A task: one URL to fetch and extract, from the moment it is fed or followed. A job: a fed URL,
// its root, and all tasks that follow from it.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fetcher/job/request.h"
#include "lib/base/hash.h"

namespace thresh {

using TaskId = std::uint64_t;

/// What all tasks of a job share.
struct Root {
  std::string url;                 ///< The fed URL, canonical.
  std::uint64_t n = 0;             ///< Its line on its feeding connection, from 1.
  std::string meta;                ///< The feed line's `meta` as JSON text, or empty.
  std::string label;               ///< The feed line's `job`, or empty.
  std::int64_t created_at_ms = 0;  ///< Wall clock.
};

/// Why there is a task.
enum class Origin : std::uint8_t { kFed = 1, kFollowed = 2, kRecrawled = 3, kRetried = 4 };

/// What a server said of an answer, to be asked later whether it is still the same (RFC 9110, 8.8).
struct Validators {
  std::string etag;           ///< For `If-None-Match`; or empty.
  std::string last_modified;  ///< For `If-Modified-Since`; or empty.
};

/// What a task is before the frontier gave it an id.
struct TaskSeed {
  std::string url;                   ///< Canonical, without fragment.
  std::string host;                  ///< Host and port of `url`: what politeness counts by.
  std::string recipe;                ///< Its name,
  Hash128 recipe_hash;               ///< and which version of it: see Frontier::KeepRecipe().
  std::shared_ptr<const Root> root;  ///< Of its job. Never null.
  TaskId root_id = 0;                ///< The task that began its job; 0: this one does.
  std::int64_t priority = 0;         ///< Higher goes first within its host.
  bool dont_filter = false;          ///< A task of its own, whatever was seen before.
  Origin origin = Origin::kFed;
  std::shared_ptr<const Request> request;  ///< Null: a plain GET.
  std::uint32_t depth = 0;                 ///< Links from the root.
  std::int64_t delay_ms = 0;               ///< Not asked for before this has passed.
  std::int64_t expires_at_ms = 0;          ///< Wall clock: dropped if not begun by then; 0: never.
  std::int64_t refresh_ms = 0;             ///< Asked for again so long after it is done; 0: never.
  std::shared_ptr<const Validators> validators;  ///< Of the answer before; null: none.
  TaskId again_of = 0;      ///< Of kRecrawled: the task before it with this fingerprint.
  std::string drop_reason;  ///< Not empty: it ends at once as dropped, for this reason.

  // Rules for its publication; a task that was published does not have them.
  Hash128 feed_mark;  ///< Not zero: with dont_filter, a duplicate of a seed that had the same mark.
  std::uint64_t max_host_pages = 0;  ///< Dropped if its host has had so many; 0: no limit.
};

struct FetchTerms;

struct Task {
  TaskId id = 0;
  TaskSeed seed;               ///< root_id is never 0 here.
  std::uint32_t attempts = 0;  ///< Requests made for it so far.
  std::string blame;           ///< What parsers did over it, in their pool's own words; or empty.
  std::shared_ptr<const FetchTerms> terms;  ///< On which it is fetched; null until it is.
};

/// What makes two tasks the same: URL, method, body and recipe (docs/adr/0003-page-identity.md).
/// Headers are not part of it.
[[nodiscard]] inline Hash128 Fingerprint(const TaskSeed& seed) {
  if (seed.request == nullptr) return HashParts({seed.url, "GET", "", seed.recipe});
  const Request& request = *seed.request;
  // A template is another request than the same text sent as it stands.
  if (request.templated) {
    return HashParts({seed.url, request.method, request.body, seed.recipe, "template"});
  }
  return HashParts({seed.url, request.method, request.body, seed.recipe});
}

/// Whether URL and recipe make its fingerprint.
[[nodiscard]] inline bool IsPlainGet(const TaskSeed& seed) {
  if (seed.request == nullptr) return true;
  const Request& request = *seed.request;
  return request.method == "GET" && request.body.empty() && !request.templated;
}

/// Finds a task in the frontier, whatever has become of it.
struct TaskKey {
  TaskId id = 0;
  Hash128 fingerprint;
  bool dont_filter = false;
};

[[nodiscard]] inline TaskKey KeyOf(const Task& task) {
  return {task.id, Fingerprint(task.seed), task.seed.dont_filter};
}

enum class TaskEnd : std::uint8_t { kDone = 1, kDead = 2, kDropped = 3 };

/// A redirect that was followed.
struct Hop {
  std::uint32_t status = 0;
  std::string url;  ///< Where it led.

  friend bool operator==(const Hop&, const Hop&) = default;
};

/// How a task ended.
struct Ending {
  TaskEnd end = TaskEnd::kDone;
  std::string reason;          ///< Of kDead and kDropped: as in docs/outcomes.md.
  std::uint32_t attempts = 0;  ///< Requests made for it.
  std::uint64_t records = 0;   ///< Lines written for it.
  bool unchanged = false;      ///< Of kDone: the server said that nothing is new; not extracted.
  std::vector<Hop> hops;       ///< Redirects on the way to its answer.
  /// Of kDone: in the same step it is published again, as a task of its own that waits so long and
  /// has these validators; 0: it is not.
  std::int64_t again_after_ms = 0;
  std::shared_ptr<const Validators> validators;
};

/// A job that has ended: its tasks by how they ended. Reported under an id of its own.
struct JobReport {
  TaskId id = 0;
  std::shared_ptr<const Root> root;
  std::string recipe;  ///< Of the root.
  std::int64_t ended_at_ms = 0;
  std::uint64_t done = 0, dead = 0, dropped = 0;
  std::uint64_t records = 0;
};

}  // namespace thresh
