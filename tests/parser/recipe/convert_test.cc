#include "parser/recipe/convert.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include <doctest/doctest.h>

using thresh::ToBool;
using thresh::ToDate;
using thresh::ToInteger;
using thresh::ToNumber;

TEST_SUITE("ToNumber") {
  TEST_CASE("decimal numbers with sign, fraction and exponent are read") {
    CHECK(ToNumber("4.5") == 4.5);
    CHECK(ToNumber("-0.25") == -0.25);
    CHECK(ToNumber("+7") == 7);
    CHECK(ToNumber(".5") == 0.5);
    CHECK(ToNumber("5.") == 5);
    CHECK(ToNumber("1e3") == 1000);
    CHECK(ToNumber("2.5E-1") == 0.25);
    CHECK(ToNumber("007") == 7);
  }

  TEST_CASE("white space around a number does not count, within it does") {
    CHECK(ToNumber(" \t\r\n4.5 \f\v") == 4.5);
    CHECK_FALSE(ToNumber("4 .5"));
    CHECK_FALSE(ToNumber("1 000"));
    CHECK_FALSE(
        ToNumber("\xC2\xA0"
                 "5"));
  }

  TEST_CASE("commas stand between thousands, in the whole part, everywhere or nowhere") {
    CHECK(ToNumber("1,234") == 1234);
    CHECK(ToNumber("-1,234.5e3") == -1234500);
    CHECK(ToNumber("12,345,678.25") == 12345678.25);
    CHECK(ToNumber("+1,000") == 1000);
    for (const char* text : {"1,23", "1,2345", "12,34,567", ",123", "-,123", "1,,234", "1234,567",
                             "1,234567", "1,234,", "0.1,234", "1e1,000", "1,234.5,6", "4,5", ","}) {
      CHECK_MESSAGE(!ToNumber(text), std::string(text));
    }
  }

  TEST_CASE("what is no number, or more than one, is none") {
    for (const char* text : {"", " ", ".", "-", "+", "abc", "4.5 stars", "$4", "4-5", "1.2.3", "1e",
                             "e5", "--5", "++5", "- 5", "0x10", "1_000", "5%", "1e5.5"}) {
      CHECK_MESSAGE(!ToNumber(text), std::string(text));
    }
  }

  TEST_CASE("two signs are no number") {
    CHECK_FALSE(ToNumber("+-5"));
    CHECK_FALSE(ToNumber("-+5"));
    CHECK_FALSE(ToInteger("+-5"));
    CHECK_FALSE(ToNumber("+-1,000"));
  }

  TEST_CASE("infinity and NaN are no numbers, nor is what a double cannot hold") {
    for (const char* text :
         {"inf", "-inf", "Infinity", "nan", "NaN", "nan(1)", "1e999", "-1e999"}) {
      CHECK_MESSAGE(!ToNumber(text), std::string(text));
    }
    CHECK(ToNumber("1.7976931348623157e308") == std::numeric_limits<double>::max());
  }
}

