#include "parser/select/xpath_node.h"

#include "parser/select/text.h"

namespace thresh::select {
namespace {

using html::NodeType;
using html::XmlNames;

bool HoldsText(NodeType type) {
  return type == NodeType::kElement || type == NodeType::kDocument;
}

const XmlNames::Binding& BindingOf(const html::Tree& tree, XPathNode node) {
  static constexpr XmlNames::Binding kXml{"xml", html::kXmlNamespaceUri};
  const std::uint32_t index = node.attribute & ~kNamespaceNode;
  return tree.xml() == nullptr ? kXml : tree.xml()->bindings[index];
}

// The URI that `name`'s prefix stands for at `element`; empty without one.
std::string_view AttributeUri(const XmlNames& xml, html::NodeId element, std::string_view name) {
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos) return {};
  const std::string_view prefix = name.substr(0, colon);
  for (std::uint32_t at = xml.nodes[element].scope; at != XmlNames::kNoBinding;
       at = xml.bindings[at].outer) {
    if (xml.bindings[at].prefix == prefix) return xml.bindings[at].uri;
  }
  return {};
}

std::string_view AfterColon(std::string_view name) {
  return name.substr(name.find(':') + 1);  // npos + 1 is 0.
}

}  // namespace

void AppendStringValue(const html::Tree& tree, XPathNode node, std::string* out) {
  if (node.is_tree_node() && HoldsText(tree.node(node.node).type)) {
    AppendRawText(tree, node.node, out);
  } else {
    out->append(PlainStringValue(tree, node));
  }
}

void AppendNodeText(const html::Tree& tree, XPathNode node, std::string* out) {
  if (node.is_tree_node() && HoldsText(tree.node(node.node).type)) {
    AppendText(tree, node.node, out);
  } else {
    out->append(PlainStringValue(tree, node));
  }
}

std::string_view PlainStringValue(const html::Tree& tree, XPathNode node) noexcept {
  const html::Node& here = tree.node(node.node);
  if (node.is_attribute()) return tree.attribute(here, node.attribute).value;
  return node.is_namespace() ? BindingOf(tree, node).uri : here.text;
}

std::string_view QualifiedName(const html::Tree& tree, XPathNode node) noexcept {
  const html::Node& here = tree.node(node.node);
  if (node.is_attribute()) return tree.name(tree.attribute(here, node.attribute).name);
  if (node.is_namespace()) return BindingOf(tree, node).prefix;
  return here.type == NodeType::kDoctype ? std::string_view() : tree.name(here.name);
}

std::string_view LocalName(const html::Tree& tree, XPathNode node) noexcept {
  const std::string_view name = QualifiedName(tree, node);
  const XmlNames* const xml = tree.xml();
  if (xml == nullptr || node.is_namespace()) return name;
  if (node.is_attribute()) {
    return AttributeUri(*xml, node.node, name).empty() ? name : AfterColon(name);
  }
  const bool in_namespace =
      tree.IsElement(node.node) && xml->nodes[node.node].own != XmlNames::kNoBinding;
  return in_namespace ? AfterColon(name) : name;
}

std::string_view NamespaceUri(const html::Tree& tree, XPathNode node) noexcept {
  const XmlNames* const xml = tree.xml();
  if (xml == nullptr || node.is_namespace()) return {};
  if (node.is_attribute()) return AttributeUri(*xml, node.node, QualifiedName(tree, node));
  if (!tree.IsElement(node.node)) return {};
  const std::uint32_t own = xml->nodes[node.node].own;
  return own == XmlNames::kNoBinding ? std::string_view() : xml->bindings[own].uri;
}

}  // namespace thresh::select
