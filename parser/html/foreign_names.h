#pragma once

// Names in SVG and MathML: WHATWG HTML 13.2.6.1 and 13.2.6.5.

#include <array>
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

/// The three above by atom, remembered: a table's atoms never change.
class ForeignNames {
 public:
  Atom SvgTag(Atom name, Tree* tree) { return Find(&svg_tags_, name, SvgTagName, tree); }
  Atom SvgAttribute(Atom name, Tree* tree) {
    return Find(&svg_attributes_, name, SvgAttributeName, tree);
  }
  Atom MathMlAttribute(Atom name, Tree* tree) {
    return Find(&math_attributes_, name, MathMlAttributeName, tree);
  }

 private:
  using Names = std::array<Atom, 1024>;  // By atom; kNoAtom: not asked for yet.

  static Atom Find(Names* names, Atom name, std::string_view (*cased)(std::string_view) noexcept,
                   Tree* tree) {
    if (name < names->size() && (*names)[name] != kNoAtom) return (*names)[name];
    const Atom found = tree->NameFromPage(cased(tree->name(name)));
    if (name < names->size() && found < kFirstPageAtom) (*names)[name] = found;
    return found;
  }

  Names svg_tags_{};
  Names svg_attributes_{};
  Names math_attributes_{};
};

/// Prefix and local name of those attributes that get a namespace on a foreign element.
struct SplitName {
  std::string_view prefix, local;
};
[[nodiscard]] std::optional<SplitName> SplitForeignAttribute(std::string_view name) noexcept;

}  // namespace thresh::html
