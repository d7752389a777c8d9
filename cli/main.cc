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
  run->add_option("--durability", o.durability,
                  "power: exact also after a power cut (default); process: only after kill -9")
      ->check(CLI::IsMember({"power", "process"}));
  run->add_flag("--fresh", o.fresh,
                "Delete what earlier runs left in the folder, and start over instead of going on");
}

void AddPlace(CLI::App* command, PlaceOptions& place) {
  command->add_option("--state", place.state, "State folder of thresh-fetcher and thresh-sink");
  command->add_option("-o,--out", place.out, "Folder of a thresh run, instead of --state");
}

void AddWhy(CLI::App& app, WhyOptions& o) {
  CLI::App* why = app.add_subcommand("why", "What has become of a URL");
  AddPlace(why, o.place);
  why->add_option("url", o.url, "The URL, as it was fed or linked to")->required();
  why->add_flag("--json", o.json, "The fetcher's answer, as one line of JSON");
}

void AddLedger(CLI::App& app, LedgerOptions& o) {
  CLI::App* ledger = app.add_subcommand("ledger", "How many URLs there were and how they ended");
  AddPlace(ledger, o.place);
  ledger->add_flag("--json", o.json, "The fetcher's answer, as one line of JSON");
}

void AddStatus(CLI::App& app, StatusOptions& o) {
  CLI::App* status = app.add_subcommand("status", "What fetcher and sink are doing");
  AddPlace(status, o.place);
  status->add_flag("--json", o.json, "Their answers, as one line of JSON");
}

void AddDead(CLI::App& app, DeadListOptions& list, DeadRetryOptions& retry) {
  CLI::App* dead = app.add_subcommand("dead", "URLs that could not be had or not be read");
  dead->require_subcommand(1);
  CLI::App* l = dead->add_subcommand("list", "The dead letters, as lines of JSON");
  AddPlace(l, list.place);
  l->add_option("--reason", list.reason, "Only those with this reason");
  CLI::App* r = dead->add_subcommand("retry", "Ask for dead letters again");
  AddPlace(r, retry.place);
  r->add_option("--reason", retry.reason, "Those with this reason");
  r->add_flag("--all", retry.all, "All of them");
  r->add_option("urls", retry.urls, "Those of these URLs");
  r->add_flag("--json", retry.json, "The fetcher's answer, as one line of JSON");
}

void AddFsck(CLI::App& app, FsckOptions& o) {
  CLI::App* fsck = app.add_subcommand("fsck", "Check every file of a state, and the output");
  fsck->add_option("folder", o.folder, "Folder of a thresh run, or a state folder");
  AddPlace(fsck, o.place);
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
  WhyOptions why;
  LedgerOptions ledger;
  StatusOptions status;
  DeadListOptions dead_list;
  DeadRetryOptions dead_retry;
  FsckOptions fsck;
  AddRun(app, run);
  AddFeed(app, feed);
  AddStatus(app, status);
  AddWhy(app, why);
  AddLedger(app, ledger);
  AddDead(app, dead_list, dead_retry);
  AddFetch(app, fetch);
  AddTry(app, attempt);
  AddCheck(app, check);
  AddFsck(app, fsck);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kExitDone : kExitUsage;
  }
  if (app.got_subcommand("run")) return RunCommand(run);
  if (app.got_subcommand("feed")) return FeedCommand(feed);
  if (app.got_subcommand("status")) return StatusCommand(status);
  if (app.got_subcommand("why")) return WhyCommand(why);
  if (app.got_subcommand("ledger")) return LedgerCommand(ledger);
  if (app.got_subcommand("dead")) {
    const bool list = app.get_subcommand("dead")->got_subcommand("list");
    return list ? DeadListCommand(dead_list) : DeadRetryCommand(dead_retry);
  }
  if (app.got_subcommand("fetch")) return FetchCommand(fetch);
  if (app.got_subcommand("try")) return TryCommand(attempt);
  if (app.got_subcommand("fsck")) return FsckCommand(fsck);
  return CheckCommand(check);
}
