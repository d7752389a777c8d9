#pragma once

// Reports: jobs that have ended and are not in the output. A bounded number is told of at a time;
// the others wait on disk.

#include <cstddef>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "fetcher/frontier/group.h"

namespace thresh {

class Reports {
 public:
  explicit Reports(bool all_loaded) {
    if (!all_loaded) next_ = 0;
  }

  /// Jobs that ended in the last group, and what was read of others: those to tell of now.
  [[nodiscard]] std::vector<JobReport> Take(Group& group) {
    std::vector<JobReport> told;
    for (JobReport& report : group.reports) {
      if (!next_ && told_.size() >= kMost) next_ = report.id;
      if (!next_) Tell(std::move(report), told);
    }
    if (!group.report_load) return told;
    loading_ = false;
    for (JobReport& report : group.report_load->reports) Tell(std::move(report), told);
    next_ = group.report_load->next;
    return told;
  }

  void Close(TaskId id) { told_.erase(id); }

  [[nodiscard]] bool wants_load() const { return next_ && !loading_ && told_.size() <= kMost / 2; }
  void Plan(Group& group) {
    if (!wants_load()) return;
    loading_ = true;
    group.report_load = ReportLoad{.from = *next_, .max_reports = kMost - told_.size()};
  }

 private:
  static constexpr std::size_t kMost = 1024;

  void Tell(JobReport report, std::vector<JobReport>& told) {
    if (told_.insert(report.id).second) told.push_back(std::move(report));
  }

  std::unordered_set<TaskId> told_;  // And not yet in the output.
  std::optional<TaskId> next_;       // On disk there are reports from here on that were not told.
  bool loading_ = false;
};

}  // namespace thresh
