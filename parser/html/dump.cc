#include "parser/html/dump.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "parser/html/foreign_names.h"

namespace thresh::html {
namespace {

bool IsTemplate(const Node& node) {
  return node.type == NodeType::kElement && node.ns == Namespace::kHtml &&
         node.name == Known("template");
}

class Dump {
 public:
  Dump(const Tree& tree, std::string* out) : tree_(tree), out_(*out) {}

  void Add(NodeId id, std::size_t depth) {
    const Node& node = tree_.node(id);
    Indent(depth);
    switch (node.type) {
      case NodeType::kDocument: break;
      case NodeType::kDoctype: AddDoctype(node); break;
      case NodeType::kText: out_.append("\"").append(node.text).append("\"\n"); break;
      case NodeType::kComment: out_.append("<!-- ").append(node.text).append(" -->\n"); break;
      case NodeType::kProcessingInstruction:
        out_.append("<?").append(tree_.name(node.name)).append(" ");
        out_.append(node.text).append(">\n");
        break;
      case NodeType::kElement: AddElement(node, depth); break;
    }
  }

 private:
  void Indent(std::size_t depth) { out_.append("| ").append(2 * depth, ' '); }

  void AddDoctype(const Node& node) {
    out_.append("<!DOCTYPE ").append(tree_.name(node.name));
    const auto public_id = tree_.Find(node, Known("public"));
    const auto system_id = tree_.Find(node, Known("system"));
    if (public_id || system_id) {
      out_.append(" \"").append(public_id.value_or("")).append("\" \"");
      out_.append(system_id.value_or("")).append("\"");
    }
    out_.append(">\n");
  }

  void AddElement(const Node& node, std::size_t depth) {
    out_.push_back('<');
    if (node.ns == Namespace::kSvg) out_.append("svg ");
    if (node.ns == Namespace::kMathMl) out_.append("math ");
    out_.append(tree_.name(node.name)).append(">\n");
    for (const auto& [name, value] : SortedAttributes(node)) {
      Indent(depth + 1);
      out_.append(name).append("=\"").append(value).append("\"\n");
    }
    if (!IsTemplate(node)) return;
    Indent(depth + 1);
    out_.append("content\n");
  }

  std::vector<std::pair<std::string, std::string_view>> SortedAttributes(const Node& node) const {
    std::vector<std::pair<std::string, std::string_view>> attributes;
    for (std::uint32_t i = 0; i < node.attribute_count; ++i) {
      const Attribute& attribute = tree_.attribute(node, i);
      std::string name(tree_.name(attribute.name));
      if (node.ns != Namespace::kHtml) {
        if (const auto split = SplitForeignAttribute(name)) {
          name = std::string(split->prefix) + ' ' + std::string(split->local);
        }
      }
      attributes.emplace_back(std::move(name), attribute.value);
    }
    std::sort(attributes.begin(), attributes.end());
    return attributes;
  }

  const Tree& tree_;
  std::string& out_;
};

}  // namespace

void AppendHtml5libDump(const Tree& tree, std::string* out) {
  Dump dump(tree, out);
  std::vector<std::size_t> depths(tree.size(), 0);  // Of the children of each node.
  for (NodeId id = 1; id < tree.size(); ++id) {
    const std::size_t depth = depths[tree.node(id).parent];
    dump.Add(id, depth);
    depths[id] = depth + (IsTemplate(tree.node(id)) ? 2 : 1);
  }
}

}  // namespace thresh::html
