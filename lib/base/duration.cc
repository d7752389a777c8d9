#include "lib/base/duration.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <string>

namespace thresh {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
constexpr std::array kUnits{Unit{"ms", 1},        Unit{"s", 1000},       Unit{"m", 60'000},
                            Unit{"h", 3'600'000}, Unit{"d", 86'400'000}, Unit{"w", 604'800'000}};
constexpr std::int64_t kLongest = std::int64_t{3653} * 86'400'000;

}  // namespace

Result<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, count);
  const std::string_view unit(read.ptr, static_cast<std::size_t>(end - read.ptr));
  for (const Unit& known : kUnits) {
    if (read.ec != std::errc{} || count < 0 || unit != known.name) continue;
    if (count > kLongest / known.ms) break;
    return std::chrono::milliseconds(count * known.ms);
  }
  return Error{Errc::kInvalid, "expected a duration such as 90s, 15m, 6h, 7d or 2w, found \"" +
                                   std::string(text.substr(0, 40)) + "\""};
}

}  // namespace thresh
