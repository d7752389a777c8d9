#pragma once

// What the fetcher says of itself on its control socket, each as one line of JSON.
// docs/control.md has the keys.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fetcher/dispatch/parser_pool.h"
#include "fetcher/frontier/frontier.h"
#include "fetcher/ledger/ledger.h"

namespace thresh {

struct FetcherStatus {
  const Ledger& ledger;
  std::uint64_t pending = 0;     ///< Tasks that have not ended.
  std::uint64_t duplicates = 0;  ///< Of this life: URLs fed again,
  std::uint64_t refused = 0;     ///< feed lines answered with an error,
  std::uint64_t pages = 0;       ///< pages fetched, with whatever status,
  std::uint64_t body_bytes = 0;  ///< and their bodies, decoded.
  std::uint64_t queued = 0;      ///< Waiting to be fetched.
  std::uint64_t in_flight = 0;   ///< Being fetched.
  std::uint64_t waiting = 0;     ///< Fetched; no parser has them yet.
  std::uint64_t leased = 0;      ///< At a parser.
  std::uint64_t awaiting_ack = 0;
  std::uint64_t jobs_pending = 0;  ///< Ended, but not yet in jobs.ndjson.
  std::uint64_t uptime_ms = 0;
  bool resumed = false;  ///< There was work in the state at the start.
  bool sink_connected = false;
  const std::string& paused;         ///< Why nothing can be written; empty: it can.
  std::string_view fetching = "on";  ///< `on`, or what an operator asked for: `paused`, `draining`.
  std::size_t hosts_paused = 0;      ///< By an operator.
  double pages_per_s = 0;            ///< Fetched, over the last 5 s.
  std::vector<ParserInfo> parsers;
  /// How often each thing was found to be what holds the crawl back.
  const std::map<std::string, std::uint64_t>& held_back;
};

[[nodiscard]] std::string StatusJson(const FetcherStatus& status);

/// `pending`: tasks that have not ended, counted by themselves.
[[nodiscard]] std::string LedgerJson(const Ledger& ledger, std::uint64_t pending);

/// What has become of a request for a URL under one recipe.
struct TaskFate {
  std::string recipe;
  std::string state;  ///< queued, in_flight, waiting, leased, awaiting_ack, retry, done, …
  Fate fate;
  std::string method = "GET";
  std::uint64_t body_bytes = 0;
  std::string body_start;  ///< Some of it.
};
[[nodiscard]] std::string WhyJson(std::string_view url, const std::vector<TaskFate>& fates);

[[nodiscard]] std::string ErrorJson(std::string_view what);

}  // namespace thresh
