#pragma once

// White space as pages use it: ASCII's, and the spaces of typesetters.

#include <cstddef>
#include <string_view>

#include "parser/transform/ascii.h"

namespace thresh {

inline constexpr std::string_view kWideSpaces[] = {"\u00A0", "\u2002", "\u2003", "\u2007",
                                                   "\u2009", "\u200A", "\u202F", "\u3000",
                                                   "\uFEFF", "\u200B"};

/// How many bytes of white space `text` begins with: those of one character; 0 if none.
[[nodiscard]] constexpr std::size_t SpaceBefore(std::string_view text) noexcept {
  if (text.empty()) return 0;
  if (IsAsciiSpace(text.front())) return 1;
  if (static_cast<unsigned char>(text.front()) < 0x80) return 0;
  for (const std::string_view space : kWideSpaces) {
    if (text.starts_with(space)) return space.size();
  }
  return 0;
}

/// The same at its end.
[[nodiscard]] constexpr std::size_t SpaceBehind(std::string_view text) noexcept {
  if (text.empty()) return 0;
  if (IsAsciiSpace(text.back())) return 1;
  if (static_cast<unsigned char>(text.back()) < 0x80) return 0;
  for (const std::string_view space : kWideSpaces) {
    if (text.ends_with(space)) return space.size();
  }
  return 0;
}

[[nodiscard]] constexpr std::string_view TrimSpaces(std::string_view text) noexcept {
  while (const std::size_t n = SpaceBefore(text)) text.remove_prefix(n);
  while (const std::size_t n = SpaceBehind(text)) text.remove_suffix(n);
  return text;
}

}  // namespace thresh
