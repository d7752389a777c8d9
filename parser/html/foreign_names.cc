#include "parser/html/foreign_names.h"

#include <algorithm>
#include <array>

#include "parser/html/ascii.h"
#include "parser/html/element_kinds.h"

namespace thresh::html {
namespace {

// All sorted by their lower-case spelling: LessThan() below.
constexpr auto kSvgTags = std::to_array<std::string_view>({
    "altGlyph",
    "altGlyphDef",
    "altGlyphItem",
    "animateColor",
    "animateMotion",
    "animateTransform",
    "clipPath",
    "feBlend",
    "feColorMatrix",
    "feComponentTransfer",
    "feComposite",
    "feConvolveMatrix",
    "feDiffuseLighting",
    "feDisplacementMap",
    "feDistantLight",
    "feDropShadow",
    "feFlood",
    "feFuncA",
    "feFuncB",
    "feFuncG",
    "feFuncR",
    "feGaussianBlur",
    "feImage",
    "feMerge",
    "feMergeNode",
    "feMorphology",
    "feOffset",
    "fePointLight",
    "feSpecularLighting",
    "feSpotLight",
    "feTile",
    "feTurbulence",
    "foreignObject",
    "glyphRef",
    "linearGradient",
    "radialGradient",
    "textPath",
});
constexpr auto kSvgAttributes = std::to_array<std::string_view>({
    "attributeName",
    "attributeType",
    "baseFrequency",
    "baseProfile",
    "calcMode",
    "clipPathUnits",
    "diffuseConstant",
    "edgeMode",
    "filterUnits",
    "glyphRef",
    "gradientTransform",
    "gradientUnits",
    "kernelMatrix",
    "kernelUnitLength",
    "keyPoints",
    "keySplines",
    "keyTimes",
    "lengthAdjust",
    "limitingConeAngle",
    "markerHeight",
    "markerUnits",
    "markerWidth",
    "maskContentUnits",
    "maskUnits",
    "numOctaves",
    "pathLength",
    "patternContentUnits",
    "patternTransform",
    "patternUnits",
    "pointsAtX",
    "pointsAtY",
    "pointsAtZ",
    "preserveAlpha",
    "preserveAspectRatio",
    "primitiveUnits",
    "refX",
    "refY",
    "repeatCount",
    "repeatDur",
    "requiredExtensions",
    "requiredFeatures",
    "specularConstant",
    "specularExponent",
    "spreadMethod",
    "startOffset",
    "stdDeviation",
    "stitchTiles",
    "surfaceScale",
    "systemLanguage",
    "tableValues",
    "targetX",
    "targetY",
    "textLength",
    "viewBox",
    "viewTarget",
    "xChannelSelector",
    "yChannelSelector",
    "zoomAndPan",
});
constexpr auto kNamespacedAttributes = std::to_array<std::string_view>({
    "xlink:actuate",
    "xlink:arcrole",
    "xlink:href",
    "xlink:role",
    "xlink:show",
    "xlink:title",
    "xlink:type",
    "xml:lang",
    "xml:space",
    "xmlns",
    "xmlns:xlink",
});

constexpr bool LessThan(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](char x, char y) { return ToLower(x) < ToLower(y); });
}
static_assert(std::is_sorted(kSvgTags.begin(), kSvgTags.end(), LessThan));
static_assert(std::is_sorted(kSvgAttributes.begin(), kSvgAttributes.end(), LessThan));
static_assert(std::is_sorted(kNamespacedAttributes.begin(), kNamespacedAttributes.end()));

template <std::size_t n>
std::string_view Cased(const std::array<std::string_view, n>& names, std::string_view name) {
  const auto found = std::lower_bound(names.begin(), names.end(), name, LessThan);
  return found != names.end() && EqualsIgnoreCase(*found, name) ? *found : name;
}

constexpr KnownSet kMathTextPoints({"mi", "mo", "mn", "ms", "mtext"});
// By the tags' lower-case names, as entries of the stack have them.
constexpr KnownSet kSvgHtmlPoints({"foreignobject", "desc", "title"});

}  // namespace

std::uint16_t ForeignFlags(Atom name, Namespace ns) noexcept {
  if (ns == Namespace::kMathMl) {
    if (kMathTextPoints.Has(name)) return kForeign | kSpecial | kMathTextPoint;
    return name == Known("annotation-xml") ? kForeign | kSpecial : kForeign;
  }
  return kSvgHtmlPoints.Has(name) ? kForeign | kSpecial | kHtmlPoint : kForeign;
}

std::string_view SvgTagName(std::string_view name) noexcept {
  return Cased(kSvgTags, name);
}

std::string_view SvgAttributeName(std::string_view name) noexcept {
  return Cased(kSvgAttributes, name);
}

std::string_view MathMlAttributeName(std::string_view name) noexcept {
  return name == "definitionurl" ? "definitionURL" : name;
}

std::optional<SplitName> SplitForeignAttribute(std::string_view name) noexcept {
  if (!std::binary_search(kNamespacedAttributes.begin(), kNamespacedAttributes.end(), name)) {
    return std::nullopt;
  }
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos) return SplitName{name, name};
  return SplitName{name.substr(0, colon), name.substr(colon + 1)};
}

}  // namespace thresh::html
