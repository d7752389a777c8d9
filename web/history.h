#pragma once

// History: what the page's charts show: one sample a second over the last minutes, and the records
// that were seen passing.
//
// Threads: any; one lock.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "lib/metrics/metric_set.h"

namespace thresh {

class History {
 public:
  static constexpr std::size_t kMostSamples = 300;
  static constexpr std::size_t kMostRecords = 40;
  static constexpr std::size_t kMostRecordBytes = 16 << 10;

  /// What was heard of both daemons at `at_ms` (wall clock); `live`: the rest of the answer to
  /// those who look, as keys and values of JSON.
  void Take(std::int64_t at_ms, const MetricSet& metrics, bool fetcher_is_up, bool sink_is_up,
            std::string live);
  /// An event of the sink's tap, as it came.
  void TakeRecord(std::string_view event);

  /// Samples and records that came after number `since`, and what is now. Numbers begin at 1.
  [[nodiscard]] std::string Json(std::uint64_t since, std::uint64_t records_since) const;
  [[nodiscard]] std::uint64_t samples_count() const;

 private:
  struct Sample {
    std::int64_t at_ms = 0;
    std::string json;
  };
  // A running total at the sample before; a process that began anew begins at 0.
  struct Total {
    std::optional<double> last;
    [[nodiscard]] std::optional<double> Growth(double now, double seconds);
  };

  mutable std::mutex mutex_;
  std::deque<Sample> samples_;
  std::uint64_t next_sample_ = 1;
  std::deque<std::string> records_;
  std::uint64_t next_record_ = 1;
  std::string live_ = "\"fetcher\":null,\"sink\":null";
  Total pages_, records_total_, bytes_, failures_, dead_;
};

}  // namespace thresh
