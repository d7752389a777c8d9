#pragma once

// A line of the control socket: a JSON object whose `op` says what is asked.

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace thresh {

struct ControlRequest {
  enum class Op { kStatus, kWatch, kLedger, kWhy, kDeadRetry, kRetried };
  Op op = Op::kStatus;
  std::string url;                ///< Of kWhy.
  std::string reason;             ///< Of kDeadRetry; empty: any.
  std::vector<std::string> urls;  ///< Of kDeadRetry; empty: any.
};

/// Errors: kInvalid, saying what was expected and what was found.
[[nodiscard]] Result<ControlRequest> ParseControlLine(std::string_view line);

}  // namespace thresh
