#include "parser/html/serialize.h"

#include <string_view>

namespace thresh::html {
namespace {

constexpr KnownSet kVoid({"area", "base", "basefont", "bgsound", "br", "col", "embed", "frame",
                          "hr", "img", "input", "keygen", "link", "meta", "param", "source",
                          "track", "wbr"});
constexpr KnownSet kRawText({"style", "script", "xmp", "iframe", "noembed", "noframes",
                             "plaintext"});

bool IsHtmlIn(const Node& node, const KnownSet& set) {
  return node.type == NodeType::kElement && node.ns == Namespace::kHtml && set.Has(node.name);
}

void AppendEscaped(std::string_view text, bool in_attribute, std::string* out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '&') {
      out->append("&amp;");
    } else if (c == '<') {
      out->append("&lt;");
    } else if (c == '>') {
      out->append("&gt;");
    } else if (c == '"' && in_attribute) {
      out->append("&quot;");
    } else if (c == '\xC2' && i + 1 < text.size() && text[i + 1] == '\xA0') {
      out->append("&nbsp;");
      ++i;
    } else {
      out->push_back(c);
    }
  }
}

void AppendStartTag(const Tree& tree, const Node& element, std::string* out) {
  out->append("<").append(tree.name(element.name));
  for (std::uint32_t i = 0; i < element.attribute_count; ++i) {
    const Attribute& attribute = tree.attribute(element, i);
    out->append(" ").append(tree.name(attribute.name)).append("=\"");
    AppendEscaped(attribute.value, /*in_attribute=*/true, out);
    out->push_back('"');
  }
  out->push_back('>');
}

void AppendOpening(const Tree& tree, const Node& node, std::string* out) {
  switch (node.type) {
    case NodeType::kDocument: return;
    case NodeType::kDoctype:
      out->append("<!DOCTYPE ").append(tree.name(node.name)).append(">");
      return;
    case NodeType::kComment: out->append("<!--").append(node.text).append("-->"); return;
    case NodeType::kElement: AppendStartTag(tree, node, out); return;
    case NodeType::kProcessingInstruction:
      out->append("<?").append(tree.name(node.name)).append(" ").append(node.text).append("?>");
      return;
    case NodeType::kText:
      if (IsHtmlIn(tree.node(node.parent), kRawText)) {
        out->append(node.text);
      } else {
        AppendEscaped(node.text, /*in_attribute=*/false, out);
      }
      return;
  }
}

void AppendClosing(const Tree& tree, const Node& node, std::string* out) {
  if (node.type != NodeType::kElement || IsHtmlIn(node, kVoid)) return;
  out->append("</").append(tree.name(node.name)).append(">");
}

}  // namespace

void AppendOuterHtml(const Tree& tree, NodeId node, std::string* out) {
  const NodeId end = tree.End(node);
  NodeId open = node;  // The innermost node not closed yet.
  for (NodeId id = node; id < end; ++id) {
    for (; id != node && open != tree.node(id).parent; open = tree.node(open).parent) {
      AppendClosing(tree, tree.node(open), out);
    }
    AppendOpening(tree, tree.node(id), out);
    open = id;
  }
  for (; open != node; open = tree.node(open).parent) AppendClosing(tree, tree.node(open), out);
  AppendClosing(tree, tree.node(node), out);
}

}  // namespace thresh::html
