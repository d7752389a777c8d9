// The commands that crawl, and those that ask daemons at work or order them something.

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/control/commands.h"
#include "cli/line/command_set.h"

namespace thresh {

void AddPlace(CLI::App* command, PlaceOptions& place) {
  command->add_option(
      "--state", place.state,
      "State folder of thresh-fetcher and thresh-sink (default: this machine's services)");
  command->add_option("-o,--out", place.out, "Folder of a thresh run, instead of --state");
}

namespace {

CLI::App* DescribeRun(CLI::App& app, RunOptions& o) {
  CLI::App* run = app.add_subcommand("run", "Crawl: fetch, extract and write records");
  run->add_option("-r,--recipe", o.recipes, "Recipe file or name (default: page)")
      ->allow_extra_args(false);
  run->add_option("urls", o.urls, "URLs to start from, instead of what the recipe begins with");
  run->add_option("-f,--file", o.lists,
                  "List of URLs, or a .csv with them in its first column; - for stdin")
      ->allow_extra_args(false);
  run->add_option("-o,--out", o.out, "Folder for the records, or - for stdout")
      ->capture_default_str();
  run->add_option("-j,--parsers", o.parsers, "Parser processes (default: one a core)")
      ->check(CLI::Range(1, 1024));
  auto* parser = run->add_option(
      "--parser", o.parser,
      "Command to start as parsers, as 'thresh-parser-py --function m:f'; -: none, others join");
  run->add_option("--set", o.overrides,
                  "KEY=VALUE over the recipe's [fetch], allow or deny, as fetch.per_host=100")
      ->allow_extra_args(false);
  run->add_option("--max-pages", o.max_pages, "Stop after this many pages")->check(FromOne());
  run->add_option("--config", o.config,
                  "File of settings for the daemons, as thresh.toml; without it none is read");
  run->add_option("--contact", o.contact, "Who runs it, for the user agent: a URL or mail address");
  run->add_option("--max-records", o.max_records, "Stop after this many records")->check(FromOne());
  run->add_option("--cpu-ms", o.cpu_ms, "Burn this much CPU time more on each page, for demos")
      ->check(CLI::NonNegativeNumber)
      ->excludes(parser);
  run->add_option("--durability", o.durability,
                  "power: exact also after a power cut (default); process: only after kill -9")
      ->check(CLI::IsMember({"power", "process"}));
  run->add_option("--secrets-dir", o.secrets_dir,
                  "Folder of files that {secret.NAME} names (default: that of --config, or "
                  "/etc/thresh/secrets)");
  run->add_flag("--web{8765}", o.web_port,
                "Serve a page that shows the crawl, on 127.0.0.1; --web=PORT for another port")
      ->check(CLI::Range(1, 65535));
  run->add_flag("--fresh", o.fresh,
                "Delete what earlier runs left in the folder, and start over instead of going on");
  return run;
}

CLI::App* DescribeUrls(CLI::App& app, UrlsOptions& o) {
  CLI::App* urls =
      app.add_subcommand("urls", "List the URLs that recipes would begin jobs with, one a line");
  urls->add_option("-r,--recipe", o.run.recipes, "Recipe file or name, with a rule root = true")
      ->required()
      ->allow_extra_args(false);
  urls->add_option("urls", o.run.urls,
                   "URLs to start from, instead of what the recipe begins with");
  urls->add_option("-f,--file", o.run.lists, "List of URLs, or a .csv; - for stdin")
      ->allow_extra_args(false);
  urls->add_flag("--csv", o.csv, "As a .csv of one column: what has a comma is quoted");
  urls->add_option("-j,--parsers", o.run.parsers, "Parser processes (default: one a core)")
      ->check(CLI::Range(1, 1024));
  urls->add_option("--set", o.run.overrides, "KEY=VALUE over the recipe's [fetch], allow or deny")
      ->allow_extra_args(false);
  urls->add_option("--max-pages", o.run.max_pages, "Stop after this many pages")->check(FromOne());
  urls->add_option("--secrets-dir", o.run.secrets_dir,
                   "Folder of files that {secret.NAME} names (default: /etc/thresh/secrets)");
  urls->footer(
      "Crawls all that the recipes follow, but for the links of rules with root = true: those are\n"
      "listed, each once. A request that is no plain GET is a feed line in JSON (with --csv its "
      "URL).");
  return urls;
}

CLI::App* DescribeFeed(CLI::App& app, FeedOptions& o) {
  CLI::App* feed = app.add_subcommand("feed", "Feed URLs to a running fetcher");
  feed->add_option("--socket", o.socket, "The fetcher's feed socket")->capture_default_str();
  feed->add_option("--repeat", o.repeat, "Feed the list this many times over")
      ->capture_default_str()
      ->check(FromOne());
  feed->add_option("-r,--recipe", o.recipes,
                   "Recipe file or name: feed its start_urls, [[start]] and sitemaps")
      ->allow_extra_args(false);
  feed->add_option("--job", o.job, "Label of the lines that have none, for jobs.ndjson");
  feed->add_flag(
      "--wait", o.wait,
      "Wait until all that was fed has ended, and all that followed; then print a line of "
      "JSON for each line, in their order");
  feed->add_option("files", o.files, "Lists of URLs or JSON lines, or .csv files; - for stdin");
  feed->footer(
      "Exit status: 0 all is fed (with --wait: and was done), 3 with --wait: some pages are dead,\n"
      "65 lines were refused, 69 there is no fetcher, or it went away.");
  return feed;
}

CLI::App* DescribeStatus(CLI::App& app, StatusOptions& o) {
  CLI::App* status = app.add_subcommand("status", "What fetcher and sink are doing");
  AddPlace(status, o.place);
  status->add_flag("--json", o.json, "Their answers, as one line of JSON");
  return status;
}

CLI::App* DescribeTop(CLI::App& app, TopOptions& o) {
  CLI::App* top = app.add_subcommand("top", "Watch rates, queue, parsers and hosts");
  AddPlace(top, o.place);
  top->add_flag("--once", o.once, "Print one picture and end; so it is without a terminal");
  top->footer(
      "Keys: q quit, p and h sort parsers and hosts, m all metrics by name, up and down scroll,\n"
      "space stops the picture.");
  return top;
}

CLI::App* DescribeTap(CLI::App& app, TapOptions& o) {
  CLI::App* tap = app.add_subcommand("tap", "Watch some of what passes a stage, as it passes");
  AddPlace(tap, o.place);
  tap->add_option("stage", o.stage, "fetch, parse or sink")
      ->required()
      ->check(CLI::IsMember({"fetch", "parse", "sink"}));
  tap->add_option("--recipe", o.recipe, "Only pages of this recipe");
  tap->add_option("--host", o.host, "Only pages of this host, as example.org or example.org:8080");
  tap->add_option("--per-s", o.per_s, "Events to show a second at most")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 1000.0));
  tap->add_option("-n,--count", o.count, "End after this many events");
  tap->add_flag("--json", o.json, "Each as a line of JSON");
  return tap;
}

