#pragma once

// The ways in which `thresh bench crawl` asks for the same URLs, and what came of each.

#include <cstdint>
#include <string>
#include <vector>

#include "cli/bench/commands.h"
#include "cli/bench/load.h"
#include "cli/bench/metric_data.h"
#include "lib/base/result.h"

namespace thresh {

/// `{mode}`, `{delay}` and `{n}`, the number of the request, are filled in.
inline constexpr const char* kBenchQuery = "name={mode}&delay={delay}&n={n}";

struct BenchMode {
  std::string name;
  bool pipeline = false;  ///< A `thresh run` with its own processes; else a loop in this process.
  std::uint64_t at_once = 1;
  std::uint64_t parsers = 0;  ///< Of a pipeline; 0: one a core.
};

struct ModeResult {
  BenchMode mode;
  LoadResult load;     ///< Of a pipeline `wall_s` has its start and end in it.
  RequestSpans spans;  ///< As the server noted them, by their start.

  /// From the first request to the last answer, by the server. 0 if it has noted none.
  [[nodiscard]] double served_s() const;
  [[nodiscard]] std::uint64_t most_at_once() const;
};

/// How many requests were open from each of these times on, in seconds from the first start.
struct OpenCount {
  double at_s = 0;
  std::uint64_t open = 0;
};
/// REQUIRES: spans by their start.
[[nodiscard]] std::vector<OpenCount> OpenCounts(const RequestSpans& spans);

/// serial, concurrent and pipeline; with cpu_ms one-process and parsers-1, -2 and -4.
[[nodiscard]] std::vector<BenchMode> ModesFor(const BenchCrawlOptions& options);

/// What no crawler can beat: all that may wait together waits together, all cores compute.
[[nodiscard]] double IdealSeconds(const BenchCrawlOptions& options, std::uint64_t cores);

/// `server`: without a slash at its end. Files of a pipeline are put into options.out.
/// Errors: kInternal if a pipeline did not come to its end; those of ReadMetricData().
[[nodiscard]] Result<ModeResult> RunMode(const BenchCrawlOptions& options, const BenchMode& mode,
                                         const std::string& server);

}  // namespace thresh
