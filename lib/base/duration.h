#pragma once

// Durations as people write them: `90s`, `15m`, `6h`, `7d`, `2w`.

#include <chrono>
#include <string_view>

#include "lib/base/result.h"

namespace thresh {

/// A whole number and one of `ms`, `s`, `m`, `h`, `d` and `w`.
/// Errors: kInvalid, also above ten years.
[[nodiscard]] Result<std::chrono::milliseconds> ParseDuration(std::string_view text);

}  // namespace thresh
