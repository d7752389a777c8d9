// thresh: the command.

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "lib/base/exit_codes.h"

namespace thresh {
namespace {

void AddRun(CLI::App& app, RunOptions& o) {
  CLI::App* run = app.add_subcommand("run", "Crawl: fetch, extract and write records");
  run->add_option("-r,--recipe", o.recipes, "Recipe file or name (default: page)")
      ->allow_extra_args(false);
  run->add_option("urls", o.urls, "URLs to start from, instead of the recipe's start_urls");
  run->add_option("-f,--file", o.lists,
                  "List of URLs, or a .csv with them in its first column; - for stdin")
      ->allow_extra_args(false);
  run->add_option("-o,--out", o.out, "Folder for the records, or - for stdout")
      ->capture_default_str();
  run->add_option("-j,--parsers", o.parsers, "Parser processes (default: one a core)")
      ->check(CLI::Range(1, 1024));
  run->add_option("--set", o.overrides,
                  "KEY=VALUE over the recipe's [fetch], allow or deny, as fetch.per_host=100")
      ->allow_extra_args(false);
  run->add_option("--max-pages", o.max_pages, "Stop after this many pages")
      ->check(CLI::PositiveNumber);
  run->add_option("--max-records", o.max_records, "Stop after this many records")
      ->check(CLI::PositiveNumber);
  run->add_option("--cpu-ms", o.cpu_ms, "Burn this much CPU time more on each page, for demos")
      ->check(CLI::NonNegativeNumber);
  run->add_flag("--fresh", o.fresh,
                "Delete what an earlier run left in the folder, and start over");
}

void AddFeed(CLI::App& app, FeedOptions& o) {
  CLI::App* feed = app.add_subcommand("feed", "Feed URLs to a running fetcher");
  feed->add_option("--socket", o.socket, "The fetcher's feed socket")->required();
  feed->add_option("--repeat", o.repeat, "Feed the list this many times over")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  feed->add_option("files", o.files, "Lists of URLs or JSON lines, or .csv files; - for stdin");
}

void AddFetch(CLI::App& app, FetchOptions& o) {
  CLI::App* fetch = app.add_subcommand("fetch", "Fetch one URL and write its body to stdout");
  fetch->add_option("url", o.url, "What to fetch")->required();
  fetch->add_flag("-i,--include", o.headers, "Status line and headers first");
}

void AddTry(CLI::App& app, TryOptions& o) {
  CLI::App* attempt = app.add_subcommand("try", "Show what a recipe finds on one page");
  attempt->add_option("recipe", o.recipe, "Recipe file or name")->required();
  attempt->add_option("page", o.page, "URL, or a file with the page")->required();
  attempt->add_option("--url", o.url, "The URL that the file came from");
  attempt->add_option("--set", o.overrides, "KEY=VALUE over the recipe's [fetch], allow or deny")
      ->allow_extra_args(false);
}

void AddCheck(CLI::App& app, CheckOptions& o) {
  CLI::App* check = app.add_subcommand("check", "Validate recipes");
  check->add_option("recipes", o.recipes, "Recipe files or names")->required();
}

// A descriptor that was closed would be taken by the next file opened, and that file written
// to as if it were standard output. Writing to a closed stdout fails here as it should.
void OpenStandardDescriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    const int opened = ::open(fd == STDOUT_FILENO ? "/dev/full" : "/dev/null", O_RDWR);
    if (opened != fd) std::abort();  // The lowest free one is the one that was closed.
  }
}

}  // namespace
}  // namespace thresh

int main(int argc, char** argv) {
  using namespace thresh;
  OpenStandardDescriptors();
  std::signal(SIGPIPE, SIG_IGN);  // A reader that leaves is an error to report, not to die of.
  CLI::App app("thresh turns URLs into records.", "thresh");
  app.set_version_flag("--version", "thresh " THRESH_VERSION);
  app.require_subcommand(1);
  RunOptions run;
  FeedOptions feed;
  FetchOptions fetch;
  TryOptions attempt;
  CheckOptions check;
  AddRun(app, run);
  AddFeed(app, feed);
  AddFetch(app, fetch);
  AddTry(app, attempt);
  AddCheck(app, check);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kExitDone : kExitUsage;
  }
  if (app.got_subcommand("run")) return RunCommand(run);
  if (app.got_subcommand("feed")) return FeedCommand(feed);
  if (app.got_subcommand("fetch")) return FetchCommand(fetch);
  if (app.got_subcommand("try")) return TryCommand(attempt);
  return CheckCommand(check);
}
