#pragma once

// The end tag that nearly always comes next: the current node's own, as in `</div>`. For elements
// whose end tag, "in body", only takes the current node of that name off the stack (WHATWG HTML
// 13.2.6.4.7), it is known by comparing one word with the page's bytes.

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

#include "parser/html/element_kinds.h"
#include "parser/html/names.h"

namespace thresh::html {

struct EndTag {
  std::uint64_t bytes = 0;  ///< `name>`, as a load of its bytes gives it.
  std::uint8_t size = 0;    ///< Of that; 0: this end tag is not told so.
  std::uint8_t unused_bits = 0;
};

namespace end_tags {

inline constexpr std::size_t kMostBytes = sizeof(EndTag::bytes);

// Their end tags do something else besides, or something else altogether.
inline constexpr KnownSet kNotPlain({"applet", "body", "br", "form", "html", "marquee", "object",
                                     "option", "template"});

consteval std::array<EndTag, kKnownNames.size()> MakeTable() {
  std::array<EndTag, kKnownNames.size()> table{};
  if (std::endian::native != std::endian::little) return table;
  for (Atom atom = 1; atom < kKnownNames.size(); ++atom) {
    const std::string_view name = kKnownNames[atom];
    if (kNotPlain.Has(atom) || name.size() >= kMostBytes) continue;
    EndTag& tag = table[atom];
    for (const char c : name) tag.bytes |= std::uint64_t(c) << 8 * tag.size++;
    tag.bytes |= std::uint64_t('>') << 8 * tag.size++;
    tag.unused_bits = static_cast<std::uint8_t>(64 - 8 * tag.size);
  }
  return table;
}

inline constexpr auto kTable = MakeTable();
inline constexpr EndTag kNone{};

}  // namespace end_tags

/// Of an HTML element of that name.
[[nodiscard]] constexpr const EndTag& EndTagOf(Atom name) noexcept {
  return name < end_tags::kTable.size() ? end_tags::kTable[name] : end_tags::kNone;
}

}  // namespace thresh::html
