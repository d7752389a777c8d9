#pragma once

// CssSelector: a compiled CSS selector list with thresh's pseudo-elements, run on
// html::Tree.
//
//   a.next::attr(href), link[rel=next]::attr(href)
//
// Syntax: docs of recipes; grammar: Selectors Level 4 less what needs a user (:hover). Each branch
// of the list may end in ::text, ::own-text,
// ::lines, ::attr(name) or ::html; a branch that is nothing else stands for the
// scope itself. `> a`, `+ a` and `~ a` start from the scope.
//
// Lifetime: self-contained after Compile. Trees must use the NameTable it was
// compiled with. Const use is free of side effects on the selector.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "parser/html/names.h"
#include "parser/html/tree.h"
#include "parser/select/css_program.h"
#include "parser/select/work_budget.h"

namespace thresh::select {

struct Hit {
  html::NodeId node = html::kNoNode;
  std::uint16_t branch = 0;  ///< Which part of the comma list, from 0.

  friend bool operator==(const Hit&, const Hit&) = default;
};

class CssSelector {
 public:
  /// Compiles `css` (UTF-8). On failure `error_offset`, if given, is the byte of
  /// `css`, from 0, that the error is about; css.size() for an unexpected end.
  /// Errors: kInvalid.
  [[nodiscard]] static Result<CssSelector> Compile(std::string_view css, html::NameTable& names,
                                                   std::size_t* error_offset = nullptr);

  /// Replaces `hits` with the descendants of `scope` that match, in document order,
  /// as querySelectorAll does: ancestors outside the scope may take part. A node
  /// comes once for each different pseudo-element among its branches, under the
  /// first of those branches. `+ a` and `~ a` find later siblings of the scope and
  /// what is in them.
  void SelectAll(const html::Tree& tree, html::NodeId scope, WorkBudget& work,
                 std::vector<Hit>* hits) const;

  /// What SelectAll would find first; stops there.
  [[nodiscard]] std::optional<Hit> SelectFirst(const html::Tree& tree, html::NodeId scope,
                                               WorkBudget& work) const;

  /// Whether a branch matches `node` itself, wherever it lies.
  [[nodiscard]] bool Matches(const html::Tree& tree, html::NodeId node, html::NodeId scope,
                             WorkBudget& work) const;

  /// Parts of its :is() and :where() that were wrong or unknown and so, by the
  /// standard, left out. The recipe's author wants to know.
  [[nodiscard]] const std::vector<css::Dropped>& dropped() const noexcept {
    return program_.dropped;
  }

  [[nodiscard]] std::size_t branch_count() const noexcept { return program_.branches.size(); }

  /// kNone where the recipe wrote none. REQUIRES: branch < branch_count().
  [[nodiscard]] const PseudoElement& pseudo(std::size_t branch) const noexcept {
    return program_.branches[branch].pseudo;
  }

  /// Appends the hit's value by its branch's pseudo-element, or by `otherwise` if
  /// the branch has none. Returns false, with nothing appended, if the attribute
  /// is absent. REQUIRES: one of the two is not kNone.
  bool AppendValue(const html::Tree& tree, const Hit& hit, const PseudoElement& otherwise,
                   std::string* out) const;

  /// The value without a copy where the tree holds it as it is wanted, else in `*scratch`:
  /// valid as long as both. nullopt if the attribute is absent.
  [[nodiscard]] std::optional<std::string_view> ValueView(const html::Tree& tree, const Hit& hit,
                                                          const PseudoElement& otherwise,
                                                          std::string* scratch) const;

  /// As AppendValue; nullopt if the attribute is absent.
  [[nodiscard]] std::optional<std::string> Value(const html::Tree& tree, const Hit& hit,
                                                 const PseudoElement& otherwise) const;

 private:
  friend class SelectorSet;
  friend class SelectorRun;

  // Where its matches lie, seen from the scope.
  enum class Reach : std::uint8_t { kScopeItself, kChildren, kDescendants, kSiblings };

  template <typename Found>
  void Run(const html::Tree& tree, html::NodeId scope, WorkBudget& work, Found found) const;

  const PseudoElement& Taken(const Hit& hit, const PseudoElement& otherwise) const;

  css::Program program_;
  Reach reach_ = Reach::kScopeItself;  ///< The farthest of all branches.
  bool needs_scope_ = false;           ///< Whether a node matches depends on the scope.
};

/// `::attr(name)`, for defaults. `name` is lower case.
[[nodiscard]] PseudoElement AttrPseudoElement(std::string_view name, html::NameTable& names);

/// The value that `pseudo` takes from `node`; false if it has none.
/// REQUIRES: pseudo.kind is not kNone.
bool AppendPseudoValue(const html::Tree& tree, html::NodeId node, const PseudoElement& pseudo,
                       std::string* out);

/// The same as CssSelector::ValueView has it. What `*scratch` held is lost.
[[nodiscard]] std::optional<std::string_view> PseudoView(const html::Tree& tree, html::NodeId node,
                                                         const PseudoElement& pseudo,
                                                         std::string* scratch);

}  // namespace thresh::select
