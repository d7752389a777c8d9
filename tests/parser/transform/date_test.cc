#include "parser/transform/date.h"

#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "parser/transform/boolean.h"

using thresh::DateFormat;
using thresh::ToBool;

namespace {

std::optional<std::string> ToDate(std::string_view text, const std::vector<std::string>& formats) {
  std::vector<DateFormat> compiled;
  for (const std::string& format : formats) {
    std::size_t offset = 0;
    auto made = DateFormat::Compile(format, &offset);
    REQUIRE_MESSAGE(made.ok(), made.error().detail);
    compiled.push_back(*made);
  }
  thresh::DateText buffer;
  const auto date = thresh::ToDate(text, compiled, &buffer);
  return date ? std::optional(std::string(*date)) : std::nullopt;
}

std::string FormatFault(const std::string& format) {
  std::size_t offset = 0;
  const auto made = DateFormat::Compile(format, &offset);
  REQUIRE_FALSE(made.ok());
  return std::to_string(offset) + ": " + made.error().detail;
}

}  // namespace

TEST_SUITE("ToDate") {
  TEST_CASE("ISO 8601 is read without being asked for") {
    CHECK(ToDate("2016-07-04", {}) == "2016-07-04");
    CHECK(ToDate("2016-07-04T18:30", {}) == "2016-07-04T18:30:00");
    CHECK(ToDate("2016-07-04T18:30:05", {}) == "2016-07-04T18:30:05");
    CHECK(ToDate("2016-07-04 18:30:05", {}) == "2016-07-04T18:30:05");
    CHECK(ToDate("2016-07-04t18:30:05z", {}) == "2016-07-04T18:30:05Z");
    CHECK(ToDate(" 2016-07-04\n", {}) == "2016-07-04");
    CHECK(ToDate("2016-07-04T18", {}) == "2016-07-04T18:00:00");
  }

  TEST_CASE("the end of a day is the next one's beginning, and no later") {
    CHECK(ToDate("2016-07-04T24:00", {}) == "2016-07-05T00:00:00");
    CHECK_FALSE(ToDate("2016-07-04T24:00:00.5", {}));
    CHECK_FALSE(ToDate("9999-12-31T24:00", {}));
  }

  TEST_CASE("moments before 1970 have their fractions from below") {
    CHECK(ToDate("-1.5", {"unix"}) == "1969-12-31T23:59:58.5Z");
    CHECK(ToDate("-0.25", {"unix"}) == "1969-12-31T23:59:59.75Z");
    CHECK(ToDate("-1.000", {"unix"}) == "1969-12-31T23:59:59.000Z");
    CHECK_FALSE(ToDate("-9223372036854775808.5", {"unix"}));
    CHECK(ToDate("-1500", {"unix_ms"}) == "1969-12-31T23:59:58.500Z");
  }

  TEST_CASE("days of the week are seven") {
    CHECK(ToDate("2016-07-04 7", {"%Y-%m-%d %u"}) == "2016-07-04");
    CHECK(ToDate("2016-07-04 0", {"%Y-%m-%d %w"}) == "2016-07-04");
    CHECK_FALSE(ToDate("2016-07-04 0", {"%Y-%m-%d %u"}));
    CHECK_FALSE(ToDate("2016-07-04 7", {"%Y-%m-%d %w"}));
  }

  TEST_CASE("so are its short forms") {
    CHECK(ToDate("20160704", {}) == "2016-07-04");
    CHECK(ToDate("20160704T183005Z", {}) == "2016-07-04T18:30:05Z");
    CHECK(ToDate("20160704T1830+0200", {}) == "2016-07-04T18:30:00+02:00");
    CHECK(ToDate("2016-07", {}) == "2016-07-01");
    CHECK(ToDate("2016", {}) == "2016-01-01");
    CHECK_FALSE(ToDate("201607", {}));
    CHECK_FALSE(ToDate("2016-07T18:30", {}));
    CHECK_FALSE(ToDate("2016T18:30", {}));
  }

  TEST_CASE("weeks and days of the year are days") {
    CHECK(ToDate("2016-W27-1", {}) == "2016-07-04");
    CHECK(ToDate("2016W271", {}) == "2016-07-04");
    CHECK(ToDate("2016-W27", {}) == "2016-07-04");
    CHECK(ToDate("2015-W53-7", {}) == "2016-01-03");
    CHECK(ToDate("2009-W01-1", {}) == "2008-12-29");
    CHECK(ToDate("2016-W27-1T18:30Z", {}) == "2016-07-04T18:30:00Z");
    CHECK(ToDate("2016-186", {}) == "2016-07-04");
    CHECK(ToDate("2016186", {}) == "2016-07-04");
    CHECK(ToDate("2016-366", {}) == "2016-12-31");
    for (const char* text : {"2016-W53-1", "2016-W00-1", "2016-W27-8", "2015-366", "2016-000"}) {
      CHECK_MESSAGE(!ToDate(text, {}), std::string(text));
    }
  }

  TEST_CASE("the zone is kept as it was, UTC as Z") {
    CHECK(ToDate("2016-07-04T18:30:05Z", {}) == "2016-07-04T18:30:05Z");
    CHECK(ToDate("2016-07-04T18:30:05+02:00", {}) == "2016-07-04T18:30:05+02:00");
    CHECK(ToDate("2016-07-04T18:30:05-0530", {}) == "2016-07-04T18:30:05-05:30");
    CHECK(ToDate("2016-07-04T18:30:05+02", {}) == "2016-07-04T18:30:05+02:00");
    CHECK(ToDate("2016-07-04T18:30-00:30", {}) == "2016-07-04T18:30:00-00:30");
    CHECK(ToDate("2016-07-04T18:30:05+00:00", {}) == "2016-07-04T18:30:05Z");
    CHECK_FALSE(ToDate("2016-07-04T18:30:05+25:00", {}));
    CHECK_FALSE(ToDate("2016-07-04T18:30:05+02:60", {}));
  }

  TEST_CASE("the end of a day is the beginning of the next") {
    CHECK(ToDate("2016-07-04T24:00:00", {}) == "2016-07-05T00:00:00");
    CHECK(ToDate("2015-12-31T24:00Z", {}) == "2016-01-01T00:00:00Z");
  }

  TEST_CASE("white space may be of a typesetter's kind") {
    CHECK(ToDate("\u00A02016-07-04\u00A018:30\u202F", {}) == "2016-07-04T18:30:00");
    CHECK(ToDate("4\u00A0July\u20092016", {"%d %B %Y"}) == "2016-07-04");
  }

  TEST_CASE("fractions of a second are kept, up to nine digits") {
    CHECK(ToDate("2016-07-04T18:30:05.123Z", {}) == "2016-07-04T18:30:05.123Z");
    CHECK(ToDate("2016-07-04T18:30:05,5", {}) == "2016-07-04T18:30:05.5");
    CHECK(ToDate("2016-07-04T18:30:05.1234567891+02:00", {}) ==
          "2016-07-04T18:30:05.123456789+02:00");
    for (const char* text :
         {"2016-07-04T18:30:05.", "2016-07-04.5", "2016.5-07-04", "2016-07-04T18.5:30"}) {
      CHECK_MESSAGE(!ToDate(text, {}), std::string(text));
    }
  }

  TEST_CASE("days and times that do not exist are no dates, nor is what follows one") {
    for (const char* text :
         {"2016-02-30", "2015-02-29", "1900-02-29", "2016-04-31", "2016-13-01", "2016-00-10",
          "2016-01-00", "2016-01-32", "2016-07-04T24:01", "2016-07-04T18:60", "2016-07-04x",
          "2016-07-04T", "2016-07-04T18:30:05 Z x", "", "today", "2016-7-4", "0x10"}) {
      CHECK_MESSAGE(!ToDate(text, {}), std::string(text));
    }
    CHECK(ToDate("2016-02-29", {}) == "2016-02-29");
    CHECK(ToDate("2000-02-29", {}) == "2000-02-29");
  }

  TEST_CASE("a NUL byte does not end the text") {
    CHECK_FALSE(ToDate(std::string("2016-07-04\0x", 12), {}));
    CHECK_FALSE(ToDate(std::string("2016\0x", 6), {"%Y"}));
  }

  TEST_CASE("the first format that reads the whole text wins") {
    CHECK(ToDate("07/04/2016", {"%m/%d/%Y", "%d/%m/%Y"}) == "2016-07-04");
    CHECK(ToDate("25/12/2016", {"%m/%d/%Y", "%d/%m/%Y"}) == "2016-12-25");
    CHECK(ToDate("4 July 2016", {"%m/%d/%Y", "%d %b %Y"}) == "2016-07-04");
    CHECK_FALSE(ToDate("07/04/2016 updated", {"%m/%d/%Y"}));
    CHECK_FALSE(ToDate("30/02/2016", {"%d/%m/%Y"}));
    CHECK(ToDate("2016-07-04", {"%m/%d/%Y", "iso8601"}) == "2016-07-04");
    CHECK_FALSE(ToDate("2016-07-04", {"%m/%d/%Y"}));
  }

  TEST_CASE("names are English, whole or short, in any case, whatever the locale") {
    CHECK(ToDate("Mon, Jul 4, 2016", {"%a, %b %d, %Y"}) == "2016-07-04");
    CHECK(ToDate("MONDAY, july 4, 2016", {"%A, %B %d, %Y"}) == "2016-07-04");
    CHECK(ToDate("Sept 9 2016", {"%b %d %Y"}) == "2016-09-09");
    CHECK(ToDate("May 1 2016", {"%B %d %Y"}) == "2016-05-01");
    CHECK_FALSE(ToDate("Juli 4 2016", {"%b %d %Y"}));
  }

  TEST_CASE("a time of day is kept, whichever letters the format says it with") {
    CHECK(ToDate("04.07.2016 18:30", {"%d.%m.%Y %H:%M"}) == "2016-07-04T18:30:00");
    CHECK(ToDate("7/4/2016 6:30 PM", {"%m/%d/%Y %I:%M %p"}) == "2016-07-04T18:30:00");
    CHECK(ToDate("7/4/2016 12:30 a.m.", {"%m/%d/%Y %I:%M %p"}) == "2016-07-04T00:30:00");
    CHECK(ToDate("2016-07-04 18:30:05", {"%F %T"}) == "2016-07-04T18:30:05");
    CHECK(ToDate("07/04/16 18:30:05", {"%D %X"}) == "2016-07-04T18:30:05");
    CHECK(ToDate("2016-07-04 18:30:05.25", {"%F %T.%f"}) == "2016-07-04T18:30:05.25");
    CHECK(ToDate("186/16", {"%j/%y"}) == "2016-07-04");
    CHECK_FALSE(ToDate("7/4/2016 13:30 PM", {"%m/%d/%Y %I:%M %p"}));
  }

  TEST_CASE("a format with a zone keeps it, and knows the names of UTC") {
    CHECK(ToDate("Mon, 04 Jul 2016 18:30:05 +0200", {"%a, %d %b %Y %H:%M:%S %z"}) ==
          "2016-07-04T18:30:05+02:00");
    CHECK(ToDate("2016-07-04 18:30 GMT", {"%F %R %Z"}) == "2016-07-04T18:30:00Z");
    CHECK(ToDate("2016-07-04 18:30 PDT", {"%F %R %Z"}) == "2016-07-04T18:30:00");
  }

  TEST_CASE("e-mail's dates and Unix times have names") {
    CHECK(ToDate("Mon, 04 Jul 2016 18:30:05 +0200", {"rfc2822"}) == "2016-07-04T18:30:05+02:00");
    CHECK(ToDate("4 Jul 16 18:30 GMT", {"rfc2822"}) == "2016-07-04T18:30:00Z");
    CHECK(ToDate("4 Jul 49 18:30 GMT", {"rfc2822"}) == "2049-07-04T18:30:00Z");
    CHECK(ToDate("4 Jul 50 18:30 GMT", {"rfc2822"}) == "1950-07-04T18:30:00Z");
    CHECK(ToDate("4 Jul 116 18:30 GMT", {"rfc2822"}) == "2016-07-04T18:30:00Z");
    CHECK(ToDate("4 Jul 2016 18:30:05 +0000 (UTC)", {"rfc2822"}) == "2016-07-04T18:30:05Z");
    CHECK_FALSE(ToDate("4 Jul 2016 18:30:05 +0000 (UTC", {"rfc2822"}));
    CHECK(ToDate("Mon, 4 Jul 2016 18:30 EST", {"rfc2822"}) == "2016-07-04T18:30:00-05:00");
    CHECK(ToDate("4 Jul 2016 18:30:00 pdt", {"rfc2822"}) == "2016-07-04T18:30:00-07:00");
    CHECK(ToDate("4 Jul 2016 18:30 CET", {"rfc2822"}) == "2016-07-04T18:30:00");
    CHECK(ToDate("1467657005", {"unix"}) == "2016-07-04T18:30:05Z");
    CHECK(ToDate("1467657005.25", {"unix"}) == "2016-07-04T18:30:05.25Z");
    CHECK(ToDate("1467657005123", {"unix_ms"}) == "2016-07-04T18:30:05.123Z");
    CHECK(ToDate("-1", {"unix"}) == "1969-12-31T23:59:59Z");
    CHECK(ToDate("0", {"unix"}) == "1970-01-01T00:00:00Z");
    CHECK_FALSE(ToDate("99999999999999999", {"unix"}));
  }

  TEST_CASE("a month or a year alone is its first day") {
    CHECK(ToDate("July 2016", {"%B %Y"}) == "2016-07-01");
    CHECK(ToDate("2016", {"%Y"}) == "2016-01-01");
  }

  TEST_CASE("a format has letters that there are, and a year") {
    CHECK(FormatFault("%Y-%Q") ==
          "3: format: expected a letter of strptime behind %, found \"%Q\"");
    CHECK(FormatFault("%Y %").starts_with("3: format: expected a letter"));
    CHECK(FormatFault("%d %b").starts_with("0: format: expected iso8601, rfc2822, unix, unix_ms"));
    CHECK(FormatFault("iso").ends_with("found \"iso\""));
  }
}

TEST_SUITE("ToBool") {
  TEST_CASE("four words are true and four false, in any case") {
    for (const char* text : {"true", "YES", "On", "1", " true\n"}) CHECK(ToBool(text) == true);
    for (const char* text : {"false", "No", "OFF", "0", "\tno "}) CHECK(ToBool(text) == false);
  }

  TEST_CASE("every other word is neither") {
    for (const char* text : {"", "y", "n", "t", "2", "01", "truee", "yes no", "null", "-1"}) {
      CHECK_MESSAGE(!ToBool(text), std::string(text));
    }
  }
}
