#pragma once

// XPathNode: a node of XPath's data model (XPath 1.0, section 5) on html::Tree, and
// what the model says of it. Tree nodes are themselves; the doctype is no node of
// the model. Attributes and namespaces are nodes that only this names.
//
// HTML pages: every element and attribute is in no namespace and its local name is
// its whole name, as libxml2 and its users have it; the only namespace node of an
// element is that of `xml`. XML documents: as Tree::xml() says, and `xmlns`
// declarations are namespaces, not attributes.

#include <cstdint>
#include <string>
#include <string_view>

#include "parser/html/tree.h"

namespace thresh::select {

inline constexpr std::uint32_t kNoAttribute = 0xFFFF'FFFF;
inline constexpr std::uint32_t kNamespaceNode = 0x8000'0000;

struct XPathNode {
  html::NodeId node = html::kDocumentNode;
  /// kNoAttribute: the tree node itself. Below kNamespaceNode: its attribute of that
  /// index. Else the namespace node, at this element, of the binding that the bits
  /// below kNamespaceNode index in XmlNames::bindings.
  std::uint32_t attribute = kNoAttribute;

  [[nodiscard]] bool is_attribute() const noexcept { return attribute < kNamespaceNode; }
  [[nodiscard]] bool is_tree_node() const noexcept { return attribute == kNoAttribute; }
  [[nodiscard]] bool is_namespace() const noexcept { return !is_attribute() && !is_tree_node(); }

  friend bool operator==(const XPathNode&, const XPathNode&) = default;
};

/// Document order: an element, its namespaces, its attributes, its children.
[[nodiscard]] constexpr std::uint64_t OrderOf(const XPathNode& node) noexcept {
  const std::uint32_t within =
      node.attribute == kNoAttribute ? 0 : node.attribute + (kNamespaceNode + 1);
  return std::uint64_t{node.node} << 32 | within;
}

/// Appends the string-value (section 5): all text inside an element or the document;
/// the value of an attribute; a namespace's URI; the text of all else.
void AppendStringValue(const html::Tree& tree, XPathNode node, std::string* out);

/// Appends what a recipe takes of a node: the `::text` of an element or the document,
/// that is collapsed; of any other node its string-value as it stands.
void AppendNodeText(const html::Tree& tree, XPathNode node, std::string* out);

/// The string-values that need no joining. REQUIRES: not an element or the document.
[[nodiscard]] std::string_view PlainStringValue(const html::Tree& tree, XPathNode node) noexcept;

/// `name()`: as written on the page; a namespace's prefix; an instruction's target.
[[nodiscard]] std::string_view QualifiedName(const html::Tree& tree, XPathNode node) noexcept;
/// `local-name()`.
[[nodiscard]] std::string_view LocalName(const html::Tree& tree, XPathNode node) noexcept;
/// `namespace-uri()`. Takes time in proportion to the namespaces declared around it.
[[nodiscard]] std::string_view NamespaceUri(const html::Tree& tree, XPathNode node) noexcept;

}  // namespace thresh::select
