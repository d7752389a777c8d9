#pragma once

// Writing JSON text (RFC 8259) into a string, and telling what is JSON.

#include <cstddef>
#include <string>
#include <string_view>

namespace thresh {

/// Appends `text` as a JSON string with its quotes. UTF-8 stays as it is. Escaped
/// are what JSON demands, and what could move a terminal's cursor or break a
/// line-based reader: U+0000-U+001F, U+007F-U+009F, U+2028 and U+2029. Bytes that are no
/// UTF-8 become U+FFFD (one for each maximal subpart, as the WHATWG decoder does).
void AppendJsonString(std::string_view text, std::string* out);

/// The same as a value.
[[nodiscard]] std::string JsonString(std::string_view text);

/// JSON text on one line as AppendJsonString() would have written its strings: of what JSON lets
/// stand, U+007F-U+009F, U+2028 and U+2029 are escaped. REQUIRES: valid JSON.
[[nodiscard]] std::string EscapeInJson(std::string_view json);

/// Appends the shortest text that reads back as `value`; `null` for NaN and infinities,
/// which JSON cannot say. A whole number within 2^53 has no fraction: `4`.
void AppendJsonNumber(double value, std::string* out);
/// The same to `out`, where there is room for kMostNumberBytes; returns its end.
[[nodiscard]] char* WriteJsonNumber(double value, char* out) noexcept;
inline constexpr std::size_t kMostNumberBytes = 32;

/// A number as text, not as JSON: without an exponent, with as many digits as tell it from its
/// neighbours: `0.0001`, `10000000000000000`. REQUIRES: finite.
void AppendPlainNumber(double value, std::string* out);

/// Whether `text` is one JSON value and nothing else.
[[nodiscard]] bool IsJson(std::string_view text);

}  // namespace thresh
