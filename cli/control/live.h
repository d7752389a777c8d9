#pragma once

// Live: what fetcher and sink say of themselves at one moment, and how fast it changes.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/control/place.h"
#include "cli/run/crawl_status.h"
#include "lib/base/result.h"
#include "lib/metrics/metric_set.h"

namespace thresh {

struct LiveParser {
  std::uint64_t pid = 0, leased = 0, parsed = 0, memory_bytes = 0;
  double pages_per_s = 0;
  std::string state, last_url;
};

struct LiveHost {
  std::string host;
  std::uint64_t in_flight = 0, queued = 0, delay_ms = 0;
  bool queued_more = false;  ///< There are more on disk than `queued`.
  double pages_per_s = 0;
  std::string backoff_until;  ///< UTC; or empty.
  std::string breaker, robots;
  bool paused = false;
};

struct Live {
  using Time = std::chrono::steady_clock::time_point;

  Time at;
  std::string fetcher_fault, sink_fault;  ///< Why one does not answer; empty: it does.
  CrawlStatus status;
  MetricSet metrics;  ///< Of both.
  std::string sink_paused;
  std::uint64_t sink_pid = 0;
  std::vector<LiveParser> parsers;
  std::vector<LiveHost> hosts;
};

/// Asks both; each may be missing. `most_hosts`: how many to list.
[[nodiscard]] Live LookAt(const DaemonPlace& place, std::uint64_t most_hosts);

/// Growth of a metric a second between two looks, summed over its labels; nullopt if it is not
/// known, or the process began anew in between.
[[nodiscard]] std::optional<double> GrowthOf(Metric metric, const Live& before, const Live& now);

}  // namespace thresh
