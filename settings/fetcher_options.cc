#include "settings/fetcher_options.h"

namespace thresh {
namespace {

constexpr auto kCount = OptionKind::kCount;
constexpr auto kBytes = OptionKind::kBytes;

OptionTable PathRows(FetcherOptions& o) {
  return {StateRow(&o.state_dir),
          RunRow(&o.run_dir),
          {.key = "paths.pages",
           .flag = "--pages",
           .kind = OptionKind::kPath,
           .target = &o.pages_dir,
           .help = "Folder for pages that recipes save (save.format)",
           .unset = "pages in the state folder"},
          {.key = "paths.recipes",
           .flag = "--recipes-dir",
           .kind = OptionKind::kPaths,
           .target = &o.recipe_dirs,
           .help = "Folders of recipes: where --recipe looks for names",
           .environment = "THRESH_RECIPES",
           .reload = true},
          {.key = "paths.secrets",
           .flag = "--secrets-dir",
           .kind = OptionKind::kPath,
           .target = &o.secrets_dir,
           .help = "Folder of files that {secret.NAME} names",
           .reload = true}};
}

OptionTable WhatToFetchRows(FetcherOptions& o) {
  return {{.key = "contact",
           .flag = "--contact",
           .target = &o.contact,
           .help = "Who runs it, for the user agent: a URL or mail address",
           .unset = "not said",
           .reload = true},
          {.key = "fetcher.recipes",
           .flag = "--recipe",
           .kind = OptionKind::kTexts,
           .target = &o.recipes,
           .help = "Recipes, files or names, to work with; none: all of the folders of recipes",
           .reload = true},
          {.flag = "--set",
           .kind = OptionKind::kTexts,
           .target = &o.overrides,
           .help = "KEY=VALUE over every recipe's [fetch], allow or deny"},
          {.key = "fetcher.allow_private",
           .flag = "--allow-private",
           .kind = OptionKind::kTexts,
           .target = &o.allow_private,
           .help = "Hosts and networks (10.0.0.0/8) that may be private, beside recipes' own",
           .reload = true},
          {.key = "fetcher.max_pages",
           .flag = "--max-pages",
           .kind = kCount,
           .target = &o.max_pages,
           .help = "Pages to fetch in all; 0: no limit"},
          {.key = "fetcher.max_attempts",
           .flag = "--max-attempts",
           .kind = kCount,
           .target = &o.max_attempts,
           .help = "Requests for a URL before it is dead",
           .least = 1,
           .reload = true},
          {.key = "fetcher.no_refresh",
           .flag = "--no-refresh",
           .kind = OptionKind::kBool,
           .target = &o.no_refresh,
           .help = "Ask for nothing again that is done, whatever recipes and feed lines say",
           .reload = true}};
}

OptionTable LimitRows(FetcherOptions& o) {
  return {{.key = "fetcher.concurrency",
           .flag = "--concurrency",
           .kind = kCount,
           .target = &o.max_in_flight,
           .help = "Requests at once, all hosts; 0: none, questions are answered"},
          {.key = "fetcher.page_buffer_bytes",
           .flag = "--page-buffer-bytes",
           .kind = kBytes,
           .target = &o.page_buffer_bytes,
           .help = "Bodies held in memory before fetching pauses",
           .least = 1,
           .reload = true},
          {.key = "fetcher.spool_bytes",
           .flag = "--spool-bytes",
           .kind = kBytes,
           .target = &o.spool_bytes,
           .help = "A body of more goes to the disk while it arrives"},
          {.key = "fetcher.spool_max_bytes",
           .flag = "--spool-max-bytes",
           .kind = kBytes,
           .target = &o.spool_max_bytes,
           .help = "Bodies on the disk before fetching pauses",
           .least = 1,
           .reload = true},
          {.key = "fetcher.lease_ms",
           .flag = "--lease-ms",
           .kind = OptionKind::kMilliseconds,
           .target = &o.lease_ms,
           .help = "A parser's time for a page",
           .least = 1},
          {.key = "fetcher.frontier_cache_bytes",
           .flag = "--frontier-cache-bytes",
           .kind = kBytes,
           .target = &o.frontier_cache_bytes,
           .help = "Memory for the frontier's blocks, indexes and filters"},
          {.key = "fetcher.min_free_bytes",
           .flag = "--min-free-bytes",
           .kind = kBytes,
           .target = &o.min_free_bytes,
           .help = "Room on the disk below which all waits"}};
}

OptionTable BreakerRows(FetcherOptions& o) {
  return {{.key = "fetcher.breaker_failures",
           .flag = "--breaker-failures",
           .kind = kCount,
           .target = &o.breaker_failures,
           .help = "Requests without an answer until a host is only probed",
           .least = 1},
          {.key = "fetcher.breaker_probes",
           .flag = "--breaker-probes",
           .kind = kCount,
           .target = &o.breaker_probes,
           .help = "Probes without an answer until a host's URLs are dead",
           .least = 1},
          {.key = "fetcher.breaker_probe_ms",
           .flag = "--breaker-probe-ms",
           .kind = OptionKind::kMilliseconds,
           .target = &o.breaker_probe_ms,
           .help = "Until the first probe; each wait is twice the one before"},
          {.flag = "--accept-new-sink",
           .kind = OptionKind::kBool,
           .target = &o.accept_new_sink,
           .help = "Go on with a sink whose journal is another one: pages may be written twice"}};
}

}  // namespace

OptionTable FetcherTable(FetcherOptions& o) {
  OptionTable table = PathRows(o);
  table.push_back(DurabilityRow(&o.durability));
  Append(LogRows(o.log), &table);
  Append(WhatToFetchRows(o), &table);
  Append(LimitRows(o), &table);
  Append(BreakerRows(o), &table);
  Append(
      TcpRows({"fetcher.listen", "fetcher.key", "fetcher.clients", "fetcher.listen_without_keys"},
              o.tcp),
      &table);
  return table;
}

}  // namespace thresh
