// `thresh test RECIPE…`: runs the recipes' own tests, offline.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "cli/commands.h"
#include "cli/control/report.h"
#include "cli/numbers.h"
#include "lib/base/exit_codes.h"
#include "lib/io/file.h"
#include "lib/recipe/recipe.h"
#include "parser/recipe/extract.h"
#include "parser/recipe/program.h"
#include "parser/recipe/recipe_test.h"

namespace thresh {
namespace {

constexpr const char* kName = "test";

// A folder stands for the recipes in it.
std::vector<std::string> RecipesOf(const std::vector<std::string>& names) {
  std::vector<std::string> recipes;
  for (const std::string& name : names) {
    std::error_code why;
    if (!std::filesystem::is_directory(name, why)) {
      recipes.push_back(name);
      continue;
    }
    const auto begin = static_cast<std::ptrdiff_t>(recipes.size());
    for (const auto& entry : std::filesystem::directory_iterator(name, why)) {
      if (entry.path().extension() == ".toml") recipes.push_back(entry.path().string());
    }
    std::sort(recipes.begin() + begin, recipes.end());
  }
  return recipes;
}

// Counts and tells what becomes of the tests of one recipe after another.
class TestReport {
 public:
  void Run(const std::string& name) {
    Extractor extractor;
    Result<Recipe> recipe = LoadRecipe(name);
    if (!recipe) return AddBroken(recipe.error());
    Result<Program> program = CompileRecipe(*recipe, extractor.names());
    if (!program) return AddBroken(program.error());
    ++recipes_;
    if (recipe->tests.empty()) std::printf("%s: no tests\n", recipe->file.c_str());
    for (const RecipeTestResult& result :
         RunRecipeTests(*recipe, *program, extractor, &ReadWholeFile)) {
      Add(recipe->file, result);
    }
  }

  // The last line, and the exit status.
  [[nodiscard]] int Finish() const {
    std::printf("%s of %s: %s ok, %s FAILED\n", Amount(ok_ + failed_, "test").c_str(),
                Amount(recipes_, "recipe").c_str(), WithThousands(ok_).c_str(),
                WithThousands(failed_).c_str());
    if (broken_ > 0) {
      std::fprintf(stderr, "thresh test: %s cannot be used\n", Amount(broken_, "recipe").c_str());
      return kExitBadInput;
    }
    return failed_ > 0 || ok_ == 0 ? kExitNothing : kExitDone;
  }

 private:
  void AddBroken(const Error& error) {
    ++broken_;
    std::fprintf(stderr, "%s\n", error.detail.c_str());
  }

  void Add(const std::string& file, const RecipeTestResult& result) {
    ++(result.passed() ? ok_ : failed_);
    if (result.passed()) {
      std::printf("%s: %s ok (%s)\n", file.c_str(), result.page.c_str(),
                  Amount(result.records, "record").c_str());
      return;
    }
    std::printf("%s: %s FAILED\n", file.c_str(), result.page.c_str());
    for (const std::string& difference : result.differences) {
      std::printf("  %s\n", difference.c_str());
    }
  }

  std::uint64_t recipes_ = 0, broken_ = 0, ok_ = 0, failed_ = 0;
};

}  // namespace

int TestCommand(const TestOptions& options) {
  const std::vector<std::string> recipes = RecipesOf(options.recipes);
  if (recipes.empty()) {
    return Complain(kName, kExitBadInput, "expected recipes, found none in " + options.recipes[0]);
  }
  TestReport report;
  for (const std::string& recipe : recipes) report.Run(recipe);
  const int status = report.Finish();
  return PrintData(kName, "", status);
}

}  // namespace thresh
