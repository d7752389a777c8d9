// <selectedcontent>: a <select>'s copy of what its selected option holds. The standard has the
// parser fill it whenever an option is closed (WHATWG HTML 4.10.10, "maybe clone an option into
// selectedcontent").

#include "parser/html/ascii.h"
#include "parser/html/tree_builder.h"

namespace thresh::html {
namespace {

constexpr KnownSet kSelect({"select"});
constexpr KnownSet kHolders({"select", "option", "selectedcontent"});

bool IsHtml(const Node& node, Atom name) {
  return node.type == NodeType::kElement && node.ns == Namespace::kHtml && node.name == name;
}

bool IsDisabled(const Tree& tree, const Node& option) {
  if (tree.Find(option, Known("disabled"))) return true;
  const Node& parent = tree.node(option.parent);
  return IsHtml(parent, Known("optgroup")) && tree.Find(parent, Known("disabled")).has_value();
}

// Whether it shows one option, and so selects the first by itself. `size` above 1 makes a list.
bool IsDropDown(const Tree& tree, const Node& select) {
  const std::string_view size = tree.Find(select, Known("size")).value_or("");
  return size.empty() || size == "0" || size == "1" || !IsDigit(size.front());
}

}  // namespace

// The nearest HTML element of those names around `of`, or kNoNode.
NodeId TreeBuilder::HtmlAncestor(NodeId of, const KnownSet& names) const {
  NodeId id = tree_->node(of).parent;
  while (id != kNoNode) {
    const Node& node = tree_->node(id);
    if (node.type == NodeType::kElement && node.ns == Namespace::kHtml && names.Has(node.name)) {
      break;
    }
    id = node.parent;
  }
  return id;
}

// Only the first of a <select> counts, and none inside an option or another <selectedcontent>.
void TreeBuilder::SelectedContentOpened(NodeId element) {
  const NodeId select = HtmlAncestor(element, kSelect);
  if (select == kNoNode) return;
  for (const SelectState& state : selects_) {
    if (state.select == select) return;
  }
  const bool is_plain = HtmlAncestor(element, kHolders) == select &&
                        HtmlAncestor(select, kHolders) == kNoNode &&
                        !tree_->Find(tree_->node(select), Known("multiple"));
  SelectState state;
  state.select = select;
  if (is_plain) state.content = element;
  for (NodeId id = select;;) {  // The options that came before it.
    if (IsHtml(tree_->node(id), Known("option"))) ConsiderOption(id, &state);
    NodeId next = tree_->node(id).first_child;
    for (; next == kNoNode && id != select; id = tree_->node(id).parent) {
      next = tree_->node(id).next_sibling;
      if (next != kNoNode) break;
    }
    if (next == kNoNode) break;
    id = next;
  }
  selects_.push_back(state);
  if (is_plain && state.chosen != kNoNode) CloneChildren(state.chosen, element);
}

// The last option that says so is selected, else the first that may be.
void TreeBuilder::ConsiderOption(NodeId option, SelectState* state) {
  const Node& node = tree_->node(option);
  if (tree_->Find(node, Known("selected"))) {
    if (state->chosen_by_attribute && option < state->chosen) return;
    state->chosen = option;
    state->chosen_by_attribute = true;
  } else if (state->chosen == kNoNode && !IsDisabled(*tree_, node) &&
             IsDropDown(*tree_, tree_->node(state->select))) {
    state->chosen = option;
  }
}

void TreeBuilder::OptionClosed(NodeId option) {
  const NodeId select = HtmlAncestor(option, kSelect);
  for (SelectState& state : selects_) {
    if (state.select != select || state.content == kNoNode) continue;
    ConsiderOption(option, &state);
    if (state.chosen == option) CloneChildren(option, state.content);
    return;
  }
}

// Copies of what `from` holds take the place of all that `to` holds.
void TreeBuilder::CloneChildren(NodeId from, NodeId to) {
  out_of_order_ = true;
  while (tree_->node(to).first_child != kNoNode) tree_->Unlink(tree_->node(to).first_child);
  NodeId copied_parent = to;
  for (NodeId id = tree_->node(from).first_child; id != kNoNode;) {
    const Node& node = tree_->node(id);
    const bool is_element = node.type == NodeType::kElement;
    const NodeId copy = is_element                        ? tree_->NewCopy(id)
                        : node.type == NodeType::kComment ? tree_->NewComment(node.text)
                                                          : tree_->NewText(node.text);
    tree_->Link(copy, copied_parent, kNoNode);
    if (tree_->size() > limits_.max_nodes) return;  // Process() says so.
    NodeId next = tree_->node(id).first_child;
    if (next != kNoNode) copied_parent = copy;
    while (next == kNoNode && id != from) {
      next = tree_->node(id).next_sibling;
      id = tree_->node(id).parent;
      if (next == kNoNode && id != from) copied_parent = tree_->node(copied_parent).parent;
    }
    id = next;
  }
}

}  // namespace thresh::html
