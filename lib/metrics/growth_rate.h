#pragma once

// GrowthRate: how much a running total grows a second, over the last 5 s.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace thresh {

class GrowthRate {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// To be called about once a second.
  void Second(std::uint64_t total, Time now) noexcept {
    samples_[next_ % kSamples] = {now, total};
    ++next_;
  }
  [[nodiscard]] double per_second() const noexcept {
    if (next_ < 2) return 0;
    const Sample& last = samples_[(next_ - 1) % kSamples];
    const Sample& first = samples_[next_ < kSamples ? 0 : next_ % kSamples];
    const double seconds = std::chrono::duration<double>(last.at - first.at).count();
    return seconds > 0 ? static_cast<double>(last.total - first.total) / seconds : 0;
  }

 private:
  struct Sample {
    Time at;
    std::uint64_t total = 0;
  };
  static constexpr std::size_t kSamples = 6;

  std::array<Sample, kSamples> samples_{};
  std::size_t next_ = 0;
};

}  // namespace thresh
