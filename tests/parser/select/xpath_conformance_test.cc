// libxml2's XPath 1.0 cases: expressions, the documents they run on, and its printed
// answers. Each `.result` is built anew from what XPath says, in libxml2's form, and
// compared as a whole.

#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "tests/parser/select/xpath_fixture.h"
#include "tests/support/corpora.h"

namespace {

using thresh::html::NodeType;
using thresh::select::XPath;
using thresh::select::XPathNode;
using thresh::select::XPathValue;
using thresh::test::Corpora;
using thresh::test::ReadFile;
using thresh::test::XPathFixture;

// Cases that cannot be run on this tree, with the reason. There are none.
constexpr std::array<std::string_view, 0> kNotApplicable = {};

/// Bytes beyond ASCII as `#E6`, no more than 40 of them and then `...`.
std::string Escaped(std::string_view text) {
  std::string out;
  std::size_t count = 0;
  for (const char c : text) {
    if (count++ == 40) return out + "...";
    char shown[4];
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) {
      std::snprintf(shown, sizeof shown, "#%X", byte);
      out += shown;
    } else {
      out += c == '\n' || c == '\t' || c == '\r' ? ' ' : c;
    }
  }
  return out;
}

struct Printer : XPathFixture {
  void Line(int depth, const std::string& text) {
    printed.append(static_cast<std::size_t>(2 * depth), ' ').append(text).append("\n");
  }

  void Attribute(int depth, XPathNode node, const std::string& lead) {
    printed += lead;
    Line(0, "ATTRIBUTE " + Escaped(LocalName(tree, node)));
    const auto value = PlainStringValue(tree, node);
    if (value.empty()) return;
    Line(depth + 1, "TEXT");
    Line(depth + 2, "content=" + Escaped(value));
  }

  void Element(XPathNode node) {
    const auto name = Escaped(QualifiedName(tree, node));
    Line(0, "ELEMENT " + name);
    for (const XPathNode space : Nodes("namespace::*", node)) {
      const bool own = std::string_view(QualifiedName(tree, space)) != "xml" &&
                       !(node.node != 0 && IsInherited(node, space));
      if (!own) continue;
      const std::string prefix(QualifiedName(tree, space));
      const std::string uri = Escaped(PlainStringValue(tree, space));
      Line(2, prefix.empty() ? "default namespace href=" + uri
                             : "namespace " + prefix + " href=" + uri);
    }
    for (const XPathNode attribute : Nodes("attribute::*", node)) {
      Attribute(2, attribute, "    ");
    }
  }

  bool IsInherited(XPathNode element, XPathNode space) {
    const XPathNode parent{tree.node(element.node).parent};
    for (const XPathNode other : Nodes("namespace::*", parent)) {
      if (other.attribute == space.attribute) return true;
    }
    return false;
  }

  void Node(std::size_t number, XPathNode node) {
    printed += std::to_string(number) + "  ";
    if (node.is_attribute()) return Attribute(1, node, "");
    if (node.is_namespace()) {
      return Line(0, "NAMESPACE " + std::string(QualifiedName(tree, node)) +
                         " href=" + std::string(PlainStringValue(tree, node)));
    }
    const auto& here = tree.node(node.node);
    switch (here.type) {
      case NodeType::kElement: return Element(node);
      case NodeType::kText: Line(0, "TEXT"); return Content(here.text);
      case NodeType::kComment: Line(0, "COMMENT"); return Content(here.text);
      case NodeType::kProcessingInstruction:
        Line(0, "PI " + std::string(QualifiedName(tree, node)));
        return Content(here.text);
      default: Line(0, " /");
    }
  }

  void Content(std::string_view text) { Line(2, "content=" + Escaped(text)); }

  void Value(const std::vector<XPathNode>& nodes) {
    Line(0, "Object is a Node Set :");
    Line(0, "Set contains " + std::to_string(nodes.size()) + " nodes:");
    for (std::size_t i = 0; i < nodes.size(); ++i) Node(i + 1, nodes[i]);
  }
  void Value(double number) {
    char shown[64];
    std::snprintf(shown, sizeof shown, "%g", number == 0 ? 0.0 : number);
    if (std::isnan(number)) std::snprintf(shown, sizeof shown, "NaN");
    if (std::isinf(number)) {
      std::snprintf(shown, sizeof shown, number < 0 ? "-Infinity" : "Infinity");
    }
    Line(0, std::string("Object is a number : ") + shown);
  }
  void Value(const std::string& text) { Line(0, "Object is a string : " + Escaped(text)); }
  void Value(bool truth) {
    Line(0, std::string("Object is a Boolean : ") + (truth ? "true" : "false"));
  }

  /// All expressions of a file, as libxml2 would print their answers.
  std::size_t Print(const std::string& expressions) {
    std::istringstream lines(expressions);
    std::size_t cases = 0;
    for (std::string line; std::getline(lines, line);) {
      if (line.empty()) continue;
      ++cases;
      printed += "\n========================\nExpression: " + line + "\n";
      const auto compiled = XPath::Compile(line, names);
      if (!compiled.ok()) {
        Line(0, "Object is empty (NULL)");
        continue;
      }
      const XPathValue value = compiled->Evaluate(tree, {}, work);
      std::visit([this](const auto& is) { Value(is); }, value);
    }
    return cases;
  }

  std::string printed;
};

/// The document that `tests/<name>` runs on: the one whose name `name` begins with.
std::filesystem::path DocumentOf(const std::filesystem::path& docs, const std::string& name) {
  std::filesystem::path best;
  for (const auto& entry : std::filesystem::directory_iterator(docs)) {
    const std::string stem = entry.path().filename().string();
    if (name.starts_with(stem) && stem.size() > best.filename().string().size()) {
      best = entry.path();
    }
  }
  REQUIRE_MESSAGE(!best.empty(), "no document for ", name);
  return best;
}

std::size_t RunFolder(const std::filesystem::path& corpus, const std::string& folder) {
  std::size_t cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(corpus / folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() == ".result") continue;
    Printer printer;
    printer.LoadXml(folder == "tests" ? ReadFile(DocumentOf(corpus / "docs", name)) : "<none/>");
    cases += printer.Print(ReadFile(entry.path()));
    CAPTURE(name);
    CHECK(printer.printed == ReadFile(entry.path().string() + ".result"));
  }
  return cases;
}

}  // namespace

TEST_SUITE("XPath conformance") {
  TEST_CASE("every answer of libxml2's, as libxml2 prints it") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    const auto corpus = corpora / "conformance/xpath1";
    CHECK(RunFolder(corpus, "tests") + RunFolder(corpus, "expr") + kNotApplicable.size() == 153);
  }
}
