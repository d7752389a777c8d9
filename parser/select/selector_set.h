#pragma once

// SelectorSet: all CSS selectors of a recipe, compiled into one program that is
// matched in a single walk over a page. SelectorRun: what one page gave; its
// memory is used again for the next.
//
//   SelectorSet set;                                       // Once a recipe.
//   const auto rows = set.Add(*Compile("div.review"), Need::kAll);
//   const auto name = set.Add(*Compile(".name"), Need::kFirst, rows);
//   const auto next = set.Add(*Compile("a.next"), Need::kFirst);
//
//   SelectorRun run;                                       // Once a process.
//   run.Start(set, tree, work);                            // Once a page.
//   for (const Hit& row : run.All(rows)) {
//     const std::optional<Hit> hit = run.First(name, row.node);
//     if (hit) set.selector(name).ValueView(tree, *hit, kText, &scratch);
//   }
//
// The hits are those of CssSelector::SelectAll and SelectFirst, exactly.
//
// Threads: none. A set is constant while a run uses it. Lifetime: at the methods.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "parser/html/tree.h"
#include "parser/select/css_selector.h"
#include "parser/select/work_budget.h"

namespace thresh::select {

/// What will be asked for in each scope: its first hit only, or all of them.
enum class Need : std::uint8_t { kFirst, kAll };

class SelectorSet {
 public:
  /// Names a selector of the set; counted from 0.
  using Id = std::uint32_t;

  /// Values of `within` that are no selector: the only scope is the document ...
  static constexpr Id kPage = 0xFFFF'FFFF;
  /// ... or any element may be the scope, as for rows that XPath found.
  static constexpr Id kAnyScope = 0xFFFF'FFFE;

  /// Adds a selector whose scopes will be the hits of `within`, a selector added
  /// before it: the rows of an item, or of a nested record. Each call gives an Id of
  /// its own. Equal selectors are matched once.
  Id Add(CssSelector selector, Need need, Id within = kPage);

  /// REQUIRES: id < size().
  [[nodiscard]] const CssSelector& selector(Id id) const noexcept { return selectors_[id].css; }
  [[nodiscard]] std::size_t size() const noexcept { return selectors_.size(); }

 private:
  friend class SelectorRun;

  struct Selector {
    CssSelector css;
    Need need;
    Id within;
  };

  std::vector<Selector> selectors_;
};

class SelectorRun {
 public:
  /// Forgets the page before and walks this one. `set`, `tree` and `work` must stay as
  /// they are, and alive, until the last call about this page. Nothing that was
  /// found counts once `work` is exhausted.
  void Start(const SelectorSet& set, const html::Tree& tree, WorkBudget& work);

  /// What SelectAll finds in `scope`: valid until the next call for the same `id`, and
  /// Start(). Cheapest if the scopes come in document order; they may lie inside each
  /// other. REQUIRES: `id` was added with Need::kAll; `scope` is kDocumentNode under
  /// SelectorSet::kPage, else a hit of `within`.
  [[nodiscard]] std::span<const Hit> All(SelectorSet::Id id,
                                         html::NodeId scope = html::kDocumentNode);

  /// What SelectFirst finds in `scope`. REQUIRES: as All(), with either Need.
  [[nodiscard]] std::optional<Hit> First(SelectorSet::Id id,
                                         html::NodeId scope = html::kDocumentNode);

 private:
  const SelectorSet* set_ = nullptr;
  const html::Tree* tree_ = nullptr;
  WorkBudget* work_ = nullptr;
  std::vector<std::vector<Hit>> hits_;
};

}  // namespace thresh::select
