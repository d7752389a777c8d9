#include "lib/metrics/busiest.h"

#include <doctest/doctest.h>

#include "lib/metrics/growth_rate.h"

namespace thresh {
namespace {

TEST_CASE("the busiest names come first, all others together") {
  Busiest busiest;
  for (int i = 0; i < 50; ++i) busiest.Count("a");
  for (int i = 0; i < 100; ++i) busiest.Count("b");
  busiest.Count("c");
  for (int i = 0; i < Busiest::kSpanSeconds; ++i) busiest.Second();
  double others = 0;
  const auto top = busiest.Top(2, &others);
  REQUIRE(top.size() == 2);
  CHECK(top[0].name == "b");
  CHECK(top[0].per_second == 20);
  CHECK(top[1].name == "a");
  CHECK(others == doctest::Approx(0.2));
  CHECK(busiest.PerSecond("a") == 10);
  CHECK(busiest.PerSecond("z") == 0);
}

TEST_CASE("any number of names is counted in bounded memory") {
  Busiest busiest;
  for (int i = 0; i < 10'000; ++i) busiest.Count("host" + std::to_string(i));
  double others = 0;
  const auto top = busiest.Top(100'000, &others);
  CHECK(top.size() == Busiest::kMostNames);
  CHECK(others == 10'000 - Busiest::kMostNames);
}

TEST_CASE("what is over is forgotten") {
  Busiest busiest;
  busiest.Count("a");
  for (int i = 0; i < 2 * Busiest::kSpanSeconds; ++i) busiest.Second();
  CHECK(busiest.Top(5, nullptr).empty());
}

TEST_CASE("a rate is what came over the last five seconds") {
  GrowthRate rate;
  GrowthRate::Time now{};
  CHECK(rate.per_second() == 0);
  for (std::uint64_t i = 0; i <= 10; ++i, now += std::chrono::seconds(1)) rate.Second(i * 7, now);
  CHECK(rate.per_second() == doctest::Approx(7));
  for (int i = 0; i < 6; ++i, now += std::chrono::seconds(1)) rate.Second(70, now);
  CHECK(rate.per_second() == 0);
}

}  // namespace
}  // namespace thresh
