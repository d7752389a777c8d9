#pragma once

// CssProgram: a compiled selector list. Flat arrays that the matcher reads from
// right to left; lists, complexes and compounds name ranges of the next array.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "parser/html/names.h"

namespace thresh::select {

/// What a branch takes from the nodes it finds.
struct PseudoElement {
  enum class Kind : std::uint8_t { kNone, kText, kOwnText, kLines, kAttr, kHtml };

  Kind kind = Kind::kNone;
  html::Atom name = html::kNoAtom;        ///< Of kAttr, as written.
  html::Atom name_lower = html::kNoAtom;  ///< What it means on an HTML element.

  friend bool operator==(const PseudoElement&, const PseudoElement&) = default;
};

namespace css {

struct Range {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

// In the order in which a compound makes its tests: the cheap ones first.
enum class TestKind : std::uint8_t {
  kId,
  kClass,
  kAttrExists,
  kAttrEquals,
  kAttrDiffers,  ///< [a!=b], as in jQuery and cssselect: absent or different.
  kAttrIncludes,
  kAttrDash,
  kAttrPrefix,
  kAttrSuffix,
  kAttrSubstring,
  kRoot,
  kScope,
  kFirstChild,
  kLastChild,
  kEmpty,
  kChecked,
  kLink,
  kOpen,
  kDefined,
  kRequired,
  kOptional,
  kPlaceholderShown,
  kNthChild,
  kNthLastChild,
  kNthOfType,
  kNthLastOfType,
  kDisabled,
  kEnabled,
  kReadOnly,
  kReadWrite,
  kDefault,
  kBlank,
  kIndeterminate,
  kInRange,
  kOutOfRange,
  kLang,
  kDir,
  kIs,
  kNot,
  kNthChildOf,
  kNthLastChildOf,
  kHas,
  kContains,
};

struct Test {
  TestKind kind = TestKind::kRoot;
  bool ignore_case = false;
  html::Atom name = html::kNoAtom;        ///< An attribute as written ...
  html::Atom name_lower = html::kNoAtom;  ///< ... and as HTML elements have it.
  std::string text{};                     ///< Class, id, value, needle, direction, languages.
  std::int32_t step = 0;                  ///< The A of An+B.
  std::int32_t offset = 0;                ///< The B of An+B.
  std::uint32_t list = 0;                 ///< The argument of :is, :not, :has and `of S`.
};

/// How a compound is tied to the one on its left.
enum class Combinator : std::uint8_t { kNone, kDescendant, kChild, kNextSibling, kLaterSibling };

constexpr std::uint8_t kAnyNamespace = 0xFF;

struct Compound {
  html::Atom tag = html::kNoAtom;           ///< kNoAtom is any tag.
  html::Atom tag_lower = html::kNoAtom;     ///< What it means on an HTML element.
  std::uint8_t namespaces = kAnyNamespace;  ///< A bit for each html::Namespace.
  std::uint64_t token_bits = 0;             ///< Node::token_bits must have all of these.
  Range tests;
  Combinator left = Combinator::kNone;
  bool is_anchor = false;  ///< The node that a relative selector starts from, nothing else.
};

struct Complex {
  Range compounds;                      ///< The rightmost first.
  Combinator lead = Combinator::kNone;  ///< What a relative selector begins with.
};

struct Branch {
  Complex complex;  ///< No compounds: the scope itself.
  PseudoElement pseudo;
  std::uint8_t pseudo_group = 0;  ///< Branches with an equal pseudo-element share it.
  std::string text{};             ///< The complex selector as written.
};

/// A part of an `:is()` that was left out, as the standard demands.
struct Dropped {
  std::size_t offset = 0;  ///< In the selector, from 0.
  std::string why;
};

/// Atoms of names that selectors ask for on their own account.
struct MarkupNames {
  explicit MarkupNames(html::NameTable& names)
      : bdi(names.Intern("bdi")),
        content(names.Intern("content")),
        contenteditable(names.Intern("contenteditable")),
        datalist(names.Intern("datalist")),
        form(names.Intern("form")),
        http_equiv(names.Intern("http-equiv")),
        max(names.Intern("max")),
        min(names.Intern("min")),
        open(names.Intern("open")),
        placeholder(names.Intern("placeholder")),
        progress(names.Intern("progress")),
        readonly(names.Intern("readonly")),
        required(names.Intern("required")),
        value(names.Intern("value")),
        xlink_href(names.Intern("xlink:href")) {}
  MarkupNames() = default;

  html::Atom bdi = 0, content = 0, contenteditable = 0, datalist = 0, form = 0, http_equiv = 0;
  html::Atom max = 0, min = 0, open = 0, placeholder = 0, progress = 0, readonly = 0, required = 0;
  html::Atom value = 0, xlink_href = 0;
};

struct Program {
  std::vector<Test> tests;
  std::vector<Compound> compounds;
  std::vector<Complex> complexes;
  std::vector<Range> lists;  ///< Ranges of complexes.
  std::vector<Branch> branches;
  std::vector<Dropped> dropped;
  MarkupNames names;
};

}  // namespace css
}  // namespace thresh::select
