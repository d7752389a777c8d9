#pragma once

// The commands of `thresh bench`. Each returns the process's exit status.

#include <cstdint>
#include <string>
#include <vector>

#include "cli/bench/delay_server.h"

namespace thresh {

/// Serves until SIGINT or SIGTERM. Its URL is the one line on stdout.
int BenchServerCommand(const DelayServerOptions& options);

struct BenchCrawlOptions {
  std::uint64_t requests = 1000;
  std::uint64_t delay_ms = 100;
  std::uint64_t at_once = 100;
  std::uint64_t cpu_ms = 0;        ///< CPU time of each page; then other modes: see crawl_modes.h.
  std::vector<std::string> modes;  ///< None: all.
  std::string out = "bench-crawl";
  std::string server;                             ///< Empty: one of our own.
  std::string metrics_path = "metric_data.json";  ///< That `server` flushes to.
  std::string query;                              ///< Empty: kBenchQuery.
  bool json = false;
};
int BenchCrawlCommand(const BenchCrawlOptions& options);

}  // namespace thresh
