#pragma once

// Numbers as people write them on pages. Pure functions; no allocation.
//
//   sign? currency? digits currency? | currency? sign? digits currency? | digits '%'
//
// Between thousands may stand `,`, `.`, `'`, U+2019 or a space (U+00A0, U+2009 and U+202F too); the
// decimal sign is `.` or `,`. What is which is told by the places they stand at:
//
//   1,234.5   1.234,5   1 234,5   1'234.50   12,34,567   1.234.567   4,5   4.5
//
// `1,234` alone is 1234, and `1.234` alone is 1.234 as a number and 1234 as an integer.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace thresh {

/// A number written plainly: `-1234.5`, `1e3`.
struct PlainNumber {
  static constexpr std::size_t kMaxDigits = 400;  ///< As many as the largest double has, and some.

  std::array<char, kMaxDigits + 32> bytes;
  std::size_t size = 0;

  [[nodiscard]] std::string_view View() const noexcept { return {bytes.data(), size}; }
};

/// A decimal number, with an optional exponent: `$1,234.50`, `1e3`, `12 %` as 12.
/// A currency's sign or code (`€`, `US$`, `EUR`, `zł`) may stand on each side, white space around
/// all. Nullopt for anything else, and for what a double cannot hold.
[[nodiscard]] std::optional<double> ToNumber(std::string_view text);
/// The same with all its digits.
[[nodiscard]] std::optional<PlainNumber> ToPlainNumber(std::string_view text);

/// The same without fraction and exponent; exact over all 64 bits.
[[nodiscard]] std::optional<std::int64_t> ToInteger(std::string_view text);

/// The same for what is too large for ToInteger(): up to 2^64 - 1.
[[nodiscard]] std::optional<std::uint64_t> ToUnsigned(std::string_view text);

/// The first number within a text, for `number` in a pipe: "about 1,234 reviews". Digits with
/// separators as above, and a sign right before them if no letter or digit stands before that.
[[nodiscard]] std::optional<double> FindNumber(std::string_view text);
/// The same with all its digits.
[[nodiscard]] std::optional<PlainNumber> FindPlainNumber(std::string_view text);
/// The same where a number of things is told: `1.003 results` are 1003.
[[nodiscard]] std::optional<double> FindCount(std::string_view text);

}  // namespace thresh
