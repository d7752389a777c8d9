#pragma once

// The fetcher's status line, read back.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace thresh {

struct CrawlStatus {
  // Of the state, whichever fetcher works on it.
  std::uint64_t fed = 0, followed = 0, recrawled = 0, retried = 0;
  std::uint64_t done = 0, pending = 0, jobs_pending = 0, records = 0;
  std::uint64_t unchanged = 0;  ///< Of those done: as at the request before.
  std::uint64_t redirects = 0;  ///< Followed, of all that ended.
  std::map<std::string, std::uint64_t> dead, dropped;
  // Of this fetcher's life.
  std::uint64_t pid = 0;
  std::uint64_t duplicates = 0, refused = 0, pages = 0, body_bytes = 0;
  std::map<std::string, std::uint64_t> held_back;
  // Of now.
  std::uint64_t queued = 0, in_flight = 0, waiting = 0, leased = 0, awaiting_ack = 0;
  std::uint64_t parsers = 0;
  bool sink = false;
  std::string paused;              ///< Why nothing can be written; empty: it can.
  std::string fetching = "on";     ///< Or what an operator asked for: `paused`, `draining`.
  std::uint64_t hosts_paused = 0;  ///< By an operator.
  double pages_per_s = 0;          ///< Over the last 5 s.
  std::uint64_t uptime_ms = 0;

  [[nodiscard]] std::uint64_t dead_count() const;
  [[nodiscard]] std::uint64_t dropped_count() const;
  /// All tasks that have come to their end.
  [[nodiscard]] std::uint64_t ended() const { return done + dead_count() + dropped_count(); }
};

/// Errors: kInvalid for what is no status.
[[nodiscard]] Result<CrawlStatus> ParseStatus(std::string_view json);

}  // namespace thresh
