#pragma once

// Observation: what the fetcher notices of its pages as they pass, for those who look: times,
// failures, the busiest hosts, what ended last; and who watches.
//
// Threads: none. What is noted of each page takes some tens of nanoseconds.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/time.h"
#include "lib/metrics/busiest.h"
#include "lib/metrics/growth_rate.h"
#include "lib/metrics/histogram.h"
#include "lib/metrics/metric_set.h"
#include "lib/metrics/process_usage.h"
#include "lib/metrics/tap.h"

namespace thresh {

/// A task that has ended.
struct EndedTask {
  std::uint64_t id = 0;
  std::string url, recipe;
  std::string_view state;  ///< `done`, `dead` or `dropped`.
  std::string reason;
  std::uint32_t attempts = 0;
  std::uint64_t records = 0;
  std::int64_t at_ms = 0;  ///< Wall clock.
};

/// The tasks that ended last, as many as fit into some memory.
class LastEnded {
 public:
  static constexpr std::size_t kMost = 4096;
  static constexpr std::size_t kMostUrlBytes = 512;  // Of what is kept.

  void Add(EndedTask task);
  /// Those whose URL has `text` in it, the newest first.
  [[nodiscard]] std::vector<EndedTask> Find(std::string_view text, std::size_t most) const;

 private:
  std::vector<EndedTask> ring_;
  std::size_t next_ = 0;
};

struct Observation {
  using Clock = std::chrono::steady_clock;

  Histogram fetch, parse;
  std::array<std::uint64_t, 1000> responses{};    // By status.
  std::map<std::string, std::uint64_t> failures;  // By reason, of attempts.
  Busiest hosts;                                  // By requests ended.
  GrowthRate pages_rate;
  LastEnded ended;
  Tap fetch_tap{"fetch"}, parse_tap{"parse"};
  MemoryGauge memory;
  double started_at_s = static_cast<double>(WallClockMs()) / 1000;

  /// A request has ended. `status` 0: there was no answer, but a failure.
  void NoteRequest(const std::string& host, Clock::duration took, long status,
                   const std::string& failure);
  /// To be called once a second, with the pages so far.
  void Second(std::uint64_t pages, Clock::time_point now);
  /// What is known here.
  void AddTo(MetricSet* set) const;
};

}  // namespace thresh
