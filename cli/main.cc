// thresh: the command.

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/control/commands.h"
#include "lib/base/exit_codes.h"
#include "lib/toml/nearest.h"

namespace thresh {
namespace {

void AddRun(CLI::App& app, RunOptions& o) {
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
  run->add_option("--max-pages", o.max_pages, "Stop after this many pages")
      ->check(CLI::PositiveNumber);
  run->add_option("--config", o.config,
                  "File of settings for the daemons, as thresh.toml; without it none is read");
  run->add_option("--contact", o.contact, "Who runs it, for the user agent: a URL or mail address");
  run->add_option("--max-records", o.max_records, "Stop after this many records")
      ->check(CLI::PositiveNumber);
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
}

void AddPlace(CLI::App* command, PlaceOptions& place) {
  command->add_option(
      "--state", place.state,
      "State folder of thresh-fetcher and thresh-sink (default: this machine's services)");
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
  feed->add_option("--socket", o.socket, "The fetcher's feed socket")->capture_default_str();
  feed->add_option("--repeat", o.repeat, "Feed the list this many times over")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  feed->add_option("-r,--recipe", o.recipes,
                   "Recipe file or name: feed its start_urls, [[start]] and sitemaps")
      ->allow_extra_args(false);
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
  attempt->add_option("page", o.page,
                      "URL, feed line as {\"url\":...}, or a file with the page; without it, what "
                      "the recipe starts with");
  attempt->add_option("--start", o.start, "Which of these, from 1")
      ->check(CLI::PositiveNumber)
      ->excludes("page");
  attempt->add_option("--url", o.url, "The URL that the file came from");
  attempt->add_option("--meta", o.meta, "The feed line's meta, as a JSON object");
  attempt->add_option("--secrets-dir", o.secrets_dir, "Folder of files that {secret.NAME} names")
      ->capture_default_str();
  attempt->add_option("--set", o.overrides, "KEY=VALUE over the recipe's [fetch], allow or deny")
      ->allow_extra_args(false);
}

void AddPage(CLI::App* command, PageOptions& o) {
  command->add_option("file", o.file, "The page; - or none for stdin");
  command->add_option("--charset", o.charset,
                      "Its charset, as iso-8859-1, whatever it says of itself");
}

void AddHtml(CLI::App& app, HtmlOptions& o) {
  CLI::App* html = app.add_subcommand("html", "Print how a page is parsed, as html5lib's tests do");
  AddPage(html, o.page);
  html->add_option("--fragment", o.fragment,
                   "Parse as the content of this element: div, td, \"svg path\", \"math mi\"");
}

void AddSelect(CLI::App& app, SelectOptions& o) {
  CLI::App* select = app.add_subcommand(
      "select", "Print what an expression finds in a page, one JSON value a line");
  select
      ->add_option("expression", o.expression,
                   "JSONPath if it begins with $; XPath with /, ./ or (; else a CSS selector")
      ->required();
  AddPage(select, o.page);
  auto* css = select->add_flag("--css", o.css, "A CSS selector");
  auto* xpath = select->add_flag("--xpath", o.xpath, "XPath 1.0")->excludes(css);
  auto* json = select->add_flag("--json", o.json, "JSONPath (RFC 9535)")->excludes(css, xpath);
  for (auto* kind : {css, xpath, json}) kind->group("What the expression is");
  auto* text = select->add_flag("--text", o.text, "Its text, white space collapsed (the default)");
  auto* attribute =
      select->add_option("--attr", o.attribute, "This attribute; without it there is no match")
          ->excludes(text);
  auto* html = select->add_flag("--html", o.html, "The element as HTML")->excludes(text, attribute);
  for (auto* take : {text, attribute, html}) take->group("What is taken of an element");
  auto* count = select->add_flag("-c,--count", o.count, "Only the number of matches");
  select->add_flag("-r,--raw", o.raw, "Strings as they are, without quotes and escapes")
      ->excludes(count);
  select->add_option("--as", o.as, "What the page is: auto, html, xml, json, ndjson or text")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "html", "xml", "json", "ndjson", "text"}));
  select->add_option("--base,--url", o.base,
                     "The page's URL: values of href, src and the like become absolute");
  select->footer(
      "Exit status: 0 with matches, 1 without, 64 usage, 65 for a bad expression or\n"
      "page, 73 if stdout cannot be written. docs/select.md has examples.");
}

