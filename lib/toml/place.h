#pragma once

// Where in a TOML document a byte of a string's value was written.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace thresh {

/// Counted from 1; columns are characters.
struct TextPlace {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// Where byte `offset` of the value stands, of the string whose opening quote is at `quote`.
/// Knows TOML's four kinds of strings, their escapes and line ends. `quote` itself if no string
/// begins there.
[[nodiscard]] TextPlace PlaceInString(std::string_view document, TextPlace quote,
                                      std::size_t offset);

}  // namespace thresh
