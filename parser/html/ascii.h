#pragma once

// The ASCII rules HTML and CSS share. Locale-free, unlike <cctype>.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace thresh::html {

/// Space, tab, line feed, form feed, carriage return. Not U+00A0.
[[nodiscard]] constexpr bool IsSpace(char c) noexcept {
  constexpr std::uint64_t kSpaces =
      1ULL << ' ' | 1ULL << '\n' | 1ULL << '\t' | 1ULL << '\r' | 1ULL << '\f';
  const auto code = static_cast<unsigned char>(c);
  return code <= ' ' && (kSpaces >> code & 1) != 0;
}

[[nodiscard]] constexpr char ToLower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] constexpr bool IsAlpha(char c) noexcept {
  return ToLower(c) >= 'a' && ToLower(c) <= 'z';
}

[[nodiscard]] constexpr bool IsDigit(char c) noexcept {
  return c >= '0' && c <= '9';
}

[[nodiscard]] inline std::string Lowered(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) c = ToLower(c);
  return lowered;
}

[[nodiscard]] constexpr bool EqualsIgnoreCase(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ToLower(x) == ToLower(y); });
}

/// Calls `visit(token)` for each white-space separated token until it returns true.
/// Returns whether one did.
template <typename Visit>
constexpr bool AnyToken(std::string_view list, Visit visit) {
  std::size_t at = 0;
  while (at < list.size()) {
    while (at < list.size() && IsSpace(list[at])) ++at;
    const std::size_t begin = at;
    while (at < list.size() && !IsSpace(list[at])) ++at;
    if (at > begin && visit(list.substr(begin, at - begin))) return true;
  }
  return false;
}

}  // namespace thresh::html
