#pragma once

// Histogram: how long things took, in buckets whose width grows with the value: 8 to each doubling
// from 1 µs to 4.5 minutes, so a quantile is right to about 6 %. What is longer counts as that.
//
// Threads: none; one loop a process. Observing takes no lock and no memory.

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace thresh {

class Histogram {
 public:
  static constexpr int kStepBits = 3;    // 8 buckets to each doubling.
  static constexpr int kDoublings = 28;  // Up to 2^28 µs.
  static constexpr std::size_t kBuckets = (kDoublings - kStepBits + 1) << kStepBits;

  void Observe(std::chrono::steady_clock::duration took) noexcept {
    const auto us = std::chrono::ceil<std::chrono::microseconds>(took).count();
    ObserveUs(us > 0 ? static_cast<std::uint64_t>(us) : 0);
  }
  void ObserveUs(std::uint64_t us) noexcept {
    const std::size_t bucket = BucketOf(us);
    ++counts_[bucket];
    ++recent_[half_][bucket];
    sum_us_ += us;
  }

  /// To be called once a second: Recent() forgets what is older than 5 to 10 s.
  void Second() noexcept {
    if (++seconds_ < kHalfSeconds) return;
    seconds_ = 0;
    half_ = 1 - half_;
    recent_[half_].fill(0);
  }

  /// Adds what another one has observed.
  void Merge(const Histogram& other) noexcept;

  [[nodiscard]] std::uint64_t count() const noexcept;
  [[nodiscard]] double sum_seconds() const noexcept { return static_cast<double>(sum_us_) / 1e6; }
  /// How many took so long or less. `doubling`: 2^doubling µs.
  [[nodiscard]] std::uint64_t CountUpTo(int doubling) const noexcept;

  /// How many took so many µs or less, but more than the bound before; without those that are 0.
  /// Bounds are 4, 8, 12, 16, 24, 32, 48 … µs: two to each doubling.
  [[nodiscard]] std::vector<std::pair<std::uint64_t, std::uint64_t>> HalfDoublings() const;
  /// Which of these a bound is, counted from 0; one that is none is taken for the next above.
  [[nodiscard]] static constexpr std::size_t HalfDoublingOf(std::uint64_t bound_us) noexcept {
    return BucketOf(bound_us) / kHalfDoubling;
  }
  [[nodiscard]] static constexpr std::uint64_t HalfDoublingBound(std::size_t at) noexcept {
    return LowerUs((at + 1) * kHalfDoubling);
  }
  static constexpr std::size_t kHalfDoubling = 1 << (kStepBits - 1);  // Buckets.
  static constexpr std::size_t kHalfDoublings = kBuckets / kHalfDoubling;

  /// In seconds, of the last 5 to 10 s; nullopt if there was nothing. `share`: 0.99 for p99.
  [[nodiscard]] std::optional<double> RecentQuantile(double share) const noexcept;
  /// The same of all that was ever observed.
  [[nodiscard]] std::optional<double> Quantile(double share) const noexcept;

  /// Bucket `i` has what took over LowerUs(i) up to LowerUs(i + 1), in µs.
  [[nodiscard]] static constexpr std::size_t BucketOf(std::uint64_t us) noexcept {
    const std::uint64_t below = us > 0 ? us - 1 : 0;
    if (below < (1U << kStepBits)) return below;
    const int doubling = static_cast<int>(std::bit_width(below)) - 1;
    if (doubling >= kDoublings) return kBuckets - 1;
    const int shift = doubling - kStepBits;
    const std::uint64_t step = (below >> shift) & ((1U << kStepBits) - 1);
    return (static_cast<std::size_t>(shift + 1) << kStepBits) + step;
  }
  [[nodiscard]] static constexpr std::uint64_t LowerUs(std::size_t bucket) noexcept {
    if (bucket < (1U << kStepBits)) return bucket;
    const std::size_t shift = (bucket >> kStepBits) - 1;
    return ((1U << kStepBits) + (bucket & ((1U << kStepBits) - 1))) << shift;
  }

 private:
  static constexpr int kHalfSeconds = 5;
  using Counts = std::array<std::uint64_t, kBuckets>;

  [[nodiscard]] static std::optional<double> QuantileOf(const Counts& counts,
                                                        double share) noexcept;

  Counts counts_{};
  std::array<Counts, 2> recent_{};  // Of this span of 5 s, and of the one before.
  std::size_t half_ = 0;
  int seconds_ = 0;
  std::uint64_t sum_us_ = 0;
};

}  // namespace thresh
