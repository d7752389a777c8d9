#pragma once

// What `thresh-fetcher` is told at its start.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fetcher/politeness/host_health.h"
#include "lib/bus/tcp_door.h"
#include "lib/recipe/recipe.h"
#include "lib/recipe/secrets.h"

namespace thresh {

struct FetcherOptions {
  std::string state_dir;                   ///< Sockets and the frontier lie here.
  std::vector<std::string> recipes;        ///< Files or names.
  std::vector<Override> overrides;         ///< `--set`.
  std::vector<std::string> allow_private;  ///< Hosts and networks, beside those of recipes.
  std::string secrets_dir = std::string(kSecretsFolder);
  std::size_t max_in_flight = 1000;          ///< Requests at once, all hosts.
  std::size_t page_buffer_bytes = 32 << 20;  ///< Bodies held; over it fetching pauses.
  std::uint64_t max_pages = 0;               ///< Pages to fetch in all; 0: no limit.
  int max_attempts = 3;                      ///< Requests for a URL before it is dead.
  int lease_ms = 15'000;                     ///< A parser's time for a page.
  std::size_t spool_bytes = 1 << 20;  ///< A larger body is spooled to the disk while it arrives.
  std::uint64_t spool_max_bytes = std::uint64_t{16}
                                  << 30;  ///< On the disk; over it fetching pauses.
  std::string pages_dir;                  ///< Saved pages; empty: `pages` in state_dir.
  std::string durability = "power";       ///< Or "process": no syncs.
  std::size_t frontier_cache_bytes = 64 << 20;
  std::uint64_t min_free_bytes = 64 << 20;  ///< Room on the disk below which all waits.
  bool no_refresh = false;                  ///< Nothing that is done is asked for again.
  std::string contact;           ///< Who runs it: a URL or mail address, for the user agent.
  HealthOptions health;          ///< How hosts that fail are treated.
  TcpDoorOptions tcp;            ///< For parsers on other machines.
  bool accept_new_sink = false;  ///< Go on with a sink that has another state.
};

}  // namespace thresh