void AddShell(CLI::App& app, ShellOptions& o) {
  CLI::App* shell = app.add_subcommand("shell", "Try expressions on a page, at a prompt");
  shell->add_option("page", o.page.file, "URL, or a file with the page")->required();
  shell->add_option("--charset", o.page.charset, "Its charset, whatever it says of itself");
  shell->add_option("--as", o.as, "What it is: auto, html, xml, json, ndjson or text")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "html", "xml", "json", "ndjson", "text"}));
  shell->footer("The lines typed are kept in ~/.local/state/thresh/history.");
}

void AddUrl(CLI::App& app, UrlOptions& o) {
  CLI::App* url = app.add_subcommand("url", "A URL as the WHATWG standard writes it, or its error");
  url->add_option("--base", o.base, "The URL that relative ones are resolved against");
  url->add_option("urls", o.urls, "URLs; one that begins with a dash goes behind --")->required();
  url->add_flag("--json", o.json, "One line of JSON for each, with its parts");
  url->footer("Exit status: 0 all are URLs, 65 one is not.");
}

void AddRobots(CLI::App& app, RobotsOptions& o) {
  CLI::App* robots =
      app.add_subcommand("robots", "Whether a robots.txt lets a crawler ask for URLs");
  robots->add_option("--agent", o.agent, "The crawler's name")->capture_default_str();
  robots->add_option("file", o.file, "The robots.txt; - for stdin")->required();
  robots->add_option("urls", o.urls, "URLs, or paths that begin with a slash");
  robots->add_flag("--json", o.json, "One line of JSON for each");
  robots->footer(
      "Prints a line for each: allow or deny, the rule that decided (- for none) and the\n"
      "URL, with tabs between. Without URLs: the crawler's rules, its delay and the sitemaps.");
}

void AddKeys(CLI::App& app, KeysOptions& o) {
  CLI::App* keys = app.add_subcommand("keys", "Make key pairs for parsers on other machines");
  keys->add_option("names", o.names, "What the files are called before .key and .pub")->required();
  keys->footer(
      "NAME.key is secret, and stays on the machine of its owner. NAME.pub goes to the others:\n"
      "the parsers' into the file of the daemons' --clients, that of fetcher and sink to each\n"
      "parser (its --server-key FILE). Nothing that is there is overwritten. docs/parsers.md has "
      "an example.");
}

void AddTest(CLI::App& app, TestOptions& o) {
  CLI::App* test = app.add_subcommand("test", "Run the tests that recipes bring along");
  test->add_option("recipes", o.recipes, "Recipe files or names, or folders of recipes")
      ->required();
  test->footer(
      "Exit status: 0 if all pass, 1 if one fails or there is none, 65 for a recipe\n"
      "that cannot be used. Nothing is fetched.");
}

void AddExtract(CLI::App& app, ExtractOptions& o) {
  CLI::App* extract =
      app.add_subcommand("extract", "Extract records from stored pages; nothing is fetched");
  extract->add_option("--warc", o.warc, "WARC file, or folder with some, of any software")
      ->required();
  extract->add_option("-r,--recipe", o.recipes, "Recipe file or name")
      ->required()
      ->allow_extra_args(false);
  extract->add_option("-o,--out", o.out, "Folder for the records, or - for stdout")
      ->capture_default_str();
  extract->add_flag("--fresh", o.fresh, "Replace files of records that are there");
  extract->add_option("-j,--jobs", o.jobs, "Processes that extract; as many as there are cores");
  extract->footer(
      "A page goes to the recipe that it was fetched for, else to the one whose allow fits.\n"
      "Exit status: 0 done, 1 no record, 3 some pages were dead, 65 for a recipe or file that\n"
      "cannot be used, 73 if the records cannot be written.");
}

void AddTransforms(CLI::App& app, TransformsOptions& o) {
  CLI::App* transforms = app.add_subcommand("transforms", "List what may stand in a recipe's pipe");
  transforms->add_option("name", o.name, "Only this one");
  transforms->add_flag("--json", o.json, "One line of JSON for each");
}

