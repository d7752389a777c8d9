#pragma once

// What the tree builder has to know of an element by its name alone: the lists of WHATWG HTML
// 13.2.4.2 (special, formatting, scopes) and 13.2.6.3 (implied end tags) as one table.
//
// "Has an X element in scope" is asked at nearly every tag. Each entry of the stack of open
// elements therefore carries a set of bits, one for each X that is in scope seen from it: those of
// the entry below, less what the element hides, and the element's own. Each X is only ever asked
// for in one kind of scope, so one bit is enough.

#include <array>
#include <cstdint>
#include <string_view>

#include "parser/html/names.h"

namespace thresh::html {

/// Properties of an open element, or'ed.
enum ElementFlags : std::uint16_t {
  kSpecial = 1 << 0,
  kFormatting = 1 << 1,
  kImpliedEnd = 1 << 2,      ///< Generated implied end tags close it.
  kFosters = 1 << 3,         ///< table, tbody, tfoot, thead, tr.
  kForeign = 1 << 4,         ///< No HTML element.
  kMathTextPoint = 1 << 5,   ///< MathML text integration point.
  kHtmlPoint = 1 << 6,       ///< HTML integration point.
  kIsFragmentRoot = 1 << 7,  ///< The adjusted current node is the context instead.
  kIsOption = 1 << 8,
};

using ScopeBits = std::uint64_t;

namespace kinds {

inline constexpr std::string_view kDefaultScoped[] = {
    "address", "article", "aside",   "blockquote", "button",     "center", "details", "dialog",
    "dir",     "div",     "dl",      "fieldset",   "figcaption", "figure", "footer",  "header",
    "hgroup",  "listing", "main",    "menu",       "nav",        "ol",     "pre",     "search",
    "section", "select",  "summary", "ul",         "form",       "dd",     "dt",      "applet",
    "marquee", "object",  "body",    "option",     "optgroup",   "nobr",   "ruby"};
inline constexpr std::string_view kHeadings[] = {"h1", "h2", "h3", "h4", "h5", "h6"};
inline constexpr std::string_view kTableScoped[] = {"table", "caption", "tbody", "td",
                                                    "tfoot", "th",      "thead", "tr"};

inline constexpr int kHeadingBit = 48;
inline constexpr int kFirstTableBit = 49;  // Eight of them.
inline constexpr int kListItemBit = 57;
inline constexpr int kParagraphBit = 58;
inline constexpr int kTemplateBit = 59;  // Hidden by nothing: whether there is one at all.
static_assert(std::size(kDefaultScoped) <= kHeadingBit);

constexpr ScopeBits Bit(int number) {
  return ScopeBits{1} << number;
}
inline constexpr ScopeBits kTableBits = ScopeBits{0xFF} << kFirstTableBit;
inline constexpr ScopeBits kHiddenByDefault =
    ~(kTableBits | Bit(kTemplateBit));  // list item and button scope end with the default one.

struct Kind {
  ScopeBits own = 0;
  ScopeBits hides = 0;
  std::uint16_t flags = 0;
};
using Table = std::array<Kind, kKnownNames.size()>;

template <std::size_t n>
constexpr void Flag(Table& table, std::uint16_t flag, const std::string_view (&names)[n]) {
  for (std::string_view name : names) {
    for (std::size_t atom = 1; atom < kKnownNames.size(); ++atom) {
      if (kKnownNames[atom] == name) table[atom].flags |= flag;
    }
  }
}

consteval Table MakeTable() {
  Table table;
  Flag(table, kSpecial,
       {"address", "applet",     "area",     "article",    "aside",     "base",     "basefont",
        "bgsound", "blockquote", "body",     "br",         "button",    "caption",  "center",
        "col",     "colgroup",   "dd",       "details",    "dir",       "div",      "dl",
        "dt",      "embed",      "fieldset", "figcaption", "figure",    "footer",   "form",
        "frame",   "frameset",   "h1",       "h2",         "h3",        "h4",       "h5",
        "h6",      "head",       "header",   "hgroup",     "hr",        "html",     "iframe",
        "img",     "input",      "keygen",   "li",         "link",      "listing",  "main",
        "marquee", "menu",       "meta",     "nav",        "noembed",   "noframes", "noscript",
        "object",  "ol",         "p",        "param",      "plaintext", "pre",      "script",
        "search",  "section",    "select",   "source",     "style",     "summary",  "table",
        "tbody",   "td",         "template", "textarea",   "tfoot",     "th",       "thead",
        "title",   "tr",         "track",    "ul",         "wbr",       "xmp"});
  Flag(table, kFormatting,
       {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt",
        "u"});
  Flag(table, kImpliedEnd, {"dd", "dt", "li", "optgroup", "option", "p", "rb", "rp", "rt", "rtc"});
  Flag(table, kFosters, {"table", "tbody", "tfoot", "thead", "tr"});
  table[Known("option")].flags |= kIsOption;

  int bit = 0;
  for (std::string_view name : kDefaultScoped) table[Known(name)].own = Bit(bit++);
  for (std::string_view name : kHeadings) table[Known(name)].own = Bit(kHeadingBit);
  bit = kFirstTableBit;
  for (std::string_view name : kTableScoped) table[Known(name)].own = Bit(bit++);
  table[Known("li")].own = Bit(kListItemBit);
  table[Known("p")].own = Bit(kParagraphBit);
  table[Known("template")].own = Bit(kTemplateBit);

  for (std::string_view name : {"applet", "caption", "td", "th", "marquee", "object", "select"}) {
    table[Known(name)].hides = kHiddenByDefault;
  }
  for (std::string_view name : {"html", "table", "template"}) {
    table[Known(name)].hides = kHiddenByDefault | kTableBits;
  }
  table[Known("button")].hides |= Bit(kParagraphBit);
  table[Known("ol")].hides |= Bit(kListItemBit);
  table[Known("ul")].hides |= Bit(kListItemBit);
  return table;
}

inline constexpr Table kTable = MakeTable();
inline constexpr Kind kUnknown{};

}  // namespace kinds

/// What is known of HTML elements of that name.
[[nodiscard]] constexpr const kinds::Kind& KindOf(Atom name) noexcept {
  return name < kinds::kTable.size() ? kinds::kTable[name] : kinds::kUnknown;
}

/// The bit that says that such an element is in scope: in button scope for `p`, in list item
/// scope for `li`, in table scope for the parts of tables; for h1 to h6, any of them.
[[nodiscard]] consteval ScopeBits ScopeBit(std::string_view name) {
  const ScopeBits bit = kinds::kTable[Known(name)].own;
  if (bit == 0) throw "nobody asks whether this is in scope";
  return bit;
}

}  // namespace thresh::html
