#pragma once

// Names in SVG and MathML: WHATWG HTML 13.2.6.1 and 13.2.6.5.

#include <cstdint>
#include <optional>
#include <string_view>

#include "parser/html/names.h"
#include "parser/html/tree.h"

namespace thresh::html {

/// ElementFlags of an SVG or MathML element, by its lower-case name. <annotation-xml> may be
/// an HTML integration point besides, by its attributes.
[[nodiscard]] std::uint16_t ForeignFlags(Atom name, Namespace ns) noexcept;

/// The name with the capitals that SVG has, of a lower-case one; the same for most.
[[nodiscard]] std::string_view SvgTagName(std::string_view name) noexcept;
[[nodiscard]] std::string_view SvgAttributeName(std::string_view name) noexcept;
[[nodiscard]] std::string_view MathMlAttributeName(std::string_view name) noexcept;

/// Prefix and local name of those attributes that get a namespace on a foreign element.
struct SplitName {
  std::string_view prefix, local;
};
[[nodiscard]] std::optional<SplitName> SplitForeignAttribute(std::string_view name) noexcept;

}  // namespace thresh::html
