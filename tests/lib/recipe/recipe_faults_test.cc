// ParseRecipe(): each fault has its place, what was expected and what was found.

#include <string>

#include <doctest/doctest.h>

#include "lib/recipe/recipe.h"
#include "tests/lib/recipe/recipe_text.h"

using namespace thresh;
using namespace thresh::test;

TEST_SUITE("ParseRecipe: faults") {
  TEST_CASE("what is no TOML is told with its place") {
    CHECK(FaultsOf({"name = \"r\"", "allow = ["}).starts_with("r.toml:"));
    CHECK(FaultsOf({"name = \"r\"", "x = = 1"}).starts_with("r.toml:2:5: "));
    CHECK(FaultsOf(Top({"name = \"again\""})).starts_with("r.toml:2:"));
  }

  TEST_CASE("a misspelt key is told with the nearest known one") {
    CHECK(FaultsOf(Top({"alow = []"})) ==
          "r.toml:2:1: unknown key \"alow\" in the recipe; did you mean \"allow\"? "
          "(expected one of name, allow, deny, start_urls, start, sitemaps, keep_links, refresh, "
          "fetch, "
          "body, save, items, follow, tests)");
    CHECK(FaultsOf(InFetch({"", "  perhost = 5"}))
              .starts_with("r.toml:4:3: unknown key \"perhost\" in [fetch]; did you mean "
                           "\"per_host\"? (expected one of per_host, delay_ms, "));
    CHECK(FaultsOf(InItem({"row = \"a\""})) ==
          "r.toml:4:1: unknown key \"row\" in [[items]]; did you mean \"rows\"? "
          "(expected one of name, match, rows, jsonld, microdata, min_rows, key, fields)");
    CHECK(FaultsOf(InFollow({"css = \"a\"", "mach = []"})) ==
          "r.toml:4:1: unknown key \"mach\" in [[follow]]; did you mean \"match\"? "
          "(expected one of css, xpath, json, any, re, pipe, match, recipe, url, method, headers, "
          "body, delay_ms, root, strip_params, params, count)");
    CHECK(FaultsOf(InFields({"a = { css = \"b\", requird = true }"})) ==
          "r.toml:5:18: unknown key \"requird\" in field \"a\"; did you mean \"required\"? "
          "(expected one of css, xpath, json, any, jsonld, microdata, meta, url, status, header, "
          "const, re, pipe, type, format, required, default, many, join, page, rows, fields)");
  }

  TEST_CASE("a key like no other is told without a guess") {
    CHECK(FaultsOf(Top({"zzzzzz = 1"}))
              .starts_with("r.toml:2:1: unknown key \"zzzzzz\" in the recipe (expected one of "));
    CHECK(FaultsOf(Top({"x = 1"})).find("did you mean") == std::string::npos);
  }

  TEST_CASE("a recipe needs a name of plain letters") {
    CHECK(FaultsOf({"[[follow]]", "css = \"a\""}) ==
          "r.toml:1:1: expected name = \"…\": a recipe needs a name");
    CHECK(FaultsOf({"name = 3", "[[follow]]", "css = \"a\""}) ==
          "r.toml:1:8: name: expected a string, found an integer");
    for (const std::string name : {"a b", "a/b", "", "a.b", "é", "dead", "jobs"}) {
      CHECK(FaultsOf({"name = \"" + name + "\"", "[[follow]]", "css = \"a\""}) ==
            "r.toml:1:9: name: expected letters, digits, - and _, found \"" + name + "\"");
    }
  }

  TEST_CASE("a recipe extracts or follows something") {
    CHECK(FaultsOf({"name = \"r\""}) ==
          "r.toml:1:1: expected at least one [[items]] or [[follow]], or save: the recipe extracts "
          "nothing");
  }

  TEST_CASE("values of another type are told where the value stands") {
    CHECK(FaultsOf(Top({"allow = \"http://x/*\""})) ==
          "r.toml:2:9: allow: expected an array of strings, found a string");
    CHECK(FaultsOf(Top({"deny = [\"a\", 5]"})) ==
          "r.toml:2:14: deny: expected a string, found an integer");
    CHECK(FaultsOf(Top({"fetch = 2020-01-01"})) ==
          "r.toml:2:9: fetch: expected a table, found a date or time");
    CHECK(FaultsOf(InItem({"rows = true"})) ==
          "r.toml:4:8: rows: expected a selector or a table, found a boolean");
    CHECK(FaultsOf(InFields({"a = 1.5"})) ==
          "r.toml:5:5: field \"a\": expected a selector or a table, found a number");
    CHECK(FaultsOf(InFields({"a = { css = \"b\", many = 1 }"})) ==
          "r.toml:5:25: many: expected true or false, found an integer");
    CHECK(FaultsOf(InFields({"a = { const = [1] }"})) ==
          "r.toml:5:15: const: expected a string, number or boolean, found an array");
    CHECK(FaultsOf({"name = \"r\"", "items = 3"}) ==
          "r.toml:2:9: expected [[items]], found an integer");
    CHECK(FaultsOf({"name = \"r\"", "items = [3]"}) ==
          "r.toml:2:10: items: expected a table, found an integer");
  }

  TEST_CASE("numbers of [fetch] are whole and not too small") {
    CHECK(FaultsOf(InFetch({"per_host = 0"})) ==
          "r.toml:3:12: per_host: expected a whole number of at least 1, found 0");
    CHECK(FaultsOf(InFetch({"delay_ms = -1"})) ==
          "r.toml:3:12: delay_ms: expected a whole number of at least 0, found -1");
    CHECK(FaultsOf(InFetch({"timeout_ms = 1.5"})) ==
          "r.toml:3:14: timeout_ms: expected a whole number of at least 1, found a number");
    CHECK(FaultsOf(InFetch({"max_redirects = \"5\""})) ==
          "r.toml:3:17: max_redirects: expected a whole number of at least 0, found a string");
  }

  TEST_CASE("networks are addresses, with at most as many bits as they have") {
    for (const std::string cidr : {"", "/8", "10/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x",
                                   "10.0.0.0/-1", "fd00::/129", "1.2.3.4.5", "a b"}) {
      CHECK(FaultsOf(InFetch({"allow_private = [\"" + cidr + "\"]"})) ==
            "r.toml:3:18: allow_private: expected a network such as 127.0.0.0/8 or fd00::/8, "
            "found \"" +
                cidr + "\"");
    }
  }

  TEST_CASE("a host name is no network") {
    for (const std::string cidr : {"localhost", "example.com/8", "fd00/8"}) {
      CHECK_FALSE(
          ParseRecipe(Join(InFetch({"allow_private = [\"" + cidr + "\"]"})), "r.toml").ok());
    }
  }

  TEST_CASE("start URLs are absolute, and of http or https") {
    CHECK(FaultsOf(Top({"start_urls = [\"http://x/\", \"ftp://x/\"]"})) ==
          "r.toml:2:28: start_urls: expected an http or https URL, found ftp://x/");
    CHECK(FaultsOf(Top({"start_urls = [\"/x\"]"})).starts_with("r.toml:2:15: start_urls: "));
  }

  TEST_CASE("all faults are told, in the order of the file") {
    const std::string all = FaultsOf(InFields({"b = 5", "_a = \"x\"", "[fetch]", "per_host = 0"}));
    CHECK(
        all ==
        "r.toml:5:5: field \"b\": expected a selector or a table, found an integer\n"
        "r.toml:6:6: field \"_a\": expected a name without leading _, which is kept for _id, _url "
        "and the like\n"
        "r.toml:8:12: per_host: expected a whole number of at least 1, found 0");
  }

  TEST_CASE("columns count characters") {
    CHECK(FaultsOf(InFields({"a = { css = \"é\", many = 1 }"})) ==
          "r.toml:5:25: many: expected true or false, found an integer");
  }
}
