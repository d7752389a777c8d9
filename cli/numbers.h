#pragma once

// Numbers, sizes and times as people read them.

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/text/numbers.h"

namespace thresh {

/// `1 page`, `12,403 pages`.
[[nodiscard]] std::string Amount(std::uint64_t number, std::string_view what);

/// 1536000 as `1.5 MB`.
[[nodiscard]] std::string AsBytes(std::uint64_t bytes);

/// `3.2 s`, `4:05 min`, `1:02:09 h`.
[[nodiscard]] std::string AsDuration(double seconds);

}  // namespace thresh
