#pragma once

// Names of output files that were put aside: `review-20250131T120000.123Z.ndjson`, and `.zst`
// behind it once compressed.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace thresh {

/// `name`: that of the file now, `review.ndjson`.
[[nodiscard]] std::string AsideName(std::string_view name, std::int64_t wall_clock_ms);

/// The name it had, if `name` is one that AsideName() makes, with or without `.zst`.
[[nodiscard]] std::optional<std::string> NameBeforeAside(std::string_view name);

}  // namespace thresh
