// The recipes of recipes/ pass their own tests.

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "parser/recipe/recipe_test.h"
#include "tests/support/corpora.h"

using namespace thresh;
using thresh::test::ReadFile;

TEST_SUITE("Bundled recipes") {
  TEST_CASE("each has tests, and passes them") {
    std::size_t recipes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(THRESH_SOURCE_DIR "/recipes")) {
      if (entry.path().extension() != ".toml") continue;
      ++recipes;
      CAPTURE(entry.path().string());
      Extractor extractor;
      const Result<Recipe> recipe = CheckRecipe(entry.path().string(), extractor.names());
      REQUIRE_MESSAGE(recipe.ok(), recipe.error().detail);
      const Result<Program> program = CompileRecipe(*recipe, extractor.names());
      REQUIRE(program.ok());
      const auto results = RunRecipeTests(
          *recipe, *program, extractor,
          [](const std::string& path) { return Result<std::string>(ReadFile(path)); });
      CHECK_FALSE(results.empty());
      for (const RecipeTestResult& result : results) {
        for (const std::string& difference : result.differences) {
          const std::string line = result.page + ": " + difference;
          CHECK_MESSAGE(false, line);
        }
      }
    }
    CHECK(recipes >= 7);
  }
}
