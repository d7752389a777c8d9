#pragma once

// What `thresh-fetcher` is told at its start.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "lib/bus/tcp_door_options.h"
#include "lib/config/option.h"
#include "settings/common.h"

namespace thresh {

struct FetcherOptions {
  std::string state_dir = std::string(kStateFolder);  ///< Of the frontier.
  std::string run_dir = std::string(kRunFolder);      ///< Of the sockets.
  std::string pages_dir;                              ///< Saved pages; empty: `pages` in state_dir.
  std::vector<std::string> recipe_dirs = {"/etc/thresh/recipes"};
  std::vector<std::string> recipes;        ///< Files or names; empty: all of recipe_dirs.
  std::vector<std::string> overrides;      ///< `--set`.
  std::vector<std::string> allow_private;  ///< Hosts and networks, beside those of recipes.
  std::string secrets_dir = "/etc/thresh/secrets";
  std::size_t max_in_flight = 1000;          ///< Requests at once, all hosts.
  std::size_t page_buffer_bytes = 32 << 20;  ///< Bodies held; over it fetching pauses.
  std::uint64_t max_pages = 0;               ///< Pages to fetch in all; 0: no limit.
  int max_attempts = 3;                      ///< Requests for a URL before it is dead.
  int lease_ms = 15'000;                     ///< A parser's time for a page.
  std::size_t spool_bytes = 1 << 20;  ///< A larger body is spooled to the disk while it arrives.
  std::uint64_t spool_max_bytes = std::uint64_t{16}
                                  << 30;  ///< On the disk; over it fetching pauses.
  std::string durability = "power";       ///< Or "process": no syncs.
  std::size_t frontier_cache_bytes = 64 << 20;
  std::uint64_t min_free_bytes = 64 << 20;  ///< Room on the disk below which all waits.
  bool no_refresh = false;                  ///< Nothing that is done is asked for again.
  std::string contact;           ///< Who runs it: a URL or mail address, for the user agent.
  int breaker_failures = 10;     ///< Requests in a row without an answer.
  int breaker_probes = 5;        ///< So many without an answer: the host's URLs are dead.
  int breaker_probe_ms = 5'000;  ///< Until the first probe; doubles.
  TcpDoorOptions tcp;            ///< For parsers on other machines.
  bool accept_new_sink = false;  ///< Go on with a sink that has another state.
  LogOptions log;
};

/// The rows of these; what they hold is the default.
[[nodiscard]] OptionTable FetcherTable(FetcherOptions& options);

}  // namespace thresh
