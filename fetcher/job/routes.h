#pragma once

// Routes: which recipe a URL belongs to, by the recipes' names and `allow` patterns.

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/base/hash.h"
#include "lib/base/result.h"
#include "lib/recipe/recipe.h"
#include "lib/url/url.h"

namespace thresh {

class Routes {
 public:
  /// Errors: kInvalid if two recipes have the same name.
  Result<> Add(Recipe recipe);

  /// A version that pending tasks still name: found by its hash only.
  void AddKept(Recipe recipe);

  /// From now on these are in use; those before stay as kept versions. What is the same as before,
  /// in text and overrides, stays the same object. REQUIRES: no two have the same name.
  void Replace(std::vector<Recipe> recipes);

  /// The names of all, kept versions too.
  [[nodiscard]] std::set<std::string> Names() const;
  /// The recipes in use, kept versions not.
  [[nodiscard]] const std::vector<std::unique_ptr<const Recipe>>& recipes() const noexcept {
    return recipes_;
  }

  [[nodiscard]] const Recipe* ByName(std::string_view name) const;
  [[nodiscard]] const Recipe* ByHash(const Hash128& hash) const;

  /// The recipe of a fed URL: the named one, else the one whose matching `allow` pattern
  /// has the longest text before its first `*`, else the only one there is if it has no
  /// `allow`.
  /// Errors: kNotFound, the detail beginning with `no_recipe: `.
  [[nodiscard]] Result<const Recipe*> OfFed(const Url& url, std::string_view named) const;

  /// The recipe of a link found on a page of recipe `current` that descends from `root`:
  /// the same if that allows it, else as OfFed() without a name. If its rule `named` a recipe,
  /// that one, if it allows it. Null: no recipe wants it.
  [[nodiscard]] const Recipe* OfLink(const Url& url, const Recipe& current, std::string_view root,
                                     std::string_view named = {}) const;

 private:
  [[nodiscard]] const Recipe* OnlyTaker() const;
  [[nodiscard]] const Recipe* LongestPrefix(std::string_view url) const;

  std::vector<std::unique_ptr<const Recipe>> recipes_, kept_;
  std::unordered_map<std::string_view, const Recipe*> by_name_;
  std::unordered_map<Hash128, const Recipe*> by_hash_;
};

}  // namespace thresh
