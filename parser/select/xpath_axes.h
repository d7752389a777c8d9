#pragma once

// XPathAxes: the nodes along an axis that a node test takes (XPath 1.0, sections 2.2
// and 2.3). Every node looked at costs the budget a step.
//
// All that XPath knows of how a Tree links its nodes is here.

#include <algorithm>
#include <string_view>
#include <vector>

#include "parser/html/tree.h"
#include "parser/select/work_budget.h"
#include "parser/select/xpath_node.h"
#include "parser/select/xpath_program.h"

namespace thresh::select::xpath {

class XPathAxes {
 public:
  XPathAxes(const Program& program, const html::Tree& tree, WorkBudget& work)
      : program_(program), tree_(tree), xml_(tree.xml()), work_(work) {}

  /// Calls `visit(node)` along the axis, the nearest first, until it returns false.
  /// Returns false if it did, or if the budget is exhausted.
  template <typename Visit>
  bool Walk(Axis axis, const NodeTest& test, XPathNode from, Visit&& visit) const;

  [[nodiscard]] html::NodeId End(html::NodeId id) const noexcept { return tree_.End(id); }
  [[nodiscard]] html::NodeId Parent(html::NodeId id) const noexcept {
    return tree_.node(id).parent;
  }
  /// All tree nodes but the doctype are nodes of XPath.
  [[nodiscard]] bool IsNode(html::NodeId id) const noexcept {
    return tree_.node(id).type != html::NodeType::kDoctype;
  }
  /// The first node of the following axis.
  [[nodiscard]] html::NodeId FollowingOf(XPathNode node) const noexcept {
    return node.is_tree_node() ? tree_.End(node.node) : node.node + 1;
  }

  /// Of tree nodes, on axes whose principal type is the element.
  [[nodiscard]] bool Takes(const NodeTest& test, html::NodeId id) const noexcept;

 private:
  using Kind = NodeTest::Kind;

  template <typename Visit>
  bool Offer(const NodeTest& test, XPathNode node, Visit& visit) const;
  template <typename Visit>
  bool Range(const NodeTest& test, html::NodeId first, html::NodeId end, Visit& visit) const;
  template <typename Visit>
  bool Up(const NodeTest& test, html::NodeId from, Visit& visit) const;
  template <typename Visit>
  bool Siblings(const NodeTest& test, html::NodeId from, Visit& visit) const;
  template <typename Visit>
  bool SiblingsBack(const NodeTest& test, html::NodeId from, Visit& visit) const;
  template <typename Visit>
  bool Preceding(const NodeTest& test, html::NodeId from, Visit& visit) const;
  template <typename Visit>
  bool Attributes(const NodeTest& test, html::NodeId element, Visit& visit) const;
  template <typename Visit>
  bool Namespaces(const NodeTest& test, html::NodeId element, Visit& visit) const;

  [[nodiscard]] bool TakesElement(const NodeTest& test, html::NodeId id) const noexcept;
  [[nodiscard]] bool TakesAttribute(const NodeTest& test, XPathNode attribute) const noexcept;
  /// The bindings in scope at an XML element, in document order.
  [[nodiscard]] std::vector<std::uint32_t> BindingsAt(html::NodeId element) const;
  [[nodiscard]] bool TakesNamespace(const NodeTest& test, XPathNode binding) const noexcept;
  [[nodiscard]] std::string_view Text(const NodeTest& test) const noexcept {
    return program_.texts[test.text];
  }

