// Node-sets: location paths, filters, unions (XPath 1.0, sections 2, 3.3).

#include <algorithm>
#include <array>

#include "parser/select/xpath_evaluator.h"

namespace thresh::select::xpath {
namespace {

// Whether running the step finds the first node of its result first.
bool FindsFirstFirst(const Step& step, std::size_t start_count) {
  if (step.deep) return step.axis == Axis::kAttribute && !step.positional;
  if (start_count <= 1) return !IsReverse(step.axis) || step.axis == Axis::kParent;
  if (step.positional) return false;
  return step.axis == Axis::kAttribute || step.axis == Axis::kSelf ||
         step.axis == Axis::kDescendant || step.axis == Axis::kFollowing;
}

}  // namespace

void PutInOrder(NodeList* nodes) {
  const auto rises = [](const XPathNode& a, const XPathNode& b) { return OrderOf(a) < OrderOf(b); };
  const auto not_rising = [&](const XPathNode& a, const XPathNode& b) { return !rises(a, b); };
  if (std::adjacent_find(nodes->begin(), nodes->end(), not_rising) == nodes->end()) return;
  if (std::adjacent_find(nodes->begin(), nodes->end(), rises) == nodes->end()) {
    std::reverse(nodes->begin(), nodes->end());  // What a reverse axis finds.
  } else {
    std::sort(nodes->begin(), nodes->end(), rises);
  }
  nodes->erase(std::unique(nodes->begin(), nodes->end()), nodes->end());
}

void XPathEvaluator::Nodes(ExprId id, const Context& context, Need need, NodeList* found) {
  if (!work_.Spend(1)) return;
  const Expr& here = expr(id);
  switch (here.op) {
    case Op::kPath: return Path(here, context, need, found);
    case Op::kFilter: return Filter(here, context, need, found);
    case Op::kUnion: return Union(here, context, need, found);
    case Op::kFunction: return CallId(here, context, found);
    default: break;
  }
  const NodeTest test{NodeTest::Kind::kQualified, here.name};  // kAttribute
  axes_.Walk(Axis::kAttribute, test, context.node, [found](XPathNode attribute) {
    found->push_back(attribute);
    return false;  // There is one of a name.
  });
}

void XPathEvaluator::Path(const Expr& path, const Context& context, Need need, NodeList* found) {
  Borrowed<NodeList> from(scratch_.nodes);
  Borrowed<NodeList> to(scratch_.nodes);
  if (path.start == Start::kNodes) {
    Nodes(path.first_child, context, path.steps.count == 0 ? need : Need::kAll, from.get());
  } else {
    from->push_back(path.start == Start::kRoot ? XPathNode{html::kDocumentNode} : context.node);
  }
  if (path.steps.count == 0) return found->swap(*from);
  for (std::uint32_t i = 0; i + 1 < path.steps.count && !from->empty(); ++i) {
    RunStep(program_.steps[path.steps.first + i], *from, Need::kAll, to.get());
    from->swap(*to);
    to->clear();
  }
  if (from->empty()) return;
  RunStep(program_.steps[path.steps.first + path.steps.count - 1], *from, need, found);
}

void XPathEvaluator::Union(const Expr& all, const Context& context, Need need, NodeList* found) {
  Borrowed<NodeList> branch(scratch_.nodes);
  for (ExprId id = all.first_child; id != kNoExpr; id = expr(id).next) {
    branch->clear();
    Nodes(id, context, need, branch.get());
    found->insert(found->end(), branch->begin(), branch->end());
    if (need == Need::kAny && !found->empty()) return;
  }
  PutInOrder(found);
}

void XPathEvaluator::Filter(const Expr& filter, const Context& context, Need need,
                            NodeList* found) {
  const Predicate* const predicates = program_.predicates.data() + filter.predicates.first;
  const Predicate& first = predicates[0];
  const bool one = first.kind == Predicate::Kind::kAt && first.number == 1;
  Nodes(filter.first_child, context, one ? Need::kFirst : Need::kAll, found);
  for (std::uint32_t i = 0; i < filter.predicates.count && !found->empty(); ++i) {
    Choose(predicates[i], found);
  }
  if (need == Need::kAny && found->size() > 1) found->resize(1);
}

// Keeps the nodes for which the predicate holds, their positions being those in the list.
void XPathEvaluator::Choose(const Predicate& predicate, NodeList* nodes) {
  const auto size = static_cast<std::uint32_t>(nodes->size());
  if (predicate.kind == Predicate::Kind::kAt) {
    const bool exists = predicate.number >= 1 && predicate.number <= size &&
                        predicate.number == static_cast<std::uint32_t>(predicate.number);
    if (exists) (*nodes)[0] = (*nodes)[static_cast<std::uint32_t>(predicate.number) - 1];
    nodes->resize(exists ? 1 : 0);
    return;
  }
  std::size_t kept = 0;
  for (std::uint32_t i = 0; i < size && !work_.exhausted(); ++i) {
    if (Holds(predicate, {(*nodes)[i], i + 1, size})) (*nodes)[kept++] = (*nodes)[i];
  }
  nodes->resize(kept);
}

bool XPathEvaluator::Holds(const Predicate& predicate, const Context& context) {
  switch (predicate.kind) {
    case Predicate::Kind::kAt: return context.position == predicate.number;
    case Predicate::Kind::kNumber: return Number(predicate.expr, context) == context.position;
    case Predicate::Kind::kCondition: break;
  }
  return Boolean(predicate.expr, context);
}

bool XPathEvaluator::HoldsAll(const Step& step, XPathNode node) {
  for (std::uint32_t i = 0; i < step.predicates.count; ++i) {
    if (!Boolean(program_.predicates[step.predicates.first + i].expr, {node})) return false;
  }
  return true;
}

// ---- Steps ------------------------------------------------------------------------

void XPathEvaluator::RunStep(const Step& step, std::span<const XPathNode> from, Need need,
                             NodeList* found) {
  if (need == Need::kFirst && FindsFirstFirst(step, from.size())) need = Need::kAny;
  if (step.positional) {
    RunPositional(step, from, need, found);
  } else {
    RunMerged(step, from, need, found);
  }
  PutInOrder(found);
}

void XPathEvaluator::RunMerged(const Step& step, std::span<const XPathNode> from, Need need,
                               NodeList* found) {
  WalkMerged(step, from, [&](XPathNode node) {
    if (!HoldsAll(step, node)) return true;
    found->push_back(node);
    return need != Need::kAny;
  });
}

// What the step takes from any of `from`, where it does not matter from which: overlaps
// are walked once, so that no axis costs more than the page.
template <typename Visit>
void XPathEvaluator::WalkMerged(const Step& step, std::span<const XPathNode> from, Visit visit) {
  switch (step.axis) {
    case Axis::kAncestor:
    case Axis::kAncestorOrSelf: return WalkAncestors(step, from, visit);
    case Axis::kFollowingSibling:
    case Axis::kPrecedingSibling: return WalkSiblings(step, from, visit);
    case Axis::kFollowing: return WalkFollowing(step, from, visit);
    case Axis::kPreceding:  // What precedes any of them precedes the last.
      axes_.Walk(step.axis, step.test, from.back(), visit);
      return;
    default: break;
  }
  html::NodeId covered = 0;  // Of a descendant axis: all before it was walked.
  const bool deep = step.axis == Axis::kDescendant || step.axis == Axis::kDescendantOrSelf;
  ForEachStart(step, from, [&](XPathNode start) {
    const bool in_tree = deep && start.is_tree_node();
    if (in_tree && start.node < covered) return true;
    if (in_tree) covered = axes_.End(start.node);
    return axes_.Walk(step.axis, step.test, start, visit);
  });
}

// All that begins after the first of them to end.
template <typename Visit>
void XPathEvaluator::WalkFollowing(const Step& step, std::span<const XPathNode> from, Visit visit) {
  const auto ends_before = [this](XPathNode a, XPathNode b) {
    return axes_.FollowingOf(a) < axes_.FollowingOf(b);
  };
  const XPathNode nearest = *std::min_element(from.begin(), from.end(), ends_before);
  axes_.Walk(step.axis, step.test, nearest, visit);
}

// Goes up from each only as far as the one before it did not go. REQUIRES: `from` is
// in document order.
template <typename Visit>
void XPathEvaluator::WalkAncestors(const Step& step, std::span<const XPathNode> from, Visit visit) {
  const bool or_self = step.axis == Axis::kAncestorOrSelf;
  html::NodeId before = html::kNoNode;
  for (const XPathNode start : from) {
    if (or_self && !axes_.Walk(Axis::kSelf, step.test, start, visit)) return;
    html::NodeId up = start.is_tree_node() ? axes_.Parent(start.node) : start.node;
    for (; up != html::kNoNode; up = axes_.Parent(up)) {
      if (before != html::kNoNode && up < before) break;  // An ancestor of that one, too.
      if (!axes_.Walk(Axis::kSelf, step.test, {up}, visit)) return;
    }
    before = start.node;
  }
}

// Of several siblings, the first has the following ones of all, the last the preceding.
template <typename Visit>
void XPathEvaluator::WalkSiblings(const Step& step, std::span<const XPathNode> from, Visit visit) {
  Borrowed<NodeList> starts(scratch_.nodes);
  for (const XPathNode start : from) {
    if (start.is_tree_node()) starts->push_back(start);
  }
  if (step.axis == Axis::kPrecedingSibling) std::reverse(starts->begin(), starts->end());
  if (starts->size() > 1) {
    std::stable_sort(starts->begin(), starts->end(), [this](XPathNode a, XPathNode b) {
      return axes_.Parent(a.node) < axes_.Parent(b.node);
    });
    const auto same_parent = [this](XPathNode a, XPathNode b) {
      return axes_.Parent(a.node) == axes_.Parent(b.node);
    };
    starts->erase(std::unique(starts->begin(), starts->end(), same_parent), starts->end());
  }
  for (const XPathNode start : *starts) {
    if (!axes_.Walk(step.axis, step.test, start, visit)) return;
  }
}

// The nodes a step starts from: of a deep step all in the subtrees of `from`, once each.
template <typename Visit>
bool XPathEvaluator::ForEachStart(const Step& step, std::span<const XPathNode> from, Visit visit) {
  html::NodeId covered = 0;
  for (const XPathNode start : from) {
    if (!step.deep || !start.is_tree_node()) {
      if (!visit(start)) return false;
      continue;
    }
    const html::NodeId end = axes_.End(start.node);
    for (html::NodeId id = std::max(start.node, covered); id < end; ++id) {
      if (!work_.Spend(1) || (axes_.IsNode(id) && !visit({id}))) return false;
    }
    covered = std::max(covered, end);
  }
  return true;
}

// ---- Steps whose predicates ask for positions ----------------------------------------

void XPathEvaluator::RunPositional(const Step& step, std::span<const XPathNode> from, Need need,
                                   NodeList* found) {
  Borrowed<NodeList> survivors(scratch_.nodes);
  ForEachStart(step, from, [&](XPathNode start) {
    return RunPositionalAt(step, start, need, survivors.get(), found);
  });
}

// False if no more is needed. Predicates up to the first that asks for last() are run
// along the axis, each counting what reaches it; the rest on what is left then.
bool XPathEvaluator::RunPositionalAt(const Step& step, XPathNode from, Need need,
                                     NodeList* survivors, NodeList* found) {
  const Predicate* const predicates = program_.predicates.data() + step.predicates.first;
  const bool streams = step.streaming == step.predicates.count;
  std::array<std::uint32_t, kMaxPredicates> positions;
  std::fill_n(positions.begin(), step.streaming, 0);
  survivors->clear();
  bool enough = false;
  axes_.Walk(step.axis, step.test, from, [&](XPathNode node) {
    bool last = false;  // Nothing further along can hold.
    for (std::uint32_t i = 0; i < step.streaming; ++i) {
      const std::uint32_t position = ++positions[i];
      const Predicate& predicate = predicates[i];
      last = last || (predicate.kind == Predicate::Kind::kAt && position >= predicate.number);
      if (!Holds(predicate, {node, position, 0})) return !last;
    }
    (streams ? found : survivors)->push_back(node);
    enough = streams && need == Need::kAny;
    return !last && !enough;
  });
  if (streams) return !enough && !work_.exhausted();
  for (std::uint32_t i = step.streaming; i < step.predicates.count && !survivors->empty(); ++i) {
    Choose(predicates[i], survivors);
  }
  found->insert(found->end(), survivors->begin(), survivors->end());
  return (need != Need::kAny || found->empty()) && !work_.exhausted();
}

}  // namespace thresh::select::xpath
