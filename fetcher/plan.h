#pragma once

// What the fetcher's settings name: its recipes, and the operator's tables for hosts. Read at the
// start, by --check, and again at SIGHUP.

#include <functional>
#include <string>
#include <vector>

#include "lib/config/config_source.h"
#include "lib/recipe/host_tables.h"
#include "lib/recipe/recipe.h"
#include "settings/fetcher_options.h"

namespace thresh {

/// Finds what only who compiles a recipe can find: selectors, expressions, transforms.
using RecipeCheck = std::function<void(const Recipe& recipe, std::vector<TextFault>* faults)>;

struct FetcherPlan {
  std::vector<Recipe> recipes;
  std::vector<Override> overrides;  ///< Of the command line.
  HostTables hosts;
};

/// The named recipes, or all of the folders of recipes; and the tables of `file`. Everything that
/// is wrong is noted.
[[nodiscard]] FetcherPlan ReadPlan(const FetcherOptions& options, const ConfigFile& file,
                                   const RecipeCheck& check, std::vector<TextFault>* faults);

/// Recipes that leave it to chance which of them a URL gets that names none: nothing is wrong with
/// them, but somebody should know.
[[nodiscard]] std::vector<TextFault> TiesOf(const FetcherPlan& plan);

/// Notes each secret that is named and cannot be read.
void CheckSecrets(const FetcherPlan& plan, const FetcherOptions& options,
                  std::vector<TextFault>* faults);

}  // namespace thresh
