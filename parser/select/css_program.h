#pragma once

// CssProgram: a compiled selector list. Flat arrays that the matcher reads from
// right to left; lists, complexes and compounds name ranges of the next array.

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
  kNthChild,
  kNthLastChild,
  kNthOfType,
  kNthLastOfType,
  kDisabled,
  kEnabled,
  kLang,
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
  std::string text{};                     ///< Class, id, value, needle, or language ranges.
  std::int32_t step = 0;                  ///< The A of An+B.
  std::int32_t offset = 0;                ///< The B of An+B.
  std::uint32_t list = 0;                 ///< The argument of :is, :not, :has and `of S`.
};

/// How a compound is tied to the one on its left.
enum class Combinator : std::uint8_t { kNone, kDescendant, kChild, kNextSibling, kLaterSibling };

struct Compound {
  html::Atom tag = html::kNoAtom;        ///< kNoAtom is any tag.
  html::Atom tag_lower = html::kNoAtom;  ///< What it means on an HTML element.
  std::uint64_t token_bits = 0;          ///< Node::token_bits must have all of these.
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
};

struct Program {
  std::vector<Test> tests;
  std::vector<Compound> compounds;
  std::vector<Complex> complexes;
  std::vector<Range> lists;  ///< Ranges of complexes.
  std::vector<Branch> branches;
};

}  // namespace css
}  // namespace thresh::select
