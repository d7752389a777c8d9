#include "lib/recipe/recipe.h"

#include <cstdlib>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/temp_folder.h"

using namespace thresh;
using thresh::test::TempFolder;

namespace {

// A recipe that tells from which file it was read: by its deny pattern.
std::string Text(const std::string& mark) {
  return "name = \"r\"\ndeny = [\"" + mark + "\"]\n[[follow]]\ncss = \"a\"\n";
}

struct FoldersFixture {
  FoldersFixture() { ::setenv("THRESH_RECIPES", (first.path() + ":" + second.path()).c_str(), 1); }
  ~FoldersFixture() { ::unsetenv("THRESH_RECIPES"); }

  std::string MarkOf(const std::string& name) {
    const auto recipe = LoadRecipe(name);
    REQUIRE_MESSAGE(recipe.ok(), recipe.error().detail);
    return recipe->deny.at(0);
  }

  TempFolder first, second;
};

}  // namespace

TEST_SUITE("LoadRecipe") {
  TEST_CASE_FIXTURE(FoldersFixture, "a name is looked up in the folders, the first one first") {
    second.Write("r.toml", Text("second"));
    CHECK(MarkOf("r") == "second");
    first.Write("r.toml", Text("first"));
    CHECK(MarkOf("r") == "first");
    CHECK(LoadRecipe("r")->file == first.File("r.toml"));
  }

  TEST_CASE_FIXTURE(FoldersFixture, "a path is read as it stands, and nowhere else") {
    first.Write("r.toml", Text("first"));
    const std::string elsewhere = second.Write("other", Text("a path"));
    CHECK(MarkOf(elsewhere) == "a path");
    const auto missing = LoadRecipe("r.toml");
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.error().code == Errc::kNotFound);
    CHECK(missing.error().detail == "cannot read r.toml: No such file or directory");
  }

  TEST_CASE_FIXTURE(FoldersFixture, "an unknown name is told with the places looked at") {
    const auto missing = LoadRecipe("nothing");
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.error().code == Errc::kNotFound);
    CHECK(missing.error().detail.starts_with("no recipe named \"nothing\" in " + first.path() +
                                             ", " + second.path() + ", /etc/thresh/recipes, "));
    CHECK(missing.error().detail.ends_with("; a file is named with its path, as ./nothing.toml"));
  }

  TEST_CASE_FIXTURE(FoldersFixture, "a misspelt name is told with the nearest there is") {
    second.Write("shop-reviews.toml", Text("x"));
    second.Write("shop-reviewz.txt", "no recipe");
    const auto nearest = [](const std::string& name) { return LoadRecipe(name).error().detail; };
    CHECK(nearest("shop-reviewz").find("; did you mean \"shop-reviews\"?; a file is") !=
          std::string::npos);
    CHECK(nearest("pgae").find("; did you mean \"page\"?; a file is") != std::string::npos);
    CHECK(nearest("something-else").find("did you mean") == std::string::npos);
  }

  TEST_CASE_FIXTURE(FoldersFixture, "`page` is built in, and one's own comes before it") {
    const auto page = LoadRecipe("page");
    REQUIRE(page.ok());
    std::string fields;
    for (const FieldSpec& field : page->items.at(0).fields) fields += field.name + " ";
    CHECK(fields == "url status title description links ");
    CHECK(page->allow.empty());

    second.Write("page.toml", Text("mine"));
    CHECK(MarkOf("page") == "mine");
  }

  TEST_CASE_FIXTURE(FoldersFixture, "a recipe found but faulty is an error, not passed over") {
    first.Write("r.toml", "name = 5\n");
    second.Write("r.toml", Text("second"));
    const auto recipe = LoadRecipe("r");
    REQUIRE_FALSE(recipe.ok());
    CHECK(recipe.error().detail.starts_with(first.File("r.toml") + ":1:"));
  }

  TEST_CASE_FIXTURE(FoldersFixture, "overrides reach the recipe, found or built in") {
    first.Write("r.toml", Text("first"));
    CHECK(LoadRecipe("r", {{"fetch.per_host", "3"}})->fetch.per_host == 3);
    CHECK(LoadRecipe("page", {{"fetch.per_host", "3"}})->fetch.per_host == 3);
  }
}
