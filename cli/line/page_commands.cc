// The commands that need no daemon: one page, recipes, stored pages, files of a crawl, keys.

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/line/command_set.h"

namespace thresh {
namespace {

CLI::App* DescribeFetch(CLI::App& app, FetchOptions& o) {
  CLI::App* fetch = app.add_subcommand("fetch", "Fetch one URL and write its body to stdout");
  fetch->add_option("url", o.url, "What to fetch")->required();
  fetch->add_flag("-i,--include", o.headers, "Status line and headers first");
  return fetch;
}

CLI::App* DescribeTry(CLI::App& app, TryOptions& o) {
  CLI::App* attempt = app.add_subcommand("try", "Show what a recipe finds on one page");
  attempt->add_option("recipe", o.recipe, "Recipe file or name")->required();
  attempt->add_option("page", o.page,
                      "URL, feed line as {\"url\":...}, or a file with the page; without it, what "
                      "the recipe starts with");
  attempt->add_option("--start", o.start, "Which of these, from 1")
      ->check(FromOne())
      ->excludes("page");
  attempt->add_option("--url", o.url, "The URL that the file came from");
  attempt->add_option("--meta", o.meta, "The feed line's meta, as a JSON object");
  attempt->add_option("--secrets-dir", o.secrets_dir, "Folder of files that {secret.NAME} names")
      ->capture_default_str();
  attempt->add_option("--set", o.overrides, "KEY=VALUE over the recipe's [fetch], allow or deny")
      ->allow_extra_args(false);
  return attempt;
}

CLI::App* DescribeCheck(CLI::App& app, CheckOptions& o) {
  CLI::App* check = app.add_subcommand("check", "Validate recipes");
  check->add_option("recipes", o.recipes, "Recipe files or names")->required();
  check->add_option("--secrets-dir", o.secrets_dir, "Folder of files that {secret.NAME} names")
      ->capture_default_str();
  return check;
}

CLI::App* DescribeTest(CLI::App& app, TestOptions& o) {
  CLI::App* test = app.add_subcommand("test", "Run the tests that recipes bring along");
  test->add_option("recipes", o.recipes, "Recipe files or names, or folders of recipes")
      ->required();
  test->footer(
      "Exit status: 0 if all pass, 1 if one fails or there is none, 65 for a recipe\n"
      "that cannot be used. Nothing is fetched.");
  return test;
}

CLI::App* DescribeExtract(CLI::App& app, ExtractOptions& o) {
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
  return extract;
}

CLI::App* DescribeTransforms(CLI::App& app, TransformsOptions& o) {
  CLI::App* transforms = app.add_subcommand("transforms", "List what may stand in a recipe's pipe");
  transforms->add_option("name", o.name, "Only this one");
  transforms->add_flag("--json", o.json, "One line of JSON for each");
  return transforms;
}

void AddPage(CLI::App* command, PageOptions& o) {
  command->add_option("file", o.file, "The page; - or none for stdin");
  command->add_option("--charset", o.charset,
                      "Its charset, as iso-8859-1, whatever it says of itself");
}

CLI::App* DescribeSelect(CLI::App& app, SelectOptions& o) {
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
  return select;
}

CLI::App* DescribeHtml(CLI::App& app, HtmlOptions& o) {
  CLI::App* html = app.add_subcommand("html", "Print how a page is parsed, as html5lib's tests do");
  AddPage(html, o.page);
  html->add_option("--fragment", o.fragment,
                   "Parse as the content of this element: div, td, \"svg path\", \"math mi\"");
  return html;
}

CLI::App* DescribeShell(CLI::App& app, ShellOptions& o) {
  CLI::App* shell = app.add_subcommand("shell", "Try expressions on a page, at a prompt");
  shell->add_option("page", o.page.file, "URL, or a file with the page")->required();
  shell->add_option("--charset", o.page.charset, "Its charset, whatever it says of itself");
  shell->add_option("--as", o.as, "What it is: auto, html, xml, json, ndjson or text")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "html", "xml", "json", "ndjson", "text"}));
  shell->footer("The lines typed are kept in ~/.local/state/thresh/history.");
  return shell;
}

CLI::App* DescribeRobots(CLI::App& app, RobotsCommandOptions& o) {
  CLI::App* robots =
      app.add_subcommand("robots", "Whether a robots.txt lets a crawler ask for URLs");
  robots->add_option("--agent", o.agent, "The crawler's name")->capture_default_str();
  robots->add_option("file", o.file, "The robots.txt; - for stdin")->required();
  robots->add_option("urls", o.urls, "URLs, or paths that begin with a slash");
  robots->add_flag("--json", o.json, "One line of JSON for each");
  robots->footer(
      "Prints a line for each: allow or deny, the rule that decided (- for none) and the\n"
      "URL, with tabs between. Without URLs: the crawler's rules, its delay and the sitemaps.");
  return robots;
}

CLI::App* DescribeUrl(CLI::App& app, UrlOptions& o) {
  CLI::App* url = app.add_subcommand("url", "A URL as the WHATWG standard writes it, or its error");
  url->add_option("--base", o.base, "The URL that relative ones are resolved against");
  url->add_option("urls", o.urls, "URLs; one that begins with a dash goes behind --")->required();
  url->add_flag("--json", o.json, "One line of JSON for each, with its parts");
  url->footer("Exit status: 0 all are URLs, 65 one is not.");
  return url;
}

CLI::App* DescribeFsck(CLI::App& app, FsckOptions& o) {
  CLI::App* fsck = app.add_subcommand("fsck", "Check every file of a state, and the output");
  fsck->add_option("folder", o.folder, "Folder of a thresh run, or a state folder");
  AddPlace(fsck, o.place);
  return fsck;
}

CLI::App* DescribeKeys(CLI::App& app, KeysOptions& o) {
  CLI::App* keys = app.add_subcommand("keys", "Make key pairs for parsers on other machines");
  keys->add_option("names", o.names, "What the files are called before .key and .pub")->required();
  keys->footer(
      "NAME.key is secret, and stays on the machine of its owner. NAME.pub goes to the others:\n"
      "the parsers' into the file of the daemons' --clients, that of fetcher and sink to each\n"
      "parser (its --server-key FILE). Nothing that is there is overwritten. docs/parsers.md has "
      "an example.");
  return keys;
}

}  // namespace

void AddPageCommands(CommandSet& commands) {
  commands.Add(&DescribeFetch, &FetchCommand);
  commands.Add(&DescribeTry, &TryCommand);
  commands.Add(&DescribeCheck, &CheckCommand);
  commands.Add(&DescribeTest, &TestCommand);
  commands.Add(&DescribeExtract, &ExtractCommand);
  commands.Add(&DescribeTransforms, &TransformsCommand);
  commands.Add(&DescribeSelect, &SelectCommand);
  commands.Add(&DescribeHtml, &HtmlCommand);
  commands.Add(&DescribeShell, &ShellCommand);
  commands.Add(&DescribeRobots, &RobotsCommand);
  commands.Add(&DescribeUrl, &UrlCommand);
  commands.Add(&DescribeFsck, &FsckCommand);
  commands.Add(&DescribeKeys, &KeysCommand);
}

}  // namespace thresh
