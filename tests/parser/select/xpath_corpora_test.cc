// The XPath cases of the real pages: those where the tree of html5lib and that of
// libxml2 give the same answer.

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "tests/parser/select/xpath_fixture.h"
#include "tests/support/corpora.h"
#include "tests/support/corpora_page.h"

namespace {

using simdjson::dom::element;
using thresh::select::XPathNode;
using thresh::test::Corpora;
using thresh::test::XPathFixture;

struct CorporaFixture : XPathFixture {
  std::string Beginning(XPathNode node) {
    std::string value;
    AppendStringValue(tree, node, &value);
    return thresh::test::FirstCharacters(value, 200);
  }

  void CheckCase(std::string_view file, element expected) {
    const std::string_view expression = expected["xpath"].get_string();
    CAPTURE(file);
    CAPTURE(expression);
    double number = 0;
    if (expected["number"].get_double().get(number) == simdjson::SUCCESS) {
      CHECK(Number(expression) == number);
      return;
    }
    const auto nodes = Nodes(expression);
    CHECK(nodes.size() == expected["count"].get_uint64().value());
    CHECK(Compile(expression).SelectFirst(tree, {}, work).has_value() == !nodes.empty());
    std::string_view first;
    if (nodes.empty() || expected["first"].get_string().get(first) != simdjson::SUCCESS) return;
    CHECK(Beginning(nodes.front()) == first);
    CHECK(Beginning(nodes.back()) == expected["last"].get_string().value());
  }

  simdjson::dom::parser json;
};

}  // namespace

TEST_SUITE("XPath corpora") {
  TEST_CASE_FIXTURE(CorporaFixture, "what two trees agree on for real pages, we find too") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    std::size_t cases = 0;
    for (element entry : json.load((corpora / "pages/selectors-expected.json").string())) {
      const std::string file(entry["file"].get_string().value());
      const std::string encoding(entry["encoding"].get_string().value());
      LoadHtml(thresh::test::CorporaPage(corpora / file, encoding));
      work = thresh::select::WorkBudget();
      for (element expected : entry["xpath"]) {
        CheckCase(file, expected);
        ++cases;
      }
    }
    CHECK(cases == 749);
  }
}
