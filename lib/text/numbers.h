#pragma once

// Numbers as people read them.

#include <cstdint>
#include <string>

namespace thresh {

/// 12403 as `12,403`.
[[nodiscard]] std::string WithThousands(std::uint64_t number);

}  // namespace thresh
