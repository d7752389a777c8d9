#include "cli/numbers.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace thresh {

std::string Amount(std::uint64_t number, std::string_view what) {
  return WithThousands(number) + " " + std::string(what) + (number == 1 ? "" : "s");
}

std::string AsBytes(std::uint64_t bytes) {
  static constexpr std::array kUnits{"B", "KB", "MB", "GB", "TB"};
  auto amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; amount >= 999.95 && unit + 1 < kUnits.size(); ++unit) amount /= 1000;
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", amount, kUnits.at(unit));
  return text;
}

std::string AsDuration(double seconds) {
  char text[48];
  const auto whole = std::lround(seconds);
  if (seconds < 59.95) {
    std::snprintf(text, sizeof text, "%.1f s", seconds);
  } else if (whole < 3600) {
    std::snprintf(text, sizeof text, "%ld:%02ld min", whole / 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld h", whole / 3600, whole / 60 % 60,
                  whole % 60);
  }
  return text;
}

}  // namespace thresh
