#pragma once

// Wall-clock time as it leaves the process. Intervals inside are measured with
// std::chrono::steady_clock.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace thresh {

/// Milliseconds since 1970-01-01T00:00:00Z.
[[nodiscard]] std::int64_t WallClockMs();
/// The same in microseconds.
[[nodiscard]] std::int64_t WallClockUs();

/// RFC 3339 in UTC with milliseconds: `2025-01-31T12:00:00.123Z`.
[[nodiscard]] std::string FormatUtc(std::int64_t wall_clock_ms);

/// The other way round (RFC 3339, 5.6): `2025-01-31T12:00:00.123+02:00`. The seconds, the offset
/// (then it is UTC) and the whole time (then it is the date's first moment) may be left out, and
/// the T be a blank. Nullopt for anything else.
[[nodiscard]] std::optional<std::int64_t> ParseUtc(std::string_view text);

}  // namespace thresh
