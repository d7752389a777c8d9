#pragma once

// Texts from outside, as people read them: where in one something is wrong, and cut to a line.

#include <cstddef>
#include <string>
#include <string_view>

namespace thresh {

/// An expression and a mark under the byte `offset` of it: two lines, each with its end. A long
/// expression is cut around the place; what would move a terminal's cursor is a space.
///
///   p:has(
///         ^
[[nodiscard]] std::string PointOut(std::string_view expression, std::size_t offset);

/// `text` in at most `width` columns, with `…` at its end if it was cut. What would move the
/// cursor becomes U+FFFD.
[[nodiscard]] std::string CutLine(std::string_view text, std::size_t width);

}  // namespace thresh
