#include "parser/html/tree.h"

#include <algorithm>
#include <cstring>

#include "parser/html/ascii.h"

namespace thresh::html {
namespace {

constexpr std::size_t kMaxKeptNodes = std::size_t{1} << 19;  // 32 MB of them.
constexpr std::size_t kNamespaces = 4;

template <typename Word>
std::uint64_t Load(const char* at) noexcept {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// Blind to ASCII case by being blind to one bit of each byte.
std::uint64_t TokenBits(std::string_view token, std::uint64_t seed) noexcept {
  constexpr std::uint64_t kBlind = 0x2020202020202020;
  constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15;
  const char* at = token.data();
  std::size_t left = token.size();
  std::uint64_t hash = seed + left * kMix;
  for (; left > 8; at += 8, left -= 8) hash = (hash ^ (Load<std::uint64_t>(at) | kBlind)) * kMix;
  std::uint64_t tail = 0;
  if (left == 8) {
    tail = Load<std::uint64_t>(at);
  } else if (left >= 4) {
    tail = Load<std::uint32_t>(at) | Load<std::uint32_t>(at + left - 4) << 32;
  } else if (left > 0) {
    tail = Load<std::uint8_t>(at) | Load<std::uint8_t>(at + left / 2) << 8 |
           Load<std::uint8_t>(at + left - 1) << 16;
  }
  hash = (hash ^ (tail | kBlind)) * kMix;
  return std::uint64_t{1} << (hash >> 58) | std::uint64_t{1} << ((hash >> 52) & 63);
}

std::uint64_t BitsOfClasses(std::string_view value) noexcept {
  std::uint64_t bits = 0;
  const char* at = value.data();
  const char* const end = at + value.size();
  while (at != end) {
    const char* const begin = at;
    while (at != end && !IsSpace(*at)) ++at;
    if (at != begin) bits |= ClassBits({begin, static_cast<std::size_t>(at - begin)});
    if (at != end) ++at;
  }
  return bits;
}

}  // namespace

std::uint64_t ClassBits(std::string_view token) noexcept {
  return TokenBits(token, 2166136261);
}
std::uint64_t IdBits(std::string_view id) noexcept {
  return TokenBits(id, 84696351);
}

Tree::Tree(NameTable& names) : names_(names) {
  Clear();
}

void Tree::Clear() {
  if (nodes_.capacity() > kMaxKeptNodes) {
    nodes_.Free();
    renumbered_.Free();
    std::vector<NodeId>().swap(new_ids_);
    std::vector<Attribute>().swap(attributes_);
    std::vector<SiblingRank>().swap(ranks_);
    xml_ = {};
  }
  nodes_.Clear();
  attributes_.clear();
  ranks_.clear();
  page_atoms_.clear();
  page_names_.clear();
  arena_.Clear();
  classes_.Clear();
  quirks_ = false;
  is_xml_ = false;
  nodes_.Append();
}

std::size_t Tree::used_bytes() const noexcept {
  return nodes_.size() * sizeof(Node) + attributes_.size() * sizeof(Attribute) +
         arena_.used_bytes();
}

// ---- Reading ------------------------------------------------------------------

NodeId Tree::End(NodeId id) const noexcept {
  for (; id != kNoNode; id = nodes_[id].parent) {
    if (nodes_[id].next_sibling != kNoNode) return nodes_[id].next_sibling;
  }
  return size();
}

std::optional<std::string_view> Tree::Find(const Node& of, Atom name) const noexcept {
  for (std::uint32_t i = 0; i < of.attribute_count; ++i) {
    const Attribute& candidate = attribute(of, i);
    if (candidate.name == name) return candidate.value;
  }
  return std::nullopt;
}

std::string_view Tree::name(Atom atom) const noexcept {
  return atom >= kFirstPageAtom ? page_names_[atom - kFirstPageAtom] : names_.name(atom);
}

const SiblingRank& Tree::rank(NodeId element) const {
  if (ranks_.size() != nodes_.size()) ranks_.assign(nodes_.size(), {});
  if (ranks_[element].from_start == 0) RankChildren(nodes_[element].parent);
  return ranks_[element];
}

void Tree::RankChildren(NodeId parent) const {
  // One counter a name and namespace, all 0 here; page atoms follow the table's.
  seen_.resize(std::max(seen_.size(), kNamespaces * (names_.size() + page_names_.size())));
  const auto counter = [this](const Node& node) -> std::uint32_t& {
    const std::size_t name =
        node.name >= kFirstPageAtom ? names_.size() + (node.name - kFirstPageAtom) : node.name;
    return seen_[kNamespaces * name + static_cast<std::size_t>(node.ns)];
  };
  std::uint32_t count = 0;
  for (NodeId id = nodes_[parent].first_child; id != kNoNode; id = nodes_[id].next_sibling) {
    if (!IsElement(id)) continue;
    ranks_[id].from_start = ++count;
    ranks_[id].of_type_from_start = ++counter(nodes_[id]);
  }
  // The counters hold the totals now.
  for (NodeId id = nodes_[parent].first_child; id != kNoNode; id = nodes_[id].next_sibling) {
    if (!IsElement(id)) continue;
    SiblingRank& rank = ranks_[id];
    rank.from_end = count - rank.from_start + 1;
    rank.of_type_from_end = counter(nodes_[id]) - rank.of_type_from_start + 1;
  }
  for (NodeId id = nodes_[parent].first_child; id != kNoNode; id = nodes_[id].next_sibling) {
    if (IsElement(id)) counter(nodes_[id]) = 0;
  }
}

// ---- Building -----------------------------------------------------------------

NodeId Tree::AppendProcessingInstruction(NodeId parent, Atom target, std::string_view text) {
  const NodeId id = New(NodeType::kProcessingInstruction);
  AppendNewest(id, parent);
  nodes_[id].name = target;
  nodes_[id].text = text;
  return id;
}

NodeId Tree::AppendDoctype(std::string_view name, std::string_view public_id,
                           std::string_view system_id) {
  const NodeId id = New(NodeType::kDoctype);
  AppendNewest(id, kDocumentNode);
  nodes_[id].name = NameFromPage(name);
  if (!public_id.empty()) AddAttribute(Known("public"), public_id);
  if (!system_id.empty()) AddAttribute(Known("system"), system_id);
  return id;
}

void Tree::AddAttribute(Atom attribute_name, std::string_view value) {
  Node& element = nodes_.back();
  if (element.attribute_count++ == 0) {
    element.first_attribute = static_cast<std::uint32_t>(attributes_.size());
  }
  attributes_.push_back({attribute_name, value});
  NoteTokens(attributes_.back(), &element);
}

void Tree::NoteTokens(const Attribute& attribute, Node* element) {
  if (attribute.name == Known("class")) {
    element->token_bits |= classes_.BitsOf(attribute.value, &BitsOfClasses);
  } else if (attribute.name == Known("id")) {
    element->token_bits |= IdBits(attribute.value);
  }
}

void Tree::SetAttributes(const std::vector<Attribute>& attributes) {
  Node& element = nodes_.back();
  element.first_attribute = static_cast<std::uint32_t>(attributes_.size());
  element.attribute_count = static_cast<std::uint32_t>(attributes.size());
  attributes_.insert(attributes_.end(), attributes.begin(), attributes.end());
  for (const Attribute& attribute : attributes) NoteTokens(attribute, &element);
}

void Tree::AddMissingAttributes(NodeId id, const std::vector<Attribute>& attributes) {
  Node& element = nodes_[id];
  for (const Attribute& attribute : attributes) {
    if (Find(element, attribute.name)) continue;
    // An element's attributes lie side by side: they move to where there is room.
    if (element.first_attribute + element.attribute_count != attributes_.size()) {
      const std::uint32_t first = element.first_attribute;
      element.first_attribute = static_cast<std::uint32_t>(attributes_.size());
      for (std::uint32_t i = 0; i < element.attribute_count; ++i) {
        attributes_.push_back(Attribute(attributes_[first + i]));
      }
    }
    attributes_.push_back(attribute);
    ++element.attribute_count;
    NoteTokens(attribute, &element);
  }
}

// ---- Building out of order ------------------------------------------------------

NodeId Tree::NewCopy(NodeId element) {
  const NodeId id = New(NodeType::kElement);
  const Node& from = nodes_[element];
  Node& copy = nodes_[id];
  copy.ns = from.ns;
  copy.name = from.name;
  copy.first_attribute = from.first_attribute;
  copy.attribute_count = from.attribute_count;
  copy.token_bits = from.token_bits;
  return id;
}

void Tree::Link(NodeId id, NodeId parent, NodeId before) {
  if (before == kNoNode) {
    AppendNewest(id, parent);
    return;
  }
  Node& node = nodes_[id];
  node.parent = parent;
  node.prev_sibling = nodes_[before].prev_sibling;
  node.next_sibling = before;
  (node.prev_sibling == kNoNode ? nodes_[parent].first_child
                                : nodes_[node.prev_sibling].next_sibling) = id;
  nodes_[before].prev_sibling = id;
}

void Tree::Unlink(NodeId id) {
  Node& node = nodes_[id];
  if (node.parent == kNoNode) return;
  Node& parent = nodes_[node.parent];
  (node.prev_sibling == kNoNode ? parent.first_child : nodes_[node.prev_sibling].next_sibling) =
      node.next_sibling;
  (node.next_sibling == kNoNode ? parent.last_child : nodes_[node.next_sibling].prev_sibling) =
      node.prev_sibling;
  node.parent = node.prev_sibling = node.next_sibling = kNoNode;
}

void Tree::MoveChildren(NodeId from, NodeId to) {
  const NodeId first = nodes_[from].first_child;
  if (first == kNoNode) return;
  for (NodeId id = first; id != kNoNode; id = nodes_[id].next_sibling) nodes_[id].parent = to;
  nodes_[first].prev_sibling = nodes_[to].last_child;
  (nodes_[to].last_child == kNoNode ? nodes_[to].first_child
                                    : nodes_[nodes_[to].last_child].next_sibling) = first;
  nodes_[to].last_child = nodes_[from].last_child;
  nodes_[from].first_child = nodes_[from].last_child = kNoNode;
}

void Tree::Renumber() {
  new_ids_.assign(nodes_.size(), kNoNode);
  renumbered_.Clear();
  for (NodeId id = kDocumentNode; id != kNoNode;) {
    new_ids_[id] = static_cast<NodeId>(renumbered_.size());
    renumbered_.Append() = nodes_[id];
    NodeId next = nodes_[id].first_child;
    while (next == kNoNode && id != kNoNode) {
      next = nodes_[id].next_sibling;
      id = nodes_[id].parent;
    }
    id = next;
  }
  for (Node& node : renumbered_) {
    for (NodeId* link : {&node.parent, &node.first_child, &node.last_child, &node.prev_sibling,
                         &node.next_sibling}) {
      if (*link != kNoNode) *link = new_ids_[*link];
    }
  }
  nodes_.Swap(renumbered_);
}

void Tree::GrowText(NodeId id, std::string_view more) {
  Node& node = nodes_[id];
  const std::size_t size = node.text.size() + more.size();
  char* bytes = const_cast<char*>(node.text.data());  // The arena's, if it may grow at all.
  if (size > node.first_attribute) {
    constexpr std::size_t kMostBytes = 0xFFFF'FFFF;
    const std::size_t capacity = std::min(size + size / 2 + 16, kMostBytes);
    bytes = arena_.Allocate(std::max(size, capacity));
    std::memcpy(bytes, node.text.data(), node.text.size());
    node.first_attribute = static_cast<std::uint32_t>(capacity);
  }
  std::memcpy(bytes + node.text.size(), more.data(), more.size());
  node.text = {bytes, size};
}

XmlNames& Tree::MakeXml() {
  is_xml_ = true;
  xml_.Clear();
  return xml_;
}

Atom Tree::NameFromPage(std::string_view name) {
  if (const Atom shared = names_.InternFromPage(name); shared != kNoAtom || name.empty()) {
    return shared;
  }
  if (const auto known = page_atoms_.find(name); known != page_atoms_.end()) return known->second;
  const Atom own = kFirstPageAtom + static_cast<Atom>(page_names_.size());
  page_names_.push_back(Keep(name));
  page_atoms_.emplace(page_names_.back(), own);
  return own;
}

}  // namespace thresh::html
