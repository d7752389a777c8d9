#include "parser/select/css_matcher.h"

namespace thresh::select::css {

using html::kNoNode;
using html::Node;
using html::NodeId;

CssMatcher::Outcome CssMatcher::MatchFrom(std::uint32_t compound, NodeId node) {
  const Compound& here = program_.compounds[compound];
  if (!MatchCompound(here, node)) {
    return work_.exhausted() ? Outcome::kNothingWill : Outcome::kFailed;
  }
  switch (here.left) {
    case Combinator::kNone: return Outcome::kMatch;
    case Combinator::kDescendant: return MatchAncestors(compound + 1, node);
    case Combinator::kLaterSibling: return MatchEarlierSiblings(compound + 1, node);
    case Combinator::kNextSibling: {
      const NodeId previous = PrevElement(node);
      return previous == kNoNode ? Outcome::kNoSiblingWill : MatchFrom(compound + 1, previous);
    }
    case Combinator::kChild: break;
  }
  const NodeId parent = tree_.node(node).parent;
  const Outcome outcome =
      parent == kNoNode ? Outcome::kNothingWill : MatchFrom(compound + 1, parent);
  const bool is_final = outcome == Outcome::kMatch || outcome == Outcome::kNothingWill;
  return is_final ? outcome : Outcome::kNoSiblingWill;  // They have the same parent.
}

CssMatcher::Outcome CssMatcher::MatchAncestors(std::uint32_t compound, NodeId node) {
  for (NodeId up = tree_.node(node).parent; up != kNoNode; up = tree_.node(up).parent) {
    const Outcome outcome = MatchFrom(compound, up);
    if (outcome == Outcome::kMatch || outcome == Outcome::kNothingWill) return outcome;
  }
  return Outcome::kNothingWill;  // Any other choice would have fewer ancestors.
}

CssMatcher::Outcome CssMatcher::MatchEarlierSiblings(std::uint32_t compound, NodeId node) {
  for (NodeId before = PrevElement(node); before != kNoNode; before = PrevElement(before)) {
    const Outcome outcome = MatchFrom(compound, before);
    if (outcome != Outcome::kFailed) return outcome;
  }
  return Outcome::kNoSiblingWill;
}

NodeId CssMatcher::NextElement(NodeId id) const {
  do id = work_.Spend(1) ? tree_.node(id).next_sibling : kNoNode;
  while (id != kNoNode && !tree_.IsElement(id));
  return id;
}

NodeId CssMatcher::PrevElement(NodeId id) const {
  do id = work_.Spend(1) ? tree_.node(id).prev_sibling : kNoNode;
  while (id != kNoNode && !tree_.IsElement(id));
  return id;
}

NodeId CssMatcher::ElementFrom(NodeId id) const {
  return id == kNoNode || tree_.IsElement(id) ? id : NextElement(id);
}

bool CssMatcher::MatchCompound(const Compound& compound, NodeId id) {
  if (!work_.Spend(1)) return false;
  if (compound.is_anchor) return id == anchor_;
  const Node& node = tree_.node(id);
  if (node.type != html::NodeType::kElement) return false;
  const html::Atom tag = node.ns == html::Namespace::kHtml ? compound.tag_lower : compound.tag;
  if (tag != html::kNoAtom && tag != node.name) return false;
  if ((node.token_bits & compound.token_bits) != compound.token_bits) return false;
  if ((compound.namespaces >> static_cast<unsigned>(node.ns) & 1) == 0) return false;
  const Test* const tests = program_.tests.data() + compound.tests.first;
  for (std::uint32_t i = 0; i < compound.tests.count; ++i) {
    if (!MatchTest(tests[i], id, node)) return false;
  }
  return true;
}

}  // namespace thresh::select::css
