#include "parser/select/xpath_axes.h"

#include <unordered_set>

namespace thresh::select::xpath {

using html::XmlNames;

bool XPathAxes::TakesElement(const NodeTest& test, html::NodeId id) const noexcept {
  switch (test.kind) {
    case Kind::kQualified: return tree_.node(id).name == test.name;
    case Kind::kPrefix: return QualifiedName(tree_, {id}).starts_with(Text(test));
    default: return LocalName(tree_, {id}) == Text(test);  // kLocal
  }
}

bool XPathAxes::TakesAttribute(const NodeTest& test, XPathNode node) const noexcept {
  const html::Atom name = tree_.attribute(tree_.node(node.node), node.attribute).name;
  if (xml_ != nullptr) {
    const std::string_view spelled = tree_.name(name);
    if (spelled == "xmlns" || spelled.starts_with("xmlns:")) return false;
  }
  switch (test.kind) {
    case Kind::kNode:
    case Kind::kAny: return true;
    case Kind::kName:
    case Kind::kQualified: return name == test.name;
    case Kind::kPrefix: return tree_.name(name).starts_with(Text(test));
    case Kind::kLocal: return LocalName(tree_, node) == Text(test);
    default: return false;
  }
}

bool XPathAxes::TakesNamespace(const NodeTest& test, XPathNode node) const noexcept {
  switch (test.kind) {
    case Kind::kNode:
    case Kind::kAny: return true;
    case Kind::kName:
    case Kind::kLocal: return QualifiedName(tree_, node) == Text(test);
    default: return false;
  }
}

std::vector<std::uint32_t> XPathAxes::BindingsAt(html::NodeId element) const {
  std::vector<std::uint32_t> bindings;
  std::unordered_set<std::string_view> hidden;
  for (std::uint32_t at = xml_->nodes[element].scope; at != XmlNames::kNoBinding && work_.Spend(1);
       at = xml_->bindings[at].outer) {
    const XmlNames::Binding& binding = xml_->bindings[at];
    if (hidden.insert(binding.prefix).second && !binding.uri.empty()) bindings.push_back(at);
  }
  std::reverse(bindings.begin(), bindings.end());
  return bindings;
}

}  // namespace thresh::select::xpath
