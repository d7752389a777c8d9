#pragma once

// Progress: one line that changes on a terminal, or a plain line every 5 s elsewhere. All on
// stderr.

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "cli/run/crawl_status.h"

namespace thresh {

class Progress {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Progress(Time start);

  /// What had ended before is not counted into the rate.
  void BeginWith(const CrawlStatus& before);
  /// Shows the state as of `now`, if it is time to.
  void Show(const CrawlStatus& status, Time now);
  /// Takes the changing line away, so that other text can be printed.
  void Clear();

  /// One line without its end: done, queued, failed, records, rate, ETA.
  [[nodiscard]] std::string LineOf(const CrawlStatus& status, Time now) const;

 private:
  /// What matters most, for a narrow terminal.
  [[nodiscard]] std::string ShortLineOf(const CrawlStatus& status, Time now) const;
  [[nodiscard]] double RateAt(const CrawlStatus& status, Time now) const;
  void NotePages(std::uint64_t ended, Time now);

  const Time start_;
  const bool terminal_;
  Time last_shown_;
  std::deque<std::pair<Time, std::uint64_t>> samples_;  // Of the last seconds.
};

}  // namespace thresh