CLI::App* DescribeTail(CLI::App& app, TailOptions& o) {
  CLI::App* tail = app.add_subcommand("tail", "Follow the records as they are written");
  AddPlace(tail, o.place);
  tail->add_option("item", o.item, "An item's name, dead or jobs (default: all items)");
  tail->add_option("-n,--lines", o.lines, "Lines to begin with, of each file")
      ->capture_default_str();
  tail->add_flag("--from-start", o.from_start, "Begin with the first line of each file");
  tail->footer("Follows over rotation. Whole lines only, each once.");
  return tail;
}

CLI::App* DescribeJobs(CLI::App& app, JobsOptions& o) {
  CLI::App* jobs = app.add_subcommand("jobs", "Jobs that have not ended, and how far they are");
  AddPlace(jobs, o.place);
  jobs->add_option("--job", o.job, "Only those with this label");
  jobs->add_option("--limit", o.limit, "How many to list")->capture_default_str()->check(FromOne());
  jobs->add_flag("--json", o.json, "Each as a line of JSON");
  return jobs;
}

CLI::App* DescribeCancel(CLI::App& app, CancelOptions& o) {
  CLI::App* cancel = app.add_subcommand("cancel", "Drop URLs that wait, as cancelled");
  AddPlace(cancel, o.place);
  cancel->add_option("--job", o.job, "Those of jobs with this label: a feed line's job");
  cancel->add_option("--job-id", o.job_id, "Those of the job with this id, as thresh jobs has it")
      ->check(FromOne());
  cancel->add_option("--recipe", o.recipe, "Those of this recipe");
  cancel->add_option("--host", o.host, "Those of this host");
  cancel->add_option("urls", o.urls, "These URLs");
  cancel->add_flag("--all", o.all, "All that wait");
  cancel->add_flag("--json", o.json, "The fetcher's answer, as one line of JSON");
  cancel->footer(
      "All that is given has to fit. Pages under way end as they will: their records are\n"
      "written, but their links are dropped and they are not tried again.\n"
      "Exit status: 0 some were cancelled, 1 nothing matched.");
  return cancel;
}

