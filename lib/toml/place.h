#pragma once

// Where in a TOML document a byte of a string's value was written.

#include <cstddef>
#include <string_view>

#include "lib/text/text_place.h"

namespace thresh {

/// Where byte `offset` of the value stands, of the string whose opening quote is at `quote`.
/// Knows TOML's four kinds of strings, their escapes and line ends. `quote` itself if no string
/// begins there.
[[nodiscard]] TextPlace PlaceInString(std::string_view document, TextPlace quote,
                                      std::size_t offset);

}  // namespace thresh
