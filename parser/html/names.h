#pragma once

// NameTable: tag and attribute names <-> 32-bit atoms, so that a selector tests
// a name with one integer compare. One table serves all selectors and all trees
// of a process, and must outlive them.
//
// It cannot be made to grow without bound: what recipes name is interned always,
// what only pages name is interned until kMaxPageNameBytes; after that a Tree
// keeps a new name to itself (see Tree::NameFromPage). Class tokens and ids are
// never interned; Node::token_bits speeds those up.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "parser/html/arena.h"

namespace thresh::html {

using Atom = std::uint32_t;

inline constexpr Atom kNoAtom = 0;
/// Atoms from here on are names of one page's own (Tree::NameFromPage).
inline constexpr Atom kFirstPageAtom = Atom{1} << 31;

// Names our own code asks for, and what drawings are made of (end_tags.h). Their atoms are their
// positions, in every table.
inline constexpr auto kKnownNames = std::to_array<std::string_view>({
    "",  // kNoAtom
    "a",         "address",
    "alt",       "annotation-xml",
    "applet",    "area",
    "article",   "aside",
    "b",         "base",
    "basefont",  "bgsound",
    "big",       "blockquote",
    "body",      "br",
    "button",    "caption",
    "center",    "checked",
    "class",     "code",
    "col",       "colgroup",
    "color",     "content",
    "data",      "dd",
    "desc",      "details",
    "dialog",    "dir",
    "disabled",  "div",
    "dl",        "dt",
    "em",        "embed",
    "encoding",  "face",
    "fieldset",  "figcaption",
    "figure",    "font",
    "footer",    "foreignobject",
    "form",      "frame",
    "frameset",  "g",
    "h1",        "h2",
    "h3",        "h4",
    "h5",        "h6",
    "head",      "header",
    "hgroup",    "hidden",
    "hr",        "href",
    "html",      "i",
    "id",        "iframe",
    "image",     "img",
    "input",     "keygen",
    "label",     "lang",
    "legend",    "li",
    "link",      "listing",
    "main",      "malignmark",
    "marquee",   "math",
    "menu",      "meta",
    "mglyph",    "mi",
    "mn",        "mo",
    "ms",        "mtext",
    "multiple",  "name",
    "nav",       "nobr",
    "noembed",   "noframes",
    "noscript",  "object",
    "ol",        "optgroup",
    "option",    "p",
    "param",     "path",
    "plaintext", "pre",
    "public",    "rb",
    "rel",       "rp",
    "rt",        "rtc",
    "ruby",      "s",
    "script",    "search",
    "section",   "select",
    "selected",  "selectedcontent",
    "size",      "small",
    "source",    "span",
    "src",       "strike",
    "strong",    "style",
    "sub",       "summary",
    "sup",       "svg",
    "system",    "table",
    "tbody",     "td",
    "template",  "textarea",
    "tfoot",     "th",
    "thead",     "title",
    "tr",        "track",
    "tt",        "type",
    "u",         "ul",
    "value",     "var",
    "wbr",       "xml:lang",
    "xmp",
});

/// The atom of one of kKnownNames; any other name does not compile.
[[nodiscard]] consteval Atom Known(std::string_view name) {
  for (Atom atom = 0; atom < kKnownNames.size(); ++atom) {
    if (kKnownNames[atom] == name) return atom;
  }
  throw "not in kKnownNames";  // Reached at compile time only: an error there.
}

/// A set of known names, tested with one load.
class KnownSet {
 public:
  template <std::size_t n>
  explicit consteval KnownSet(const std::string_view (&names)[n]) {
    for (std::string_view name : names) has_[Known(name)] = true;
  }
  [[nodiscard]] constexpr bool Has(Atom atom) const noexcept {
    return atom < has_.size() && has_[atom];
  }

 private:
  std::array<bool, kKnownNames.size()> has_{};
};

class NameTable {
 public:
  /// Bytes of names that pages alone may bring in, over the life of the table.
  static constexpr std::size_t kMaxPageNameBytes = std::size_t{1} << 20;

  NameTable();
  NameTable(const NameTable&) = delete;
  NameTable& operator=(const NameTable&) = delete;

  /// For names from recipes. Case matters: lower-case HTML names first.
  Atom Intern(std::string_view name);

  /// For names from pages: as Intern, but kNoAtom for a new name once the pages'
  /// share is used up.
  Atom InternFromPage(std::string_view name);

  /// kNoAtom if `name` was never interned.
  [[nodiscard]] Atom Find(std::string_view name) const noexcept;

  /// REQUIRES: `atom` came from this table.
  [[nodiscard]] std::string_view name(Atom atom) const noexcept { return names_[atom].text; }

  [[nodiscard]] std::size_t size() const noexcept { return names_.size(); }

 private:
  struct Name {
    std::string_view text;
    std::uint32_t hash;
  };

  [[nodiscard]] std::size_t SlotOf(std::string_view name, std::uint32_t hash) const noexcept;
  Atom Add(std::string_view name, std::uint32_t hash, std::size_t slot);
  void Grow();

  Arena arena_;
  std::vector<Name> names_;  ///< By atom.
  std::vector<Atom> slots_;  ///< Open addressing, a power of two; kNoAtom is free.
  std::size_t page_name_bytes_ = 0;
};

}  // namespace thresh::html