TEST_SUITE("ToInteger") {
  TEST_CASE("integers are exact over all 64 bits, and nothing beyond them") {
    CHECK(ToInteger("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
    CHECK(ToInteger("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
    CHECK(ToInteger("9,223,372,036,854,775,807") == std::numeric_limits<std::int64_t>::max());
    CHECK(ToInteger("9007199254740993") == 9007199254740993);
    CHECK_FALSE(ToInteger("9223372036854775808"));
    CHECK_FALSE(ToInteger("-9223372036854775809"));
  }

  TEST_CASE("an integer has no fraction and no exponent, not even an empty one") {
    CHECK(ToInteger(" -1,234 ") == -1234);
    CHECK(ToInteger("+0") == 0);
    for (const char* text : {"4.0", "4.", "1e3", "", "-", "0x10", "4 stars", "1,23"}) {
      CHECK_MESSAGE(!ToInteger(text), std::string(text));
    }
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

TEST_SUITE("ToDate") {
  TEST_CASE("ISO 8601 is read without being asked for") {
    CHECK(ToDate("2016-07-04", {}) == "2016-07-04");
    CHECK(ToDate("2016-07-04T18:30", {}) == "2016-07-04T18:30:00");
    CHECK(ToDate("2016-07-04T18:30:05", {}) == "2016-07-04T18:30:05");
    CHECK(ToDate("2016-07-04 18:30:05", {}) == "2016-07-04T18:30:05");
    CHECK(ToDate(" 2016-07-04\n", {}) == "2016-07-04");
  }

  TEST_CASE("the zone is kept as it was, UTC as Z") {
    CHECK(ToDate("2016-07-04T18:30:05Z", {}) == "2016-07-04T18:30:05Z");
    CHECK(ToDate("2016-07-04T18:30:05+02:00", {}) == "2016-07-04T18:30:05+02:00");
    CHECK(ToDate("2016-07-04T18:30:05-0530", {}) == "2016-07-04T18:30:05-05:30");
    CHECK(ToDate("2016-07-04T18:30-00:30", {}) == "2016-07-04T18:30:00-00:30");
    CHECK(ToDate("2016-07-04T18:30:05+00:00", {}) == "2016-07-04T18:30:05Z");
  }

  TEST_CASE("fractions of a second are passed over") {
    CHECK(ToDate("2016-07-04T18:30:05.123Z", {}) == "2016-07-04T18:30:05Z");
    CHECK(ToDate("2016-07-04T18:30:05.123456789+02:00", {}) == "2016-07-04T18:30:05+02:00");
    CHECK_FALSE(ToDate("2016-07-04T18:30:05.", {}));
  }

  TEST_CASE("a point belongs behind the seconds and nowhere else") {
    for (const char* text :
         {"2016-07-04.5", "2016.5-07-04", "2016-07.5-04", "2016-07-04T18.5:30"}) {
      CHECK_MESSAGE(!ToDate(text, {}), std::string(text));
    }
  }

  TEST_CASE("days that do not exist are no dates") {
    for (const char* text : {"2016-02-30", "2015-02-29", "1900-02-29", "2016-04-31", "2016-13-01",
                             "2016-00-10", "2016-01-00", "2016-01-32"}) {
      CHECK_MESSAGE(!ToDate(text, {}), std::string(text));
    }
    CHECK(ToDate("2016-02-29", {}) == "2016-02-29");
    CHECK(ToDate("2000-02-29", {}) == "2000-02-29");
  }

  TEST_CASE("times that do not exist are no dates, nor is what follows one") {
    for (const char* text : {"2016-07-04T24:00", "2016-07-04T18:60", "2016-07-04x", "2016-07-04T",
                             "2016-07-04T18:30:05 Z x", "", "today"}) {
      CHECK_MESSAGE(!ToDate(text, {}), std::string(text));
    }
  }

  TEST_CASE("a zone is less than a day away") {
    CHECK_FALSE(ToDate("2016-07-04T18:30:05+25:00", {}));
    CHECK_FALSE(ToDate("2016-07-04T18:30:05+02:60", {}));
  }

  TEST_CASE("a NUL byte does not end the text") {
    CHECK_FALSE(ToDate(std::string("2016-07-04\0x", 12), {}));
    CHECK_FALSE(ToDate(std::string("2016\0x", 6), {"%Y"}));
  }

  TEST_CASE("the first format that reads the whole text wins") {
    CHECK(ToDate("07/04/2016", {"%m/%d/%Y", "%d/%m/%Y"}) == "2016-07-04");
    CHECK(ToDate("25/12/2016", {"%m/%d/%Y", "%d/%m/%Y"}) == "2016-12-25");
    CHECK(ToDate("4 July 2016", {"%m/%d/%Y", "%d %b %Y"}) == "2016-07-04");
    CHECK(ToDate("Mon, Jul 4, 2016", {"%a, %b %d, %Y"}) == "2016-07-04");
    CHECK_FALSE(ToDate("07/04/2016 updated", {"%m/%d/%Y"}));
    CHECK_FALSE(ToDate("30/02/2016", {"%d/%m/%Y"}));
  }

  TEST_CASE("iso8601 is a format among others, and else not tried") {
    CHECK(ToDate("2016-07-04", {"%m/%d/%Y", "iso8601"}) == "2016-07-04");
    CHECK_FALSE(ToDate("2016-07-04", {"%m/%d/%Y"}));
  }

  TEST_CASE("a time of day is kept, whichever letters the format says it with") {
    CHECK(ToDate("04.07.2016 18:30", {"%d.%m.%Y %H:%M"}) == "2016-07-04T18:30:00");
    CHECK(ToDate("7/4/2016 6:30 PM", {"%m/%d/%Y %I:%M %p"}) == "2016-07-04T18:30:00");
    CHECK(ToDate("2016-07-04 18:30:05", {"%F %T"}) == "2016-07-04T18:30:05");
    CHECK(ToDate("07/04/16 18:30:05", {"%D %X"}) == "2016-07-04T18:30:05");
  }

  TEST_CASE("a format with a zone keeps it") {
    CHECK(ToDate("Mon, 04 Jul 2016 18:30:05 +0200", {"%a, %d %b %Y %H:%M:%S %z"}) ==
          "2016-07-04T18:30:05+02:00");
  }

  TEST_CASE("a month or a year alone is its first day") {
    CHECK(ToDate("July 2016", {"%B %Y"}) == "2016-07-01");
    CHECK(ToDate("2016", {"%Y"}) == "2016-01-01");
  }
}
