// `--set KEY=VALUE`: ParseOverride(), and what ParseRecipe() makes of it.

#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/lib/recipe/recipe_text.h"

using namespace std::chrono_literals;
using namespace thresh;
using namespace thresh::test;
using Strings = std::vector<std::string>;

TEST_SUITE("ParseOverride") {
  TEST_CASE("the first equals sign parts key and value") {
    const auto set = ParseOverride("fetch.per_host=100");
    REQUIRE(set.ok());
    CHECK(set->key == "fetch.per_host");
    CHECK(set->value == "100");
    CHECK(ParseOverride("a=b=c")->value == "b=c");
    CHECK(ParseOverride("a=")->value.empty());
  }

  TEST_CASE("without key or sign it is refused") {
    for (const std::string text : {"", "fetch.per_host", "=5"}) {
      const auto set = ParseOverride(text);
      REQUIRE_FALSE(set.ok());
      CHECK(set.error().code == Errc::kInvalid);
      CHECK(set.error().detail == "--set: expected KEY=VALUE, found \"" + text + "\"");
    }
  }
}

TEST_SUITE("ParseOverride: credentials") {
  TEST_CASE("a credential is refused, whose place a secret's name may take") {
    for (const std::string text :
         {"fetch.auth={basic=[\"u\",\"pw\"]}", "fetch.auth.bearer=x", "fetch.proxy=http://u:p@h:1",
          "fetch.headers={Authorization=\"Bearer x\"}", "fetch.headers.cookie=a"}) {
      CAPTURE(text);
      const auto set = ParseOverride(text);
      REQUIRE_FALSE(set.ok());
      CHECK(set.error().detail.find("{secret.NAME}") != std::string::npos);
      CHECK(set.error().detail.find("pw") == std::string::npos);
    }
    CHECK(ParseOverride("fetch.auth={basic=[\"u\",\"{secret.pw}\"]}").ok());
    CHECK(ParseOverride("fetch.proxy=http://h:1").ok());
    CHECK(ParseOverride("fetch.headers={Accept=\"*/*\"}").ok());
  }
}

TEST_SUITE("ParseRecipe: overrides") {
  TEST_CASE("a key of [fetch] is set, whether the recipe has it, or has [fetch], or not") {
    CHECK(Parsed(InFetch({"per_host = 3"}), {{"fetch.per_host", "100"}}).fetch.per_host == 100);
    CHECK(Parsed(InFetch({"delay_ms = 7"}), {{"fetch.per_host", "100"}}).fetch.delay == 7ms);
    CHECK(Parsed(Top({}), {{"fetch.per_host", "100"}}).fetch.per_host == 100);
    CHECK_FALSE(Parsed(Top({}), {{"fetch.respect_robots_txt", "false"}}).fetch.respect_robots_txt);
  }

  TEST_CASE("of two settings of a key the last holds") {
    CHECK(Parsed(Top({}), {{"fetch.timeout_ms", "1"}, {"fetch.timeout_ms", "2"}}).fetch.timeout ==
          2ms);
  }

  TEST_CASE("allow and deny are replaced, not added to") {
    const Recipe recipe =
        Parsed(Top({"allow = [\"a\"]"}), {{"allow", R"(["b", "c"])"}, {"deny", "[]"}});
    CHECK(recipe.allow == Strings{"b", "c"});
    CHECK(recipe.deny.empty());
  }

  TEST_CASE("the recipe's text and hash stay those of its file") {
    CHECK(Parsed(Top({}), {{"fetch.per_host", "100"}}).hash == Parsed(Top({})).hash);
    CHECK(Parsed(Top({}), {{"fetch.per_host", "100"}}).text == Join(Top({})));
  }

  TEST_CASE("other keys cannot be set") {
    for (const std::string key : {"name", "items", "fetch", "fetchx.per_host", "start_urls"}) {
      CHECK(FaultsOf(Top({}), {{key, "1"}}) ==
            "--set " + key + ": expected fetch.KEY, allow or deny");
    }
  }

  TEST_CASE("rules on answers can be set, too") {
    const Recipe recipe = Parsed(
        InFetch({"fail_when = [{ status = [404] }]"}),
        {{"fetch.retry_when", "[{ status = [202], delay_ms = 7 }]"}, {"fetch.fail_when", "[]"}});
    REQUIRE(recipe.fetch.retry_when.size() == 1);
    CHECK(recipe.fetch.retry_when[0].delay == 7ms);
    CHECK(recipe.fetch.fail_when.empty());
  }

  TEST_CASE("a fault inside of a rule that is set is told of the setting") {
    CHECK(FaultsOf(Top({}), {{"fetch.retry_when", "[{ status = [20] }]"}}) ==
          "--set fetch.retry_when: status: expected a number such as 503");
    CHECK(FaultsOf(Top({}), {{"fetch.headers", "{ a = \"{meta.x}\" }"}})
              .starts_with("--set fetch.headers: headers: "));
  }

  TEST_CASE("a fault in a setting is told of the setting, not of the recipe's file") {
    const std::string bad = FaultsOf(InFetch({"per_host = 3"}), {{"fetch.per_host", "0"}});
    CHECK(bad.find("--set fetch.per_host") != std::string::npos);
    CHECK(bad.find("r.toml:1:") == std::string::npos);
    CHECK(bad.find("per_host: expected a whole number of at least 1, found 0") !=
          std::string::npos);
  }

  TEST_CASE("an unknown key in a setting is told of the setting, with the nearest name") {
    const std::string bad = FaultsOf(Top({}), {{"fetch.perhost", "5"}});
    CHECK(bad.find("--set fetch.perhost") != std::string::npos);
    CHECK(bad.find("; did you mean \"per_host\"?") != std::string::npos);
    CHECK(bad.find("r.toml:0:0") == std::string::npos);
  }

  TEST_CASE("a value that is no TOML is a string, and refused where none fits") {
    const std::string detail = FaultsOf(Top({}), {{"fetch.timeout_ms", "10s"}});
    CHECK(detail.find("timeout_ms: expected a whole number of at least 1, found a string") !=
          std::string::npos);
    CHECK(FaultsOf(Top({}), {{"allow", "http://x/*"}})
              .find("allow: expected an array of strings, found a string") != std::string::npos);
  }

  TEST_CASE("a value cannot smuggle in other keys") {
    const auto recipe =
        ParseRecipe(Join(Top({})), "r.toml", {{"fetch.per_host", "5\n[fetch]\ndelay_ms = 9"}});
    if (recipe.ok()) CHECK(recipe->fetch.delay == 0ms);
  }
}
