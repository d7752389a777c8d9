#pragma once

// Tree: one parsed page. A parser appends nodes in document order; selectors,
// XPath and the serialiser read them. Used again for the next page after Clear().
//
// Node ids ascend in document order, so the descendants of a node are the ids
// between it and End(node). Text and values are views into the page body or into
// the tree's arena: the body must stay unchanged until Clear().
// The children of a <template> are ordinary children here, as in html5lib and
// libxml2: the DOM's separate content fragment would only hide text from recipes.
//
// Threads: none. Lifetime: borrows the NameTable.

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "parser/html/arena.h"
#include "parser/html/class_memo.h"
#include "parser/html/names.h"
#include "parser/html/node_list.h"
#include "parser/html/tag_memo.h"
#include "parser/html/xml_names.h"

namespace thresh::html {

using NodeId = std::uint32_t;

inline constexpr NodeId kDocumentNode = 0;  ///< Every tree has it.
inline constexpr NodeId kNoNode = 0xFFFF'FFFF;

enum class NodeType : std::uint8_t {
  kDocument,
  kDoctype,
  kElement,
  kText,
  kComment,
  kProcessingInstruction,  ///< Of XML only: HTML makes a comment of it.
};
/// kXml: any element of an XML document; Tree::xml() knows its namespace.
enum class Namespace : std::uint8_t { kHtml, kSvg, kMathMl, kXml };

struct Attribute {
  Atom name;  ///< Qualified as in `xlink:href`; lower case on HTML elements.
  std::string_view value;
};

struct Node {
  NodeType type = NodeType::kDocument;
  Namespace ns = Namespace::kHtml;
  Atom name = kNoAtom;  ///< Of elements and the doctype; the target of an instruction.
  NodeId parent = kNoNode;
  NodeId first_child = kNoNode;
  NodeId last_child = kNoNode;
  NodeId prev_sibling = kNoNode;
  NodeId next_sibling = kNoNode;
  std::uint32_t first_attribute = 0;  ///< Of text: bytes it may grow to where it stands.
  std::uint32_t attribute_count = 0;
  std::uint64_t token_bits = 0;  ///< ClassBits and IdBits of an element, or'ed.
  std::string_view text;         ///< Of text, comments and instructions, decoded.
};

/// A Bloom filter's bits for a class token or an id: an element whose token_bits
/// lack one of them does not carry it. Blind to ASCII case.
[[nodiscard]] std::uint64_t ClassBits(std::string_view token) noexcept;
[[nodiscard]] std::uint64_t IdBits(std::string_view id) noexcept;

/// Positions among the element siblings, counted from 1.
struct SiblingRank {
  std::uint32_t from_start = 0;
  std::uint32_t from_end = 0;
  std::uint32_t of_type_from_start = 0;  ///< Of the same name and namespace.
  std::uint32_t of_type_from_end = 0;
};

class Tree {
 public:
  explicit Tree(NameTable& names);

  // ---- Reading ----

  [[nodiscard]] const Node& node(NodeId id) const noexcept { return nodes_[id]; }
  [[nodiscard]] NodeId size() const noexcept { return static_cast<NodeId>(nodes_.size()); }
  [[nodiscard]] bool IsElement(NodeId id) const noexcept {
    return nodes_[id].type == NodeType::kElement;
  }

  /// The id after the last descendant of `id`.
  [[nodiscard]] NodeId End(NodeId id) const noexcept;

  /// The `i`-th attribute in source order. REQUIRES: i < attribute_count.
  [[nodiscard]] const Attribute& attribute(const Node& of, std::uint32_t i) const noexcept {
    return attributes_[of.first_attribute + i];
  }
  /// The value verbatim after character references; nullopt if absent.
  [[nodiscard]] std::optional<std::string_view> Find(const Node& of, Atom name) const noexcept;

  /// The spelling of an element's or attribute's name in this tree.
  [[nodiscard]] std::string_view name(Atom atom) const noexcept;

  /// The ranks of all its siblings are computed at the first call after a change.
  [[nodiscard]] const SiblingRank& rank(NodeId element) const;

  /// Bytes that this page takes: nodes, attributes and copied text.
  [[nodiscard]] std::size_t used_bytes() const noexcept;

  /// Class and id names are compared without ASCII case in such documents.
  [[nodiscard]] bool quirks() const noexcept { return quirks_; }

  /// The namespaces and IDs of an XML document; null for an HTML page.
  [[nodiscard]] const XmlNames* xml() const noexcept { return is_xml_ ? &xml_ : nullptr; }

  // ---- Building ----

  /// Back to a lone document node; keeps the memory.
  void Clear();
  void set_quirks(bool quirks) noexcept { quirks_ = quirks; }

