#pragma once

// CssMatcher: runs a css::Program over a Tree, right to left. Made for one call
// of a CssSelector, on the stack. Backtracking stops as soon as no other choice
// of an ancestor or sibling could help, so that a chain of descendant combinators
// costs the depth, not its power.

#include <optional>
#include <string>
#include <string_view>

#include "parser/html/tree.h"
#include "parser/select/css_program.h"
#include "parser/select/work_budget.h"

namespace thresh::select::css {

class CssMatcher {
 public:
  CssMatcher(const Program& program, const html::Tree& tree, html::NodeId scope, WorkBudget& work)
      : program_(program), tree_(tree), scope_(scope), anchor_(scope), work_(work) {}

  /// False also if the work budget is exhausted. REQUIRES: `element` is an element.
  [[nodiscard]] bool Matches(const Complex& complex, html::NodeId element) {
    return MatchFrom(complex.compounds.first, element) == Outcome::kMatch;
  }

 private:
  // Why a chain failed says what else is worth trying.
  enum class Outcome { kMatch, kFailed, kNoSiblingWill, kNothingWill };

  Outcome MatchFrom(std::uint32_t compound, html::NodeId node);
  Outcome MatchAncestors(std::uint32_t compound, html::NodeId node);
  Outcome MatchEarlierSiblings(std::uint32_t compound, html::NodeId node);
  bool MatchCompound(const Compound& compound, html::NodeId node);
  // kNoNode past the last one, and once the budget is exhausted.
  [[nodiscard]] html::NodeId NextElement(html::NodeId id) const;
  [[nodiscard]] html::NodeId PrevElement(html::NodeId id) const;

  // css_matcher_tests.cc
  bool MatchTest(const Test& test, html::NodeId id, const html::Node& node);
  [[nodiscard]] bool MatchAttribute(const Test& test, const html::Node& node) const;
  [[nodiscard]] bool MatchName(const Test& test, const html::Node& node) const;
  [[nodiscard]] std::optional<std::string_view> Find(const html::Node& node,
                                                     html::Atom attribute) const;
  bool MatchAny(std::uint32_t list, html::NodeId element);
  bool MatchNthOf(const Test& test, html::NodeId element);
  bool MatchHas(std::uint32_t list, html::NodeId element);
  bool HasRelative(const Complex& complex, html::NodeId element);
  bool HasChild(const Complex& complex, html::NodeId element);
  bool MatchContains(const Test& test, html::NodeId element);
  [[nodiscard]] bool MatchLang(const Test& test, html::NodeId element) const;
  [[nodiscard]] bool IsEmpty(const html::Node& node) const;
  [[nodiscard]] bool IsDisabled(html::NodeId element) const;

  const Program& program_;
  const html::Tree& tree_;
  const html::NodeId scope_;
  html::NodeId anchor_;  ///< Where the relative selector under way starts from.
  WorkBudget& work_;
  std::string text_;  ///< Of MatchContains, kept for its memory.
};

}  // namespace thresh::select::css
