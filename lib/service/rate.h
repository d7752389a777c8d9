#pragma once

// Rate: how much a count grows in a second, over the last few times one looked.

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>

namespace thresh {

class Rate {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// The count's growth a second since the sixth look ago; 0 at the first look.
  double Look(std::uint64_t count, Time now);

 private:
  struct Sample {
    std::uint64_t count;
    Time at;
  };
  std::deque<Sample> samples_;
};

/// `312`, `12,403`, and `0.4` below 10.
[[nodiscard]] std::string RateText(double per_s);

}  // namespace thresh