  /// Appends the last child of `parent`.
  /// REQUIRES: `parent` is the newest node or one of its ancestors.
  NodeId AppendElement(NodeId parent, Atom name, Namespace ns);
  NodeId AppendText(NodeId parent, std::string_view text);
  NodeId AppendComment(NodeId parent, std::string_view text);
  NodeId AppendProcessingInstruction(NodeId parent, Atom target, std::string_view text);
  /// The identifiers become attributes named `public` and `system`, if not empty.
  NodeId AppendDoctype(std::string_view name, std::string_view public_id,
                       std::string_view system_id);
  /// REQUIRES: the newest node is an element without an attribute of that name.
  void AddAttribute(Atom attribute_name, std::string_view value);
  /// REQUIRES: the newest node is an element without attributes; each name is there once.
  void SetAttributes(const std::vector<Attribute>& attributes);
  /// Gives it those of another element. REQUIRES: as SetAttributes().
  void ShareAttributes(const RepeatedTag& of) noexcept {
    Node& element = nodes_.back();
    element.first_attribute = of.first_attribute;
    element.attribute_count = of.attribute_count;
    element.token_bits = of.token_bits;
  }

  // ---- Building out of order: Renumber() must follow before anyone reads ----

  /// A node without a parent.
  NodeId NewElement(Atom name, Namespace ns);
  NodeId NewText(std::string_view text);
  NodeId NewComment(std::string_view text);
  /// A childless copy of an element, which shares its attributes.
  NodeId NewCopy(NodeId element);
  /// Makes `node` a child of `parent`, in front of `before` or as the last for kNoNode.
  /// REQUIRES: `node` has no parent; `parent` is no descendant of it.
  void Link(NodeId node, NodeId parent, NodeId before);
  /// Takes `node` and what is under it off its parent, if it has one.
  void Unlink(NodeId node);
  /// Takes all children from one node and appends them to another.
  void MoveChildren(NodeId from, NodeId to);
  /// Adds those attributes that the element lacks.
  void AddMissingAttributes(NodeId element, const std::vector<Attribute>& attributes);
  /// Gives all nodes under the document ids in document order, and drops the others.
  void Renumber();

  /// Appends to a text node. Takes, in all, time in proportion to what is appended.
  void GrowText(NodeId node, std::string_view text);

  /// Makes an XML document of the empty tree. The caller keeps the answer up to date.
  XmlNames& MakeXml();

  /// The atom of a name seen on the page. A page-only name that the shared table
  /// has no more room for gets an atom of this tree's own, which no selector
  /// compiled before can equal.
  Atom NameFromPage(std::string_view name);

  /// A copy that lives until Clear().
  [[nodiscard]] std::string_view Keep(std::string_view text) { return arena_.Copy(text); }
  [[nodiscard]] char* Allocate(std::size_t size) { return arena_.Allocate(size); }

 private:
  NodeId New(NodeType type);
  void AppendNewest(NodeId id, NodeId parent);
  void NoteTokens(const Attribute& attribute, Node* element);
  void RankChildren(NodeId parent) const;

  NameTable& names_;
  NodeList<Node> nodes_;
  NodeList<Node> renumbered_;    ///< Kept for its memory.
  std::vector<NodeId> new_ids_;  ///< By old id.
  std::vector<Attribute> attributes_;
  Arena arena_;
  ClassMemo classes_;
  std::unordered_map<std::string_view, Atom> page_atoms_;
  std::vector<std::string_view> page_names_;
  bool quirks_ = false;
  bool is_xml_ = false;
  XmlNames xml_;

  // rank()'s answers, 0 where not asked for yet, and its counters by name, which are
  // all 0 between parents.
  mutable std::vector<SiblingRank> ranks_;
  mutable std::vector<std::uint32_t> seen_;
};

[[gnu::always_inline]] inline NodeId Tree::New(NodeType type) {
  const NodeId id = size();
  Node& node = nodes_.Append();
  node.type = type;
  return id;
}

[[gnu::always_inline]] inline void Tree::AppendNewest(NodeId id, NodeId parent) {
  Node& child = nodes_[id];
  Node& above = nodes_[parent];
  child.parent = parent;
  child.prev_sibling = above.last_child;
  (above.last_child == kNoNode ? above.first_child : nodes_[above.last_child].next_sibling) = id;
  above.last_child = id;
}

[[gnu::always_inline]] inline NodeId Tree::NewElement(Atom element_name, Namespace ns) {
  const NodeId id = New(NodeType::kElement);
  nodes_[id].name = element_name;
  nodes_[id].ns = ns;
  return id;
}

[[gnu::always_inline]] inline NodeId Tree::NewText(std::string_view text) {
  const NodeId id = New(NodeType::kText);
  nodes_[id].text = text;
  return id;
}

inline NodeId Tree::NewComment(std::string_view text) {
  const NodeId id = New(NodeType::kComment);
  nodes_[id].text = text;
  return id;
}

[[gnu::always_inline]] inline NodeId Tree::AppendElement(NodeId parent, Atom element_name,
                                                         Namespace ns) {
  const NodeId id = NewElement(element_name, ns);
  AppendNewest(id, parent);
  return id;
}

[[gnu::always_inline]] inline NodeId Tree::AppendText(NodeId parent, std::string_view text) {
  const NodeId id = NewText(text);
  AppendNewest(id, parent);
  return id;
}

inline NodeId Tree::AppendComment(NodeId parent, std::string_view text) {
  const NodeId id = NewComment(text);
  AppendNewest(id, parent);
  return id;
}

}  // namespace thresh::html
