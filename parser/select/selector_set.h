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
// An element is shown only to those selectors whose last compound asks for an id, a
// class, a tag or an attribute that it may have. A selector that depends on its scope
// (`> b`, `:scope`, `::attr(x)` alone) waits until it is asked about a row.
//
// Threads: none. A set is constant while a run uses it. Lifetime: at the methods.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "parser/html/tree.h"
#include "parser/select/css_program.h"
#include "parser/select/css_selector.h"
#include "parser/select/work_budget.h"

namespace thresh::select {

namespace css {
class CssMatcher;
}  // namespace css

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
  /// its own. Equal selectors are matched once. REQUIRES: `selector` was compiled with
  /// the NameTable of the others.
  Id Add(CssSelector selector, Need need, Id within = kPage);

  /// REQUIRES: id < size().
  [[nodiscard]] const CssSelector& selector(Id id) const noexcept { return selectors_[id].css; }
  [[nodiscard]] std::size_t size() const noexcept { return selectors_.size(); }

 private:
  friend class SelectorRun;

  struct Selector {
    CssSelector css;
    Need need = Need::kAll;
    Id within = kPage;
    bool walks = false;       ///< Its hits are collected in the walk, ...
    bool first_only = false;  ///< ... of each scope the first, which is enough, ...
    Id limit = kPage;         ///< ... and inside the hits of this one only, unless kPage.
    bool is_rows = false;     ///< It limits others.
  };

  // Whose hit an element is that a complex selector matches.
  struct Target {
    Id selector = 0;
    std::uint16_t branch = 0;
  };
  struct Pattern {
    css::Complex complex;  ///< In program_.
    std::vector<Target> targets;
  };

  // A pattern under one of the keys of its last compound.
  struct Entry {
    std::uint64_t token_bits = 0;
    html::Atom tag = html::kNoAtom;
    html::Atom tag_lower = html::kNoAtom;
    std::uint32_t pattern = 0;
  };
  using Entries = std::vector<Entry>;

  // What an element must have for a compound to match it: one of these.
  struct Keys {
    bool none = false;  ///< Nothing that could be looked for.
    std::vector<std::uint64_t> token_bits;
    std::vector<html::Atom> tags, attributes;
  };

  // Entries by atom; a name's entries, and 0 for most names, which have none.
  struct ByName {
    std::vector<std::uint32_t> slots;
    std::vector<Entries> lists{1};

    void Add(html::Atom name, const Entry& entry);
    [[nodiscard]] const Entries& Find(html::Atom name) const noexcept {
      return lists[name < slots.size() ? slots[name] : 0];
    }
  };

  void Plan(Selector* selector);
  void AddPatterns(Id id);
  void AddEntries(std::uint32_t pattern);
  void AddByToken(std::uint64_t token_bits, const Entry& entry);
  [[nodiscard]] Keys KeysOf(const css::Compound& compound) const;
  [[nodiscard]] Keys KeysOfTests(const css::Compound& compound) const;
  void AddListKeys(std::uint32_t list, Keys* keys) const;

  std::vector<Selector> selectors_;
  css::Program program_;  ///< Of all that walk.
  std::vector<Pattern> patterns_;
  std::map<std::string, std::uint32_t> pattern_of_;  ///< By the text as written.
  std::vector<Target> document_targets_;             ///< `::text` alone, of the document.

  std::array<Entries, 64> by_token_bit_;
  std::uint64_t token_bits_used_ = 0;
  ByName by_tag_;
  ByName by_attribute_;
  Entries others_;
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
  // Of one selector.
  struct State {
    std::vector<Hit> hits;          ///< In document order.
    html::NodeId row_begin = 0;     ///< Its latest hit ...
    html::NodeId row_end = 0;       ///< ... and where the insides of its hits end.
    html::NodeId cursor_scope = 0;  ///< The scope last asked about ...
    std::size_t cursor = 0;         ///< ... and the first hit after its start.
  };

  void Reset();
  void Walk();
  [[nodiscard]] html::NodeId NextTried(html::NodeId id) const;
  void Try(const SelectorSet::Entries& entries, const html::Node& node, html::NodeId id,
           css::CssMatcher& matcher);
  void Found(const SelectorSet::Target& target, html::NodeId id);
  [[nodiscard]] bool Wants(const SelectorSet::Target& target, html::NodeId id) const;
  void AddBranch(const SelectorSet::Target& target, html::NodeId id);
  std::size_t Seek(State& state, html::NodeId scope) const;
  html::NodeId EndOf(html::NodeId scope);

  const SelectorSet* set_ = nullptr;
  const html::Tree* tree_ = nullptr;
  WorkBudget* work_ = nullptr;
  html::NodeId ended_scope_ = html::kNoNode;  ///< The scope last asked about ...
  html::NodeId scope_end_ = 0;                ///< ... and where its inside ends.
  std::vector<State> states_;  ///< By Id; never fewer than before, to keep their memory.
};

}  // namespace thresh::select
