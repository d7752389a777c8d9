// Tests with selectors in their arguments, and positions among siblings.

#include "parser/select/css_matcher.h"

namespace thresh::select::css {
namespace {

using html::kNoNode;
using html::NodeId;

// Whether `position` is one of step*n + offset, n >= 0.
bool IsNth(const Test& test, std::int64_t position) {
  const std::int64_t distance = position - test.offset;
  if (test.step == 0) return distance == 0;
  return distance % test.step == 0 && distance / test.step >= 0;
}

}  // namespace

bool CssMatcher::MatchAny(std::uint32_t list, NodeId element) {
  const Range range = program_.lists[list];
  for (std::uint32_t i = 0; i < range.count; ++i) {
    if (Matches(program_.complexes[range.first + i], element)) return true;
  }
  return false;
}

// ---- :nth-child() and its kin ---------------------------------------------------

bool CssMatcher::MatchNth(const Test& test, NodeId element) {
  const html::SiblingRank& rank = tree_.rank(element);
  switch (test.kind) {
    case TestKind::kNthChild: return IsNth(test, rank.from_start);
    case TestKind::kNthLastChild: return IsNth(test, rank.from_end);
    case TestKind::kNthOfType: return IsNth(test, rank.of_type_from_start);
    default: return IsNth(test, rank.of_type_from_end);
  }
}

// Counting goes on from the child that was asked about last, so that asking about
// all children in document order costs their number, not its square.
bool CssMatcher::MatchNthOf(const Test& test, NodeId element) {
  if (!MatchAny(test.list, element)) return false;
  const NodeId parent = tree_.node(element).parent;
  Count& kept = counts_[static_cast<std::size_t>(&test - program_.tests.data()) % counts_.size()];
  Count count = kept;  // A copy: selectors inside S may use the place meanwhile.
  if (count.test != &test || count.parent != parent) count = {.test = &test, .parent = parent};
  if (count.last != kNoNode && count.last > element) {
    count.last = kNoNode;
    count.position = 0;
  }
  if (!CountUpTo(element, &count)) return false;
  const bool from_end = test.kind == TestKind::kNthLastChildOf;
  if (from_end && count.total < 0 && !CountAll(&count)) return false;
  kept = count;
  return IsNth(test, from_end ? count.total - count.position + 1 : count.position);
}

// False once the budget is exhausted. REQUIRES: `element` is one of S.
bool CssMatcher::CountUpTo(NodeId element, Count* count) {
  while (count->last != element) {
    const NodeId next = count->last == kNoNode ? ElementFrom(tree_.node(count->parent).first_child)
                                               : NextElement(count->last);
    if (next == kNoNode) return false;
    if (next == element || MatchAny(count->test->list, next)) ++count->position;
    count->last = next;
  }
  return !work_.exhausted();
}

bool CssMatcher::CountAll(Count* count) {
  count->total = count->position;
  for (NodeId id = NextElement(count->last); id != kNoNode; id = NextElement(id)) {
    if (MatchAny(count->test->list, id)) ++count->total;
  }
  return !work_.exhausted();
}

// ---- :has() ---------------------------------------------------------------------

bool CssMatcher::MatchHas(std::uint32_t list, NodeId element) {
  const NodeId outer = anchor_;
  anchor_ = element;
  const Range range = program_.lists[list];
  bool found = false;
  for (std::uint32_t i = 0; i < range.count && !found; ++i) {
    const Complex& complex = program_.complexes[range.first + i];
    const bool children_only = complex.lead == Combinator::kChild && complex.compounds.count == 2;
    found = children_only ? HasChild(complex, element) : HasRelative(complex, element);
  }
  anchor_ = outer;
  return found;
}

bool CssMatcher::HasChild(const Complex& complex, NodeId element) {
  for (NodeId child = tree_.node(element).first_child; child != kNoNode;
       child = tree_.node(child).next_sibling) {
    if (tree_.IsElement(child) && Matches(complex, child)) return true;
    if (!work_.Spend(1)) return false;
  }
  return false;
}

// Whether what a relative selector finds is the next sibling or lies in it: `+ a > b`.
bool CssMatcher::StaysInNext(const Complex& complex) const {
  if (complex.lead != Combinator::kNextSibling) return false;
  int sideways = 0;
  for (std::uint32_t i = 0; i < complex.compounds.count; ++i) {
    const Combinator left = program_.compounds[complex.compounds.first + i].left;
    if (left == Combinator::kNextSibling || left == Combinator::kLaterSibling) ++sideways;
  }
  return sideways == 1;
}

bool CssMatcher::HasRelative(const Complex& complex, NodeId element) {
  NodeId begin = element + 1;
  NodeId end = tree_.End(element);
  if (complex.lead == Combinator::kNextSibling || complex.lead == Combinator::kLaterSibling) {
    begin = NextElement(element);
    if (begin == kNoNode) return false;
    end = tree_.End(StaysInNext(complex) ? begin : tree_.node(begin).parent);
  }
  const std::uint64_t tokens = program_.compounds[complex.compounds.first].token_bits;
  for (NodeId id = begin; id < end; ++id) {
    const bool is_element = tree_.IsElement(id);
    const bool may_match = (tree_.node(id).token_bits & tokens) == tokens;
    if (is_element && may_match && Matches(complex, id)) return true;
    if (!work_.Spend(is_element && !may_match ? 2 : 1)) return false;  // As if it were looked at.
  }
  return false;
}

}  // namespace thresh::select::css
