#pragma once

// TaskFilter: which tasks are meant, by what an operator names. All that is set has to fit.

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "fetcher/job/task.h"

namespace thresh {

/// Why a task that an operator cancelled is dropped.
inline constexpr std::string_view kCancelled = "cancelled";

struct TaskFilter {
  std::string recipe;          ///< Its name; empty: any, here and below.
  std::string host;            ///< As in TaskSeed.
  std::string label;           ///< Of the job: Root::label.
  TaskId root_id = 0;          ///< The task that began the job.
  std::set<std::string> urls;  ///< Canonical.

  [[nodiscard]] bool Matches(const Task& task) const {
    const TaskSeed& seed = task.seed;
    return (recipe.empty() || recipe == seed.recipe) && (host.empty() || host == seed.host) &&
           (label.empty() || label == seed.root->label) &&
           (root_id == 0 || root_id == seed.root_id) && (urls.empty() || urls.contains(seed.url));
  }

  [[nodiscard]] std::string Encode() const;
  [[nodiscard]] static std::optional<TaskFilter> Decode(std::string_view bytes);
};

}  // namespace thresh
