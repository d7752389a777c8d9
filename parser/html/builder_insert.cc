// How nodes come into the tree and elements off the stack: WHATWG HTML 13.2.6.1 to 13.2.6.3.

#include "parser/html/ascii.h"
#include "parser/html/tree_builder.h"

namespace thresh::html {

// The appropriate place for inserting a node.
TreeBuilder::Place TreeBuilder::PlaceIn(NodeId target, std::uint16_t target_flags) const {
  if (!foster_parenting_ || (target_flags & kFosters) == 0) return {target, kNoNode};
  return FosterPlace();
}

// In front of the innermost table, or in a template inside it.
TreeBuilder::Place TreeBuilder::FosterPlace() const {
  for (std::size_t i = open_.size(); i-- > 0;) {
    const OpenElement& element = open_[i];
    if (element.IsHtml(Known("template"))) return {element.node, kNoNode};
    if (!element.IsHtml(Known("table"))) continue;
    const NodeId parent = tree_->node(element.node).parent;
    if (parent != kNoNode) return {parent, element.node};
    return {open_[i - 1].node, kNoNode};
  }
  return {open_[0].node, kNoNode};
}

void TreeBuilder::Attach(NodeId node, Place place) {
  if (foster_parenting_) out_of_order_ = true;
  tree_->Link(node, place.parent, place.before);
}

// Those of the token, for the newest node.
void TreeBuilder::SetAttributes(Namespace ns) {
  if (!attributes().empty()) tree_->SetAttributes(token().attributes);
  RepeatedTag* const tag = token().to_place;
  if (tag == nullptr) return;
  const Node& element = tree_->node(tree_->size() - 1);
  tag->placed = true;
  tag->ns = static_cast<std::uint8_t>(ns);
  tag->first_attribute = element.first_attribute;
  tag->attribute_count = element.attribute_count;
  tag->token_bits = element.token_bits;
}

NodeId TreeBuilder::InsertHtml() {
  const Atom name = token().name;
  const NodeId node = InsertElement(name, Namespace::kHtml);
  PushHtml(node, name);
  return node;
}

NodeId TreeBuilder::InsertHtmlNamed(Atom name) {
  const NodeId node = tree_->NewElement(name, Namespace::kHtml);
  Attach(node, PlaceIn(current().node, current().flags));
  PushHtml(node, name);
  return node;
}

void TreeBuilder::InsertVoid() {
  InsertElement(token().name, Namespace::kHtml);
}

void TreeBuilder::InsertCommentAt(NodeId parent) {
  Place place{parent, kNoNode};
  if (!open_.empty() && parent == current().node) place = PlaceIn(parent, current().flags);
  Attach(tree_->NewComment(token().text), place);
}

// Appends to the text node that stands in front of the place, if there is one.
void TreeBuilder::InsertTextOutOfPlace(std::string_view text, bool in_page) {
  const Place place = PlaceIn(current().node, current().flags);
  const NodeId before = place.before == kNoNode ? tree_->node(place.parent).last_child
                                                : tree_->node(place.before).prev_sibling;
  if (before == kNoNode || tree_->node(before).type != NodeType::kText) {
    Attach(tree_->NewText(in_page ? text : tree_->Keep(text)), place);
    return;
  }
  tree_->GrowText(before, text);
}

void TreeBuilder::InsertTokenText() {
  if (!token().has_nul) {
    InsertText(token().text, token().in_page);
    return;
  }
  filtered_.clear();
  for (char c : token().text) {
    if (c != '\0') filtered_.push_back(c);
  }
  InsertText(filtered_, /*in_page=*/false);
}

std::string_view TreeBuilder::TakeSpacePrefix() {
  std::string_view& text = token().text;
  std::size_t size = 0;
  while (size < text.size() && IsSpace(text[size])) ++size;
  const std::string_view prefix = text.substr(0, size);
  text.remove_prefix(size);
  return prefix;
}

// ---- Off the stack ----------------------------------------------------------------

void TreeBuilder::Pop() {
  const OpenElement& top = open_.top();
  if (!top.Has(kFormatting | kIsOption)) [[likely]] {
    open_.Pop();
    return;
  }
  const OpenElement closed = top;
  open_.Pop();
  if (closed.Has(kFormatting)) formatting_.NoteClosed(closed.node);
  if (closed.Has(kIsOption) && !selects_.empty()) OptionClosed(closed.node);
}

void TreeBuilder::PopTo(std::size_t size) {
  while (open_.size() > size) Pop();
}

void TreeBuilder::PopUntil(Atom name) {
  while (!open_.empty()) {
    const bool found = current().IsHtml(name);
    Pop();
    if (found) return;
  }
}

void TreeBuilder::PopUntilHeading() {
  static constexpr KnownSet kHeadings({"h1", "h2", "h3", "h4", "h5", "h6"});
  for (bool found = false; !found && !open_.empty();) {
    found = current().ns == Namespace::kHtml && kHeadings.Has(current().name);
    Pop();
  }
}

void TreeBuilder::GenerateImpliedEndTags(Atom except) {
  while (!open_.empty() && current().Has(kImpliedEnd) && current().name != except) Pop();
}

void TreeBuilder::ClearStackTo(const KnownSet& names) {
  while (!open_.empty() && !(current().ns == Namespace::kHtml && names.Has(current().name))) {
    Pop();
  }
}

// The generic raw text and RCDATA element parsing algorithms.
void TreeBuilder::ParseRawText(Tokenizer::State state) {
  InsertHtml();
  tokenizer_.set_state(state);
  original_mode_ = mode_;
  mode_ = Mode::kText;
}

}  // namespace thresh::html
