#pragma once

// The ASCII rules of the standards that this room implements.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace thresh::body {

/// Tab, line feed, form feed, carriage return, space.
[[nodiscard]] constexpr bool IsSpace(char c) noexcept {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

[[nodiscard]] constexpr char ToLower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] constexpr bool IsAlpha(char c) noexcept {
  return ToLower(c) >= 'a' && ToLower(c) <= 'z';
}

[[nodiscard]] constexpr bool EqualsIgnoreCase(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ToLower(x) == ToLower(y); });
}

[[nodiscard]] constexpr std::string_view Trim(std::string_view text) noexcept {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

/// How many bytes from `at` on are below 0x80. REQUIRES: at <= text.size().
[[nodiscard]] inline std::size_t AsciiRun(std::string_view text, std::size_t at) noexcept {
  constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080;
  std::size_t i = at;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, sizeof word);
    if (const std::uint64_t high = word & kHighBits; high != 0) {
      static_assert(std::endian::native == std::endian::little);
      return i - at + static_cast<std::size_t>(std::countr_zero(high)) / 8;
    }
  }
  while (i < text.size() && static_cast<unsigned char>(text[i]) < 0x80) ++i;
  return i - at;
}

}  // namespace thresh::body
