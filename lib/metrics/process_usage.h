#pragma once

// What this process takes of the machine.

#include <cstdint>
#include <string_view>

#include "lib/base/handles.h"
#include "lib/metrics/metric_set.h"

namespace thresh {

/// Memory of this process as the kernel counts it. The file is opened once, so that a process that
/// may open none later can still ask.
class MemoryGauge {
 public:
  MemoryGauge();
  /// Pages in memory, those shared with others included; 0 if it cannot be known.
  [[nodiscard]] std::uint64_t resident_bytes() const;

 private:
  UniqueFd statm_;
};

/// CPU time of this process, all threads, in seconds.
[[nodiscard]] double ProcessCpuSeconds();

/// Adds the metrics that every process has, under its name.
void AddProcess(std::string_view process, const MemoryGauge& memory, double started_at_s,
                MetricSet* set);

}  // namespace thresh
