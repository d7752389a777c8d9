#include "cli/numbers.h"

#include <doctest/doctest.h>

using thresh::Amount;
using thresh::AsBytes;
using thresh::AsDuration;
using thresh::WithThousands;

TEST_SUITE("numbers") {
  TEST_CASE("commas part the thousands, and only those") {
    CHECK(WithThousands(0) == "0");
    CHECK(WithThousands(999) == "999");
    CHECK(WithThousands(1000) == "1,000");
    CHECK(WithThousands(12403) == "12,403");
    CHECK(WithThousands(999999) == "999,999");
    CHECK(WithThousands(1000000) == "1,000,000");
    CHECK(WithThousands(18446744073709551615u) == "18,446,744,073,709,551,615");
  }

  TEST_CASE("of one thing there is one") {
    CHECK(Amount(0, "page") == "0 pages");
    CHECK(Amount(1, "page") == "1 page");
    CHECK(Amount(1001, "page") == "1,001 pages");
  }

  TEST_CASE("bytes have the largest unit of which there is one") {
    CHECK(AsBytes(0) == "0 B");
    CHECK(AsBytes(999) == "999 B");
    CHECK(AsBytes(1000) == "1.0 KB");
    CHECK(AsBytes(1536000) == "1.5 MB");
    CHECK(AsBytes(2'000'000'000) == "2.0 GB");
    CHECK(AsBytes(7'000'000'000'000) == "7.0 TB");
    CHECK(AsBytes(5'000'000'000'000'000) == "5000.0 TB");
  }

  TEST_CASE("bytes that round up to a thousand take the next unit") {
    CHECK(AsBytes(999'960) == "1.0 MB");
    CHECK(AsBytes(999'999'999) == "1.0 GB");
  }

  TEST_CASE("durations are seconds, then minutes, then hours") {
    CHECK(AsDuration(0) == "0.0 s");
    CHECK(AsDuration(3.21) == "3.2 s");
    CHECK(AsDuration(59.9) == "59.9 s");
    CHECK(AsDuration(60) == "1:00 min");
    CHECK(AsDuration(245) == "4:05 min");
    CHECK(AsDuration(3599.4) == "59:59 min");
    CHECK(AsDuration(3599.6) == "1:00:00 h");
    CHECK(AsDuration(3729) == "1:02:09 h");
    CHECK(AsDuration(360'000) == "100:00:00 h");
  }

  TEST_CASE("seconds that round up to a minute are one") {
    CHECK(AsDuration(59.97) == "1:00 min");
  }
}
