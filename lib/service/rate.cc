#include "lib/service/rate.h"

#include <cmath>
#include <cstdio>

#include "lib/text/numbers.h"

namespace thresh {
namespace {

constexpr std::size_t kSamples = 6;
constexpr double kWithFraction = 9.95;

}  // namespace

double Rate::Look(std::uint64_t count, Time now) {
  // A count that begins anew is another one.
  if (!samples_.empty() && count < samples_.back().count) samples_.clear();
  samples_.push_back({count, now});
  if (samples_.size() > kSamples) samples_.pop_front();
  const std::chrono::duration<double> took = now - samples_.front().at;
  if (took.count() <= 0) return 0;
  return static_cast<double>(count - samples_.front().count) / took.count();
}

std::string RateText(double per_s) {
  if (per_s >= kWithFraction) return WithThousands(static_cast<std::uint64_t>(std::llround(per_s)));
  char text[16];
  std::snprintf(text, sizeof text, "%.1f", per_s);
  const std::string shown(text);
  return shown.ends_with(".0") ? shown.substr(0, shown.size() - 2) : shown;
}

}  // namespace thresh
