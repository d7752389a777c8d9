#pragma once

// The words in which the selector tests are written: a page, and what a selector
// finds in it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "parser/html/html_parser.h"
#include "parser/select/css_selector.h"

namespace thresh::test {

struct SelectorFixture {
  void Load(std::string html) {
    page = std::move(html);
    REQUIRE(parser.Parse(page, &tree).ok());
  }

  select::CssSelector Compile(std::string_view css) {
    auto compiled = select::CssSelector::Compile(css, names);
    REQUIRE_MESSAGE(compiled.ok(), css, ": ", compiled.ok() ? "" : compiled.error().detail);
    return *compiled;
  }

  std::vector<select::Hit> Hits(std::string_view css, html::NodeId scope = html::kDocumentNode) {
    std::vector<select::Hit> hits;
    Compile(css).SelectAll(tree, scope, work, &hits);
    REQUIRE_FALSE(work.exhausted());
    return hits;
  }

  /// The ids (the tag names, without one) of what `css` finds, parted by spaces.
  std::string Ids(std::string_view css, html::NodeId scope = html::kDocumentNode) {
    std::string ids;
    for (const select::Hit& hit : Hits(css, scope)) {
      const html::Node& node = tree.node(hit.node);
      if (!ids.empty()) ids += ' ';
      ids += tree.Find(node, html::Known("id")).value_or(tree.name(node.name));
    }
    return ids;
  }

  std::size_t Count(std::string_view css) { return Hits(css).size(); }

  /// The first element that `css` finds. It must exist.
  html::NodeId Node(std::string_view css) {
    const auto hit = Compile(css).SelectFirst(tree, html::kDocumentNode, work);
    REQUIRE_MESSAGE(hit.has_value(), css);
    return hit->node;
  }

  /// The values of all hits, `::text` where the selector says nothing else; "-" for
  /// an absent attribute. Joined with `|`.
  std::string Values(std::string_view css, html::NodeId scope = html::kDocumentNode) {
    const auto selector = Compile(css);
    std::vector<select::Hit> hits;
    selector.SelectAll(tree, scope, work, &hits);
    std::string values;
    for (const select::Hit& hit : hits) {
      if (!values.empty()) values += '|';
      values += selector.Value(tree, hit, {select::PseudoElement::Kind::kText}).value_or("-");
    }
    return values;
  }

  html::NameTable names;
  html::Tree tree{names};
  html::HtmlParser parser{names};
  select::WorkBudget work;
  std::string page;
};

}  // namespace thresh::test
