// ParseRecipe(): sources, lists of them, pipes, records inside records, follow rules, tests.

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "lib/recipe/recipe.h"
#include "tests/lib/recipe/recipe_text.h"

using namespace thresh;
using namespace thresh::test;
using Strings = std::vector<std::string>;

namespace {

// The one field that this line of TOML describes.
FieldSpec Field(const std::string& line) {
  return Parsed(InFields({line})).items.at(0).fields.at(0);
}

FollowSpec Follow(const Lines& lines) {
  return Parsed(InFollow(lines)).follows.at(0);
}

}  // namespace

TEST_SUITE("ParseRecipe: sources") {
  TEST_CASE("json beside css, xpath, jsonld or microdata is inside them, alone it is a source") {
    const FieldSpec inside = Field(R"(a = { css = "script", json = "$.b" })");
    CHECK(inside.sources.at(0).kind == SourceKind::kCss);
    REQUIRE(inside.sources[0].json);
    CHECK(inside.sources[0].json->text == "$.b");
    CHECK(inside.sources[0].json->column == 30);
    const FieldSpec alone = Field(R"(a = { json = "$.b" })");
    CHECK(alone.sources.at(0).kind == SourceKind::kJson);
    CHECK(alone.sources[0].text.text == "$.b");
    CHECK_FALSE(alone.sources[0].json);
    CHECK(Field(R"(a = { jsonld = "Recipe", json = "$.b" })").sources.at(0).json);
    CHECK(Field(R"(a = { microdata = "Offer" })").sources.at(0).kind == SourceKind::kMicrodata);
    CHECK(Field(R"(a = { xpath = "//b" })").sources.at(0).kind == SourceKind::kXPath);
  }

  TEST_CASE("any is a list of bare strings and tables, in order") {
    const FieldSpec field =
        Field(R"(a = { any = ["$.b", "//c", "d", { meta = "e", re = "x", pipe = ["trim"] }] })");
    REQUIRE(field.sources.size() == 4);
    CHECK(field.sources[0].kind == SourceKind::kJson);
    CHECK(field.sources[1].kind == SourceKind::kXPath);
    CHECK(field.sources[2].kind == SourceKind::kCss);
    CHECK(field.sources[3].kind == SourceKind::kMeta);
    CHECK(field.sources[3].re->text == "x");
    CHECK(field.sources[3].pipe.size() == 1);
    CHECK_FALSE(field.re);
  }

  TEST_CASE("a pipe has names and arguments, located") {
    const FieldSpec field = Field(R"(a = { css = "b", pipe = ["trim", ["slice", 0, "x", 1.5]] })");
    REQUIRE(field.pipe.size() == 2);
    CHECK(field.pipe[0].name.text == "trim");
    CHECK(field.pipe[0].arguments.empty());
    CHECK(field.pipe[1].name.text == "slice");
    REQUIRE(field.pipe[1].arguments.size() == 3);
    CHECK(std::get<std::int64_t>(field.pipe[1].arguments[0].value) == 0);
    CHECK(field.pipe[1].arguments[1].place.text == "x");
    CHECK(field.pipe[1].arguments[1].place.column == 47);
    CHECK(std::get<double>(field.pipe[1].arguments[2].value) == 1.5);
  }

  TEST_CASE("rows may be a table, and come from structured data") {
    const ItemSpec item =
        Parsed(InItem({R"(rows = { css = "script", json = "$[*]" })"})).items.at(0);
    CHECK(item.rows->kind == SourceKind::kCss);
    CHECK(item.rows->json->text == "$[*]");
    CHECK(Parsed(InItem({R"(microdata = "Product")"})).items.at(0).rows->text.text == "Product");
  }

  TEST_CASE("rows may be a list of JSONPaths") {
    const ItemSpec item =
        Parsed({"name = \"r\"", "[[items]]", "name = \"i\"", R"(rows = ["$.a[*]", "$[*]"])"})
            .items.at(0);
    CHECK(item.rows->text.text == "$.a[*]");
    REQUIRE(item.other_rows.size() == 1);
    CHECK(item.other_rows[0].text.text == "$[*]");
    for (const char* wrong : {R"(rows = ["$.a", "b"])", R"(rows = [])", "rows = [5]"}) {
      CHECK(FaultsOf({"name = \"r\"", "[[items]]", "name = \"i\"", wrong}).find("JSONPaths") !=
            std::string::npos);
    }
    CHECK(FaultsOf(InFields({"o = { rows = [\"$.a\", \"$.b\"], fields = { x = \"$.x\" } }"}))
              .find("rows: expected one selector, found several") != std::string::npos);
  }

  TEST_CASE("an item may count its rows and tell repeats by a key") {
    const ItemSpec item =
        Parsed(InItem({"rows = \"li\"", "min_rows = 3", "key = [\"a\"]"})).items.at(0);
    CHECK(item.min_rows == 3);
    CHECK(item.key == Strings{"a"});
  }

  TEST_CASE("a field with fields is a record, in the file's order, written either way") {
    for (const Lines& lines :
         {Lines{R"(o = { rows = "li", many = true, fields = { z = "b", a = "c" } })"},
          Lines{"[items.fields.o]", "rows = \"li\"", "many = true", "[items.fields.o.fields]",
                "z = \"b\"", "a = \"c\""}}) {
      const FieldSpec field = Parsed(InFields(lines)).items.at(0).fields.at(0);
      CHECK(field.nested);
      CHECK(field.many);
      CHECK(field.rows->text.text == "li");
      REQUIRE(field.fields.size() == 2);
      CHECK(field.fields[0].name == "z");
      CHECK(field.fields[1].name == "a");
    }
  }

  TEST_CASE("names inside records may begin with an underscore") {
    CHECK(Field(R"(o = { fields = { _id = "b" } })").fields.at(0).name == "_id");
  }

  TEST_CASE("records nest eight deep and no deeper") {
    const auto nested = [](int depth) {
      std::string field = "\"b\"";
      for (int i = 0; i < depth; ++i) field = "{ fields = { a = " + field + " } }";
      return InFields({"a = " + field});
    };
    CHECK(Parsed(nested(8)).items.size() == 1);
    CHECK(FaultsOf(nested(9)).find("expected at most 8 records inside one another") !=
          std::string::npos);
  }
}

TEST_SUITE("ParseRecipe: follow rules and tests") {
  TEST_CASE("a follow rule has all its keys") {
    const FollowSpec follow =
        Follow({R"(any = ["a", "//b"])", R"(re = "x")", R"(pipe = ["trim"])", R"(match = ["*"])",
                R"(recipe = "other")", R"(url = "http://x/{value}")", R"(strip_params = ["utm_*"])",
                R"(params = { b = "1", a = "{meta.x}" })"});
    CHECK(follow.sources.size() == 2);
    CHECK(follow.re->text == "x");
    CHECK(follow.pipe.size() == 1);
    CHECK(follow.match == Strings{"*"});
    CHECK(follow.recipe == "other");
    CHECK(follow.url->uses_value());
    CHECK(follow.strip_params == Strings{"utm_*"});
    REQUIRE(follow.params.size() == 2);
    CHECK(follow.params[0].first == "b");
    CHECK(follow.params[1].second.Uses(UrlTemplate::Kind::kMeta));
  }

  TEST_CASE("params have no secrets, and a count needs its value in one of them") {
    CHECK(FaultsOf(InFollow({"css = \"a\"", "params = { k = \"{secret.k}\" }"})).find("params: ") !=
          std::string::npos);
    CHECK(FaultsOf(InFollow({"count = { css = \"a\" }", "params = { k = \"1\" }"})) ==
          "r.toml:4:1: params: expected {value} in it, or in body: all links would be one");
    CHECK(Follow({"count = { css = \"a\" }", "params = { k = \"{value}\" }"}).count);
  }

  TEST_CASE("a count has its source and numbers") {
    const FollowSpec follow =
        Follow({R"(count = { json = "$.n", first = 20, step = 10, below = 99 })",
                R"(url = "http://x/{value}")"});
    REQUIRE(follow.count);
    CHECK(follow.sources.empty());
    CHECK(follow.count->source.kind == SourceKind::kJson);
    CHECK(follow.count->first == 20);
    CHECK(follow.count->step == 10);
    CHECK(follow.count->below == 99);
  }

  TEST_CASE("rules that are a selector alone may be strings") {
    const Recipe recipe = Parsed({"name = \"r\"", R"(follow = ["a", "$.n"])"});
    REQUIRE(recipe.follows.size() == 2);
    CHECK(recipe.follows[0].sources.at(0).kind == SourceKind::kCss);
    CHECK(recipe.follows[1].sources.at(0).kind == SourceKind::kJson);
  }

  TEST_CASE("a test has all its keys") {
    const TestSpec test =
        Parsed(Top({"[[tests]]", R"(page = "p.html")", R"(url = "http://X/#f")",
                    R"(expect = "e.ndjson")", "status = 404", R"(content_type = "text/html")",
                    R"(headers = { X-Total = "5" })", R"(meta = { q = "a", n = 5 })",
                    R"(links = ["http://x/n"])", "rejected = 2", R"(dead = "min_rows")"}))
            .tests.at(0);
    CHECK(test.page.text == "p.html");
    CHECK(test.url == "http://x/");
    CHECK(test.expect.text == "e.ndjson");
    CHECK(test.status == 404);
    REQUIRE(test.headers.size() == 2);
    CHECK(test.headers[0].second == "text/html");
    CHECK(test.headers[1].first == "x-total");
    CHECK(test.meta == R"({"q":"a","n":5})");
    CHECK(test.links->size() == 1);
    CHECK(test.rejected == 2);
    CHECK(test.dead == "min_rows");
  }

  TEST_CASE("how bodies are read stands at the top") {
    const Recipe recipe = Parsed(Top({"body.as = \"ndjson\"", "body.charset = \"shift_jis\""}));
    CHECK(recipe.body.as == BodyAs::kNdjson);
    CHECK(recipe.body.charset.text == "shift_jis");
    CHECK(Parsed(Top({})).body.as == BodyAs::kAuto);
  }
}
