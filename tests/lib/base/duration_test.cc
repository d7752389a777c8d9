#include "lib/base/duration.h"

#include <chrono>
#include <string>

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using thresh::ParseDuration;

TEST_SUITE("ParseDuration") {
  TEST_CASE("a whole number and a unit") {
    CHECK(*ParseDuration("0s") == 0ms);
    CHECK(*ParseDuration("250ms") == 250ms);
    CHECK(*ParseDuration("90s") == 90s);
    CHECK(*ParseDuration("15m") == 15min);
    CHECK(*ParseDuration("6h") == 6h);
    CHECK(*ParseDuration("7d") == 168h);
    CHECK(*ParseDuration("2w") == 336h);
    CHECK(*ParseDuration("3653d") == 3653 * 24h);
  }

  TEST_CASE("all else is refused") {
    for (const std::string text : {"", "6", "h", "6 h", "-6h", "+6h", "6.5h", "6hh", "6H", "1h30m",
                                   "3654d", "9223372036854775807w", "99999999999999999999s"}) {
      CHECK_MESSAGE(!ParseDuration(text).ok(), text);
    }
    CHECK(ParseDuration("soon").error().detail ==
          "expected a duration such as 90s, 15m, 6h, 7d or 2w, found \"soon\"");
  }
}
