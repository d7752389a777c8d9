#include "fetcher/politeness/http_date.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "lib/base/ascii_text.h"

namespace thresh {

using std::chrono::milliseconds;

namespace {

constexpr std::int64_t kMaxSeconds = 100LL * 366 * 86'400;  // More is as good as for ever.

// The parts between spaces, commas and dashes. Empty if there are over six of them.
struct Words {
  std::array<std::string_view, 6> words;
  std::size_t count = 0;

  explicit Words(std::string_view text) {
    constexpr std::string_view kBetween = " \t,-";
    while (true) {
      const std::size_t begin = text.find_first_not_of(kBetween);
      if (begin == std::string_view::npos) return;
      const std::size_t end = std::min(text.find_first_of(kBetween, begin), text.size());
      if (count == words.size()) {
        count = 0;
        return;
      }
      words[count++] = text.substr(begin, end - begin);
      text.remove_prefix(end);
    }
  }
};

// All digits, at least one; nullopt for other text. Large numbers are kMaxSeconds.
std::optional<std::int64_t> Number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = std::min(value * 10 + (c - '0'), kMaxSeconds);
  }
  return value;
}

std::optional<unsigned> Month(std::string_view name) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto* const found = std::find(kMonths.begin(), kMonths.end(), name);
  if (found == kMonths.end()) return std::nullopt;
  return static_cast<unsigned>(found - kMonths.begin()) + 1;
}

// `08:49:37`, in seconds; a leap second counts as the one before.
std::optional<std::int64_t> TimeOfDay(std::string_view text) {
  if (text.size() != 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
  const auto hours = Number(text.substr(0, 2));
  const auto minutes = Number(text.substr(3, 2));
  const auto seconds = Number(text.substr(6, 2));
  if (!hours || !minutes || !seconds || *hours > 23 || *minutes > 59 || *seconds > 60) {
    return std::nullopt;
  }
  return *hours * 3600 + *minutes * 60 + std::min<std::int64_t>(*seconds, 59);
}

int YearOf(std::int64_t now_ms) {
  const auto day = std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<milliseconds>(milliseconds(now_ms)));
  return static_cast<int>(std::chrono::year_month_day(day).year());
}

// Two digits that would be over 50 years ahead are of the century before.
std::optional<int> Year(std::string_view text, std::int64_t now_ms) {
  const auto number = Number(text);
  if (!number || (text.size() != 2 && text.size() != 4)) return std::nullopt;
  if (text.size() == 4) return static_cast<int>(*number);
  const int now = YearOf(now_ms);
  const int year = now - now % 100 + static_cast<int>(*number);
  return year > now + 50 ? year - 100 : year;
}

}  // namespace

std::optional<std::int64_t> ParseHttpDate(std::string_view text, std::int64_t now_ms) {
  const Words all(text);
  if (all.count < 5) return std::nullopt;
  const auto& w = all.words;
  const bool is_asctime = Month(w[1]).has_value();  // Sun Nov 6 08:49:37 1994
  if (!is_asctime && (all.count != 6 || (w[5] != "GMT" && w[5] != "UTC"))) return std::nullopt;
  const auto day = Number(is_asctime ? w[2] : w[1]);
  const auto month = Month(is_asctime ? w[1] : w[2]);
  const auto year = Year(is_asctime ? w[4] : w[3], now_ms);
  const auto seconds = TimeOfDay(is_asctime ? w[3] : w[4]);
  if (!day || !month || !year || !seconds || *day > 31) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return (days * 86'400 + *seconds) * 1000;
}

std::optional<milliseconds> ParseRetryAfter(std::string_view value, std::int64_t now_ms) {
  value = TrimBlanks(value);
  if (const auto seconds = Number(value)) return milliseconds(*seconds * 1000);
  const auto date = ParseHttpDate(value, now_ms);
  if (!date) return std::nullopt;
  return milliseconds(std::max<std::int64_t>(*date - now_ms, 0));
}

std::optional<milliseconds> ParseLifetime(std::string_view cache_control, std::string_view expires,
                                          std::int64_t now_ms) {
  std::string_view rest = cache_control;
  std::optional<milliseconds> lifetime;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string directive = InLowerCase(TrimBlanks(rest.substr(0, comma)));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (directive == "no-store" || directive == "no-cache") return milliseconds(0);
    if (!directive.starts_with("max-age=")) continue;
    std::string_view number = std::string_view(directive).substr(8);
    if (number.size() > 1 && number.starts_with('"') && number.ends_with('"')) {
      number = number.substr(1, number.size() - 2);
    }
    if (const auto seconds = Number(number)) lifetime = milliseconds(*seconds * 1000);
  }
  if (lifetime || expires.empty()) return lifetime;
  // What is no date, such as `0` and `-1`, is over.
  const std::int64_t until = ParseHttpDate(TrimBlanks(expires), now_ms).value_or(now_ms);
  return milliseconds(std::max<std::int64_t>(until - now_ms, 0));
}

}  // namespace thresh
