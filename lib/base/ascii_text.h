#pragma once

// Texts of protocols and files: their blanks and their case, whatever the locale.

#include <algorithm>
#include <string>
#include <string_view>

namespace thresh {

/// The text without the `blanks` at both ends.
[[nodiscard]] constexpr std::string_view TrimBlanks(std::string_view text,
                                                    std::string_view blanks = " \t") noexcept {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// A to Z in lower case; all else stays.
[[nodiscard]] inline std::string InLowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return lower;
}

}  // namespace thresh
