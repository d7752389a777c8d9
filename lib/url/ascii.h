#pragma once

// ASCII character classes, free of the locale. Inside lib/url only.

namespace thresh {

[[nodiscard]] constexpr bool IsAsciiDigit(char c) noexcept {
  return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr bool IsAsciiAlpha(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

[[nodiscard]] constexpr char AsciiLower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// 0 to 15, or -1 if `c` is no hex digit.
[[nodiscard]] constexpr int HexValue(char c) noexcept {
  if (IsAsciiDigit(c)) return c - '0';
  const char lower = AsciiLower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

[[nodiscard]] constexpr bool IsAsciiByte(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x80;
}

}  // namespace thresh
