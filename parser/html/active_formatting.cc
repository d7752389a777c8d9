#include "parser/html/active_formatting.h"

#include <string_view>

namespace thresh::html {
namespace {

constexpr int kNoahsArk = 3;

// The same for the same attributes in any order.
std::uint64_t HashAttributes(const Tree& tree, NodeId element) {
  const Node& node = tree.node(element);
  std::uint64_t sum = 1;
  for (std::uint32_t i = 0; i < node.attribute_count; ++i) {
    const Attribute& attribute = tree.attribute(node, i);
    std::uint64_t hash = 14695981039346656037U ^ attribute.name;
    for (char c : attribute.value) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    }
    sum += (hash ^ (hash >> 29)) * 0x9E3779B97F4A7C15U;
  }
  return sum | 1;
}

}  // namespace

void ActiveFormatting::ClearToMarker() noexcept {
  while (!entries_.empty()) {
    const bool was_marker = entries_.back().is_marker();
    entries_.pop_back();
    if (was_marker) return;
  }
}

// Equal hashes count as equal attributes: the worst that a page gains by a forged one is that one
// of its own elements is not opened again.
void ActiveFormatting::Push(const Tree& tree, NodeId node, Atom name) {
  Entry added{node, name, true, 0};
  int alike = 0;
  for (std::size_t i = entries_.size(); i-- > 0 && !entries_[i].is_marker();) {
    Entry& entry = entries_[i];
    if (entry.name != name ||
        tree.node(entry.node).attribute_count != tree.node(node).attribute_count) {
      continue;
    }
    if (entry.attribute_hash == 0) entry.attribute_hash = HashAttributes(tree, entry.node);
    if (added.attribute_hash == 0) added.attribute_hash = HashAttributes(tree, node);
    if (entry.attribute_hash != added.attribute_hash || ++alike < kNoahsArk) continue;
    RemoveAt(i);
    break;
  }
  entries_.push_back(added);
}

void ActiveFormatting::InsertAt(std::size_t i, NodeId node, Atom name) {
  entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(i), {node, name, true, 0});
}

void ActiveFormatting::RemoveAt(std::size_t i) {
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(i));
}

std::size_t ActiveFormatting::Find(NodeId node) const noexcept {
  for (std::size_t i = entries_.size(); i-- > 0;) {
    if (entries_[i].node == node) return i;
  }
  return kNone;
}

std::size_t ActiveFormatting::FindLast(Atom name) const noexcept {
  for (std::size_t i = entries_.size(); i-- > 0 && !entries_[i].is_marker();) {
    if (entries_[i].name == name) return i;
  }
  return kNone;
}

void ActiveFormatting::NoteClosed(NodeId node) noexcept {
  if (const std::size_t i = Find(node); i != kNone) entries_[i].is_open = false;
}

}  // namespace thresh::html
