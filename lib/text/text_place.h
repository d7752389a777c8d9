#pragma once

// Where in a text something stands, as people count.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace thresh {

/// Counted from 1; columns are characters.
struct TextPlace {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

/// The place of the byte `offset`. Lines end at LF.
[[nodiscard]] TextPlace PlaceOf(std::string_view text, std::size_t offset);

}  // namespace thresh
