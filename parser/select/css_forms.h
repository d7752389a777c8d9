#pragma once

// What the files about forms share: types of controls, compared without ASCII case. Private to the
// room.

#include <cstddef>
#include <string_view>

#include "parser/html/ascii.h"
#include "parser/html/tree.h"

namespace thresh::select::css {

inline constexpr std::string_view kButtonTypes[] = {"submit", "image", "reset", "button"};
inline constexpr std::string_view kPickedTypes[] = {"hidden", "range", "color"};
inline constexpr std::string_view kToggleTypes[] = {"checkbox", "radio"};
inline constexpr std::string_view kDateTypes[] = {"date", "month", "week", "time",
                                                  "datetime-local"};

[[nodiscard]] inline bool IsHtml(const html::Node& node, html::Atom name) {
  return node.ns == html::Namespace::kHtml && node.name == name;
}

// Keywords of attributes are compared without ASCII case.
template <std::size_t n>
[[nodiscard]] bool IsOneOf(std::string_view word, const std::string_view (&words)[n]) {
  for (std::string_view candidate : words) {
    if (html::EqualsIgnoreCase(word, candidate)) return true;
  }
  return false;
}

}  // namespace thresh::select::css
