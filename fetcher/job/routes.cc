#include "fetcher/job/routes.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "lib/recipe/url_pattern.h"
#include "lib/toml/nearest.h"

namespace thresh {
namespace {

// Without `allow`, a recipe is for the hosts of its start URLs and of what was fed.
bool IsOnHosts(const Url& url, const Recipe& recipe, std::string_view root) {
  const auto same_host = [&](std::string_view other) {
    const auto parsed = Url::Parse(other);
    return parsed && parsed->host() == url.host();
  };
  return same_host(root) ||
         std::any_of(recipe.start_urls.begin(), recipe.start_urls.end(), same_host);
}

bool Allows(const Recipe& recipe, const Url& url, std::string_view root) {
  if (MatchesAny(recipe.deny, url.href())) return false;
  if (recipe.allow.empty()) return IsOnHosts(url, recipe, root);
  return MatchesAny(recipe.allow, url.href());
}

// How long the text before the first `*` is, of the recipe's best pattern for the URL.
std::optional<std::size_t> MatchedPrefix(const Recipe& recipe, std::string_view url) {
  if (MatchesAny(recipe.deny, url)) return std::nullopt;
  std::optional<std::size_t> longest;
  for (const std::string& pattern : recipe.allow) {
    if (!MatchesPattern(pattern, url)) continue;
    longest = std::max(longest.value_or(0), LiteralPrefix(pattern));
  }
  return longest;
}

}  // namespace

Result<> Routes::Add(Recipe recipe) {
  if (const Recipe* other = ByName(recipe.name)) {
    return Error{Errc::kInvalid, recipe.file + ": a recipe named \"" + recipe.name +
                                     "\" was read already, from " + other->file};
  }
  recipes_.push_back(std::make_unique<const Recipe>(std::move(recipe)));
  const Recipe* added = recipes_.back().get();
  by_name_.emplace(added->name, added);
  by_hash_.emplace(added->hash, added);
  return Ok{};
}

void Routes::AddKept(Recipe recipe) {
  kept_.push_back(std::make_unique<const Recipe>(std::move(recipe)));
  by_hash_.emplace(kept_.back()->hash, kept_.back().get());
}

void Routes::Replace(std::vector<Recipe> recipes) {
  std::vector<std::unique_ptr<const Recipe>> before = std::exchange(recipes_, {});
  by_name_.clear();
  for (Recipe& recipe : recipes) {
    const auto same = std::find_if(before.begin(), before.end(), [&recipe](const auto& other) {
      return other != nullptr && other->hash == recipe.hash && other->file == recipe.file &&
             other->overrides == recipe.overrides;
    });
    if (same != before.end()) {
      recipes_.push_back(std::move(*same));
    } else {
      recipes_.push_back(std::make_unique<const Recipe>(std::move(recipe)));
    }
    const Recipe* added = recipes_.back().get();
    by_name_.emplace(added->name, added);
    by_hash_.insert_or_assign(added->hash, added);
  }
  for (auto& other : before) {
    if (other != nullptr) kept_.push_back(std::move(other));
  }
}

std::set<std::string> Routes::Names() const {
  std::set<std::string> names;
  for (const auto& [hash, recipe] : by_hash_) names.insert(recipe->name);
  return names;
}

const Recipe* Routes::ByName(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

const Recipe* Routes::ByHash(const Hash128& hash) const {
  const auto found = by_hash_.find(hash);
  return found == by_hash_.end() ? nullptr : found->second;
}

Result<const Recipe*> Routes::OfFed(const Url& url, std::string_view named) const {
  if (!named.empty()) {
    if (const Recipe* recipe = ByName(named)) {
      if (!MatchesAny(recipe->deny, url.href())) return recipe;
      return Error{Errc::kNotFound,
                   "no_recipe: the deny of recipe \"" + recipe->name + "\" matches " + url.href()};
    }
    std::string known;
    std::vector<std::string_view> names;
    for (const auto& recipe : recipes_) {
      known += (known.empty() ? "" : ", ") + recipe->name;
      names.push_back(recipe->name);
    }
    return Error{Errc::kNotFound, "no_recipe: no recipe is named \"" + std::string(named) +
                                      "\" (there are: " + known + ")" + DidYouMean(named, names)};
  }
  if (const Recipe* recipe = LongestPrefix(url.href())) return recipe;
  if (const Recipe* only = OnlyTaker();
      only != nullptr && only->allow.empty() && !MatchesAny(only->deny, url.href())) {
    return only;
  }
  return Error{Errc::kNotFound,
               "no_recipe: no recipe's allow matches " + url.href() + "; name one"};
}

const Recipe* Routes::OfLink(const Url& url, const Recipe& current, std::string_view root,
                             std::string_view named) const {
  if (!named.empty()) {
    const Recipe* recipe = ByName(named);
    return recipe != nullptr && Allows(*recipe, url, root) ? recipe : nullptr;
  }
  if (current.keep_links && Allows(current, url, root)) return &current;
  const Recipe* other = LongestPrefix(url.href());
  if (other == nullptr && !current.keep_links) {  // Whose links may go to a recipe of hosts.
    const Recipe* only = OnlyTaker();
    return only != nullptr && Allows(*only, url, root) ? only : nullptr;
  }
  return other == &current ? nullptr : other;
}

// The only recipe there is, beside those whose links go to others.
const Recipe* Routes::OnlyTaker() const {
  const Recipe* only = nullptr;
  for (const auto& recipe : recipes_) {
    if (!recipe->keep_links) continue;
    if (only != nullptr) return nullptr;
    only = recipe.get();
  }
  return only;
}

const Recipe* Routes::LongestPrefix(std::string_view url) const {
  const Recipe* best = nullptr;
  std::size_t best_prefix = 0;
  for (const auto& recipe : recipes_) {
    if (!recipe->keep_links) continue;
    const auto prefix = MatchedPrefix(*recipe, url);
    if (!prefix || (best != nullptr && *prefix <= best_prefix)) continue;
    best = recipe.get();
    best_prefix = *prefix;
  }
  return best;
}

}  // namespace thresh
