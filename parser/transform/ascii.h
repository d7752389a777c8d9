#pragma once

// What the room asks of ASCII characters, whatever the locale.

#include <algorithm>
#include <string_view>

namespace thresh {

[[nodiscard]] constexpr bool IsAsciiSpace(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
[[nodiscard]] constexpr bool IsAsciiDigit(char c) noexcept {
  return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr char ToAsciiLower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
[[nodiscard]] constexpr bool IsAsciiLetter(char c) noexcept {
  return ToAsciiLower(c) >= 'a' && ToAsciiLower(c) <= 'z';
}

[[nodiscard]] constexpr bool EqualsIgnoringCase(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ToAsciiLower(x) == ToAsciiLower(y); });
}

}  // namespace thresh