void AddCheck(CLI::App& app, CheckOptions& o) {
  CLI::App* check = app.add_subcommand("check", "Validate recipes");
  check->add_option("recipes", o.recipes, "Recipe files or names")->required();
  check->add_option("--secrets-dir", o.secrets_dir, "Folder of files that {secret.NAME} names")
      ->capture_default_str();
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

// What is there to be meant by a word that was not expected.
std::vector<std::string_view> KnownWords(const CLI::App& app, bool option) {
  std::vector<std::string_view> known;
  if (option) {
    for (const CLI::Option* o : app.get_options()) {
      for (const std::string& name : o->get_lnames()) known.push_back(name);
    }
    return known;
  }
  for (const CLI::App* command : app.get_subcommands(nullptr)) known.push_back(command->get_name());
  return known;
}

std::string UsageFault(const CLI::App* app, const CLI::Error& fault) {
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  std::string text = fault.what();
  const std::vector<std::string> unexpected = app->remaining();
  if (!unexpected.empty()) {
    std::string_view word = unexpected.front();
    const bool option = word.starts_with("--");
    const bool command = !option && !app->get_subcommands(nullptr).empty();
    if (option) word.remove_prefix(2);
    const std::string_view nearest =
        NearestName(word.substr(0, word.find('=')), KnownWords(*app, option));
    if (command) text = "expected a command, found \"" + std::string(word) + '"';
    if (!nearest.empty()) {
      text += "; did you mean \"" + std::string(option ? "--" : "") + std::string(nearest) + "\"?";
    } else if (word.starts_with('-') && !option) {
      text += "; what begins with - and is no option stands behind --";
    }
  }
  std::string name = app->get_name();
  while ((app = app->get_parent()) != nullptr) name.insert(0, app->get_name() + " ");
  return text + "\n`" + name + " --help` says more.\n";
}

}  // namespace
}  // namespace thresh

int main(int argc, char** argv) {
  using namespace thresh;
  OpenStandardDescriptors();
  ::unsetenv("NOTIFY_SOCKET");    // A service manager that started us is not our daemons'.
  std::signal(SIGPIPE, SIG_IGN);  // A reader that leaves is an error to report, not to die of.
  CLI::App app("thresh turns URLs into records.", "thresh");
  app.set_version_flag("--version", "thresh " THRESH_VERSION);
  app.require_subcommand(1);
  app.failure_message(&UsageFault);
  RunOptions run;
  FeedOptions feed;
  FetchOptions fetch;
  TryOptions attempt;
  CheckOptions check;
  TestOptions test;
  ExtractOptions extract;
  TransformsOptions transforms;
  HtmlOptions html;
  SelectOptions select;
  ShellOptions shell;
  RobotsOptions robots;
  UrlOptions url;
  WhyOptions why;
  LedgerOptions ledger;
  StatusOptions status;
  DeadListOptions dead_list;
  DeadRetryOptions dead_retry;
  FsckOptions fsck;
  KeysOptions keys;
  AddRun(app, run);
  AddFeed(app, feed);
  AddStatus(app, status);
  const ControlCommands control(app);
  AddWhy(app, why);
  AddLedger(app, ledger);
  AddDead(app, dead_list, dead_retry);
  AddFetch(app, fetch);
  AddTry(app, attempt);
  AddCheck(app, check);
  AddTest(app, test);
  AddExtract(app, extract);
  AddTransforms(app, transforms);
  AddSelect(app, select);
  AddHtml(app, html);
  AddShell(app, shell);
  AddRobots(app, robots);
  AddUrl(app, url);
  AddFsck(app, fsck);
  AddKeys(app, keys);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kExitDone : kExitUsage;
  }
  if (const auto status_of_control = control.Run()) return *status_of_control;
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
  if (app.got_subcommand("test")) return TestCommand(test);
  if (app.got_subcommand("extract")) return ExtractCommand(extract);
  if (app.got_subcommand("transforms")) return TransformsCommand(transforms);
  if (app.got_subcommand("shell")) return ShellCommand(shell);
  if (app.got_subcommand("url")) return UrlCommand(url);
  if (app.got_subcommand("robots")) return RobotsCommand(robots);
  if (app.got_subcommand("html")) return HtmlCommand(html);
  if (app.got_subcommand("select")) return SelectCommand(select);
  if (app.got_subcommand("keys")) return KeysCommand(keys);
  if (app.got_subcommand("fsck")) return FsckCommand(fsck);
  return CheckCommand(check);
}
