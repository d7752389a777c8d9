#pragma once

// CheckFrontier: reads a whole frontier as it stands, and says what is wrong with it. Changes
// nothing. For `thresh fsck`.

#include <string>
#include <vector>

#include "lib/base/result.h"

namespace thresh {

/// One line for each fault; empty if there is none.
/// Errors: kNotFound if there is no frontier in the folder; kUnavailable if a process works on it.
[[nodiscard]] Result<std::vector<std::string>> CheckFrontier(const std::string& path);

}  // namespace thresh
