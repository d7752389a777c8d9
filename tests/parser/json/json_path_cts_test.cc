// The JSONPath Compliance Test Suite, read from the corpora at run time: all of its cases.

#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "parser/json/json_path.h"
#include "tests/support/corpora.h"

namespace {

using simdjson::dom::element;
using thresh::json::JsonPath;
using thresh::select::WorkBudget;
using thresh::test::Corpora;

std::string Joined(const std::vector<element>& nodes) {
  std::string text = "[";
  for (const element node : nodes) {
    if (text.size() > 1) text += ',';
    text += simdjson::minify(node);
  }
  return text + "]";
}

bool IsOneOf(const std::string& found, element expected) {
  std::vector<element> results;
  if (element one; expected["result"].get(one) == simdjson::SUCCESS) results.push_back(one);
  if (simdjson::dom::array many; expected["results"].get(many) == simdjson::SUCCESS) {
    for (const element result : many) results.push_back(result);
  }
  REQUIRE_FALSE(results.empty());
  for (const element result : results) {
    if (std::string(simdjson::minify(result)) == found) return true;
  }
  return false;
}

void CheckCase(element test) {
  const std::string_view name = test["name"].get_string();
  const std::string_view selector = test["selector"].get_string();
  CAPTURE(name);
  CAPTURE(selector);
  const auto path = JsonPath::Compile(selector);
  if (bool invalid = false; test["invalid_selector"].get(invalid) == simdjson::SUCCESS && invalid) {
    CHECK_FALSE(path.ok());
    return;
  }
  REQUIRE_MESSAGE(path.ok(), path.error().detail);
  const element document = test["document"];
  WorkBudget work;
  std::vector<element> found;
  path->Select(document, work, &found);
  CHECK_MESSAGE(IsOneOf(Joined(found), test), Joined(found));
  const auto first = path->SelectFirst(document, work);
  CHECK(first.has_value() == !found.empty());
  if (first) CHECK(Joined({*first}) == Joined({found.front()}));
  CHECK((!path->singular() || found.size() <= 1));
  CHECK_FALSE(work.exhausted());
}

}  // namespace

TEST_SUITE("JSONPath compliance") {
  TEST_CASE("every case of the suite") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    simdjson::dom::parser parser;
    std::size_t cases = 0;
    for (const element test :
         parser.load((corpora / "conformance/jsonpath-rfc9535/cts.json").string())["tests"]) {
      CheckCase(test);
      ++cases;
    }
    CHECK(cases == 352);
  }
}
