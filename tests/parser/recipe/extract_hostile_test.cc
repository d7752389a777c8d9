// The Extractor on damaged pages: a recipe with all of the language, and bytes that lie.

#include <random>
#include <string>

#include <doctest/doctest.h>

#include "tests/parser/recipe/extract_fixture.h"

using namespace thresh;
using thresh::test::ExtractFixture;
using thresh::test::Lines;

namespace {

const Lines kEverything{
    "name = \"r\"",
    "[[items]]",
    "name = \"i\"",
    "rows = \"li\"",
    "key = [\"a\"]",
    "[items.fields]",
    "a = { css = \"b\", type = \"number\" }",
    "b = { any = [\".//i\", { css = \"u::attr(title)\", re = '(\\d+)' }], many = true }",
    "c = { css = \"::html\", pipe = [\"strip_tags\", \"unescape\", [\"split\"], \"unique\"], join "
    "= \"|\" }",
    "d = { rows = \"b\", many = true, fields = { e = \"::lines\", f = { xpath = \"count(*)\" } } }",
    "g = { css = \"script\", json = \"$..x\", page = true, many = true }",
    "h = { css = \"u\", type = \"date\", format = [\"%d %b %Y\", \"iso8601\", \"rfc2822\"] }",
    "[[items]]",
    "name = \"j\"",
    "rows = \"$.r[*]\"",
    "[items.fields]",
    "a = { json = \"$.a\", type = \"integer\" }",
    "b = \"$..b\"",
    "[[items]]",
    "name = \"l\"",
    "jsonld = \"Thing\"",
    "[[items]]",
    "name = \"m\"",
    "microdata = \"Thing\"",
    "[[follow]]",
    "css = \"a\"",
    "url = \"{value}?u={url}\"",
    "strip_params = [\"u*\"]",
    "[[follow]]",
    "count = { json = \"$.n\" }",
    "url = \"?{value}\""};

constexpr std::string_view kHtml =
    "<!doctype html><base href='/q/'><script "
    "type=application/ld+json>{\"@type\":\"Thing\",\"x\":[1,{\"x\":2}]}"
    "</script><ul itemscope itemtype=http://schema.org/Thing><li itemprop=n><b>1,234.5</b><i>x</i>"
    "<u title='a5'>4 Jul 2016</u><li><b>&euro;5<b>6</b></b><i>\xC3\xA9</i><a "
    "href='p?utm=1&x=2#f'>k</a>"
    "<li>&amp;lt;<b>\xE2\x88\x92"
    "7</b></ul>";
constexpr std::string_view kJson =
    R"({"r":[{"a":5,"b":{"b":[1,null,"é"]}},{"a":"1.234"},7],"n":"3 pages","_x":1e400})";

}  // namespace

TEST_SUITE("Extractor: damaged pages") {
  TEST_CASE_FIXTURE(ExtractFixture, "no truncation and no flipped byte makes it stumble") {
    Recipe(kEverything);
    std::mt19937 random(1);
    for (const std::string_view whole : {kHtml, kJson}) {
      for (std::size_t size = 0; size <= whole.size(); ++size) {
        page.body = whole.substr(0, size);
        (void)extractor.Extract(program, page).ok();
      }
      for (int i = 0; i < 1000; ++i) {
        std::string damaged(whole);
        for (int flips = 0; flips < 3; ++flips) {
          damaged[random() % damaged.size()] = static_cast<char>(random());
        }
        page.body = damaged;
        (void)extractor.Extract(program, page).ok();
      }
    }
    page.body = kHtml;
    const auto found = extractor.Extract(program, page);
    REQUIRE_MESSAGE(found.ok(), found.error().detail);
    CHECK((*found)->rows.size() == 3);
    CHECK((*found)->links.size() == 1);
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a path that finds values many times over ends at its limit") {
    const std::string deep = std::string(450, '[') + std::string(450, ']');
    Rows("$..*..*..*", {"a = \"$.a\""});
    CHECK(FailureOf(deep).starts_with("parse_limit: "));
    Fields({"a = { json = \"$..*..*..*\", many = true }"});
    CHECK(FailureOf(deep).starts_with("parse_limit: "));
  }

  TEST_CASE_FIXTURE(ExtractFixture,
                    "scripts without end cost neither time nor memory without end") {
    Fields({"a = { css = \"script\", json = \"$..name\", many = true }"});
    std::string scripts;
    for (int i = 0; i < 200'000; ++i) scripts += "<script>[1]</script>";
    CHECK(FailureOf(scripts).starts_with("parse_limit: "));
    const std::string usual = scripts.substr(0, scripts.size() / 100);
    CHECK(ValueOfA(usual) == "[]");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "texts inside one another do not cost their square unbounded") {
    Fields({"a = { css = \"div\", many = true, re = 'no such thing' }"});
    std::string deep;
    for (int i = 0; i < 1500; ++i) deep += "<div>";
    deep += std::string(4 << 20, 'x');
    page.body = deep;
    const auto found = extractor.Extract(program, page);
    REQUIRE_FALSE(found.ok());
    CHECK(found.error().code == Errc::kTooLarge);
  }
}
