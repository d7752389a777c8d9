#pragma once

// Ties: two recipes whose `allow` begins the same would leave it to chance which one a URL gets.

#include <map>
#include <string>

#include "lib/recipe/recipe.h"

namespace thresh {

/// Looks at one recipe after another.
class AllowTies {
 public:
  /// What is wrong with this one beside those before it; empty: nothing.
  [[nodiscard]] std::string Add(const Recipe& recipe);

 private:
  std::map<std::string, std::string> files_;  // By what stands before the first `*`.
};

}  // namespace thresh
