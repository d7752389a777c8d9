// ParseRecipe(): faults within [[items]], their fields and [[follow]].

#include <string>

#include <doctest/doctest.h>

#include "tests/lib/recipe/recipe_text.h"

using namespace thresh;
using namespace thresh::test;

TEST_SUITE("ParseRecipe: faults of items") {
  TEST_CASE("an item needs a name that can be a file's") {
    CHECK(FaultsOf({"name = \"r\"", "[[items]]", "[items.fields]", "a = \"b\""}) ==
          "r.toml:2:1: expected name = \"…\" in [[items]]: it names the output file");
    for (const std::string name : {"dead", "jobs", "../a", "", "a b"}) {
      CHECK(FaultsOf({"name = \"r\"", "[[items]]", "name = \"" + name + "\"", "[items.fields]",
                      "a = \"b\""}) ==
            "r.toml:3:9: name: expected letters, digits, - and _ (not \"dead\" or \"jobs\"), "
            "found \"" +
                name + "\"");
    }
    const std::string longest(64, 'x');
    CHECK(Parsed({"name = \"" + longest + "\"", "[[follow]]", "css = \"a\""}).name == longest);
    CHECK(FaultsOf({"name = \"" + longest + "x\"", "[[follow]]", "css = \"a\""})
              .starts_with("r.toml:1:9: name: expected "));
  }

  TEST_CASE("two items of one name would write one file") {
    CHECK(FaultsOf(Top({"[[items]]", "name = \"i\"", "[items.fields]", "b = \"c\""})) ==
          "r.toml:7:9: name: expected a name of its own, found \"i\" twice");
  }

  TEST_CASE("an item has fields") {
    CHECK(FaultsOf({"name = \"r\"", "[[items]]", "name = \"i\""}) ==
          "r.toml:2:1: expected [items.fields]: the item has no fields");
    CHECK(FaultsOf({"name = \"r\"", "[[items]]", "name = \"i\"", "fields = {}"}) ==
          "r.toml:4:1: expected at least one field");
  }

  TEST_CASE("a bare string's first characters say what kind of selector it is") {
    const auto kind = [](const std::string& text) {
      return Parsed(InFields({"a = \"" + text + "\""})).items.at(0).fields.at(0).sources.at(0).kind;
    };
    for (const std::string text : {"$", "$.a", "$[0]"}) CHECK(kind(text) == SourceKind::kJson);
    for (const std::string text : {"/a", "//a", "./a", ".//a", "(//a)[1]"}) {
      CHECK(kind(text) == SourceKind::kXPath);
    }
    for (const std::string text : {".a", "a", "::text", "> a", "[x]", "*", "#a"}) {
      CHECK(kind(text) == SourceKind::kCss);
    }
    CHECK(Parsed(InItem({"rows = \"$.a[*]\""})).items.at(0).rows->kind == SourceKind::kJson);
    CHECK(Parsed(InItem({"rows = \"//a\""})).items.at(0).rows->kind == SourceKind::kXPath);
  }

  TEST_CASE("a selector in a table is CSS whatever it begins with") {
    CHECK(Parsed(InFields({"a = { css = \"::text\" }"})).items.size() == 1);
  }

  TEST_CASE("a field has one source") {
    const std::string fault =
        "r.toml:5:5: field \"a\": expected one source (css, xpath, json, any, jsonld, microdata, "
        "meta, url, status, header or const), found ";
    CHECK(FaultsOf(InFields({"a = { type = \"text\" }"})) == fault + "0");
    CHECK(FaultsOf(InFields({"a = { css = \"b\", url = true }"})) == fault + "2");
    CHECK(FaultsOf(InFields({"a = { json = \"$\", url = true }"})) == fault + "2");
    CHECK(FaultsOf(InFields({"a = { css = \"b\", any = [\"c\"] }"})) ==
          "r.toml:5:7: expected either any or css: any has the sources");
  }

  TEST_CASE("url and status are true or left out") {
    CHECK(FaultsOf(InFields({"a = { url = false }"})) ==
          "r.toml:5:7: url: expected true, found false");
    CHECK(FaultsOf(InFields({"a = { status = false }"})) ==
          "r.toml:5:7: status: expected true, found false");
    CHECK(FaultsOf(InFields({"a = { status = 200 }"})) ==
          "r.toml:5:16: status: expected true or false, found an integer");
  }

  TEST_CASE("types are those there are") {
    CHECK(FaultsOf(InFields({"a = { css = \"b\", type = \"float\" }"})) ==
          "r.toml:5:26: type: expected text, number, integer, bool, date, url, html or json, found "
          "\"float\"");
    CHECK(FaultsOf(InFields({"a = { css = \"b\", type = \"interger\" }"}))
              .ends_with("found \"interger\"; did you mean \"integer\"?"));
  }

  TEST_CASE("a format is for dates") {
    CHECK(FaultsOf(InFields({"a = { css = \"b\", format = [\"%Y\"] }"})) ==
          "r.toml:5:18: format: expected type = \"date\" beside it");
    CHECK(FaultsOf(InFields({"a = { css = \"b\", type = \"date\", format = \"%Y\" }"})) ==
          "r.toml:5:42: format: expected an array of strings, found a string");
  }

  TEST_CASE("keys that exclude one another are told at the second") {
    CHECK(FaultsOf(InFields({"a = { css = \"b\", many = true, join = \",\" }"})) ==
          "r.toml:5:31: expected either many or join: join makes one string of all matches");
    CHECK(FaultsOf(InFields({"a = { css = \"b\", required = true, default = 1 }"})) ==
          "r.toml:5:35: expected either required or default: a field with a default is never "
          "missing");
    CHECK(Parsed(InFields({"a = { css = \"b\", many = false, join = \",\" }"})).items.size() == 1);
  }

  TEST_CASE("a follow rule needs its selector") {
    CHECK(FaultsOf(InFollow({"match = []"})) ==
          "r.toml:2:1: expected css = \"…\", xpath, json or any in [[follow]]");
    CHECK(FaultsOf(InFollow({"css = []"})) == "r.toml:3:7: css: expected a string, found an array");
    CHECK(FaultsOf(InFollow({"css = \"a\"", "xpath = \"//a\""})) ==
          "r.toml:2:1: [[follow]]: expected one source (css, xpath, json or any), found 2");
  }

  TEST_CASE("an item needs fields unless its rows are objects") {
    CHECK(FaultsOf({"name = \"r\"", "[[items]]", "name = \"i\"", "rows = \"li\""}) ==
          "r.toml:2:1: expected [items.fields]: the item has no fields");
    CHECK(Parsed({"name = \"r\"", "[[items]]", "name = \"i\"", "rows = \"$.a[*]\""})
              .items.at(0)
              .fields.empty());
    CHECK(Parsed({"name = \"r\"", "[[items]]", "name = \"i\"", "jsonld = \"Recipe\""})
              .items.at(0)
              .rows->kind == SourceKind::kJsonLd);
  }

  TEST_CASE("min_rows counts rows, so there must be some") {
    CHECK(FaultsOf(InItem({"min_rows = 1"})) ==
          "r.toml:4:1: min_rows: expected rows, jsonld or microdata beside it");
    CHECK(FaultsOf(InItem({"rows = \"li\"", "min_rows = -1"})) ==
          "r.toml:5:12: min_rows: expected a whole number of at least 0, found -1");
    CHECK(FaultsOf(InItem({"rows = \"li\"", "jsonld = \"A\""}))
              .starts_with("r.toml:5:1: expected one of rows, jsonld and microdata"));
  }

  TEST_CASE("a key names fields of the item") {
    CHECK(FaultsOf(InItem({"key = [\"a\", \"b1\"]"})) ==
          "r.toml:4:14: key: expected a field of the item, found \"b1\"");
    CHECK(Parsed(InItem({"key = [\"a\"]"})).items.at(0).key.size() == 1);
  }

  TEST_CASE("a pipe is a list of names, and of arrays that begin with one") {
    const auto fault = [](const std::string& pipe) {
      return FaultsOf(InFields({"a = { css = \"b\", pipe = " + pipe + " }"}));
    };
    CHECK(fault("\"trim\"").starts_with("r.toml:5:25: pipe: expected an array such as "));
    CHECK(fault("[3]").starts_with("r.toml:5:26: pipe: expected a transform's name, "));
    CHECK(fault("[[]]").ends_with(", found an empty array"));
    CHECK(fault("[[\"replace\", [\"a\"], \"b\"]]") ==
          "r.toml:5:38: replace: expected a string or a number, found an array");
  }

  TEST_CASE("a list of sources is no empty one") {
    CHECK(FaultsOf(InFields({"a = { any = [] }"})) ==
          "r.toml:5:13: any: expected an array of selectors and tables, found an empty one");
    CHECK(FaultsOf(InFields({"a = { any = [\"b\", 5] }"})) ==
          "r.toml:5:19: any: expected a selector or a table, found an integer");
    CHECK(FaultsOf(InFields({"a = { any = [{ csss = \"b\" }] }"}))
              .find("\nr.toml:5:16: unknown key \"csss\" in any; did you mean \"css\"? ") !=
          std::string::npos);
  }

  TEST_CASE("records inside have fields, and rows only with them") {
    CHECK(FaultsOf(InFields({"a = { rows = \"li\" }"})) ==
          "r.toml:5:7: rows: expected fields beside it: the fields of the records inside");
    CHECK(FaultsOf(InFields({"a = { rows = \"li\", fields = {} }"})) ==
          "r.toml:5:20: expected at least one field");
    CHECK(FaultsOf(InFields({"a = { many = true, fields = { b = \"c\" } }"})) ==
          "r.toml:5:7: many: expected rows beside it: without, there is one record");
    CHECK(FaultsOf(InFields({"a = { css = \"x\", fields = { b = \"c\" } }"}))
              .starts_with("r.toml:5:7: unknown key \"css\" in field \"a\", which has fields of "
                           "its own, (expected one of rows, "));
  }

  TEST_CASE("places in a URL's template are those there are") {
    const auto fault = [](const std::string& url) {
      return FaultsOf(InFollow({"json = \"$.a\"", "url = \"" + url + "\""}));
    };
    CHECK(
        fault("http://x/{valeu}") ==
        "r.toml:4:17: url: expected {value}, {url}, {meta.NAME}, {secret.NAME} or {{ for a brace, "
        "found {valeu}; did you mean \"value\"?");
    CHECK(fault("http://x/{value") == "r.toml:4:17: url: expected } behind {, or {{ for a brace");
    CHECK(FaultsOf(InFollow({"url = \"http://x/{value}\""})) ==
          "r.toml:2:1: expected css = \"…\", xpath, json or any in [[follow]]");
  }

  TEST_CASE("a count needs a template, and no other source") {
    CHECK(FaultsOf(InFollow({"count = { json = \"$.n\", step = 20 }"})) ==
          "r.toml:3:1: count: expected url = \"…{value}…\" or params = { NAME = \"{value}\" } "
          "beside it");
    CHECK(FaultsOf(InFollow({"css = \"a\"", "url = \"http://x/{value}\"",
                             "count = { json = \"$.n\", step = 0 }"})) ==
          "r.toml:5:1: expected either a selector or count: count has its own\n"
          "r.toml:5:32: step: expected a whole number of at least 1, found 0");
    CHECK(FaultsOf(InFollow({"url = \"http://x/\"", "count = { json = \"$.n\" }"}))
              .starts_with("r.toml:3:8: url: expected {value} in it"));
  }

  TEST_CASE("a test has a page, its URL and something to expect") {
    CHECK(FaultsOf(Top({"[[tests]]"})) ==
          "r.toml:2:1: expected page = \"…\" in [[tests]]: the file with the page\n"
          "r.toml:2:1: expected url = \"…\" in [[tests]]: where the page is from\n"
          "r.toml:2:1: expected expect = \"…\" in [[tests]]: the file with the records, or links, "
          "rejected, dead or retry");
    CHECK(FaultsOf(Top({"[[tests]]", "page = \"p\"", "url = \"x\"", "links = []"}))
              .starts_with("r.toml:4:8: url: "));
  }

  TEST_CASE("a body is read as one of six things") {
    CHECK(FaultsOf(Top({"body.as = \"jsn\""})) ==
          "r.toml:2:12: as: expected auto, html, json, ndjson, xml or text, found \"jsn\"; did you "
          "mean \"json\"?");
    CHECK(
        FaultsOf(Top({"body.chrset = \"utf-8\""}))
            .starts_with("r.toml:2:6: unknown key \"chrset\" in body; did you mean \"charset\"?"));
  }
}
