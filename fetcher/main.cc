// thresh-fetcher: reads its settings, runs its daemon.

#include <cstdio>
#include <cstdlib>

#include "fetcher/daemon.h"
#include "fetcher/plan.h"
#include "parser/recipe/program.h"
#include "settings/catalogue.h"

namespace thresh {
namespace {

// Selectors are compiled here only to find their faults before any page does.
void Compile(const Recipe& recipe, std::vector<TextFault>* faults) {
  html::NameTable names;
  (void)CompileRecipe(recipe, names, faults);
}

std::string Check(const FetcherOptions& options, const ConfigFile& file,
                  std::vector<TextFault>* faults) {
  const FetcherPlan plan = ReadPlan(options, file, &Compile, faults);
  CheckSecrets(plan, options, faults);
  for (const TextFault& tie : TiesOf(plan)) {
    std::fprintf(stderr, "%s: warning: %s\n", tie.file.c_str(), tie.detail.c_str());
  }
  return "recipes: " + std::to_string(plan.recipes.size()) +
         ", tables for hosts: " + std::to_string(plan.hosts.size());
}

Result<std::shared_ptr<void>> Create(uv_loop_t& loop, FetcherOptions options,
                                     const ConfigFile& file, Rereader<FetcherOptions> reread) {
  auto made = FetcherDaemon::Create(loop, {std::move(options), file, std::move(reread), &Compile});
  if (!made) return made.error();
  return std::shared_ptr<void>(std::shared_ptr<FetcherDaemon>(std::move(*made)));
}

}  // namespace
}  // namespace thresh

int main(int argc, char** argv) {
  using namespace thresh;
  // Name look-ups wait in libuv's threads, at most in half of them; the frontier writes in others.
  setenv("UV_THREADPOOL_SIZE", "16", 0);
  const Catalogue catalogue;
  return RunDaemon<FetcherOptions>(catalogue.InfoOf("thresh-fetcher"), argc, argv, {},
                                   {.table = &FetcherTable, .create = &Create, .check = &Check});
}
