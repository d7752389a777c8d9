// ParseRecipe(): faults within [[items]], their fields and [[follow]].

#include <string>

#include <doctest/doctest.h>

#include "tests/lib/recipe/recipe_text.h"

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

  TEST_CASE("XPath and JSONPath are told from CSS by how they begin") {
    for (const std::string text : {"$.a", "/a", "//a", "./a", ".//a", "(//a)[1]"}) {
      const std::string fault =
          "expected a CSS selector, found \"" + text + "\": XPath and JSONPath are not built yet";
      CHECK(FaultsOf(InFields({"a = \"" + text + "\""})) == "r.toml:5:6: " + fault);
      CHECK(FaultsOf(InItem({"rows = \"" + text + "\""})) == "r.toml:4:9: " + fault);
    }
    CHECK(Parsed(InFields({"a = \".a\""})).items.size() == 1);
  }

  TEST_CASE("a selector in a table is CSS whatever it begins with") {
    CHECK(Parsed(InFields({"a = { css = \"::text\" }"})).items.size() == 1);
  }

  TEST_CASE("a field has one source") {
    const std::string fault =
        "r.toml:5:5: field \"a\": expected one source (css, meta, url, status, header or const), "
        "found ";
    CHECK(FaultsOf(InFields({"a = { type = \"text\" }"})) == fault + "0");
    CHECK(FaultsOf(InFields({"a = { css = \"b\", url = true }"})) == fault + "2");
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
          "r.toml:5:26: type: expected text, number, integer, bool, date, url or html, found "
          "\"float\"");
    CHECK(FaultsOf(InFields({"a = { css = \"b\", type = \"json\" }"})) ==
          "r.toml:5:26: type \"json\" is not built yet");
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
    CHECK(FaultsOf(InFollow({"match = []"})) == "r.toml:2:1: expected css = \"…\" in [[follow]]");
    CHECK(FaultsOf(InFollow({"css = []"})) == "r.toml:3:7: css: expected a string, found an array");
    CHECK(FaultsOf(InFollow({"xpath = \"//a\""})) ==
          "r.toml:3:1: \"xpath\" in [[follow]] is not built yet: this version would ignore it");
  }
}
