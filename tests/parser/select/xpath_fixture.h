#pragma once

// The words in which the XPath tests are written: a page or an XML document, and what
// an expression makes of it.

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include "parser/html/tree.h"
#include "parser/select/xpath.h"
#include "parser/xml/xml_parser.h"
#include "tests/support/html_page.h"

namespace thresh::test {

struct XPathFixture {
  void LoadHtml(std::string html) {
    page = std::move(html);
    ParseHtmlPage(page, names, &tree);
  }

  void LoadXml(std::string_view text) {
    const auto parsed = xml_parser.Parse(text, &tree);
    REQUIRE_MESSAGE(parsed.ok(), parsed.error().detail);
  }

  select::XPath Compile(std::string_view expression) {
    auto compiled = select::XPath::Compile(expression, names);
    REQUIRE_MESSAGE(compiled.ok(), expression, ": ", compiled.ok() ? "" : compiled.error().detail);
    return *std::move(compiled);
  }

  select::XPathValue Evaluate(std::string_view expression, select::XPathNode context = {}) {
    auto value = Compile(expression).Evaluate(tree, context, work);
    REQUIRE_FALSE(work.exhausted());
    return value;
  }

  std::vector<select::XPathNode> Nodes(std::string_view expression,
                                       select::XPathNode context = {}) {
    return std::get<std::vector<select::XPathNode>>(Evaluate(expression, context));
  }

  /// The first node found. It must exist.
  select::XPathNode Node(std::string_view expression) {
    const auto nodes = Nodes(expression);
    REQUIRE_MESSAGE(!nodes.empty(), expression);
    return nodes.front();
  }

  double Number(std::string_view expression, select::XPathNode context = {}) {
    return std::get<double>(Evaluate(expression, context));
  }
  bool Boolean(std::string_view expression, select::XPathNode context = {}) {
    return std::get<bool>(Evaluate(expression, context));
  }
  /// Of `expression`, whatever its type, as string() has it.
  std::string String(std::string_view expression, select::XPathNode context = {}) {
    return std::get<std::string>(Evaluate("string(" + std::string(expression) + ")", context));
  }

  /// What is found, parted by spaces: an element's id or else its name, `@name`,
  /// `{prefix}` of a namespace, `"text"`, `<!--x-->`, `<?target?>`, `/`.
  std::string Found(std::string_view expression, select::XPathNode context = {}) {
    std::string found;
    for (const select::XPathNode node : Nodes(expression, context)) {
      if (!found.empty()) found += ' ';
      found += Shown(node);
    }
    return found;
  }

  std::string Shown(select::XPathNode node) {
    const html::Node& here = tree.node(node.node);
    const std::string name(select::QualifiedName(tree, node));
    if (node.is_attribute()) return "@" + name;
    if (node.is_namespace()) return "{" + name + "}";
    const std::string text(here.text);
    switch (here.type) {
      case html::NodeType::kElement:
        return std::string(tree.Find(here, html::Known("id")).value_or(name));
      case html::NodeType::kText: return '"' + text + '"';
      case html::NodeType::kComment: return "<!--" + text + "-->";
      case html::NodeType::kProcessingInstruction: return "<?" + name + "?>";
      default: return "/";
    }
  }

  html::NameTable names;
  html::Tree tree{names};
  xml::XmlParser xml_parser;
  select::WorkBudget work;
  std::string page;
};

}  // namespace thresh::test
