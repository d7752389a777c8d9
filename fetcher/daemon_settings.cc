// What the fetcher is told: recipes and settings, at its start and again at SIGHUP. What is new is
// looked at as a whole first; if something is wrong, all stays as it was.

#include <utility>

#include "fetcher/daemon.h"
#include "fetcher/transfer/curl_request.h"
#include "lib/base/log.h"

namespace thresh {

// Servers are told who runs this, unless the recipe says something else.
std::string FetcherDaemon::OurName() const {
  if (options_.contact.empty()) return {};
  return std::string(DefaultUserAgent()) + " (+" + options_.contact + ")";
}

Result<> FetcherDaemon::ReadSettings(const ConfigFile& file) {
  std::vector<TextFault> faults;
  FetcherPlan plan = ReadPlan(options_, file, check_, &faults);
  if (!faults.empty()) return AsError(std::move(faults));
  overrides_ = plan.overrides;
  TakePlan(std::move(plan));
  return Ok{};
}

void FetcherDaemon::TakePlan(FetcherPlan plan) {
  for (const TextFault& tie : TiesOf(plan)) {
    log::Warn("recipes.tie", {{"file", tie.file}, {"why", tie.detail}});
  }
  routes_.Replace(std::move(plan.recipes));
  terms_.Replace(std::move(plan.hosts), OurName());
  requests_.clear();  // With what secrets were then.
  secrets_ = Secrets(options_.secrets_dir);
}

// Pending tasks are done with the version of the recipe that they began with.
Result<> FetcherDaemon::KeepRecipes() {
  for (const KeptRecipe& kept : frontier_->KeptRecipes()) {
    if (routes_.ByHash(kept.hash) != nullptr) continue;
    Result<Recipe> recipe =
        ParseRecipe(kept.text, kept.name + " (kept with pending URLs)", overrides_);
    if (!recipe) return recipe.error();
    routes_.AddKept(std::move(*recipe));
  }
  for (const auto& recipe : routes_.recipes()) {
    frontier_->KeepRecipe({recipe->hash, recipe->name, recipe->text});
  }
  if (options_.max_pages != 0 && started_pages_ >= options_.max_pages) EnterBudget();
  return Ok{};
}

void FetcherDaemon::Reload() {
  if (!reread_ || draining_) return;
  service_.Reloading();
  Reread<FetcherOptions> read = reread_(options_);
  FetcherPlan plan = ReadPlan(read.options, read.file, check_, &read.faults);
  CheckSecrets(plan, read.options, &read.faults);
  if (!read.faults.empty()) {
    LogRefused(read.faults);
    service_.Reloaded();
    return;
  }
  LogChanges(read.changes);
  options_ = std::move(read.options);
  SetLog(options_.log);
  TakePlan(std::move(plan));
  for (const auto& recipe : routes_.recipes()) {
    frontier_->KeepRecipe({recipe->hash, recipe->name, recipe->text});
  }
  transfers_->SpoolTo({.folder = options_.state_dir + "/spool",
                       .body_bytes = options_.spool_bytes,
                       .memory_bytes = options_.page_buffer_bytes});
  log::Info("config.loaded", {{"file", read.file.path},
                              {"recipes_count", routes_.recipes().size()},
                              {"host_tables_count", terms_.tables().size()}});
  WarnOfRecipes();
  frontier_->WakeAll();  // What waits for its turn may have it sooner now.
  tick_.Request();
  service_.Reloaded();
}

std::shared_ptr<const FetchTerms> FetcherDaemon::TermsOf(const Task& task) const {
  return task.terms != nullptr ? task.terms : terms_.Of(RecipeOf(task), task.seed.host);
}

const FetchSpec& FetcherDaemon::FetchAt(const Recipe& recipe, std::string_view host) const {
  return terms_.Of(recipe, host)->fetch;
}

}  // namespace thresh
