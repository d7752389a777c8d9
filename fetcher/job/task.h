#pragma once

// A task: one URL to fetch and extract, from the moment it is fed or followed.

#include <cstdint>
#include <string>

#include "lib/base/hash.h"

namespace thresh {

using TaskId = std::uint64_t;

/// What a task is before the frontier gave it an id.
struct TaskSeed {
  std::string url;   ///< Canonical, without fragment.
  std::string host;  ///< Host and port of `url`: what politeness counts by.
  std::string recipe;
  std::string root;           ///< The fed URL it descends from; its own if it was fed.
  std::uint64_t n = 0;        ///< Line of `root` on its feeding connection, from 1.
  std::string meta;           ///< The feed line's `meta` as JSON text, or empty.
  std::int64_t priority = 0;  ///< Higher goes first within its host.
  bool dont_filter = false;   ///< A task of its own, whatever was seen before.
  bool followed = false;      ///< Found on a page, not fed.
  std::string drop_reason;    ///< Not empty: it ends at once as dropped, for this reason.
};

struct Task {
  TaskId id = 0;
  TaskSeed seed;
  std::uint32_t attempts = 0;  ///< Requests made for it so far.
};

/// What makes two tasks the same: URL, method, body and recipe (DESIGN: Identity).
/// Method and body are those of a plain GET until recipes can set them.
[[nodiscard]] inline Hash128 Fingerprint(const TaskSeed& seed) {
  return HashParts({seed.url, "GET", "", seed.recipe});
}

}  // namespace thresh
