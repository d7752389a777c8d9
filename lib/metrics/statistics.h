#pragma once

// Statistics: what a run did, moment by moment, in a file of its state folder for `thresh plot`.
// Each line is one look at counts that only grow and at what there is now: docs/formats.md.
//
// The file never has more than kMostLines. When it is full every second line goes, and from then on
// lines are written half as often: a run of a minute is known five times a second, one of a week
// each few minutes. While nothing changes nothing is written.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <uv.h>

#include "lib/base/result.h"
#include "lib/io/worker.h"

namespace thresh {

/// The file's name in a state folder.
inline constexpr std::string_view kStatisticsName = "statistics.ndjson";

struct StatisticsLine {
  static constexpr std::size_t kMostReasons = 32;
  static constexpr std::string_view kOthers = "all others";

  std::int64_t at_ms = 0;      ///< Wall clock.
  std::uint64_t pid = 0;       ///< Counts of a process's life begin anew with it.
  std::uint64_t every_ms = 0;  ///< How often lines were written then.
  // Of the state.
  std::uint64_t done = 0, records = 0;
  std::map<std::string, std::uint64_t> dead;  ///< By reason.
  // Of the process's life.
  std::uint64_t pages = 0, body_bytes = 0;
  std::map<std::string, std::uint64_t> failures;  ///< Requests that brought no page, by reason.
  /// Requests that took so many µs or less, but more than the one before: those that are not 0.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> latency_us;
  // Of now.
  std::uint64_t queued = 0, in_flight = 0, waiting = 0, leased = 0, awaiting_ack = 0, parsers = 0;

  /// But for the time they are the same.
  [[nodiscard]] bool SameAs(const StatisticsLine& other) const;
  /// Without its newline. Of reasons at most kMostReasons, the largest; the others as kOthers.
  [[nodiscard]] std::string ToJson() const;
  /// Errors: kInvalid for what is no such line.
  [[nodiscard]] static Result<StatisticsLine> FromJson(std::string_view json);
};

class StatisticsFile {
 public:
  static constexpr std::size_t kMostLines = 4096;
  static constexpr std::uint64_t kFirstEveryMs = 200;
  static constexpr std::uint64_t kMostEveryMs = 24ULL * 3600 * 1000;

  /// Goes on with the file if there is one. What cannot be read or written is left be: a run does
  /// not fail for want of its picture.
  StatisticsFile(uv_loop_t& loop, std::string path);
  /// Writes what is left, and waits for it.
  ~StatisticsFile();
  StatisticsFile(const StatisticsFile&) = delete;
  StatisticsFile& operator=(const StatisticsFile&) = delete;

  /// To be called as often as there may be lines, a few times a second.
  void Note(StatisticsLine line);

  [[nodiscard]] std::uint64_t every_ms() const noexcept { return every_ms_; }
  /// Lines are on their way to the disk.
  [[nodiscard]] bool busy() const noexcept { return worker_.busy(); }

 private:
  void Append(const StatisticsLine& line);
  void Write();
  static void WriteOut(const std::string& path, const std::string& lines, bool thin);

  const std::string path_;
  std::uint64_t every_ms_ = kFirstEveryMs;
  std::size_t lines_ = 0;  // In the file, or on their way.
  std::size_t unwritten_lines_ = 0;
  std::optional<StatisticsLine> last_;    // That was written.
  std::optional<StatisticsLine> latest_;  // Later than that.
  std::string unwritten_;
  Worker worker_;
};

/// All lines of a file, in its order; torn ones are passed over.
/// Errors: those of ReadWholeFile(); kInvalid if there is no line in it.
[[nodiscard]] Result<std::vector<StatisticsLine>> ReadStatistics(const std::string& path);

}  // namespace thresh
