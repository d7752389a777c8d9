// `thresh run`: checks what it was told, takes the folder, crawls.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/control/report.h"
#include "cli/feed/feed_source.h"
#include "cli/run/check_settings.h"
#include "cli/run/crawl.h"
#include "cli/run/run_folder.h"
#include "lib/base/exit_codes.h"
#include "lib/io/file.h"
#include "lib/recipe/recipe.h"
#include "lib/recipe/secrets.h"
#include "parser/html/names.h"
#include "parser/recipe/program.h"

namespace thresh {
namespace {

constexpr std::string_view kNothingToCrawl = "nothing to crawl";

Result<std::vector<Recipe>> ReadRecipes(const RunOptions& options) {
  std::vector<Override> overrides;
  for (const std::string& text : options.overrides) {
    Result<Override> set = ParseOverride(text);
    if (!set) return set.error();
    overrides.push_back(std::move(*set));
  }
  std::vector<Recipe> recipes;
  html::NameTable names;
  for (const std::string& name : options.recipes) {
    Result<Recipe> recipe = LoadRecipe(name, overrides);
    if (!recipe) return recipe.error();
    // Selectors are compiled here only to find their faults before anything starts.
    if (Result<Program> program = CompileRecipe(*recipe, names); !program) return program.error();
    for (const Recipe& other : recipes) {
      if (other.name != recipe->name) continue;
      return Error{Errc::kInvalid, recipe->file +
                                       ": expected a recipe with a name of its own, found \"" +
                                       recipe->name + "\", which " + other.file + " has too"};
    }
    recipes.push_back(std::move(*recipe));
  }
  return recipes;
}

// Known before anything starts: a crawl would end as so many dead letters.
Result<> CheckSecrets(const std::vector<Recipe>& recipes, const Secrets& secrets) {
  for (const Recipe& recipe : recipes) {
    const SecretRules rules(recipe);
    for (const std::string& name : rules.names()) {
      if (const auto value = secrets.Find(name); !value) {
        return Error{Errc::kNotFound, recipe.file + ": " + value.error().detail};
      }
    }
  }
  return Ok{};
}

// URLs and lists of the command line, or else the recipes' start URLs. With one recipe each
// line names it; with several, `allow` decides.
Result<FeedSource> SourceOf(const RunOptions& options, const std::vector<Recipe>& recipes) {
  FeedSource source;
  const std::string only = recipes.size() == 1 ? recipes[0].name : "";
  for (const std::string& url : options.urls) source.AddUrl(url, only);
  for (const std::string& list : options.lists) {
    if (Result<> added = source.AddFile(list, only); !added) return added.error();
  }
  if (!options.urls.empty() || !options.lists.empty()) return source;
  bool any = false;
  for (const Recipe& recipe : recipes) {
    const Result<bool> added = source.AddStarts(recipe);
    if (!added) return added.error();
    any = any || *added;
  }
  if (!any) {
    return Error{Errc::kInvalid,
                 std::string(kNothingToCrawl) +
                     ": expected URLs, -f FILE, or a recipe with start_urls, [[start]] "
                     "or sitemaps"};
  }
  return source;
}

// Sitemaps are read by a recipe of their own, which such a parser does not know.
Result<> CheckParser(const RunOptions& options, const std::vector<Recipe>& recipes) {
  for (const Recipe& recipe : recipes) {
    if (options.parser.empty() || recipe.sitemaps.empty()) continue;
    return Error{Errc::kInvalid, "--parser: expected a recipe without sitemaps, found " +
                                     recipe.file + "; feed it the URLs that are in them"};
  }
  return Ok{};
}

bool AnySaves(const std::vector<Recipe>& recipes) {
  return std::any_of(recipes.begin(), recipes.end(),
                     [](const Recipe& recipe) { return recipe.save.format != SaveFormat::kNone; });
}

// Children may be started elsewhere, so they are given whole paths.
RunOptions WithWholePaths(RunOptions options, const std::vector<Recipe>& recipes) {
  if (!options.config.empty()) options.config = AbsolutePath(options.config);
  if (!options.secrets_dir.empty()) options.secrets_dir = AbsolutePath(options.secrets_dir);
  for (std::size_t i = 0; i < recipes.size(); ++i) {
    std::error_code ignored;
    const auto path = std::filesystem::absolute(recipes[i].file, ignored);
    if (std::filesystem::exists(path, ignored)) options.recipes[i] = path.string();
  }
  return options;
}

}  // namespace

int RunCommand(const RunOptions& given) {
  RunOptions options = given;
  const auto fail = [name = options.command()](int status, const std::string& why) {
    return Complain(name, status, why);
  };
  if (options.out.empty()) return fail(kExitUsage, "-o: expected a folder or -, found nothing");
  if (options.recipes.empty()) options.recipes.emplace_back("page");
  Result<std::vector<Recipe>> recipes = ReadRecipes(options);
  if (!recipes) return fail(kExitBadInput, recipes.error().detail);
  if (options.config.empty()) {
    if (options.secrets_dir.empty()) options.secrets_dir = kSecretsFolder;
    if (Result<> known = CheckSecrets(*recipes, Secrets(options.secrets_dir)); !known) {
      return fail(kExitBadInput, known.error().detail);
    }
  } else if (const int status = CheckSettings(options); status != kExitDone) {
    return status;
  }
  if (Result<> fits = CheckParser(options, *recipes); !fits) {
    return fail(kExitUsage, fits.error().detail);
  }
  Result<FeedSource> source = SourceOf(options, *recipes);
  if (!source) {
    const bool usage = options.urls.empty() && options.lists.empty() &&
                       source.error().detail.starts_with(kNothingToCrawl);
    return fail(usage ? kExitUsage : kExitBadInput, source.error().detail);
  }
  if (options.out == "-" && AnySaves(*recipes)) {
    return fail(kExitUsage, "-o: expected a folder, for a recipe that saves pages (save.format)");
  }
  options.downloads = AnySaves(*recipes);
  for (const Recipe& recipe : *recipes) {
    if (recipe.fetch.verify) continue;
    std::fprintf(stderr,
                 "thresh %s: warning: recipe \"%s\": fetch.verify is false: anybody on the way can "
                 "read and change what is fetched\n",
                 options.command(), recipe.name.c_str());
  }
  options = WithWholePaths(std::move(options), *recipes);
  std::vector<std::string> names, items;
  for (const Recipe& recipe : *recipes) {
    names.push_back(recipe.name);
    for (const ItemSpec& item : recipe.items) items.push_back(item.name);
  }
  Result<RunFolder> folder = RunFolder::Take(options.out, options.fresh, names, items);
  if (!folder) return fail(kExitCannotWrite, folder.error().detail);

  uv_loop_t loop;
  uv_loop_init(&loop);
  int status = kExitInternal;
  {
    Crawl crawl(loop, options, *folder, std::move(*source));
    status = crawl.Run();
  }
  uv_run(&loop, UV_RUN_DEFAULT);  // Lets handles close.
  uv_loop_close(&loop);
  return status;
}

}  // namespace thresh
