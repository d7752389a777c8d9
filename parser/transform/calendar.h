#pragma once

// Moment: the parts of a date as they were read, made one day and time of the proleptic Gregorian
// calendar. Private to the room.

#include <cstdint>
#include <optional>
#include <string_view>

#include "parser/transform/date.h"

namespace thresh {

struct Moment {
  static constexpr int kNone = -1;

  int year = kNone;
  int year_of_century = kNone, century = kNone;
  int month = kNone, day = kNone, day_of_year = kNone;
  int hour = 0, minute = 0, second = 0;
  int half_of_day = kNone;  ///< 0: before noon, 1: after.
  bool twelve_hours = false;
  bool has_time = false, has_zone = false;
  bool whole_day = false;  ///< Of ISO 8601: a time of day may follow.
  int offset_minutes = 0;
  std::string_view fraction;  ///< Digits of a second's fraction.

  /// Fills in year, month and day. False if there is no such day or time.
  bool Settle();
  /// The day of a week of ISO 8601; 1 is Monday. REQUIRES: `year` is set.
  bool SetWeek(int week, int weekday);
  /// Makes the fraction of a second before a moment that of the second before: .25 is .75. False,
  /// with nothing done, if it is none or zero.
  bool CountFractionFromBelow();
  /// `value` units since 1970, UTC.
  bool SetUnix(std::int64_t value, std::int64_t per_second);

  [[nodiscard]] std::optional<std::string_view> Format(DateText* buffer) const;

 private:
  bool SetDay(std::int64_t days_since_1970);

  char own_fraction_[9] = {};
};

}  // namespace thresh
