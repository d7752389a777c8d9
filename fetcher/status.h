#pragma once

// What the fetcher says of itself on its control socket, as one line of JSON.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "fetcher/dispatch/parser_pool.h"
#include "fetcher/ledger/ledger.h"

namespace thresh {

struct FetcherStatus {
  const Ledger& ledger;
  std::uint64_t queued = 0;     ///< Waiting to be fetched.
  std::uint64_t in_flight = 0;  ///< Being fetched.
  std::uint64_t waiting = 0;    ///< Fetched; no parser has them yet.
  std::uint64_t leased = 0;     ///< At a parser.
  std::uint64_t awaiting_ack = 0;
  std::uint64_t pending = 0;  ///< All tasks not ended, as the frontier counts them.
  bool sink_connected = false;
  std::vector<ParserInfo> parsers;
  /// How often each thing was found to be what holds the crawl back.
  const std::map<std::string, std::uint64_t>& held_back;
};

[[nodiscard]] std::string StatusJson(const FetcherStatus& status);

}  // namespace thresh
