#pragma once

// A line of the control socket: a JSON object whose `op` says what is asked.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace thresh {

struct ControlRequest {
  enum class Op {
    kStatus,
    kWatch,
    kLedger,
    kWhy,
    kDeadRetry,
    kRetried,
    kMetrics,
    kHosts,
    kParsers,
    kPause,
    kResume,
    kDrain,
    kCancel,
    kJobs,
    kSearch,
    kTap,
  };
  Op op = Op::kStatus;
  std::string url;                   ///< Of kWhy; of kSearch: what the URL has in it.
  std::string reason;                ///< Of kDeadRetry; empty: any.
  std::vector<std::string> urls;     ///< Of kDeadRetry and kCancel; empty: any.
  std::string recipe;                ///< Of kCancel and kTap; empty: any.
  std::vector<std::string> recipes;  ///< Of kWhy: besides those at work.
  std::string host;                  ///< Of kCancel, kTap, kHosts, kPause, kResume; empty: all.
  std::string job;                   ///< A label, of kCancel and kJobs; empty: any.
  std::uint64_t job_id = 0;          ///< The id of a job's first task, of kCancel; 0: any.
  bool all = false;                  ///< Of kCancel.
  std::string stage;                 ///< Of kTap: `fetch` or `parse`.
  std::string from;                  ///< Of kSearch and kJobs: `next` of the answer before.
  std::uint64_t limit = 100;         ///< Of lists.
  double per_s = 20;                 ///< Events a second, of kTap.
};

/// Errors: kInvalid, saying what was expected and what was found.
[[nodiscard]] Result<ControlRequest> ParseControlLine(std::string_view line);

}  // namespace thresh
