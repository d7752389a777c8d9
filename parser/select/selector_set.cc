#include "parser/select/selector_set.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <utility>

namespace thresh::select {
namespace {

using html::Atom;
using html::kNoAtom;

constexpr std::size_t kMaxKeys = 32;

// Appends `more`, with its ranges and indices moved to where its parts come to stand.
void Append(const css::Program& more, css::Program* all) {
  const auto tests = static_cast<std::uint32_t>(all->tests.size());
  const auto compounds = static_cast<std::uint32_t>(all->compounds.size());
  const auto complexes = static_cast<std::uint32_t>(all->complexes.size());
  const auto lists = static_cast<std::uint32_t>(all->lists.size());
  for (css::Test test : more.tests) {
    test.list += lists;
    all->tests.push_back(std::move(test));
  }
  for (css::Compound compound : more.compounds) {
    compound.tests.first += tests;
    all->compounds.push_back(compound);
  }
  for (css::Complex complex : more.complexes) {
    complex.compounds.first += compounds;
    all->complexes.push_back(complex);
  }
  for (css::Range list : more.lists) all->lists.push_back({list.first + complexes, list.count});
  all->names = more.names;
}

bool IsAttributeTest(const css::Test& test) {
  return test.kind >= css::TestKind::kAttrExists && test.kind <= css::TestKind::kAttrSubstring &&
         test.kind != css::TestKind::kAttrDiffers;
}

template <typename T>
void AppendAll(const std::vector<T>& more, std::vector<T>* all) {
  all->insert(all->end(), more.begin(), more.end());
}

}  // namespace

SelectorSet::Id SelectorSet::Add(CssSelector selector, Need need, Id within) {
  const Id id = static_cast<Id>(selectors_.size());
  selectors_.push_back({std::move(selector), need, within});
  Plan(&selectors_.back());
  if (selectors_.back().walks) AddPatterns(id);
  return id;
}

// The scopes of a selector are known in the walk if they are hits of one that walks.
void SelectorSet::Plan(Selector* selector) {
  const Id within = selector->within;
  selector->walks = within == kPage || !selector->css.needs_scope_;
  selector->first_only = selector->need == Need::kFirst && within != kAnyScope;
  if (within == kPage || within == kAnyScope) return;
  const Selector& rows = selectors_[within];
  if (rows.walks) {
    selector->limit = within;
  } else {
    selector->first_only = false;
    if (rows.css.reach_ != CssSelector::Reach::kSiblings) selector->limit = rows.limit;
  }
  if (selector->limit != kPage) selectors_[selector->limit].is_rows = true;
}

void SelectorSet::AddPatterns(Id id) {
  const css::Program& program = selectors_[id].css.program_;
  const auto compounds = static_cast<std::uint32_t>(program_.compounds.size());
  Append(program, &program_);
  for (std::size_t i = 0; i < program.branches.size(); ++i) {
    const css::Branch& branch = program.branches[i];
    const Target target{id, static_cast<std::uint16_t>(i)};
    if (branch.complex.compounds.count == 0) {
      document_targets_.push_back(target);
      continue;
    }
    const auto next = static_cast<std::uint32_t>(patterns_.size());
    const auto [known, is_new] = pattern_of_.try_emplace(branch.text, next);
    if (is_new) {
      css::Complex complex = branch.complex;
      complex.compounds.first += compounds;
      patterns_.push_back({complex, {}});
      AddEntries(next);
    }
    patterns_[known->second].targets.push_back(target);
  }
}

// ---- Dispatch -------------------------------------------------------------------

void SelectorSet::AddEntries(std::uint32_t pattern) {
  const css::Compound& last = program_.compounds[patterns_[pattern].complex.compounds.first];
  const Entry entry{last.token_bits, last.tag, last.tag_lower, pattern};
  const Keys keys = KeysOf(last);
  if (keys.none) others_.push_back(entry);
  for (const std::uint64_t token_bits : keys.token_bits) AddByToken(token_bits, entry);
  for (const Atom tag : keys.tags) by_tag_.Add(tag, entry);
  for (const Atom attribute : keys.attributes) by_attribute_.Add(attribute, entry);
}

// Under one of the token's bits, that with the fewest others.
void SelectorSet::AddByToken(std::uint64_t token_bits, const Entry& entry) {
  int best = std::countr_zero(token_bits);
  for (std::uint64_t rest = token_bits; rest != 0; rest &= rest - 1) {
    const int bit = std::countr_zero(rest);
    const auto load = [&](int of) { return by_token_bit_[static_cast<std::size_t>(of)].size(); };
    if (load(bit) < load(best)) best = bit;
  }
  by_token_bit_[static_cast<std::size_t>(best)].push_back(entry);
  token_bits_used_ |= std::uint64_t{1} << best;
}

void SelectorSet::ByName::Add(Atom name, const Entry& entry) {
  if (name == kNoAtom) return;
  if (slots.size() <= name) slots.resize(name + std::size_t{1}, 0);
  if (slots[name] == 0) {
    slots[name] = static_cast<std::uint32_t>(lists.size());
    lists.emplace_back();
  }
  Entries& list = lists[slots[name]];
  if (list.empty() || list.back().pattern != entry.pattern) list.push_back(entry);
}

// Ids and classes tell the most, then what an :is() lists of them, then the tag.
SelectorSet::Keys SelectorSet::KeysOf(const css::Compound& compound) const {
  if (compound.token_bits != 0) return {.token_bits = {compound.token_bits}};
  Keys by_tests = KeysOfTests(compound);
  const bool only_tokens = by_tests.tags.empty() && by_tests.attributes.empty();
  if (compound.tag == kNoAtom || (!by_tests.none && only_tokens)) return by_tests;
  return {.tags = {compound.tag_lower, compound.tag}};
}

SelectorSet::Keys SelectorSet::KeysOfTests(const css::Compound& compound) const {
  Keys best{.none = true};
  for (std::uint32_t i = 0; i < compound.tests.count; ++i) {
    const css::Test& test = program_.tests[compound.tests.first + i];
    Keys keys;
    if (IsAttributeTest(test)) {
      keys.attributes = {test.name_lower, test.name};
    } else if (test.kind == css::TestKind::kIs) {
      AddListKeys(test.list, &keys);
    } else {
      continue;
    }
    if (!keys.none) best = std::move(keys);  // The last: an :is() comes after the attributes.
  }
  return best;
}

void SelectorSet::AddListKeys(std::uint32_t list, Keys* keys) const {
  const css::Range range = program_.lists[list];
  keys->none = range.count > kMaxKeys;
  for (std::uint32_t i = 0; i < range.count && !keys->none; ++i) {
    const css::Complex& complex = program_.complexes[range.first + i];
    const Keys more = KeysOf(program_.compounds[complex.compounds.first]);
    AppendAll(more.token_bits, &keys->token_bits);
    AppendAll(more.tags, &keys->tags);
    AppendAll(more.attributes, &keys->attributes);
    keys->none = more.none || keys->token_bits.size() > kMaxKeys || keys->tags.size() > kMaxKeys ||
                 keys->attributes.size() > kMaxKeys;
  }
}

}  // namespace thresh::select
