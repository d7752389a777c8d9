// A page of a kind that was read before takes no memory of the heap's. What makes new strings in
// libraries still does: XPath's string functions, `re_replace`, and the XML parser.

#include <cstddef>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/parser/recipe/extract_fixture.h"

#ifndef __SANITIZE_ADDRESS__
#include "tests/support/count_allocations.h"

using namespace thresh;
using thresh::test::allocations;
using thresh::test::ExtractFixture;
using thresh::test::Lines;

namespace {

struct MemoryFixture : ExtractFixture {
  // Of each page, when it is no longer new.
  std::size_t AllocationsOf(std::string_view body, std::size_t records, std::size_t links = 0) {
    page.body = body;
    for (int i = 0; i < 5; ++i) {
      const auto found = extractor.Extract(program, page);
      REQUIRE_MESSAGE(found.ok(), found.error().detail);
      std::size_t rows = 0;
      for (const ItemRows& item : (*found)->rows) rows += item.rows.size();
      CHECK(rows == records);
      CHECK((*found)->links.size() == links);
    }
    const std::size_t before = allocations;
    std::size_t good = 0;
    for (int i = 0; i < 20; ++i) good += extractor.Extract(program, page).ok() ? 1 : 0;
    const std::size_t taken = allocations - before;
    CHECK(good == 20);
    return taken / 20;
  }
};

constexpr std::string_view kPage =
    "<!doctype html><base href='/a/folder/with/a/long/name/'><title>A title of many letters"
    "</title><ul><li id=one-of-many-rows><a href='../next/page/with/a/long/name?utm_source=x&b=1'>"
    "Some text that is longer than a short string</a><b>1,234.50 EUR</b><i>4 July 2016</i>"
    "<script>{\"key\": [1, {\"key\": \"a text inside a script, again a long one\"}]}</script>"
    "<p>first line of a paragraph<br>and the second&amp;amp; one</p><u>one, two, three, three</u>"
    "<li id=another-of-many-rows><a href='/x/y/z/0123456789/0123456789/0123456789'>Other text that "
    "is long enough</a><b>-7</b><i>2016-07-04</i><p>p</p><u>only one thing in this</u></ul>";

}  // namespace

TEST_SUITE("Extractor: memory") {
  TEST_CASE_FIXTURE(MemoryFixture, "selectors, types and links") {
    Recipe({"name = \"r\"",
            "[[items]]",
            "name = \"i\"",
            "rows = \"li\"",
            "key = [\"id\"]",
            "[items.fields]",
            "id = \"::attr(id)\"",
            "link = { css = \"a::attr(href)\", type = "
            "\"url\" }",
            "price = { css = \"b\", type = \"number\" }",
            "date = { css = \"i\", type = \"date\", format = [\"%d %B %Y\", \"iso8601\"] }",
            "html = \"p::html\"",
            "lines = \"p::lines\"",
            "own = \"li::own-text\"",
            "all = { css = \"*\", many = true }",
            "joined = { css = \"a, u\", join = \" and \" }",
            "xpath = \".//a/@href\"",
            "count = { xpath = \"count(.//*)\" }",
            "re = { css = \"u\", re = '(\\w+), (\\w+)' }",
            "inside = { css = \"script\", json = \"$.key[1].key\" }",
            "deep = { css = \"script\", json = \"$..key\", many = true }",
            "title = { css = \"title\", page = true }",
            "any = { any = [\"s\", \".//u\"] }",
            "[items.fields.nested]",
            "rows = \"u\"",
            "many = true",
            "fields = { a = \"::text\" }",
            "[[follow]]",
            "css = \"a\"",
            "strip_params = [\"utm_*\"]",
            "[[follow]]",
            "css = \"li::attr(id)\"",
            "url = \"http://host/of/it?page={value}\""});
    CHECK(AllocationsOf(kPage, 2, 4) == 0);
  }

  TEST_CASE_FIXTURE(MemoryFixture, "transforms") {
    Fields(
        {"a = { css = \"u\", many = true, pipe = [[\"split\", \",\"], \"trim\", \"upper\", "
         "\"unique\"] }",
         "b = { css = \"p\", pipe = [\"unescape\", \"squeeze\", [\"replace\", \"line\", \"row\"], "
         "[\"append\", \" and something at its end\"]] }",
         "c = { css = \"a::attr(href)\", pipe = [\"absolute_url\", [\"query_param\", \"b\"]] }",
         "d = { css = \"p::html\", pipe = [\"strip_tags\", \"lower\", [\"slice\", 0, 1]] }",
         "e = { css = \"b\", many = true, pipe = [\"number\", [\"multiply\", 2]] }",
         "f = { css = \"u\", many = true, pipe = [[\"split\", \",\"], [\"join\", \"; and then \"]] "
         "}"});
    CHECK(AllocationsOf(kPage, 1) == 0);
  }

  TEST_CASE_FIXTURE(MemoryFixture, "structured data") {
    Recipe({"name = \"r\"", "[[items]]", "name = \"i\"", "jsonld = \"Thing\"", "[[items]]",
            "name = \"j\"", "microdata = \"Product\"", "[items.fields]", "name = \"$.name\"",
            "offers = { json = \"$.offers\", many = true }"});
    CHECK(
        AllocationsOf("<script type=application/ld+json>{\"@type\":\"Thing\",\"name\":\"a name of "
                      "some length\",\"x\":[1,2.5,null]}</script><div itemscope itemtype="
                      "'http://schema.org/Product http://schema.org/IndividualProduct'><span "
                      "itemprop=name>A name of some length</span><a itemprop=url href='/a/long/path"
                      "/of/a/product'>x</a><div itemprop=offers itemscope itemtype="
                      "http://schema.org/Offer><b itemprop=price>5</b></div><div itemprop=offers "
                      "itemscope itemtype=http://schema.org/Offer><b itemprop=price>6</b></div>",
                      2) == 0);
  }

  TEST_CASE_FIXTURE(MemoryFixture, "JSON, its lines, and text") {
    const Lines fields{"a = \"$.a\"", "b = { json = \"$.b.c\", type = \"number\" }",
                       "d = { json = \"$.d\", many = true }",
                       "e = { json = \"$..f\", many = true }",
                       "g = { json = \"$.a\", pipe = [\"upper\"] }"};
    const std::string row =
        "{\"a\":\"a text of some length, more than a few letters\",\"b\":{\"c\":"
        "\"1,234.5\"},\"d\":[1,{\"f\":2}]}";
    Rows("$.r[*]", fields);
    page.meta = "{\"key\":\"a value of some length, and more\"}";
    CHECK(AllocationsOf("{\"r\":[" + row + "," + row + "]}", 2) == 0);
    Rows("$[*]", fields);
    page.headers = {{"content-type", "application/x-ndjson"}};
    CHECK(AllocationsOf(row + "\n" + row + "\n", 2) == 0);
    page.headers = {{"content-type", "text/plain; charset=windows-1252"}};
    Fields({"a = { css = \"pre\", re = 'b=(.*)' }"});
    CHECK(AllocationsOf("a=1\nb=a long value with an umlaut \xE4, just so\n", 1) == 0);
  }
}
#endif
