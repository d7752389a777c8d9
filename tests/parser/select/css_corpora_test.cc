// The selectors of the shared corpora: cssselect's cases, and what three CSS
// engines (html5lib+soupsieve, libxml2+cssselect, parse5+cheerio) agree on for
// real pages.

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "parser/select/css_selector.h"
#include "parser/select/selector_set.h"
#include "tests/parser/select/selector_fixture.h"
#include "tests/support/corpora.h"
#include "tests/support/corpora_page.h"

namespace {

using simdjson::dom::element;
using thresh::html::NodeId;
using thresh::select::CssSelector;
using thresh::select::Hit;
using thresh::select::Need;
using thresh::select::SelectorSet;
using Kind = thresh::select::PseudoElement::Kind;
using thresh::test::Corpora;
using thresh::test::Gunzipped;
using thresh::test::ReadFile;
using thresh::test::SelectorFixture;
using thresh::test::ToUtf8;

std::string FirstCharacters(const std::string& text, std::size_t count) {
  std::size_t bytes = 0;
  for (; bytes < text.size(); ++bytes) {
    const bool starts_character = (static_cast<unsigned char>(text[bytes]) & 0xC0) != 0x80;
    if (starts_character && count-- == 0) break;
  }
  return text.substr(0, bytes);
}

struct CorporaFixture : SelectorFixture {
  /// What `css` finds among `scope` and its descendants, as cssselect looks for it.
  std::vector<NodeId> OrSelf(std::string_view css, NodeId scope) {
    const auto selector = Compile(css);
    std::vector<NodeId> found;
    if (selector.Matches(tree, scope, scope, work)) found.push_back(scope);
    std::vector<Hit> hits;
    selector.SelectAll(tree, scope, work, &hits);
    for (const Hit& hit : hits) found.push_back(hit.node);
    return found;
  }

  std::string_view IdOf(NodeId id) {
    return tree.Find(tree.node(id), thresh::html::Known("id")).value_or("nil");
  }

  /// Whether `hits` are as many as three engines found, the first with the same text.
  bool Agrees(const CssSelector& selector, std::span<const Hit> hits, element expected) {
    if (hits.size() != expected["count"].get_uint64().value()) return false;
    std::string_view first_text;
    if (hits.empty() || expected["first_text_120"].get_string().get(first_text)) return true;
    std::string scratch;
    const auto text = selector.ValueView(tree, hits.front(), {Kind::kText}, &scratch);
    return FirstCharacters(std::string(text.value_or("(absent)")), 120) == first_text;
  }

  simdjson::dom::parser json;
  thresh::select::SelectorRun run;
};

}  // namespace

TEST_SUITE("CSS corpora") {
  TEST_CASE_FIXTURE(CorporaFixture, "every count of cssselect's on Shakespeare's page") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    Load(ReadFile(corpora / "conformance/css/HTML_SHAKESPEARE.html"));
    const NodeId body = Node("body");
    std::size_t cases = 0;
    for (element expected : json.load(
             (corpora / "conformance/css/cssselect-cases.json").string())["shakespeare_cases"]) {
      const std::string_view css = expected["css"].get_string();
      CHECK_MESSAGE(OrSelf(css, body).size() == expected["count"].get_uint64().value(), css);
      ++cases;
    }
    CHECK(cases == 25);
  }

  TEST_CASE_FIXTURE(CorporaFixture, "every list of ids of cssselect's") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    Load(ReadFile(corpora / "conformance/css/HTML_IDS.html"));
    const NodeId root = Node("html");
    std::size_t cases = 0;
    for (element expected :
         json.load((corpora / "conformance/css/cssselect-cases.json").string())["ids_cases"]) {
      const std::string_view css = expected["css"].get_string();
      std::string found;
      for (const NodeId id : OrSelf(css, root)) found.append(IdOf(id)).append(" ");
      std::string wanted;
      for (element id : expected["ids"]) wanted.append(id.get_string().value()).append(" ");
      CHECK_MESSAGE(found == wanted, css);
      ++cases;
    }
    CHECK(cases == 57);
  }

  TEST_CASE_FIXTURE(CorporaFixture, "what most of three engines find in real pages, we find too") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    std::size_t cases = 0;
    std::size_t unanimous = 0;  // For the others two engines agree, an HTML5 one among them.
    std::size_t right = 0;
    std::size_t right_in_set = 0;
    for (element entry : json.load((corpora / "pages/selectors-expected.json").string())) {
      const std::string file(entry["file"].get_string().value());
      const std::string encoding(entry["encoding"].get_string().value());
      Load(ToUtf8(Gunzipped(ReadFile(corpora / file)), encoding));
      work = thresh::select::WorkBudget();
      SelectorSet set;
      std::vector<element> agreed;
      for (element expected : entry["css"]) {
        unanimous += expected["engines_agreeing"].get_uint64().value() == 3 ? 1 : 0;
        set.Add(Compile(std::string_view(expected["css"])), Need::kAll);
        agreed.push_back(expected);
      }
      run.Start(set, tree, work);
      for (SelectorSet::Id id = 0; id < set.size(); ++id) {
        std::vector<Hit> hits;
        set.selector(id).SelectAll(tree, 0, work, &hits);
        const bool agrees = Agrees(set.selector(id), hits, agreed[id]);
        CHECK_MESSAGE(agrees, file, ": ", std::string_view(agreed[id]["css"]));
        ++cases;
        right += agrees ? 1 : 0;
        right_in_set += Agrees(set.selector(id), run.All(id), agreed[id]) ? 1 : 0;
      }
      REQUIRE_FALSE(work.exhausted());
    }
    CHECK(cases == 1281);
    CHECK(unanimous == 1250);
    CHECK(right == cases);
    CHECK(right_in_set == cases);
  }
}