  const Program& program_;
  const html::Tree& tree_;
  const html::XmlNames* const xml_;
  WorkBudget& work_;
};

inline bool XPathAxes::Takes(const NodeTest& test, html::NodeId id) const noexcept {
  using html::NodeType;
  const html::Node& node = tree_.node(id);
  switch (test.kind) {
    case Kind::kNode: return node.type != NodeType::kDoctype;
    case Kind::kText: return node.type == NodeType::kText;
    case Kind::kComment: return node.type == NodeType::kComment;
    case Kind::kInstruction: return node.type == NodeType::kProcessingInstruction;
    case Kind::kNamedInstruction:
      return node.type == NodeType::kProcessingInstruction && node.name == test.name;
    case Kind::kAny: return node.type == NodeType::kElement;
    case Kind::kName:
      return node.name == test.name && node.type == NodeType::kElement &&
             (xml_ == nullptr || xml_->nodes[id].own == html::XmlNames::kNoBinding);
    default: return node.type == NodeType::kElement && TakesElement(test, id);
  }
}

// An attribute or a namespace, on an axis whose principal type is the element.
template <typename Visit>
bool XPathAxes::Offer(const NodeTest& test, XPathNode node, Visit& visit) const {
  const bool taken = node.is_tree_node() ? Takes(test, node.node) : test.kind == Kind::kNode;
  return work_.Spend(1) && (!taken || visit(node));
}

template <typename Visit>
bool XPathAxes::Range(const NodeTest& test, html::NodeId first, html::NodeId end,
                      Visit& visit) const {
  for (html::NodeId id = first; id < end; ++id) {
    if (!work_.Spend(1)) return false;
    if (Takes(test, id) && !visit(XPathNode{id})) return false;
  }
  return true;
}

template <typename Visit>
bool XPathAxes::Up(const NodeTest& test, html::NodeId from, Visit& visit) const {
  for (html::NodeId id = from; id != html::kNoNode; id = Parent(id)) {
    if (!Offer(test, {id}, visit)) return false;
  }
  return true;
}

template <typename Visit>
bool XPathAxes::Siblings(const NodeTest& test, html::NodeId from, Visit& visit) const {
  for (html::NodeId id = from; id != html::kNoNode; id = tree_.node(id).next_sibling) {
    if (!Offer(test, {id}, visit)) return false;
  }
  return true;
}

template <typename Visit>
bool XPathAxes::SiblingsBack(const NodeTest& test, html::NodeId from, Visit& visit) const {
  for (html::NodeId id = from; id != html::kNoNode; id = tree_.node(id).prev_sibling) {
    if (!Offer(test, {id}, visit)) return false;
  }
  return true;
}

template <typename Visit>
bool XPathAxes::Preceding(const NodeTest& test, html::NodeId from, Visit& visit) const {
  html::NodeId ancestor = Parent(from);
  for (html::NodeId id = from; id-- > 0;) {
    if (id == ancestor) {
      ancestor = Parent(id);
    } else if (!Offer(test, {id}, visit)) {
      return false;
    }
  }
  return true;
}

template <typename Visit>
bool XPathAxes::Attributes(const NodeTest& test, html::NodeId element, Visit& visit) const {
  const html::Node& node = tree_.node(element);
  if (node.type != html::NodeType::kElement) return work_.Spend(1);
  for (std::uint32_t i = 0; i < node.attribute_count; ++i) {
    const XPathNode attribute{element, i};
    if (!work_.Spend(1)) return false;
    if (TakesAttribute(test, attribute) && !visit(attribute)) return false;
  }
  return work_.Spend(1);
}

template <typename Visit>
bool XPathAxes::Namespaces(const NodeTest& test, html::NodeId element, Visit& visit) const {
  if (tree_.node(element).type != html::NodeType::kElement) return work_.Spend(1);
  if (xml_ == nullptr) {
    const XPathNode only{element, kNamespaceNode};
    return work_.Spend(1) && (!TakesNamespace(test, only) || visit(only));
  }
  for (const std::uint32_t binding : BindingsAt(element)) {
    const XPathNode node{element, kNamespaceNode | binding};
    if (!work_.Spend(1)) return false;
    if (TakesNamespace(test, node) && !visit(node)) return false;
  }
  return work_.Spend(1);
}

template <typename Visit>
bool XPathAxes::Walk(Axis axis, const NodeTest& test, XPathNode from, Visit&& visit) const {
  const html::NodeId id = from.node;
  const bool in_tree = from.is_tree_node();
  switch (axis) {
    case Axis::kSelf: return Offer(test, from, visit);
    case Axis::kChild: return !in_tree || Siblings(test, tree_.node(id).first_child, visit);
    case Axis::kDescendant: return !in_tree || Range(test, id + 1, End(id), visit);
    case Axis::kDescendantOrSelf:
      return in_tree ? Range(test, id, End(id), visit) : Offer(test, from, visit);
    case Axis::kAttribute: return !in_tree || Attributes(test, id, visit);
    case Axis::kNamespace: return !in_tree || Namespaces(test, id, visit);
    case Axis::kParent: {
      const html::NodeId parent = in_tree ? Parent(id) : id;
      return parent == html::kNoNode || Offer(test, {parent}, visit);
    }
    case Axis::kAncestor: return Up(test, in_tree ? Parent(id) : id, visit);
    case Axis::kAncestorOrSelf:
      return Offer(test, from, visit) && Up(test, in_tree ? Parent(id) : id, visit);
    case Axis::kFollowingSibling:
      return !in_tree || Siblings(test, tree_.node(id).next_sibling, visit);
    case Axis::kPrecedingSibling:
      return !in_tree || SiblingsBack(test, tree_.node(id).prev_sibling, visit);
    case Axis::kFollowing: return Range(test, FollowingOf(from), tree_.size(), visit);
    case Axis::kPreceding: break;
  }
  return Preceding(test, id, visit);
}

}  // namespace thresh::select::xpath
