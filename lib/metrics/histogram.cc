#include "lib/metrics/histogram.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace thresh {

void Histogram::Merge(const Histogram& other) noexcept {
  for (std::size_t i = 0; i < kBuckets; ++i) {
    counts_[i] += other.counts_[i];
    recent_[half_][i] += other.recent_[0][i] + other.recent_[1][i];
  }
  sum_us_ += other.sum_us_;
}

std::uint64_t Histogram::count() const noexcept {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::uint64_t Histogram::CountUpTo(int doubling) const noexcept {
  const auto end = std::find_if(counts_.begin(), counts_.end(), [&](const std::uint64_t& count) {
    const auto bucket = static_cast<std::size_t>(&count - counts_.data());
    return LowerUs(bucket) >= (std::uint64_t{1} << doubling);
  });
  return std::accumulate(counts_.begin(), end, std::uint64_t{0});
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> Histogram::HalfDoublings() const {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> found;
  for (std::size_t at = 0; at < kHalfDoublings; ++at) {
    const auto first = counts_.begin() + static_cast<std::ptrdiff_t>(at * kHalfDoubling);
    const auto sum = std::accumulate(first, first + kHalfDoubling, std::uint64_t{0});
    if (sum > 0) found.emplace_back(HalfDoublingBound(at), sum);
  }
  return found;
}

std::optional<double> Histogram::RecentQuantile(double share) const noexcept {
  Counts both = recent_[0];
  for (std::size_t i = 0; i < kBuckets; ++i) both[i] += recent_[1][i];
  return QuantileOf(both, share);
}

std::optional<double> Histogram::Quantile(double share) const noexcept {
  return QuantileOf(counts_, share);
}

// Between a bucket's ends its observations are taken to lie evenly.
std::optional<double> Histogram::QuantileOf(const Counts& counts, double share) noexcept {
  const auto all =
      static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
  if (all == 0) return std::nullopt;
  const double rank = std::max(1.0, std::ceil(share * all));
  double before = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    const auto here = static_cast<double>(counts[i]);
    if (here > 0 && before + here >= rank) {
      const auto low = static_cast<double>(LowerUs(i)), high = static_cast<double>(LowerUs(i + 1));
      return (low + (high - low) * (rank - before) / here) / 1e6;
    }
    before += here;
  }
  return std::nullopt;
}

}  // namespace thresh
