#include "parser/html/tree.h"

#include <algorithm>

#include "parser/html/ascii.h"

namespace thresh::html {
namespace {

constexpr std::size_t kMaxKeptNodes = std::size_t{1} << 19;  // 32 MB of them.
constexpr std::size_t kNamespaces = 4;

std::uint64_t TokenBits(std::string_view token, std::uint32_t seed) {
  std::uint32_t hash = seed;
  for (char c : token) hash = (hash ^ static_cast<unsigned char>(ToLower(c))) * 16777619U;
  hash ^= hash >> 15;
  return std::uint64_t{1} << (hash & 63) | std::uint64_t{1} << ((hash >> 6) & 63);
}

}  // namespace

std::uint64_t ClassBits(std::string_view token) noexcept {
  return TokenBits(token, 2166136261U);
}
std::uint64_t IdBits(std::string_view id) noexcept {
  return TokenBits(id, 84696351U);
}

Tree::Tree(NameTable& names) : names_(names) {
  Clear();
}

void Tree::Clear() {
  if (nodes_.capacity() > kMaxKeptNodes) {
    std::vector<Node>().swap(nodes_);
    std::vector<Attribute>().swap(attributes_);
    std::vector<SiblingRank>().swap(ranks_);
    xml_ = {};
  }
  nodes_.clear();
  attributes_.clear();
  ranks_.clear();
  page_atoms_.clear();
  page_names_.clear();
  arena_.Clear();
  quirks_ = false;
  is_xml_ = false;
  nodes_.emplace_back();
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

NodeId Tree::Append(NodeId parent, NodeType type) {
  const NodeId id = size();
  Node& child = nodes_.emplace_back();
  child.type = type;
  child.parent = parent;
  child.prev_sibling = nodes_[parent].last_child;
  child.first_attribute = static_cast<std::uint32_t>(attributes_.size());
  (child.prev_sibling == kNoNode ? nodes_[parent].first_child
                                 : nodes_[child.prev_sibling].next_sibling) = id;
  nodes_[parent].last_child = id;
  return id;
}

NodeId Tree::AppendElement(NodeId parent, Atom name, Namespace ns) {
  const NodeId id = Append(parent, NodeType::kElement);
  nodes_[id].name = name;
  nodes_[id].ns = ns;
  return id;
}

NodeId Tree::AppendText(NodeId parent, std::string_view text) {
  const NodeId id = Append(parent, NodeType::kText);
  nodes_[id].text = text;
  return id;
}

NodeId Tree::AppendComment(NodeId parent, std::string_view text) {
  const NodeId id = Append(parent, NodeType::kComment);
  nodes_[id].text = text;
  return id;
}

NodeId Tree::AppendProcessingInstruction(NodeId parent, Atom target, std::string_view text) {
  const NodeId id = Append(parent, NodeType::kProcessingInstruction);
  nodes_[id].name = target;
  nodes_[id].text = text;
  return id;
}

NodeId Tree::AppendDoctype(std::string_view name, std::string_view public_id,
                           std::string_view system_id) {
  const NodeId id = Append(kDocumentNode, NodeType::kDoctype);
  nodes_[id].name = NameFromPage(name);
  if (!public_id.empty()) AddAttribute(Known("public"), public_id);
  if (!system_id.empty()) AddAttribute(Known("system"), system_id);
  return id;
}

void Tree::AddAttribute(Atom attribute_name, std::string_view value) {
  Node& element = nodes_.back();
  attributes_.push_back({attribute_name, value});
  ++element.attribute_count;
  if (attribute_name == Known("id")) element.token_bits |= IdBits(value);
  if (attribute_name != Known("class")) return;
  AnyToken(value, [&](std::string_view token) {
    element.token_bits |= ClassBits(token);
    return false;
  });
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
