// Active formatting elements: reconstruction (13.2.4.3) and the adoption agency (13.2.6.4.7).

#include "parser/html/tree_builder.h"

namespace thresh::html {

// Opens again what was closed by others, from the oldest on.
void TreeBuilder::ReconstructNow() {
  std::size_t first = formatting_.size() - 1;
  while (first > 0 && !formatting_[first - 1].is_marker() && !formatting_[first - 1].is_open) {
    --first;
  }
  for (std::size_t i = first; i < formatting_.size() && !stopped_; ++i) {
    const Atom name = formatting_[i].name;
    const NodeId copy = tree_->NewCopy(formatting_[i].node);
    Attach(copy, PlaceIn(current().node, current().flags));
    formatting_.Replace(i, copy);
    PushHtml(copy, name);
  }
}

void TreeBuilder::PushFormatting() {
  const Atom name = token().name;
  const NodeId node = InsertHtml();
  formatting_.Push(*tree_, node, name);
}

void TreeBuilder::RemoveFromOpen(std::size_t i) {
  if (i + 1 == open_.size()) {
    Pop();
    return;
  }
  const OpenElement closed = open_[i];
  open_.RemoveAt(i);
  if (closed.Has(kFormatting)) formatting_.NoteClosed(closed.node);
}

// Returns false if there is no such formatting element: the token is any other end tag then.
bool TreeBuilder::RunAdoptionAgency(Atom subject) {
  if (CurrentIs(subject) && formatting_.IsLast(current().node)) {  // As it nests: one round.
    open_.Pop();
    formatting_.RemoveLast();
    return true;
  }
  if (CurrentIs(subject) && formatting_.Find(current().node) == ActiveFormatting::kNone) {
    Pop();
    return true;
  }
  for (int round = 0; round < 8 && !stopped_; ++round) {
    bool handled = true;
    if (!AdoptOnce(subject, &handled)) return handled;
  }
  return true;
}

// One round of the outer loop. Returns whether another one is due.
bool TreeBuilder::AdoptOnce(Atom subject, bool* handled) {
  const std::size_t entry = formatting_.FindLast(subject);
  if (entry == ActiveFormatting::kNone) {
    *handled = false;
    return false;
  }
  const NodeId formatting_node = formatting_[entry].node;
  const std::size_t formatting = open_.Find(formatting_node);
  if (formatting == OpenElements::kNone) {
    formatting_.RemoveAt(entry);
    return false;
  }
  if (!open_.IsInDefaultScope(formatting)) return false;

  std::size_t furthest = formatting + 1;
  while (furthest < open_.size() && !open_[furthest].Has(kSpecial)) ++furthest;
  if (furthest == open_.size()) {
    PopTo(formatting);
    formatting_.RemoveAt(entry);
    return false;
  }

  out_of_order_ = true;
  const OpenElement ancestor = open_[formatting - 1];
  const NodeId furthest_node = open_[furthest].node;
  std::size_t bookmark = entry;
  const NodeId last = WalkToFormatting(formatting, furthest, &bookmark);
  tree_->Unlink(last);
  const Place place = PlaceIn(ancestor.node, ancestor.flags);
  tree_->Link(last, place.parent, place.before);

  const NodeId copy = tree_->NewCopy(formatting_node);
  tree_->MoveChildren(furthest_node, copy);
  tree_->Link(copy, furthest_node, kNoNode);
  const std::size_t old_entry = formatting_.Find(formatting_node);
  formatting_.RemoveAt(old_entry);
  formatting_.InsertAt(old_entry < bookmark ? bookmark - 1 : bookmark, copy, subject);
  RemoveFromOpen(open_.Find(formatting_node));
  open_.InsertHtmlAt(open_.Find(furthest_node) + 1, copy, subject);
  return true;
}

// The inner loop: what lies between the formatting element and the furthest block is closed or
// copied, and becomes a chain around that block. Returns the top of the chain.
NodeId TreeBuilder::WalkToFormatting(std::size_t formatting, std::size_t furthest,
                                     std::size_t* bookmark) {
  NodeId last = open_[furthest].node;
  const NodeId furthest_node = last;
  int inner = 0;
  for (std::size_t i = furthest; --i > formatting;) {
    ++inner;
    const OpenElement element = open_[i];
    std::size_t entry = formatting_.Find(element.node);
    if (inner > 3 && entry != ActiveFormatting::kNone) {
      formatting_.RemoveAt(entry);
      if (entry < *bookmark) --*bookmark;
      entry = ActiveFormatting::kNone;
    }
    if (entry == ActiveFormatting::kNone) {
      RemoveFromOpen(i);
      continue;
    }
    const NodeId copy = tree_->NewCopy(element.node);
    formatting_.Replace(entry, copy);
    open_.ReplaceNode(i, copy);
    if (last == furthest_node) *bookmark = entry + 1;
    tree_->Unlink(last);
    tree_->Link(last, copy, kNoNode);
    last = copy;
  }
  return last;
}

}  // namespace thresh::html
