// `thresh urls`: the URLs that recipes would begin jobs with. A crawl of what leads to them, whose
// sink writes them instead of records.

#include <algorithm>
#include <cstdio>
#include <string>

#include "cli/commands.h"
#include "lib/base/exit_codes.h"
#include "lib/recipe/recipe.h"

namespace thresh {
namespace {

bool HasRoots(const Recipe& recipe) {
  return std::any_of(recipe.follows.begin(), recipe.follows.end(),
                     [](const FollowSpec& follow) { return follow.root; });
}

}  // namespace

int UrlsCommand(const UrlsOptions& options) {
  std::string without;
  for (const std::string& name : options.run.recipes) {
    const Result<Recipe> recipe = LoadRecipe(name);
    if (!recipe || HasRoots(*recipe)) {  // What is wrong with it, the crawl will say.
      without.clear();
      break;
    }
    without += (without.empty() ? "" : ", ") + recipe->file;
  }
  if (!without.empty()) {
    std::fprintf(stderr,
                 "thresh urls: %s: expected a [[follow]] with root = true, found none: its links "
                 "are what is listed\n",
                 without.c_str());
    return kExitBadInput;
  }
  RunOptions run = options.run;
  run.out = "-";
  run.list_roots = options.csv ? "csv" : "lines";
  return RunCommand(run);
}

}  // namespace thresh
