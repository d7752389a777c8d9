// `thresh feed --socket PATH FILE…`

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>

#include "cli/commands.h"
#include "cli/feed/feeder.h"
#include "cli/numbers.h"
#include "lib/base/exit_codes.h"
#include "lib/config/daemon_main.h"
#include "lib/io/signals.h"
#include "lib/io/socket_path.h"

namespace thresh {
namespace {

Result<FeedSource> SourceOf(const FeedOptions& options) {
  FeedSource source;
  std::vector<std::string> files = options.files;
  if (files.empty() && options.recipes.empty()) files.emplace_back("-");
  for (std::uint64_t i = 0; i < options.repeat; ++i) {
    for (const std::string& name : options.recipes) {
      const Result<Recipe> recipe = LoadRecipe(name);
      if (!recipe) return recipe.error();
      const Result<bool> added = source.AddStarts(*recipe);
      if (!added) return added.error();
      if (!*added) {
        return Error{Errc::kInvalid,
                     recipe->file + ": expected start_urls, [[start]] or sitemaps to feed"};
      }
    }
    for (const std::string& file : files) {
      if (Result<> added = source.AddFile(file, ""); !added) return added.error();
    }
  }
  return source;
}

std::string ShortPath(const std::string& socket) {
  const std::filesystem::path path(socket);
  const std::string folder = path.parent_path().string();
  return SocketPath(folder.empty() ? "." : folder, path.filename().string());
}

std::string Summary(const FeedCounts& c) {
  return WithThousands(c.sent) + " lines fed: " + WithThousands(c.accepted) + " new, " +
         WithThousands(c.duplicates) + " duplicates, " + WithThousands(c.refused) + " refused";
}

int Feed(uv_loop_t& loop, const FeedOptions& options) {
  Result<FeedSource> source = SourceOf(options);
  if (!source) {
    std::fprintf(stderr, "thresh feed: %s\n", source.error().detail.c_str());
    return kExitBadInput;
  }
  bool complete = false;
  int interrupted = 0;
  Signals signals(loop, {SIGINT, SIGTERM}, [&](int number) {
    interrupted = number;
    uv_stop(&loop);
  });
  auto feeder = Feeder::Start(loop, ShortPath(options.socket), std::move(*source), [&](bool all) {
    complete = all;
    uv_stop(&loop);
  });
  if (!feeder) {
    std::fprintf(stderr, "thresh feed: %s\n", feeder.error().detail.c_str());
    return ExitCodeOf(feeder.error().code);
  }
  const FeedCounts& counts = (*feeder)->counts();
  const bool terminal = isatty(STDERR_FILENO) != 0;
  Every progress(loop, 200, [&] {
    if (terminal) std::fprintf(stderr, "\r%s\x1b[K", Summary(counts).c_str());
  });
  if (!complete) uv_run(&loop, UV_RUN_DEFAULT);
  if (terminal) std::fprintf(stderr, "\r\x1b[K");
  for (const std::string& refusal : counts.first_refusals) {
    std::fprintf(stderr, "thresh feed: %s\n", refusal.c_str());
  }
  std::fprintf(stderr, "%s\n", Summary(counts).c_str());
  if (interrupted != 0) return 128 + interrupted;
  if (!complete) {
    std::fprintf(
        stderr,
        "thresh feed: the fetcher hung up; %s lines have no answer, %s were answered: feeding "
        "the same again is safe, what was accepted is a duplicate then\n",
        WithThousands(counts.sent - counts.answered()).c_str(),
        WithThousands(counts.answered()).c_str());
    return kExitNoPeer;
  }
  const std::string& unread = (*feeder)->source_failure();
  if (!unread.empty()) std::fprintf(stderr, "thresh feed: %s\n", unread.c_str());
  return counts.refused > 0 || !unread.empty() ? kExitBadInput : kExitDone;
}

}  // namespace

int FeedCommand(const FeedOptions& options) {
  const auto& files = options.files;
  const bool from_stdin = (files.empty() && options.recipes.empty()) ||
                          std::find(files.begin(), files.end(), "-") != files.end();
  if (options.repeat > 1 && from_stdin) {
    std::fprintf(stderr, "thresh feed: --repeat needs files: stdin can be read only once\n");
    return kExitUsage;
  }
  uv_loop_t loop;
  uv_loop_init(&loop);
  const int status = Feed(loop, options);
  uv_run(&loop, UV_RUN_DEFAULT);  // Lets handles close.
  uv_loop_close(&loop);
  return status;
}

}  // namespace thresh
