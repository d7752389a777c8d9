#pragma once

// Words for tests of recipes: TOML in lines, so that a fault's line can be counted.

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "lib/recipe/recipe.h"

namespace thresh::test {

using Lines = std::vector<std::string>;

inline std::string Join(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

inline Lines operator+(Lines a, const Lines& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// A recipe that is right but for what stands in these lines of it:
/// at the top, from line 2;
inline Lines Top(const Lines& lines) {
  return Lines{"name = \"r\""} + lines +
         Lines{"[[items]]", "name = \"i\"", "[items.fields]", "a = \"b\""};
}
/// in [fetch], from line 3;
inline Lines InFetch(const Lines& lines) {
  return Top(Lines{"[fetch]"} + lines);
}
/// in [[items]], from line 4;
inline Lines InItem(const Lines& lines) {
  return Lines{"name = \"r\"", "[[items]]", "name = \"i\""} + lines +
         Lines{"[items.fields]", "a = \"b\""};
}
/// in [items.fields], from line 5;
inline Lines InFields(const Lines& lines) {
  return Lines{"name = \"r\"", "[[items]]", "name = \"i\"", "[items.fields]"} + lines;
}
/// in [[follow]], from line 3.
inline Lines InFollow(const Lines& lines) {
  return Lines{"name = \"r\"", "[[follow]]"} + lines;
}

/// A recipe without faults.
inline Recipe Parsed(const Lines& lines, const std::vector<Override>& overrides = {}) {
  const Result<Recipe> recipe = ParseRecipe(Join(lines), "r.toml", overrides);
  REQUIRE_MESSAGE(recipe.ok(), recipe.error().detail);
  return *recipe;
}

/// What is said of a faulty one.
inline std::string FaultsOf(const Lines& lines, const std::vector<Override>& overrides = {}) {
  const Result<Recipe> recipe = ParseRecipe(Join(lines), "r.toml", overrides);
  REQUIRE_FALSE(recipe.ok());
  CHECK(recipe.error().code == Errc::kInvalid);
  return recipe.error().detail;
}

}  // namespace thresh::test
