#include "settings/catalogue.h"

#include <algorithm>

#include "lib/recipe/fetch_keys.h"

namespace thresh {
namespace {

constexpr std::string_view kAboutFetcher =
    "Takes URLs from the feed socket (thresh feed, or a line each to feed.sock in the folder of "
    "the "
    "sockets), keeps them in a queue on disk, fetches them by the rules of their recipe and of "
    "politeness, and hands the pages to parsers. A URL is answered when it is durable; a page is "
    "kept "
    "until the sink has written what is in it.\n\n"
    "It may be killed at any moment and goes on where it was.";
constexpr std::string_view kAboutParser =
    "Extracts records and links from pages, as the recipes say that the fetcher sends it, and "
    "sends "
    "them to the sink. Run as many as there are processors; start and kill them at any time: a "
    "page "
    "whose parser went away goes to another.";
constexpr std::string_view kAboutSink =
    "Writes the records that parsers send, each once, to a file for each item, a line of JSON "
    "each; "
    "dead letters to dead.ndjson. A line that can be read is durable and final.\n\n"
    "SIGHUP makes it open its files anew, after a log rotator has moved them, as well.";
constexpr std::string_view kAboutWeb =
    "Asks fetcher and sink by their sockets, and serves what they say: a page for people, /metrics "
    "for Prometheus, /healthz. Whoever reaches its address can read all of it; with a token, POST "
    "/feed takes URLs.";
constexpr std::string_view kAboutHost =
    "Keys of recipes' [fetch] for hosts, over what recipes say. `match` is a host (of any port), "
    "host:port, \"*.example.com\" (all below it) or \"*\" (all), or a list of these; where several "
    "tables match, the closest match goes over the others, key by key. Of limits (per_host, "
    "delay_ms "
    "and the like) the stricter one holds, the recipe's or this one: no recipe loosens what stands "
    "here. All else here goes over the recipe.";

TableDocs HostDocs() {
  TableDocs host{.name = "host", .about = kAboutHost};
  host.keys.push_back({"match", R"(["example.com", "*.example.com"])", "The hosts it is for"});
  for (const FetchKey& key : FetchKeys()) host.keys.push_back({key.name, key.shown(), key.help});
  return host;
}

}  // namespace

Catalogue::Catalogue() {
  docs_.daemons = {{.name = "thresh-fetcher",
                    .what = "Fetches URLs fed to it and hands the pages to parsers.",
                    .about = kAboutFetcher,
                    .options = FetcherTable(fetcher_)},
                   {.name = "thresh-parser",
                    .what = "Extracts records from the pages a fetcher hands out.",
                    .about = kAboutParser,
                    .options = ParserTable(parser_)},
                   {.name = "thresh-sink",
                    .what = "Appends the records that parsers send to NDJSON files.",
                    .about = kAboutSink,
                    .options = SinkTable(sink_)},
                   {.name = "thresh-web",
                    .what = "Shows a crawl in a browser; /metrics for Prometheus, /healthz.",
                    .about = kAboutWeb,
                    .options = WebTable(web_)}};
  docs_.tables = {HostDocs()};
}

DaemonInfo Catalogue::InfoOf(std::string_view name) const {
  const auto daemon = std::find_if(docs_.daemons.begin(), docs_.daemons.end(),
                                   [name](const DaemonDocs& d) { return d.name == name; });
  return {.name = daemon->name, .what = daemon->what, .docs = docs_, .foreign = {"host"}};
}

}  // namespace thresh
