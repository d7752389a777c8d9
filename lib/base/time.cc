#include "lib/base/time.h"

#include <chrono>
#include <cstdio>
#include <ctime>

namespace thresh {

std::int64_t WallClockMs() {
  return WallClockUs() / 1000;
}

std::int64_t WallClockUs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

std::string FormatUtc(std::int64_t wall_clock_ms) {
  std::int64_t ms = wall_clock_ms % 1000;
  if (ms < 0) ms += 1000;  // Before 1970.
  const std::time_t seconds = (wall_clock_ms - ms) / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900,
                utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                static_cast<int>(ms));
  return text;
}

}  // namespace thresh
