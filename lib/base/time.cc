#include "lib/base/time.h"

#include <chrono>
#include <cstdio>
#include <ctime>

namespace thresh {
namespace {

// Reads a text from its beginning; what is not there makes ok() false.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : rest_(text) {}

  // Digits, as many as these.
  int Number(std::size_t digits) {
    int value = 0;
    for (; digits > 0; --digits) value = value * 10 + Digit();
    return value;
  }
  // One of these characters, if it comes next; else 0.
  char Take(std::string_view one_of) {
    if (rest_.empty() || one_of.find(rest_[0]) == std::string_view::npos) return 0;
    const char found = rest_[0];
    rest_.remove_prefix(1);
    return found;
  }
  void Expect(bool fulfilled) { ok_ = ok_ && fulfilled; }
  // Digits behind the point, as milliseconds.
  std::int64_t Fraction() {
    std::int64_t ms = 0;
    std::int64_t unit = 100;
    do {
      ms += Digit() * unit;
      unit /= 10;
    } while (ok_ && !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9');
    return ms;
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  int Digit() {
    const char digit = Take("0123456789");
    Expect(digit != 0);
    return digit == 0 ? 0 : digit - '0';
  }

  std::string_view rest_;
  bool ok_ = true;
};

std::int64_t ReadTimeOfDayMs(TimeReader& in) {
  const int hour = in.Number(2);
  in.Expect(in.Take(":") != 0);
  const int minute = in.Number(2);
  const int second = in.Take(":") != 0 ? in.Number(2) : 0;
  in.Expect(hour < 24 && minute < 60 && second <= 60);  // 60: a leap second.
  std::int64_t ms = ((hour * 60 + minute) * 60 + second) * std::int64_t{1000};
  if (in.Take(".,") != 0) ms += in.Fraction();
  const char sign = in.Take("+-Zz");
  if (sign != '+' && sign != '-') return ms;
  const int hours = in.Number(2);
  (void)in.Take(":");
  const int minutes = in.Number(2);
  in.Expect(hours < 24 && minutes < 60);
  const std::int64_t offset_ms = (hours * 60 + minutes) * std::int64_t{60'000};
  return sign == '+' ? ms - offset_ms : ms + offset_ms;
}

}  // namespace

std::int64_t WallClockMs() {
  return WallClockUs() / 1000;
}

std::int64_t WallClockUs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

namespace {

// From `at` on.
void PutDigits(unsigned value, std::size_t digits, char* at) {
  for (; digits > 0; --digits, value /= 10) at[digits - 1] = static_cast<char>('0' + value % 10);
}

// Of a year of four digits: what a printf takes a hundred times as long for.
std::string FormatUsual(std::int64_t wall_clock_ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> time{milliseconds(wall_clock_ms)};
  const sys_days day = floor<days>(time);
  const year_month_day date = day;
  const hh_mm_ss<milliseconds> of_day(time - day);
  std::string text = "0000-00-00T00:00:00.000Z";
  PutDigits(static_cast<unsigned>(static_cast<int>(date.year())), 4, text.data());
  PutDigits(static_cast<unsigned>(date.month()), 2, text.data() + 5);
  PutDigits(static_cast<unsigned>(date.day()), 2, text.data() + 8);
  PutDigits(static_cast<unsigned>(of_day.hours().count()), 2, text.data() + 11);
  PutDigits(static_cast<unsigned>(of_day.minutes().count()), 2, text.data() + 14);
  PutDigits(static_cast<unsigned>(of_day.seconds().count()), 2, text.data() + 17);
  PutDigits(static_cast<unsigned>(of_day.subseconds().count()), 3, text.data() + 20);
  return text;
}

}  // namespace

std::string FormatUtc(std::int64_t wall_clock_ms) {
  constexpr std::int64_t kYear0 = -62'167'219'200'000, kYear10000 = 253'402'300'800'000;
  if (wall_clock_ms >= kYear0 && wall_clock_ms < kYear10000) return FormatUsual(wall_clock_ms);
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

std::optional<std::int64_t> ParseUtc(std::string_view text) {
  TimeReader in(text);
  const int year = in.Number(4);
  in.Expect(in.Take("-") != 0);
  const int month = in.Number(2);
  in.Expect(in.Take("-") != 0);
  const int day = in.Number(2);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  in.Expect(date.ok());
  if (!in.ok()) return std::nullopt;
  const std::chrono::milliseconds midnight = std::chrono::sys_days(date).time_since_epoch();
  std::int64_t ms = midnight.count();
  if (!in.at_end()) {
    in.Expect(in.Take("Tt ") != 0);
    ms += ReadTimeOfDayMs(in);
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return ms;
}

}  // namespace thresh
