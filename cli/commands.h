#pragma once

// The commands of `thresh`. Each returns the process's exit status; data goes to stdout,
// all else to stderr.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/recipe/secrets.h"

namespace thresh {

struct RunOptions {
  std::vector<std::string> recipes;  ///< Files or names; none: the built-in `page`.
  std::vector<std::string> urls;
  std::vector<std::string> lists;  ///< `-f`: files of URLs, `-` for stdin.
  std::string out = "-";
  std::optional<std::uint64_t> parsers;  ///< None said: one a core.
  std::string
      parser;  ///< `--parser`: a command to start as parsers; `-`: none; empty: thresh-parser.
  std::vector<std::string> overrides;  ///< `--set`.
  std::uint64_t max_pages = 0;
  std::uint64_t max_records = 0;
  std::string contact;  ///< Who runs it, for the user agent.
  int cpu_ms = 0;
  bool fresh = false;
  std::string durability;   ///< `power` or `process`; empty: the daemons' default.
  std::string secrets_dir;  ///< Empty: what the file of settings says, else the usual one.
  std::string config;       ///< File of settings for the daemons; empty: none.
  int web_port = 0;         ///< `--web`: where to serve the page; 0: nowhere.
  bool downloads = false;   ///< Set by the command: pages that are saved are a success, too.
  std::string list_roots;   ///< Of `thresh urls`: `lines` or `csv`.

  /// As it is called in what it says.
  [[nodiscard]] const char* command() const { return list_roots.empty() ? "run" : "urls"; }
};
int RunCommand(const RunOptions& options);

struct UrlsOptions {
  RunOptions run;
  bool csv = false;
};
int UrlsCommand(const UrlsOptions& options);

struct FeedOptions {
  std::string socket = "/run/thresh-feed.sock";  ///< This machine's services'.
  std::uint64_t repeat = 1;
  std::vector<std::string> files;    ///< `-` or none: stdin, unless there are recipes.
  std::vector<std::string> recipes;  ///< Whose starts to feed.
  std::string job;    ///< Label of lines that have none; empty: none, or one is made.
  bool wait = false;  ///< Until all has ended that was fed.
};
int FeedCommand(const FeedOptions& options);

struct FetchOptions {
  std::string url;
  bool headers = false;  ///< `-i`: status line and headers first.
};
int FetchCommand(const FetchOptions& options);

struct TryOptions {
  std::string recipe;
  std::string page;       ///< URL, a feed line, or a file; empty: what the recipe starts with,
  std::size_t start = 1;  ///< and which of it.
  std::string url;        ///< What a file's URL was; empty: the recipe's first start URL.
  std::string meta;       ///< The feed line's, a JSON object; or empty.
  std::string secrets_dir = std::string(kSecretsFolder);
  std::vector<std::string> overrides;
};
int TryCommand(const TryOptions& options);

struct CheckOptions {
  std::vector<std::string> recipes;
  std::string secrets_dir = std::string(kSecretsFolder);
};
int CheckCommand(const CheckOptions& options);

struct TestOptions {
  std::vector<std::string> recipes;  ///< Files, names, or folders of recipes. At least one.
};
int TestCommand(const TestOptions& options);

struct ExtractOptions {
  std::vector<std::string> warc;     ///< Files, or folders of them. At least one.
  std::vector<std::string> recipes;  ///< Files or names. At least one.
  std::string out = "-";
  bool fresh = false;
  std::uint64_t jobs = 0;  ///< Processes; 0: as many as there are cores.
};
int ExtractCommand(const ExtractOptions& options);

struct TransformsOptions {
  std::string name;  ///< Empty: all.
  bool json = false;
};
int TransformsCommand(const TransformsOptions& options);

/// How the commands that look into one page read it.
struct PageOptions {
  std::string file;     ///< `-` or empty: stdin.
  std::string charset;  ///< Goes over what the page says of itself.
};

struct HtmlOptions {
  PageOptions page;
  std::string fragment;  ///< The context element; empty: a whole page.
};
int HtmlCommand(const HtmlOptions& options);

struct SelectOptions {
  std::string expression;
  PageOptions page;
  bool css = false, xpath = false, json = false;  ///< At most one.
  bool text = false, html = false;                ///< At most one of these and `attribute`.
  std::string attribute;
  bool count = false;
  bool raw = false;
  std::string as = "auto";
  std::string base;
};
int SelectCommand(const SelectOptions& options);

struct UrlOptions {
  std::string base;               ///< What relative ones are resolved against; may be empty.
  std::vector<std::string> urls;  ///< At least one.
  bool json = false;
};
int UrlCommand(const UrlOptions& options);

struct RobotsCommandOptions {
  std::string agent = "thresh";
  std::string file;               ///< A robots.txt; `-` for stdin.
  std::vector<std::string> urls;  ///< Or paths.
  bool json = false;
};
int RobotsCommand(const RobotsCommandOptions& options);

struct ShellOptions {
  PageOptions page;  ///< Its `file` may be a URL.
  std::string as = "auto";
};
int ShellCommand(const ShellOptions& options);

/// Which daemons a command is about: one of the two is given.
struct PlaceOptions {
  std::string state;  ///< `--state`: a state folder.
  std::string out;    ///< `-o`: the folder of a `thresh run`.
};

struct WhyOptions {
  PlaceOptions place;
  std::string url;
  bool json = false;
};
int WhyCommand(const WhyOptions& options);

struct LedgerOptions {
  PlaceOptions place;
  bool json = false;
};
int LedgerCommand(const LedgerOptions& options);

struct StatusOptions {
  PlaceOptions place;
  bool json = false;
};
int StatusCommand(const StatusOptions& options);

struct DeadListOptions {
  PlaceOptions place;
  std::string reason;  ///< Empty: any.
};
int DeadListCommand(const DeadListOptions& options);

struct DeadRetryOptions {
  PlaceOptions place;
  std::string reason;
  std::vector<std::string> urls;
  bool all = false;
  bool json = false;
};
int DeadRetryCommand(const DeadRetryOptions& options);

struct KeysOptions {
  std::vector<std::string> names;  ///< Paths without .key and .pub. At least one.
};
int KeysCommand(const KeysOptions& options);

struct FsckOptions {
  PlaceOptions place;
  std::string folder;  ///< Either kind, instead of `place`.
};
int FsckCommand(const FsckOptions& options);

}  // namespace thresh
