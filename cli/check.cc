// `thresh check RECIPE…`: reads and compiles recipes, and says what is wrong with them.

#include <cstdio>
#include <map>
#include <string>

#include "cli/commands.h"
#include "lib/base/exit_codes.h"
#include "lib/recipe/allow_ties.h"
#include "lib/recipe/secrets.h"
#include "parser/html/names.h"
#include "parser/recipe/program.h"

namespace thresh {
namespace {

// A secret that is not here may be where the recipe is to work, so this is no fault.
void WarnOfSecrets(const Recipe& recipe, const Secrets& secrets) {
  const SecretRules rules(recipe);
  for (const std::string& name : rules.names()) {
    const auto value = secrets.Find(name);
    if (value) continue;
    std::fprintf(stderr, "%s: warning: %s\n", recipe.file.c_str(), value.error().detail.c_str());
  }
}

}  // namespace

int CheckCommand(const CheckOptions& options) {
  html::NameTable names;
  AllowTies ties;
  std::map<std::string, std::string> names_seen;
  int status = kExitDone;
  for (const std::string& name : options.recipes) {
    Result<Recipe> recipe = CheckRecipe(name, names);
    std::string fault;
    if (!recipe) {
      fault = recipe.error().detail;
    } else if (const auto [other, added] = names_seen.emplace(recipe->name, recipe->file); !added) {
      fault = recipe->file + ": expected a recipe with a name of its own, found \"" + recipe->name +
              "\", which " + other->second + " has too";
    } else if (const std::string tie = ties.Add(*recipe); !tie.empty()) {
      fault = recipe->file + ": " + tie;
    }
    if (fault.empty()) {
      WarnOfSecrets(*recipe, Secrets(options.secrets_dir));
      std::printf("%s: ok\n", recipe->file.c_str());
    } else {
      std::fprintf(stderr, "%s\n", fault.c_str());
      status = kExitBadInput;
    }
  }
  return std::fflush(stdout) == 0 ? status : kExitCannotWrite;
}

}  // namespace thresh
