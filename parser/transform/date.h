#pragma once

// Dates: text in one of a field's formats becomes ISO 8601. No locale takes part, names are
// English, and nothing is allocated.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace thresh {

/// A format of a date: the letters of strptime(3), or a name.
///
///   %Y %y %C %m %d %e %j %b %B %h   year, in its century, month, day, day of the year, month's
///   name %a %A %u %w                     day of the week: read, and passed over %H %k %I %l %M %S
///   %p %P %f      time of day; %f: the digits of a second's fraction %z %Z %s `+02:00`, `-0530`,
///   `Z`; a name: only UTC's count; Unix time %D %F %R %T %r %c %x %X         %m/%d/%y  %Y-%m-%d
///   %H:%M  %H:%M:%S  %I:%M:%S %p  … %n %t %%, white space           any white space, or none; a
///   percent sign
///
///   iso8601   2016-07-04, 20160704, 2016-07, 2016, 2016-W27-1, 2016-186; then `T` or a space and
///             18, 18:30, 18:30:05, 183005, with a fraction behind `.` or `,`; then `Z`, `+02`,
///             `+02:00` or `+0200`
///   rfc2822   Mon, 04 Jul 2016 18:30:05 +0200, as in e-mails, RSS and HTTP
///   unix      seconds since 1970, maybe with a fraction; unix_ms: milliseconds
class DateFormat {
 public:
  /// Errors: kInvalid; `error_offset` is the byte of `text` that it is about.
  [[nodiscard]] static Result<DateFormat> Compile(std::string_view text, std::size_t* error_offset);

 private:
  friend class DateReader;
  enum class Kind : std::uint8_t { kLetters, kIso8601, kRfc2822, kUnix, kUnixMs };

  Kind kind_ = Kind::kIso8601;
  std::string letters_;  ///< Of kLetters, with those that stand for several spelt out.
};

/// Room for a date in ISO 8601.
using DateText = std::array<char, 48>;

/// The first format that reads the whole text, white space around it aside, wins; none given means
/// iso8601. The result, a view of `*buffer`: `2016-07-04`, or with a time of day
/// `2016-07-04T18:30:00`, with a fraction and the zone's offset behind it if the text had them
/// (`Z` for UTC). Nullopt if no format fits, or there is no such day or time.
[[nodiscard]] std::optional<std::string_view> ToDate(std::string_view text,
                                                     std::span<const DateFormat> formats,
                                                     DateText* buffer);

}  // namespace thresh
