#pragma once

// TopScreen: the picture of `thresh top`, as lines of text for a terminal of some size.

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "cli/control/live.h"

namespace thresh {

struct TopView {
  enum class ParserSort { kRate, kMemory, kParsed, kPid } parsers = ParserSort::kRate;
  enum class HostSort { kInFlight, kRate, kQueued, kName } hosts = HostSort::kInFlight;
  bool metrics = false;    ///< All metrics by name, instead.
  bool stopped = false;    ///< The picture is not renewed.
  std::size_t scroll = 0;  ///< Lines of the lower part that are passed over.
  bool color = false;
  std::size_t columns = 80, rows = 24;
};

class TopScreen {
 public:
  /// `title`: whose they are.
  explicit TopScreen(std::string title) : title_(std::move(title)) {}

  /// A look at them; about one a second.
  void Take(Live live);
  /// At most view.rows lines of at most view.columns letters, escapes not counted.
  [[nodiscard]] std::vector<std::string> Lines(const TopView& view) const;
  /// How far the lower part can be scrolled.
  [[nodiscard]] std::size_t MostScroll(const TopView& view) const;

 private:
  [[nodiscard]] std::vector<std::string> Head(const TopView& view) const;
  [[nodiscard]] std::vector<std::string> Body(const TopView& view) const;
  [[nodiscard]] std::vector<std::string> Parsers(const TopView& view) const;
  [[nodiscard]] std::vector<std::string> Hosts(const TopView& view) const;
  [[nodiscard]] std::vector<std::string> Metrics() const;
  [[nodiscard]] std::string Rate(Metric metric) const;
  [[nodiscard]] std::string RateLine() const;
  [[nodiscard]] std::string EtaText() const;
  [[nodiscard]] std::string Times(Metric metric) const;

  const std::string title_;
  std::deque<Live> looks_;  // Of the last 5 s, the newest last.
};

/// `text` cut to so many letters, control characters and what is no UTF-8 made visible.
[[nodiscard]] std::string FitText(std::string_view text, std::size_t letters);

/// `12.3 ms`, `1.20 s`; `-` for none.
[[nodiscard]] std::string AsLatency(std::optional<double> seconds);

}  // namespace thresh
