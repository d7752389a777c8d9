// What must end, whatever the expression and the page: each within the budget, and
// without much memory.

#include <random>
#include <string>

#include <doctest/doctest.h>

#include "tests/parser/select/xpath_fixture.h"
#include "tests/support/repeat.h"

using thresh::select::WorkBudget;
using thresh::select::XPath;
using thresh::select::XPathNode;
using thresh::test::Repeat;
using thresh::test::XPathFixture;

namespace {

struct Hostile : XPathFixture {
  /// Steps that the expression takes, of the many it may.
  std::int64_t Cost(std::string_view expression) {
    const XPath compiled = Compile(expression);
    std::int64_t low = 0;
    std::int64_t high = 1 << 30;
    while (low < high) {
      const std::int64_t middle = (low + high) / 2;
      WorkBudget budget(middle);
      (void)compiled.Evaluate(tree, {}, budget);
      (budget.exhausted() ? low : high) = budget.exhausted() ? middle + 1 : middle;
      if (middle > 100'000'000 && budget.exhausted()) break;
    }
    return low;
  }
};

}  // namespace

TEST_SUITE("costs") {
  TEST_CASE_FIXTURE(Hostile, "axes from every node of a deep page cost its size, not its square") {
    LoadXml(Repeat("<a>", 1900) + Repeat("</a>", 1900));
    for (const char* expression :
         {"//a//a//a", "//a/ancestor::a", "//a/ancestor-or-self::node()", "//a/descendant::a",
          "//a/following::a", "//a/preceding::a", "//a/descendant-or-self::a/.."}) {
      CHECK_MESSAGE(Cost(expression) < 30'000, expression);
    }
  }

  TEST_CASE_FIXTURE(Hostile, "axes from every node of a wide page cost its size, not its square") {
    LoadXml("<r>" + Repeat("<a x='1'/>", 5000) + "</r>");
    for (const char* expression :
         {"//a/following-sibling::a", "//a/preceding-sibling::a", "//a/following::a",
          "//a/preceding::a", "//a/../a", "//a[1]", "//a[last()]", "//a[position() mod 2 = 0]",
          "//a/following-sibling::a[1]", "//a/preceding-sibling::*[2]", "//a/@x", "//@x",
          "//a[@x = 1]", "//a/@x = //a/@x", "//a/@x != //a/@x", "//a/@x < //a/@x", "id(//@x)"}) {
      CHECK_MESSAGE(Cost(expression) < 150'000, expression);
    }
  }

  TEST_CASE_FIXTURE(Hostile, "the first of a long page costs only the way to it") {
    LoadXml("<r>" + Repeat("<a x='1'/>", 5000) + "</r>");
    for (const char* expression : {"(//a)[1]", "string(//a)", "boolean(//a)", "string(//@x)",
                                   "(//a)[1]/@x", "not(//a)", "//a and //a/@x"}) {
      CHECK_MESSAGE(
          Cost(expression) < (std::string_view(expression).ends_with("a/@x") ? 6'000 : 60),
          expression);
    }
  }

  TEST_CASE_FIXTURE(Hostile, "what does cost the square is broken off") {
    LoadXml("<r>" + Repeat("<a/>", 20'000) + "</r>");
    for (const char* expression :
         {"//a[count(following::a) > 3]", "//a[preceding-sibling::a[last()]]",
          "//a[//a[//a[not(self::b)] and false()]]", "//a[string-length(/) > 1][. = //b]"}) {
      WorkBudget budget(1'000'000);
      (void)Compile(expression).Evaluate(tree, {}, budget);
      CHECK_MESSAGE(budget.exhausted(), expression);
    }
  }

  TEST_CASE_FIXTURE(Hostile, "strings cannot grow beyond what the budget pays for") {
    LoadXml("<r>" + std::string(1'000'000, 'x') + "</r>");
    std::string expression = "string(.)";
    for (int i = 0; i < 10; ++i) expression = "concat(" + expression + "," + expression + ")";
    WorkBudget budget(10'000'000);
    const auto value = Compile("string-length(" + expression + ")").Evaluate(tree, {}, budget);
    CHECK(budget.exhausted());
    CHECK(std::get<double>(value) <= 40'000'000);
  }

  TEST_CASE_FIXTURE(Hostile, "finding one text in another is linear") {
    LoadXml("<r><h>" + std::string(200'000, 'a') + "</h><n>" + std::string(100'000, 'a') + "b" +
            std::string(1, 'a') + "</n></r>");
    CHECK_FALSE(Boolean("contains(//h, //n)"));
    CHECK(String("translate(//h, //h, //n)") == std::string(200'000, 'a'));
  }

  TEST_CASE_FIXTURE(Hostile, "namespaces declared all over") {
    std::string xml;
    for (int i = 0; i < 1000; ++i) xml += "<a xmlns:n" + std::to_string(i) + "='u'>";
    LoadXml(xml + Repeat("</a>", 1000));
    CHECK(Number("count(//namespace::*)") == 501'500);
    WorkBudget budget(10'000'000);
    (void)Compile("//namespace::*[../namespace::* = .]").Evaluate(tree, {}, budget);
    CHECK(budget.exhausted());
  }
}

TEST_SUITE("garbage") {
  // Expressions out of pieces of the language: most do not compile, many do.
  TEST_CASE_FIXTURE(Hostile, "random expressions compile or fail inside, and end") {
    static constexpr std::string_view kPieces[] = {
        "a",          "b",          "*",           "//",          "/",           "..",
        ".",          "@",          "[",           "]",           "(",           ")",
        "|",          "1",          "last()",      "'x'",         "and ",        "or ",
        " div ",      " mod ",      "=",           "!=",          "<",           "-",
        "+",          "count(",     "not(",        "string(",     ",",           "text()",
        "node()",     "self::",     "parent::",    "following::", "preceding::", "$v",
        "position()", "ancestor::", "namespace::", "\xC3\xA9",    "\xFF",        "concat(",
        "id(",        "sum(",       "a:*",         "*:a",         "substring(",  "\"",
        "0 div 0"};
    LoadXml("<a xmlns:n='u' x='1'>t<b>1<a x='2'/></b><!--c--><?p q?><a/>2</a>");
    std::mt19937 random(1);
    std::size_t compiled_count = 0;
    for (int i = 0; i < 60'000; ++i) {
      std::string expression;
      for (auto pieces = 1 + random() % 12; pieces > 0; --pieces) {
        expression += kPieces[random() % std::size(kPieces)];
      }
      std::size_t offset = 0;
      const auto compiled = XPath::Compile(expression, names, &offset);
      if (!compiled.ok()) {
        CHECK(offset <= expression.size());
        continue;
      }
      ++compiled_count;
      WorkBudget budget(100'000);
      const auto id = static_cast<thresh::html::NodeId>(random() % tree.size());
      (void)compiled->Evaluate(tree, {id}, budget);
      CHECK_FALSE(budget.exhausted());
    }
    CHECK(compiled_count > 1000);
  }

  TEST_CASE_FIXTURE(Hostile, "random bytes") {
    std::mt19937 random(2);
    for (int i = 0; i < 20'000; ++i) {
      std::string expression;
      for (auto bytes = random() % 20; bytes > 0; --bytes) {
        expression += static_cast<char>(random() % (random() % 2 == 0 ? 128 : 256));
      }
      std::size_t offset = 0;
      if (!XPath::Compile(expression, names, &offset).ok()) CHECK(offset <= expression.size());
    }
  }

  TEST_CASE_FIXTURE(Hostile, "nesting up to the limits is no danger to the stack") {
    LoadXml(Repeat("<a>", 300) + Repeat("</a>", 300));
    CHECK(Nodes(Repeat("a[", 254) + "a" + Repeat("]", 254)).size() == 1);
    CHECK(Number("1" + Repeat(" + 1", 990)) == 991);
    CHECK(Boolean(Repeat("not(", 254) + "1" + Repeat(")", 254)));
    CHECK(Number(Repeat("-(", 250) + "1" + Repeat(")", 250)) == 1);
    CHECK(Boolean("1" + Repeat(" = 1", 990)));
  }

  TEST_CASE_FIXTURE(Hostile, "an exhausted budget ends every kind of expression at once") {
    LoadXml("<r>" + Repeat("<a x='1'>t</a>", 100) + "</r>");
    for (const char* expression :
         {"//a", "//a[2]", "//a | //b", "count(//a)", "sum(//a)", "string(/)", "//a = //a",
          "//a < 3", "id('1')", "concat(/, /)", "//a/namespace::*", "lang('x')",
          "normalize-space(/)", "translate(/, 't', 'u')", "//a[last()]", "(//a)[last()]"}) {
      for (int steps = 0; steps < 60; ++steps) {
        WorkBudget budget(steps);
        (void)Compile(expression).Evaluate(tree, {}, budget);
      }
    }
  }
}
