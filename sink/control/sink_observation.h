#pragma once

// SinkObservation: what the sink notices of what it writes, for those who look, and who watches.
//
// Threads: none.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/time.h"
#include "lib/metrics/histogram.h"
#include "lib/metrics/metric_set.h"
#include "lib/metrics/process_usage.h"
#include "lib/metrics/tap.h"
#include "sink/batch.h"

namespace thresh {

enum class EffectKind : std::uint8_t { kPage, kDead, kJob };

class SinkObservation {
 public:
  using Clock = std::chrono::steady_clock;

  void Added(EffectKind kind) { ++building_[static_cast<std::size_t>(kind)]; }
  /// What was added so far is being committed;
  void CommitBegun();
  /// it is.
  void Committed(const std::vector<Effect>& effects);
  /// To be called once a second.
  void Second() { commit_.Second(); }

  [[nodiscard]] Tap& tap() noexcept { return tap_; }
  void AddTo(MetricSet* set) const;

 private:
  using Counts = std::array<std::uint64_t, 3>;

  void TellOf(const Effect& effect);

  Histogram commit_;
  Clock::time_point commit_began_;
  bool committing_ = false;
  Counts building_{}, in_commit_{}, committed_{};
  Tap tap_{"sink"};
  MemoryGauge memory_;
  double started_at_s_ = static_cast<double>(WallClockMs()) / 1000;
};

}  // namespace thresh
