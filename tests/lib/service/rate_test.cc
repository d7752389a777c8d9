#include "lib/service/rate.h"

#include <doctest/doctest.h>

using namespace thresh;
using std::chrono::milliseconds;

TEST_CASE("a rate is the growth a second over the last looks") {
  Rate rate;
  Rate::Time now{};
  CHECK(rate.Look(1000, now) == 0);
  CHECK(rate.Look(1100, now += milliseconds(500)) == doctest::Approx(200));
  for (std::uint64_t count = 1200; count <= 1700; count += 100) {
    (void)rate.Look(count, now += milliseconds(1000));
  }
  CHECK(rate.Look(1800, now += milliseconds(1000)) == doctest::Approx(100));
}

TEST_CASE("what stands still has no rate soon") {
  Rate rate;
  Rate::Time now{};
  (void)rate.Look(0, now);
  (void)rate.Look(500, now += milliseconds(1000));
  for (int i = 0; i < 4; ++i) CHECK(rate.Look(500, now += milliseconds(1000)) > 0);
  CHECK(rate.Look(500, now += milliseconds(1000)) == 0);
}

TEST_CASE("a count that begins anew, or a clock that stands, gives no nonsense") {
  Rate rate;
  Rate::Time now{};
  (void)rate.Look(500, now);
  CHECK(rate.Look(500, now) == 0);
  CHECK(rate.Look(3, now += milliseconds(1000)) == 0);
  CHECK(rate.Look(5, now += milliseconds(1000)) == doctest::Approx(2));
}

TEST_CASE("small rates have a fraction, large ones commas") {
  CHECK(RateText(0) == "0");
  CHECK(RateText(0.04) == "0");
  CHECK(RateText(0.44) == "0.4");
  CHECK(RateText(2) == "2");
  CHECK(RateText(9.94) == "9.9");
  CHECK(RateText(9.96) == "10");
  CHECK(RateText(12402.6) == "12,403");
}
