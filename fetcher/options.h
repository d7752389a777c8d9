#pragma once

// What `thresh-fetcher` is told at its start.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fetcher/politeness/host_health.h"
#include "lib/recipe/recipe.h"

namespace thresh {

struct FetcherOptions {
  std::string state_dir;                     ///< Sockets and the frontier lie here.
  std::vector<std::string> recipes;          ///< Files or names.
  std::vector<Override> overrides;           ///< `--set`.
  std::size_t max_in_flight = 100;           ///< Requests at once, all hosts.
  std::size_t page_buffer_bytes = 32 << 20;  ///< Bodies held; over it fetching pauses.
  std::uint64_t max_pages = 0;               ///< Pages to fetch in all; 0: no limit.
  int max_attempts = 3;                      ///< Requests for a URL before it is dead.
  int lease_ms = 15'000;                     ///< A parser's time for a page.
  std::string durability = "power";          ///< Or "process": no syncs.
  std::size_t frontier_cache_bytes = 64 << 20;
  std::uint64_t min_free_bytes = 64 << 20;  ///< Room on the disk below which all waits.
  std::string contact;           ///< Who runs it: a URL or mail address, for the user agent.
  HealthOptions health;          ///< How hosts that fail are treated.
  bool accept_new_sink = false;  ///< Go on with a sink that has another state.
};

}  // namespace thresh