void AddHost(CLI::App* command, PauseOptions& o) {
  AddPlace(command, o.place);
  command->add_option("--host", o.host, "Only this host");
  command->add_flag("--json", o.json, "The fetcher's answer, as one line of JSON");
}

CLI::App* DescribePause(CLI::App& app, PauseOptions& o) {
  CLI::App* pause =
      app.add_subcommand("pause", "Ask for nothing new, of one host or of all, until resume");
  AddHost(pause, o);
  return pause;
}

CLI::App* DescribeResume(CLI::App& app, PauseOptions& o) {
  CLI::App* resume = app.add_subcommand("resume", "Go on after pause or drain");
  AddHost(resume, o);
  return resume;
}

CLI::App* DescribeDrain(CLI::App& app, DrainOptions& o) {
  CLI::App* drain =
      app.add_subcommand("drain", "Pause, and wait until nothing is under way any more");
  AddPlace(drain, o.place);
  drain->add_flag("--json", o.json, "The fetcher's answer, as one line of JSON");
  return drain;
}

CLI::App* DescribeWhy(CLI::App& app, WhyOptions& o) {
  CLI::App* why = app.add_subcommand("why", "What has become of a URL");
  AddPlace(why, o.place);
  why->add_option("url", o.url, "The URL, as it was fed or linked to")->required();
  why->add_flag("--json", o.json, "The fetcher's answer, as one line of JSON");
  return why;
}

CLI::App* DescribeLedger(CLI::App& app, LedgerOptions& o) {
  CLI::App* ledger = app.add_subcommand("ledger", "How many URLs there were and how they ended");
  AddPlace(ledger, o.place);
  ledger->add_flag("--json", o.json, "The fetcher's answer, as one line of JSON");
  return ledger;
}

CLI::App* DescribeDeadList(CLI::App& dead, DeadListOptions& o) {
  CLI::App* list = dead.add_subcommand("list", "The dead letters, as lines of JSON");
  AddPlace(list, o.place);
  list->add_option("--reason", o.reason, "Only those with this reason");
  return list;
}

CLI::App* DescribeDeadRetry(CLI::App& dead, DeadRetryOptions& o) {
  CLI::App* retry = dead.add_subcommand("retry", "Ask for dead letters again");
  AddPlace(retry, o.place);
  retry->add_option("--reason", o.reason, "Those with this reason");
  retry->add_flag("--all", o.all, "All of them");
  retry->add_option("urls", o.urls, "Those of these URLs");
  retry->add_flag("--json", o.json, "The fetcher's answer, as one line of JSON");
  return retry;
}

}  // namespace

void AddCrawlCommands(CommandSet& commands) {
  commands.Add(&DescribeRun, &RunCommand);
  commands.Add(&DescribeUrls, &UrlsCommand);
  commands.Add(&DescribeFeed, &FeedCommand);
  commands.Add(&DescribeStatus, &StatusCommand);
  commands.Add(&DescribeTop, &TopCommand);
  commands.Add(&DescribeTap, &TapCommand);
  commands.Add(&DescribeTail, &TailCommand);
  commands.Add(&DescribeJobs, &JobsCommand);
  commands.Add(&DescribeCancel, &CancelCommand);
  commands.Add(&DescribePause, &PauseCommand);
  commands.Add(&DescribeResume, &ResumeCommand);
  commands.Add(&DescribeDrain, &DrainCommand);
  commands.Add(&DescribeWhy, &WhyCommand);
  commands.Add(&DescribeLedger, &LedgerCommand);
  CommandSet dead = commands.AddGroup("dead", "URLs that could not be had or not be read");
  dead.Add(&DescribeDeadList, &DeadListCommand);
  dead.Add(&DescribeDeadRetry, &DeadRetryCommand);
}

}  // namespace thresh
