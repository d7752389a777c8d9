#include "fetcher/plan.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "lib/recipe/allow_ties.h"
#include "lib/recipe/secrets.h"

namespace thresh {
namespace {

void Append(std::vector<TextFault> found, std::vector<TextFault>* faults) {
  SortFaults(&found);
  std::move(found.begin(), found.end(), std::back_inserter(*faults));
}

// Files of a name that an earlier folder has are not read, as with --recipe NAME.
std::vector<std::string> AllOf(const std::vector<std::string>& folders) {
  std::vector<std::string> paths;
  std::set<std::string> names;
  for (const std::string& folder : folders) {
    std::error_code why;
    std::vector<std::string> here;
    for (const auto& entry : std::filesystem::directory_iterator(folder, why)) {
      const std::string name = entry.path().filename().string();
      if (!name.ends_with(".toml") || name.starts_with('.')) continue;
      if (names.insert(name).second) here.push_back(entry.path().string());
    }
    std::sort(here.begin(), here.end());
    paths.insert(paths.end(), here.begin(), here.end());
  }
  return paths;
}

class PlanReader {
 public:
  PlanReader(const FetcherOptions& options, const RecipeCheck& check, FetcherPlan* plan,
             std::vector<TextFault>* faults)
      : options_(options), check_(check), plan_(*plan), faults_(*faults) {}

  void ReadOverrides() {
    for (const std::string& text : options_.overrides) {
      if (Result<Override> set = ParseOverride(text)) {
        plan_.overrides.push_back(std::move(*set));
      } else {
        faults_.push_back(
            {.text = set.error().detail, .file = "--set", .detail = set.error().detail});
      }
    }
  }

  void ReadRecipes() {
    std::vector<std::string> names =
        options_.recipes.empty() ? AllOf(options_.recipe_dirs) : options_.recipes;
    for (std::size_t i = 0; i < names.size(); ++i) ReadRecipe(names[i], &names);
    if (adds_sitemap_) SetTermsOfSitemaps();
  }

 private:
  void ReadRecipe(const std::string& name, std::vector<std::string>* names) {
    const Result<RecipeFile> file = FindRecipe(name, options_.recipe_dirs);
    if (!file) {
      const std::string& why = file.error().detail;
      faults_.push_back({.text = why, .file = name, .detail = why});
      return;
    }
    std::vector<TextFault> found;
    Recipe recipe = thresh::ReadRecipe(file->text, file->path, plan_.overrides, &found);
    if (found.empty() && check_) check_(recipe, &found);
    const bool fine = found.empty();
    Append(std::move(found), &faults_);
    if (!fine) return;
    if (const auto [known, is_new] = by_name_.emplace(recipe.name, recipe.file); !is_new) {
      faults_.push_back(MakeFault(
          recipe.file, 1, 1,
          "a recipe named \"" + recipe.name + "\" was read already, from " + known->second));
      return;
    }
    const bool lacks_sitemap = std::find(names->begin(), names->end(), "sitemap") == names->end();
    if (!recipe.sitemaps.empty() && lacks_sitemap) {
      names->emplace_back("sitemap");
      adds_sitemap_ = true;
    }
    plan_.recipes.push_back(std::move(recipe));
  }

  // Sitemaps are fetched as the pages of who names them are. But an index may name some of other
  // hosts: what tells who asks is for the recipe's own pages, and so are its rules for answers.
  void SetTermsOfSitemaps() {
    const auto named = [](const Recipe& recipe) { return recipe.name == "sitemap"; };
    const auto sitemap = std::find_if(plan_.recipes.begin(), plan_.recipes.end(), named);
    const auto owner = std::find_if(plan_.recipes.begin(), plan_.recipes.end(),
                                    [](const Recipe& recipe) { return !recipe.sitemaps.empty(); });
    if (sitemap == plan_.recipes.end() || owner == plan_.recipes.end()) return;
    const FetchSpec own = std::exchange(sitemap->fetch, owner->fetch);
    sitemap->fetch.headers = own.headers;
    sitemap->fetch.auth = own.auth;
    sitemap->fetch.cookie_scope = own.cookie_scope;
    sitemap->fetch.cookies = own.cookies;
    sitemap->fetch.body = own.body;
    sitemap->fetch.retry_when = own.retry_when;
    sitemap->fetch.fail_when = own.fail_when;
    sitemap->fetch.max_host_pages = own.max_host_pages;
  }

  const FetcherOptions& options_;
  const RecipeCheck& check_;
  FetcherPlan& plan_;
  std::vector<TextFault>& faults_;
  std::map<std::string, std::string> by_name_;
  bool adds_sitemap_ = false;  // Of itself, as a recipe has sitemaps.
};

void CheckSecretsOf(const Recipe& recipe, const Secrets& secrets, std::vector<TextFault>* faults) {
  const SecretRules rules(recipe);
  for (const std::string& name : rules.names()) {
    const auto value = secrets.Find(name);
    if (value) continue;
    faults->push_back({.text = recipe.file + ": " + value.error().detail,
                       .file = recipe.file,
                       .detail = value.error().detail});
  }
}

}  // namespace

FetcherPlan ReadPlan(const FetcherOptions& options, const ConfigFile& file,
                     const RecipeCheck& check, std::vector<TextFault>* faults) {
  FetcherPlan plan;
  std::vector<TextFault> of_hosts;
  plan.hosts = HostTables::Read(file.text, file.path, &of_hosts);
  if (check) {
    for (const Recipe& table : plan.hosts.AsRecipes()) check(table, &of_hosts);
  }
  Append(std::move(of_hosts), faults);
  PlanReader reader(options, check, &plan, faults);
  reader.ReadOverrides();
  reader.ReadRecipes();
  return plan;
}

std::vector<TextFault> TiesOf(const FetcherPlan& plan) {
  std::vector<TextFault> found;
  if (!plan.overrides.empty()) return found;  // They may have given all the same `allow`.
  AllowTies ties;
  for (const Recipe& recipe : plan.recipes) {
    const std::string tie = ties.Add(recipe);
    if (!tie.empty()) found.push_back(MakeFault(recipe.file, tie));
  }
  return found;
}

void CheckSecrets(const FetcherPlan& plan, const FetcherOptions& options,
                  std::vector<TextFault>* faults) {
  const Secrets secrets(options.secrets_dir);
  for (const Recipe& recipe : plan.recipes) CheckSecretsOf(recipe, secrets, faults);
  for (const Recipe& table : plan.hosts.AsRecipes()) CheckSecretsOf(table, secrets, faults);
}

}  // namespace thresh
