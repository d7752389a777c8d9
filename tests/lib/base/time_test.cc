#include "lib/base/time.h"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <random>
#include <string>

#include <doctest/doctest.h>

using thresh::FormatUtc;
using thresh::ParseUtc;
using thresh::WallClockMs;

// Known answers: `date -u -d @SECONDS`.
TEST_SUITE("time") {
  TEST_CASE("times are RFC 3339 in UTC, with milliseconds") {
    CHECK(FormatUtc(0) == "1970-01-01T00:00:00.000Z");
    CHECK(FormatUtc(1) == "1970-01-01T00:00:00.001Z");
    CHECK(FormatUtc(1738324800123) == "2025-01-31T12:00:00.123Z");
    CHECK(FormatUtc(951782399999) == "2000-02-28T23:59:59.999Z");
    CHECK(FormatUtc(951782400000) == "2000-02-29T00:00:00.000Z");
  }

  TEST_CASE("far dates are still dates") {
    CHECK(FormatUtc(4102444800000) == "2100-01-01T00:00:00.000Z");
    CHECK(FormatUtc(253402300799999) == "9999-12-31T23:59:59.999Z");
  }

  TEST_CASE("times before 1970 are dates too") {
    CHECK(FormatUtc(-1000) == "1969-12-31T23:59:59.000Z");
    CHECK(FormatUtc(-1) == "1969-12-31T23:59:59.999Z");
    CHECK(FormatUtc(-1500) == "1969-12-31T23:59:58.500Z");
  }

  TEST_CASE("years may have more digits than four, or be before the first") {
    CHECK(FormatUtc(253402300800000) == "10000-01-01T00:00:00.000Z");
    CHECK(FormatUtc(-62167219200000) == "0000-01-01T00:00:00.000Z");
    CHECK(FormatUtc(-62167219200001) == "-001-12-31T23:59:59.999Z");
  }

  TEST_CASE("any time is what strftime says it is") {
    std::mt19937_64 random(1);
    for (int i = 0; i < 200'000; ++i) {
      const std::int64_t ms =
          static_cast<std::int64_t>(random() % 315'000'000'000'000) - 62'000'000'000'000;
      const std::time_t seconds =
          std::chrono::floor<std::chrono::seconds>(std::chrono::milliseconds(ms)).count();
      std::tm utc{};
      gmtime_r(&seconds, &utc);
      char day[32], text[64];
      std::strftime(day, sizeof day, "%m-%dT%H:%M:%S", &utc);
      std::snprintf(text, sizeof text, "%04d-%s.%03dZ", utc.tm_year + 1900, day,
                    static_cast<int>(ms - seconds * 1000));
      if (FormatUtc(ms) != text) FAIL(ms, ": ", FormatUtc(ms), ", not ", text);
    }
  }

  TEST_CASE("a time is read back, with what RFC 3339 allows") {
    CHECK(ParseUtc("2025-01-31T12:00:00.123Z") == 1738324800123);
    CHECK(ParseUtc("2025-01-31t12:00:00.1239z") == 1738324800123);
    CHECK(ParseUtc("2025-01-31 12:00:00") == 1738324800000);
    CHECK(ParseUtc("2025-01-31T12:00") == 1738324800000);
    CHECK(ParseUtc("2025-01-31") == 1738281600000);
    CHECK(ParseUtc("2025-01-31T12:00:00+01:30") == 1738319400000);
    CHECK(ParseUtc("2025-01-31T12:00:00-0130") == 1738330200000);
    CHECK(ParseUtc("1969-12-31T23:59:59Z") == -1000);
    CHECK(ParseUtc("2000-02-29") == 951782400000);
  }

  TEST_CASE("what is no time is none") {
    for (const std::string text :
         {"", "2025", "2025-13-01", "2025-02-29", "2025-1-1", "2025-01-31T", "2025-01-31T24:00",
          "2025-01-31T12:60", "2025-01-31T12:00:00.Z", "2025-01-31T12:00:00Zx", "soon",
          "2025-01-31T12:00:00+1", "-025-01-01", "2025-01-31X12:00"}) {
      CAPTURE(text);
      CHECK_FALSE(ParseUtc(text));
    }
    const std::string whole = "2025-01-31T12:00:00.123+02:00";
    for (std::size_t size = 0; size < whole.size(); ++size) (void)ParseUtc(whole.substr(0, size));
  }

  TEST_CASE("the wall clock counts milliseconds since 1970") {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    CHECK(WallClockMs() >= ms);
    CHECK(WallClockMs() < ms + 60'000);
  }
}
