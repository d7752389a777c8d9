#pragma once

// CssMatcher: runs a css::Program over a Tree, right to left. Made for one call
// of a CssSelector or one walk of a SelectorRun, on the stack. Backtracking stops
// as soon as no other choice of an ancestor or sibling could help, so that a chain
// of descendant combinators costs the depth, not its power.

#include <array>
#include <optional>
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

  // How far `:nth-child(An+B of S)` has counted among one parent's children.
  struct Count {
    const Test* test = nullptr;
    html::NodeId parent = html::kNoNode;
    html::NodeId last = html::kNoNode;  ///< The last child counted.
    std::int64_t position = 0;          ///< Its own.
    std::int64_t total = -1;            ///< Of all children that S matches; -1: not counted.
  };

  Outcome MatchFrom(std::uint32_t compound, html::NodeId node);
  Outcome MatchAncestors(std::uint32_t compound, html::NodeId node);
  Outcome MatchEarlierSiblings(std::uint32_t compound, html::NodeId node);
  bool MatchCompound(const Compound& compound, html::NodeId node);
  // kNoNode past the last one, and once the budget is exhausted.
  [[nodiscard]] html::NodeId NextElement(html::NodeId id) const;
  [[nodiscard]] html::NodeId PrevElement(html::NodeId id) const;
  // The node itself or the first element after it.
  [[nodiscard]] html::NodeId ElementFrom(html::NodeId id) const;

  // css_matcher_tests.cc
  bool MatchTest(const Test& test, html::NodeId id, const html::Node& node);
  [[nodiscard]] bool MatchAttribute(const Test& test, const html::Node& node) const;
  [[nodiscard]] bool MatchName(const Test& test, const html::Node& node) const;
  [[nodiscard]] std::optional<std::string_view> Find(const html::Node& node,
                                                     html::Atom attribute) const;
  [[nodiscard]] bool Has(const html::Node& node, html::Atom attribute) const {
    return Find(node, attribute).has_value();
  }
  [[nodiscard]] bool IsEmpty(const html::Node& node) const;
  [[nodiscard]] bool IsLink(const html::Node& node) const;
  [[nodiscard]] bool MatchContains(const Test& test, html::NodeId element) const;
  [[nodiscard]] bool GoesOn(std::string_view rest, html::NodeId from, html::NodeId end) const;

  // css_matcher_lists.cc
  bool MatchAny(std::uint32_t list, html::NodeId element);
  [[nodiscard]] bool MatchNth(const Test& test, html::NodeId element);
  bool MatchNthOf(const Test& test, html::NodeId element);
  bool CountUpTo(html::NodeId element, Count* count);
  bool CountAll(Count* count);
  bool MatchHas(std::uint32_t list, html::NodeId element);
  [[nodiscard]] bool StaysInNext(const Complex& complex) const;
  bool HasRelative(const Complex& complex, html::NodeId element);
  bool HasChild(const Complex& complex, html::NodeId element);

  // css_matcher_forms.cc
  [[nodiscard]] bool MatchForm(const Test& test, html::NodeId element,
                               const html::Node& node) const;
  [[nodiscard]] bool IsChecked(const html::Node& node) const;
  [[nodiscard]] bool IsRequired(const html::Node& node) const;
  [[nodiscard]] bool IsPlaceholderShown(const html::Node& node) const;
  [[nodiscard]] bool IsDefined(const html::Node& node) const;
  [[nodiscard]] bool IsDisabled(html::NodeId element) const;
  [[nodiscard]] bool IsReadWrite(html::NodeId element) const;
  [[nodiscard]] bool IsEditable(html::NodeId element) const;
  [[nodiscard]] bool IsDefault(html::NodeId element) const;
  [[nodiscard]] bool IsSubmitButton(const html::Node& node) const;
  [[nodiscard]] html::NodeId FormOf(html::NodeId control) const;
  [[nodiscard]] std::string_view TypeOf(const html::Node& node) const;

  // css_matcher_values.cc
  [[nodiscard]] bool MatchValue(const Test& test, html::NodeId element,
                                const html::Node& node) const;
  [[nodiscard]] bool IsBlankControl(html::NodeId element) const;
  [[nodiscard]] bool IsIndeterminate(html::NodeId element) const;
  [[nodiscard]] bool IsRadio(const html::Node& node) const;
  [[nodiscard]] std::optional<bool> IsInRange(html::NodeId element) const;

  // css_matcher_language.cc
  [[nodiscard]] bool MatchLang(const Test& test, html::NodeId element);
  [[nodiscard]] std::string_view PageLanguage() const;
  [[nodiscard]] bool IsRightToLeft(html::NodeId element) const;
  [[nodiscard]] std::optional<bool> TextDirection(html::NodeId element) const;

  const Program& program_;
  const html::Tree& tree_;
  const html::NodeId scope_;
  html::NodeId anchor_;  ///< Where the relative selector under way starts from.
  WorkBudget& work_;
  std::array<Count, 4> counts_;
  std::optional<std::string_view> page_language_;  ///< Once it was asked for.
};

}  // namespace thresh::select::css
