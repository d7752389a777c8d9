// `thresh feed --socket PATH FILE…`

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "cli/commands.h"
#include "cli/control/report.h"
#include "cli/feed/feed_wait.h"
#include "cli/feed/feeder.h"
#include "cli/numbers.h"
#include "lib/base/exit_codes.h"
#include "lib/base/hash.h"
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

std::string Counted(const FeedCounts& c) {
  return Amount(c.sent, "line") + " fed: " + WithThousands(c.accepted) + " new, " +
         Amount(c.duplicates, "duplicate") + ", " + WithThousands(c.refused) + " refused";
}

int Fail(const Error& error, int status) {
  std::fprintf(stderr, "thresh feed: %s\n", error.detail.c_str());
  return status;
}

// One feeding, from the first line to its last answer, and with --wait to the end of what was fed.
class Feeding {
 public:
  Feeding(uv_loop_t& loop, const FeedOptions& options)
      : loop_(loop),
        options_(options),
        job_(!options.wait || !options.job.empty() ? options.job : "feed-" + RandomId().Hex()),
        signals_(loop, {SIGINT, SIGTERM}, [this](int number) {
          interrupted_ = number;
          uv_stop(&loop_);
        }) {}

  int Run() {
    Result<FeedSource> source = SourceOf(options_);
    if (!source) return Fail(source.error(), kExitBadInput);
    if (options_.wait) {
      Result<FeedWait> wait = FeedWait::Begin(options_.socket, job_);
      if (!wait) return Fail(wait.error(), ExitCodeOf(wait.error().code));
      wait_.emplace(std::move(*wait));
    }
    auto feeder = Feeder::Start(loop_, ShortPath(options_.socket), std::move(*source), Terms());
    if (!feeder) return Fail(feeder.error(), ExitCodeOf(feeder.error().code));
    const int fed = Feed(**feeder);
    if (!wait_ || (fed != kExitDone && fed != kExitBadInput)) return fed;
    return Wait(fed);
  }

 private:
  FeedTerms Terms() {
    FeedTerms terms{.on_end =
                        [this](bool all) {
                          complete_ = all;
                          uv_stop(&loop_);
                        },
                    .job = job_,
                    .resume = options_.wait && options_.job.empty()};
    if (wait_) {
      terms.on_answer = [this](std::uint64_t n, std::string_view line, FedAs how,
                               std::string_view why) { wait_->Take(n, line, how, why); };
    }
    return terms;
  }

  int Feed(Feeder& feeder) {
    const FeedCounts& counts = feeder.counts();
    Every progress(loop_, 200, [&] { Show(Counted(counts)); });
    if (!complete_) uv_run(&loop_, UV_RUN_DEFAULT);
    Show("");
    for (const std::string& refusal : counts.first_refusals) {
      std::fprintf(stderr, "thresh feed: %s\n", refusal.c_str());
    }
    std::fprintf(stderr, "%s\n", Counted(counts).c_str());
    if (interrupted_ != 0) return 128 + interrupted_;
    if (!complete_) {
      std::fprintf(
          stderr,
          "thresh feed: the fetcher hung up; %s lines have no answer, %s were answered: feeding "
          "the same again is safe, what was accepted is a duplicate then\n",
          WithThousands(counts.sent - counts.answered()).c_str(),
          WithThousands(counts.answered()).c_str());
      return kExitNoPeer;
    }
    const std::string& unread = feeder.source_failure();
    if (!unread.empty()) std::fprintf(stderr, "thresh feed: %s\n", unread.c_str());
    return counts.refused > 0 || !unread.empty() ? kExitBadInput : kExitDone;
  }

  int Wait(int fed) {
    Result<bool> ended = wait_->Look();
    {
      Every look(loop_, kLookEveryMs, [&] {
        ended = wait_->Look();
        const std::uint64_t lines = wait_->ended();
        Show(Amount(lines, "line") + (lines == 1 ? " has ended" : " have ended"));
        if (!ended || *ended) uv_stop(&loop_);
      });
      if (ended && !*ended && interrupted_ == 0) uv_run(&loop_, UV_RUN_DEFAULT);
    }
    Show("");
    if (ended && interrupted_ != 0) ended = wait_->Look();  // What has ended by now is told.
    const int printed = PrintData("feed", wait_->Lines(), kExitDone);
    std::fprintf(stderr, "%s\n", wait_->Summary().c_str());
    if (!ended) return Fail(ended.error(), ExitCodeOf(ended.error().code));
    if (interrupted_ != 0) return 128 + interrupted_;
    if (printed != kExitDone) return printed;
    return fed == kExitDone && wait_->any_dead() ? kExitSomeDead : fed;
  }

  // On a terminal, one line that is written over and over.
  void Show(const std::string& text) const {
    if (terminal_) std::fprintf(stderr, "\r%s\x1b[K", text.c_str());
  }

  static constexpr std::uint64_t kLookEveryMs = 50;

  uv_loop_t& loop_;
  const FeedOptions& options_;
  const std::string job_;
  const bool terminal_ = isatty(STDERR_FILENO) != 0;
  Signals signals_;
  std::optional<FeedWait> wait_;
  bool complete_ = false;
  int interrupted_ = 0;
};

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
  const int status = Feeding(loop, options).Run();
  uv_run(&loop, UV_RUN_DEFAULT);  // Lets handles close.
  uv_loop_close(&loop);
  return status;
}

}  // namespace thresh
