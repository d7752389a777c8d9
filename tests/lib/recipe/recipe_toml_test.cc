// ParseRecipe(): what each key of a recipe means.

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include "lib/base/hash.h"
#include "lib/recipe/recipe.h"
#include "tests/lib/recipe/recipe_text.h"

using namespace std::chrono_literals;
using namespace thresh;
using namespace thresh::test;
using Strings = std::vector<std::string>;

namespace {

// The one field that this line of TOML describes.
FieldSpec Field(const std::string& line) {
  return Parsed(InFields({line})).items.at(0).fields.at(0);
}

}  // namespace

TEST_SUITE("ParseRecipe") {
  TEST_CASE("the top keys are read as they stand") {
    const Recipe recipe = Parsed(Top({R"(allow = ["http://x/*", 'http://y/*'])", "deny = [\"*z\"]",
                                      R"(start_urls = ["http://x/?p=[1-3]"])"}));
    CHECK(recipe.name == "r");
    CHECK(recipe.file == "r.toml");
    CHECK(recipe.allow == Strings{"http://x/*", "http://y/*"});
    CHECK(recipe.deny == Strings{"*z"});
    CHECK(recipe.start_urls == Strings{"http://x/?p=[1-3]"});
  }

  TEST_CASE("a recipe keeps its text, and its hash is of that") {
    const Lines lines = Top({"# a comment"});
    CHECK(Parsed(lines).text == Join(lines));
    CHECK(Parsed(lines).hash == HashBytes(Join(lines)));
    CHECK(Parsed(lines).hash != Parsed(Top({})).hash);
  }

  TEST_CASE("without [fetch] the documented defaults hold") {
    const FetchSpec fetch = Parsed(Top({})).fetch;
    CHECK(fetch.per_host == 8);
    CHECK(fetch.delay == 0ms);
    CHECK(fetch.respect_robots_txt);
    CHECK(fetch.allow_private.empty());
    CHECK(fetch.connect_timeout == 10s);
    CHECK(fetch.timeout == 120s);
    CHECK(fetch.max_body_bytes == 67108864);
    CHECK(fetch.max_redirects == 10);
  }

  TEST_CASE("[fetch] sets every key") {
    const FetchSpec fetch =
        Parsed(InFetch({"per_host = 100", "delay_ms = 250", "respect_robots_txt = false",
                        R"(allow_private = ["127.0.0.0/8", "fd00::/8", "10.1.2.3"])",
                        "connect_timeout_ms = 1", "timeout_ms = 2", "max_body_bytes = 3",
                        "max_redirects = 0"}))
            .fetch;
    CHECK(fetch.per_host == 100);
    CHECK(fetch.delay == 250ms);
    CHECK_FALSE(fetch.respect_robots_txt);
    CHECK(fetch.allow_private == Strings{"127.0.0.0/8", "fd00::/8", "10.1.2.3"});
    CHECK(fetch.connect_timeout == 1ms);
    CHECK(fetch.timeout == 2ms);
    CHECK(fetch.max_body_bytes == 3);
    CHECK(fetch.max_redirects == 0);
  }

  TEST_CASE("an item has its name, pages and rows") {
    const ItemSpec item =
        Parsed(InItem({"match = [\"*/biz/*\"]", "rows = \"div.review\""})).items.at(0);
    CHECK(item.name == "i");
    CHECK(item.match == Strings{"*/biz/*"});
    REQUIRE(item.rows);
    CHECK(item.rows->text.text == "div.review");
    CHECK(item.rows->text.line == 5);
    CHECK(item.rows->text.column == 8);
    CHECK_FALSE(Parsed(InItem({})).items.at(0).rows);
  }

  TEST_CASE("items and their fields keep the order of the file") {
    const Recipe recipe = Parsed({"name = \"r\"", "[[items]]", "name = \"z\"", "[items.fields]",
                                  "zz = \"a\"", "b = { css = \"a\" }", "a = \"a\"", "aa = \"a\"",
                                  "[[items]]", "name = \"a\"", "[items.fields]", "x = \"a\""});
    REQUIRE(recipe.items.size() == 2);
    CHECK(recipe.items[0].name == "z");
    CHECK(recipe.items[1].name == "a");
    std::string order;
    for (const FieldSpec& field : recipe.items[0].fields) order += field.name + " ";
    CHECK(order == "zz b a aa ");
  }

  TEST_CASE("a string is a field's CSS selector, located at its quote") {
    const FieldSpec field = Field("title =   \"h1::text\"");
    CHECK(field.name == "title");
    CHECK(field.sources.at(0).kind == SourceKind::kCss);
    CHECK(field.sources.at(0).text.text == "h1::text");
    CHECK(field.sources.at(0).text.line == 5);
    CHECK(field.sources.at(0).text.column == 11);
    CHECK(field.type == FieldType::kAsFound);
    CHECK_FALSE(field.required);
    CHECK_FALSE(field.many);
    CHECK_FALSE(field.page);
  }

  TEST_CASE("a selector in triple quotes is located at the first") {
    CHECK(Field("a = '''b'''").sources.at(0).text.column == 5);
    CHECK(Field("a = \"\"\"b\"\"\"").sources.at(0).text.column == 5);
  }

  TEST_CASE("a field's table sets every key") {
    const FieldSpec field =
        Field(R"(a = { css = "b", re = '[\d.]+', type = "date", format = ["%Y", "iso8601"], )"
              R"(page = true, join = ", ", default = "none" })");
    CHECK(field.sources.at(0).text.text == "b");
    REQUIRE(field.re);
    CHECK(field.re->text == R"([\d.]+)");
    CHECK(field.re->line == 5);
    CHECK(field.re->column == 23);
    CHECK(field.type == FieldType::kDate);
    REQUIRE(field.date_formats.size() == 2);
    CHECK(field.date_formats[1].text == "iso8601");
    CHECK(field.page);
    CHECK(field.join == ", ");
    CHECK(std::get<std::string>(*field.default_value) == "none");
    CHECK(Field("a = { css = \"b\", many = true, required = true }").many);
    CHECK(Field("a = { css = \"b\", many = true, required = true }").required);
  }

  TEST_CASE("a field may be a table of its own") {
    const Recipe recipe = Parsed(InFields({"[items.fields.a]", "css = \"b\"", "required = true"}));
    CHECK(recipe.items.at(0).fields.at(0).name == "a");
    CHECK(recipe.items.at(0).fields.at(0).required);
    CHECK(recipe.items.at(0).fields.at(0).sources.at(0).text.line == 6);
  }

  TEST_CASE("each source is known by its key") {
    CHECK(Field("a = { meta = \"term\" }").sources.at(0).kind == SourceKind::kMeta);
    CHECK(Field("a = { meta = \"term\" }").sources.at(0).text.text == "term");
    CHECK(Field("a = { header = \"Content-Type\" }").sources.at(0).kind == SourceKind::kHeader);
    CHECK(Field("a = { header = \"Content-Type\" }").sources.at(0).text.text == "Content-Type");
    CHECK(Field("a = { url = true }").sources.at(0).kind == SourceKind::kUrl);
    CHECK(Field("a = { status = true }").sources.at(0).kind == SourceKind::kStatus);
    CHECK(Field("a = { const = 5 }").sources.at(0).kind == SourceKind::kConst);
  }

  TEST_CASE("constants and defaults may be of any scalar type") {
    CHECK(std::get<std::int64_t>(*Field("a = { const = 5 }").sources.at(0).constant) == 5);
    CHECK(std::get<double>(*Field("a = { const = 5.5 }").sources.at(0).constant) == 5.5);
    CHECK(std::get<bool>(*Field("a = { const = false }").sources.at(0).constant) == false);
    CHECK(std::get<std::string>(*Field("a = { const = \"\" }").sources.at(0).constant).empty());
    CHECK(std::get<std::int64_t>(*Field("a = { css = \"b\", default = 0 }").default_value) == 0);
  }

  TEST_CASE("each type is known by its name") {
    const auto type = [](const std::string& name) {
      return Field("a = { css = \"b\", type = \"" + name + "\" }").type;
    };
    CHECK(type("text") == FieldType::kText);
    CHECK(type("number") == FieldType::kNumber);
    CHECK(type("integer") == FieldType::kInteger);
    CHECK(type("bool") == FieldType::kBool);
    CHECK(type("date") == FieldType::kDate);
    CHECK(type("url") == FieldType::kUrl);
    CHECK(type("html") == FieldType::kHtml);
    CHECK(type("json") == FieldType::kJson);
  }

  TEST_CASE("a recipe may only follow links") {
    const Recipe recipe =
        Parsed(InFollow({"css = \"a.next\"", "match = [\"*p=*\"]", "[[follow]]", "css = 'a'"}));
    CHECK(recipe.items.empty());
    REQUIRE(recipe.follows.size() == 2);
    CHECK(recipe.follows[0].sources.at(0).text.text == "a.next");
    CHECK(recipe.follows[0].sources.at(0).text.line == 3);
    CHECK(recipe.follows[0].sources.at(0).text.column == 7);
    CHECK(recipe.follows[0].match == Strings{"*p=*"});
    CHECK(recipe.follows[1].sources.at(0).text.line == 6);
  }
}
