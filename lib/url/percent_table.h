#pragma once

// The percent-encode sets as one table, in a header so that the loops over each byte of each
// link stay loops. Inside lib/url only.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "lib/url/percent.h"

namespace thresh::percent {

using Table = std::array<std::uint8_t, 256>;

[[nodiscard]] constexpr std::uint8_t Bits(PercentSet set) {
  return static_cast<std::uint8_t>(set);
}

// One bit a set. The standard defines most sets as an earlier one and some more.
[[nodiscard]] constexpr Table MakeTable() {
  Table table{};
  const auto add = [&table](std::string_view characters, auto... sets) {
    for (const char c : characters) {
      auto& entry = table[static_cast<unsigned char>(c)];
      ((entry = static_cast<std::uint8_t>(entry | Bits(sets))), ...);
    }
  };
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    if (byte < 0x20 || byte > 0x7E) table[byte] = 0x7F;
  }
  using enum PercentSet;
  add(" \"<>", kFragment, kQuery, kSpecialQuery, kPath, kUserinfo, kComponent);
  add("`", kFragment);
  add("#", kQuery, kSpecialQuery, kPath, kUserinfo, kComponent);
  add("'", kSpecialQuery);
  add("?^`{}", kPath, kUserinfo, kComponent);
  add("/:;=@[\\]|", kUserinfo, kComponent);
  add("$%&+,", kComponent);
  return table;
}

inline constexpr Table kTable = MakeTable();

}  // namespace thresh::percent

namespace thresh {

/// True if `c` would be encoded.
[[nodiscard]] constexpr bool IsPercentEncoded(char c, PercentSet set) noexcept {
  return (percent::kTable[static_cast<unsigned char>(c)] & percent::Bits(set)) != 0;
}

}  // namespace thresh
