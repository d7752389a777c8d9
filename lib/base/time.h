#pragma once

// Wall-clock time as it leaves the process. Intervals inside are measured with
// std::chrono::steady_clock.

#include <cstdint>
#include <string>

namespace thresh {

/// Milliseconds since 1970-01-01T00:00:00Z.
[[nodiscard]] std::int64_t WallClockMs();
/// The same in microseconds.
[[nodiscard]] std::int64_t WallClockUs();

/// RFC 3339 in UTC with milliseconds: `2025-01-31T12:00:00.123Z`.
[[nodiscard]] std::string FormatUtc(std::int64_t wall_clock_ms);

}  // namespace thresh
