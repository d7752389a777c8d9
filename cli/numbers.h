#pragma once

// Numbers as people read them.

#include <cstdint>
#include <string>

namespace thresh {

/// 12403 as `12,403`.
[[nodiscard]] std::string WithThousands(std::uint64_t number);

/// 1536000 as `1.5 MB`.
[[nodiscard]] std::string AsBytes(std::uint64_t bytes);

/// `3.2 s`, `4:05 min`, `1:02:09 h`.
[[nodiscard]] std::string AsDuration(double seconds);

}  // namespace thresh
