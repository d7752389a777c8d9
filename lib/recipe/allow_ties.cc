#include "lib/recipe/allow_ties.h"

#include "lib/recipe/url_pattern.h"

namespace thresh {

std::string AllowTies::Add(const Recipe& recipe) {
  for (const std::string& pattern : recipe.allow) {
    const std::string prefix = pattern.substr(0, LiteralPrefix(pattern));
    const auto [other, added] = files_.emplace(prefix, recipe.file);
    if (!added && other->second != recipe.file) {
      std::string tie = "allow \"" + pattern + "\": ";
      tie.append(other->second).append(" has a pattern that begins the same, \"").append(prefix);
      return tie.append("\"; make one of them longer, or name the recipe when feeding");
    }
  }
  return {};
}

}  // namespace thresh
