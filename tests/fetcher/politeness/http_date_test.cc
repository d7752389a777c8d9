#include "fetcher/politeness/http_date.h"

#include <chrono>
#include <cstdint>
#include <string>

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using namespace thresh;

namespace {

constexpr std::int64_t kThen = 784'111'777'000;   // 1994-11-06T08:49:37Z.
constexpr std::int64_t kNow = 1'700'000'000'000;  // 2023-11-14T22:13:20Z.

}  // namespace

TEST_SUITE("HTTP dates (RFC 9110, 5.6.7)") {
  TEST_CASE("all three forms") {
    CHECK(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT", kNow) == kThen);
    CHECK(ParseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT", kNow) == kThen);
    CHECK(ParseHttpDate("Sun Nov  6 08:49:37 1994", kNow) == kThen);
    CHECK(ParseHttpDate("Thu, 29 Feb 2024 23:59:60 GMT", kNow) == 1'709'251'199'000);
  }

  TEST_CASE("a year with two digits lies at most 50 years ahead") {
    CHECK(ParseHttpDate("Friday, 01-Jan-73 00:00:00 GMT", kNow) == 3250454400000);
    CHECK(ParseHttpDate("Friday, 01-Jan-74 00:00:00 GMT", kNow) == 126'230'400'000);
  }

  TEST_CASE("what is no date is none") {
    for (const char* text :
         {"", "soon", "Sun, 31 Feb 1994 08:49:37 GMT", "06 Nov 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 8:49 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
          "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 0x Nov 1994 08:49:37 GMT", "a b c d e f g h",
          "Sun, 06 Nov 199 08:49:37 GMT", ",,,,,,,,", "-1"}) {
      INFO(text);
      CHECK_FALSE(ParseHttpDate(text, kNow));
    }
    const std::string date = "Sun, 06 Nov 1994 08:49:37 GMT";
    for (std::size_t i = 0; i < date.size(); ++i) {
      (void)ParseHttpDate(date.substr(0, i), kNow);
      std::string broken = date;
      broken[i] = static_cast<char>(broken[i] ^ 0x55);
      (void)ParseHttpDate(broken, kNow);
    }
  }
}

TEST_SUITE("Retry-After (RFC 9110, 10.2.3)") {
  TEST_CASE("seconds") {
    CHECK(ParseRetryAfter("120", kNow) == 120s);
    CHECK(ParseRetryAfter(" 0 ", kNow) == 0s);
    CHECK(*ParseRetryAfter(std::string(300, '9'), kNow) > 24h * 365);
    CHECK_FALSE(ParseRetryAfter("-5", kNow));
    CHECK_FALSE(ParseRetryAfter("1.5", kNow));
    CHECK_FALSE(ParseRetryAfter("", kNow));
  }

  TEST_CASE("a date, in any of its forms; one in the past is now") {
    CHECK(ParseRetryAfter("Tue, 14 Nov 2023 22:13:50 GMT", kNow) == 30s);
    CHECK(ParseRetryAfter("Tuesday, 14-Nov-23 22:13:50 GMT", kNow) == 30s);
    CHECK(ParseRetryAfter("Tue Nov 14 22:13:50 2023", kNow) == 30s);
    CHECK(ParseRetryAfter("Sun, 06 Nov 1994 08:49:37 GMT", kNow) == 0s);
  }
}

TEST_SUITE("lifetimes of answers (RFC 9111)") {
  TEST_CASE("Cache-Control goes over Expires") {
    CHECK(ParseLifetime("public, Max-Age=60", "Sun, 06 Nov 1994 08:49:37 GMT", kNow) == 60s);
    CHECK(ParseLifetime("max-age=\"60\"", "", kNow) == 60s);
    CHECK(ParseLifetime("max-age=60, no-cache", "", kNow) == 0s);
    CHECK(ParseLifetime("no-store", "", kNow) == 0s);
    CHECK(ParseLifetime("public", "Tue, 14 Nov 2023 22:13:50 GMT", kNow) == 30s);
    CHECK(ParseLifetime("max-age=x", "0", kNow) == 0s);
  }

  TEST_CASE("without them nothing is said") {
    CHECK_FALSE(ParseLifetime("", "", kNow));
    CHECK_FALSE(ParseLifetime("s-maxage=9, public,,", "", kNow));
  }
}
