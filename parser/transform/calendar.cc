#include "parser/transform/calendar.h"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace thresh {
namespace {

bool IsLeap(int year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int DaysOf(int month, int year) {
  static constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[static_cast<std::size_t>(month - 1)] + (month == 2 && IsLeap(year) ? 1 : 0);
}

// Days from 1970-01-01 to a day, counted in years that begin in March: February's end is the
// year's.
std::int64_t DaysSince1970(int year, int month, int day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t march_day = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + march_day -
         719468;
}

constexpr int kDateBytes = 10;

bool IsDigits(int value, int most) {
  return value >= 0 && value <= most;
}

void PutTwo(int value, char* to) {
  to[0] = static_cast<char>('0' + value / 10);
  to[1] = static_cast<char>('0' + value % 10);
}

// `2016-07-04`. By hand: printf() takes longer than to read the date.
void PutDate(int year, int month, int day, char* to) {
  PutTwo(year / 100, to);
  PutTwo(year % 100, to + 2);
  to[4] = to[7] = '-';
  PutTwo(month, to + 5);
  PutTwo(day, to + 8);
}

}  // namespace

bool Moment::SetDay(std::int64_t days_since_1970) {
  const std::int64_t z = days_since_1970 + 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const std::int64_t day_of_era = z - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t march_day =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t march_month = (5 * march_day + 2) / 153;
  day = static_cast<int>(march_day - (153 * march_month + 2) / 5 + 1);
  month = static_cast<int>(march_month < 10 ? march_month + 3 : march_month - 9);
  const std::int64_t y = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  year = static_cast<int>(y);
  return y >= 0 && y <= 9999;
}

bool Moment::SetWeek(int week, int weekday) {
  if (week < 1 || week > 53 || weekday < 1 || weekday > 7) return false;
  const std::int64_t fourth = DaysSince1970(year, 1, 4);  // Always in week 1.
  const std::int64_t monday = fourth - ((fourth + 3) % 7 + 7) % 7;
  const std::int64_t that = monday + (week - 1) * 7;
  const std::int64_t next_fourth = DaysSince1970(year + 1, 1, 4);
  if (that <= next_fourth && that + 6 >= next_fourth) return false;  // A week 53 that is none.
  return SetDay(that + weekday - 1);
}

bool Moment::CountFractionFromBelow() {
  const std::size_t last = fraction.find_last_not_of('0');
  if (last == std::string_view::npos) return false;
  for (std::size_t i = 0; i <= last; ++i) {
    const int digit = fraction[i] - '0';
    own_fraction_[i] = static_cast<char>('0' + (i == last ? 10 : 9) - digit);
  }
  fraction = {own_fraction_, last + 1};
  return true;
}

bool Moment::SetUnix(std::int64_t value, std::int64_t per_second) {
  std::int64_t seconds = value / per_second;
  std::int64_t rest = value % per_second;
  if (rest < 0) {
    rest += per_second;
    --seconds;
  }
  std::int64_t days = seconds / 86400;
  std::int64_t within = seconds % 86400;
  if (within < 0) {
    within += 86400;
    --days;
  }
  if (days < -1'000'000 || days > 3'000'000 || !SetDay(days)) return false;
  hour = static_cast<int>(within / 3600);
  minute = static_cast<int>(within / 60 % 60);
  second = static_cast<int>(within % 60);
  has_time = has_zone = true;
  if (per_second == 1000 && rest != 0) {
    for (int i = 2; i >= 0; --i, rest /= 10) own_fraction_[i] = static_cast<char>('0' + rest % 10);
    fraction = {own_fraction_, 3};
  }
  return true;
}

bool Moment::Settle() {
  if (year == kNone && year_of_century != kNone) {
    year = century != kNone ? century * 100 + year_of_century
                            : year_of_century + (year_of_century < 69 ? 2000 : 1900);
  }
  if (year == kNone) return true;  // Not all of it is read yet.
  if (day_of_year != kNone) {
    if (day_of_year < 1 || day_of_year > (IsLeap(year) ? 366 : 365)) return false;
    SetDay(DaysSince1970(year, 1, 1) + day_of_year - 1);
  }
  if (month == kNone) month = 1;
  if (day == kNone) day = 1;
  if (month < 1 || month > 12 || day < 1 || day > DaysOf(month, year)) return false;
  if (twelve_hours) {
    if (hour < 1 || hour > 12) return false;
    if (half_of_day != kNone) hour = hour % 12 + half_of_day * 12;
    twelve_hours = false;
  }
  const bool whole_minute =
      second == 0 && fraction.find_first_not_of('0') == std::string_view::npos;
  if (hour == 24 && minute == 0 && whole_minute) {  // ISO 8601: the end of the day.
    hour = 0;
    if (!SetDay(DaysSince1970(year, month, day) + 1)) return false;
  }
  return hour <= 23 && minute <= 59 && second <= 60;
}

std::optional<std::string_view> Moment::Format(DateText* buffer) const {
  char* const text = buffer->data();
  int used = 0;
  if (IsDigits(year, 9999) && IsDigits(month, 99) && IsDigits(day, 99)) {
    PutDate(year, month, day, text);
    used = kDateBytes;
  } else {
    used = std::snprintf(text, buffer->size(), "%04d-%02d-%02d", year, month, day);
  }
  const auto rest = [&] { return buffer->size() - static_cast<std::size_t>(used); };
  if (has_time) {
    used += std::snprintf(text + used, rest(), "T%02d:%02d:%02d", hour, minute, second);
    if (!fraction.empty()) {
      used += std::snprintf(text + used, rest(), ".%.*s", static_cast<int>(fraction.size()),
                            fraction.data());
    }
    if (has_zone && offset_minutes == 0) {
      text[used++] = 'Z';
    } else if (has_zone) {
      used += std::snprintf(text + used, rest(), "%c%02d:%02d", offset_minutes < 0 ? '-' : '+',
                            std::abs(offset_minutes) / 60, std::abs(offset_minutes) % 60);
    }
  }
  return std::string_view(text, static_cast<std::size_t>(used));
}

}  // namespace thresh
