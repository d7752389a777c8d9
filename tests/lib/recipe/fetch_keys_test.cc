// The one list of [fetch]'s keys: each is read, from the recipe and from --set, and has the default
// that it says.

#include "lib/recipe/fetch_keys.h"

#include <string>

#include <doctest/doctest.h>

#include "lib/recipe/host_tables.h"
#include "tests/lib/recipe/recipe_text.h"

using namespace thresh;
using namespace thresh::test;

TEST_SUITE("FetchKeys") {
  TEST_CASE("each key is read from the recipe, and changes something") {
    const FetchSpec defaults = Parsed(Top({})).fetch;
    for (const FetchKey& key : FetchKeys()) {
      INFO(key.name);
      const std::string line = std::string(key.name) + " = " + std::string(key.example);
      CHECK_FALSE(Parsed(InFetch({line})).fetch == defaults);
      if (key.default_value.empty()) continue;
      const std::string same = std::string(key.name) + " = " + std::string(key.default_value);
      CHECK(Parsed(InFetch({same})).fetch == defaults);
    }
  }

  TEST_CASE("--set gives each key the value that the recipe would") {
    for (const FetchKey& key : FetchKeys()) {
      INFO(key.name);
      const std::string line = std::string(key.name) + " = " + std::string(key.example);
      const Recipe set =
          Parsed(Top({}), {{"fetch." + std::string(key.name), std::string(key.example)}});
      const FetchSpec said = Parsed(InFetch({line})).fetch;
      CHECK(set.fetch == said);
    }
  }

  TEST_CASE("an operator's table for a host gives each key to a recipe that does not say it") {
    const Recipe recipe = Parsed(Top({}));
    for (const FetchKey& key : FetchKeys()) {
      INFO(key.name);
      std::vector<TextFault> faults;
      const HostTables tables =
          HostTables::Read("[[host]]\nmatch = \"x.test\"\n" + std::string(key.name) + " = " +
                               std::string(key.example) + "\n",
                           "t.toml", &faults);
      CHECK(faults.empty());
      CHECK_FALSE(tables.FetchOf(recipe, tables.MatchOf("x.test")) == recipe.fetch);
      CHECK(tables.FetchOf(recipe, tables.MatchOf("y.test")) == recipe.fetch);
    }
  }

  TEST_CASE("what parsers go by reaches them, from --set and from a host's table") {
    for (const FetchKey& key : FetchKeys()) {
      INFO(key.name);
      const Override set{"fetch." + std::string(key.name), std::string(key.example)};
      const Recipe recipe = Parsed(Top({}), {set});
      const std::vector<std::string> sets = HostTables().SetsOf(recipe, {});
      CHECK(sets.size() == (key.for_parsers ? 1 : 0));
      if (sets.empty()) continue;
      const auto again = ParseOverride(sets[0]);
      REQUIRE(again.ok());
      // What a parser makes of it is what the fetcher has.
      CHECK(Parsed(Top({}), {*again}).fetch == recipe.fetch);
    }
    CHECK(HostTables().SetsOf(Parsed(Top({})), {}).empty());
  }

  TEST_CASE("names are found, others are not") {
    CHECK(FindFetchKey("per_host") != nullptr);
    CHECK(FindFetchKey("per_hosts") == nullptr);
    CHECK(FetchKeyNames().starts_with("per_host delay_ms"));
  }
}
