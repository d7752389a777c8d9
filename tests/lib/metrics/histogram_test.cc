#include "lib/metrics/histogram.h"

#include <doctest/doctest.h>

namespace thresh {
namespace {

using std::chrono::microseconds;

TEST_CASE("a value lies within its bucket, and buckets follow on one another") {
  for (std::size_t bucket = 1; bucket + 1 < Histogram::kBuckets; ++bucket) {
    const std::uint64_t low = Histogram::LowerUs(bucket), high = Histogram::LowerUs(bucket + 1);
    CHECK(low < high);
    CHECK(Histogram::BucketOf(low + 1) == bucket);
    CHECK(Histogram::BucketOf(high) == bucket);
    CHECK(static_cast<double>(high - low) <= static_cast<double>(low) / 8 + 1);
  }
  CHECK(Histogram::BucketOf(0) == 0);
  CHECK(Histogram::BucketOf(UINT64_MAX) == Histogram::kBuckets - 1);
}

TEST_CASE("quantiles are right to 6 %") {
  Histogram h;
  CHECK(!h.Quantile(0.5));
  for (int ms = 1; ms <= 1000; ++ms) h.Observe(microseconds(ms * 1000));
  CHECK(*h.Quantile(0.5) == doctest::Approx(0.5).epsilon(0.06));
  CHECK(*h.Quantile(0.99) == doctest::Approx(0.99).epsilon(0.06));
  CHECK(*h.Quantile(0) == doctest::Approx(0.001).epsilon(0.13));
  CHECK(h.count() == 1000);
  CHECK(h.sum_seconds() == doctest::Approx(500.5));
}

TEST_CASE("counts up to a bound are exact") {
  Histogram h;
  for (const std::uint64_t us : {0U, 1U, 63U, 64U, 65U, 128U, 129U, 1U << 20}) h.ObserveUs(us);
  CHECK(h.CountUpTo(6) == 4);
  CHECK(h.CountUpTo(7) == 6);
  CHECK(h.CountUpTo(8) == 7);
  CHECK(h.CountUpTo(19) == 7);
  CHECK(h.CountUpTo(20) == 8);
}

TEST_CASE("recent quantiles forget what is older than ten seconds") {
  Histogram h;
  h.Observe(microseconds(1000));
  for (int i = 0; i < 5; ++i) h.Second();
  CHECK(h.RecentQuantile(0.5));
  h.Observe(microseconds(9000));
  CHECK(*h.RecentQuantile(0.99) > 0.008);
  for (int i = 0; i < 5; ++i) h.Second();
  CHECK(*h.RecentQuantile(0.01) > 0.008);
  for (int i = 0; i < 5; ++i) h.Second();
  CHECK(!h.RecentQuantile(0.5));
  CHECK(h.count() == 2);
}

TEST_CASE("merged histograms are as if one had observed all") {
  Histogram one, other, both;
  for (std::uint64_t us = 1; us < 100'000; us += 37) {
    (us % 2 == 0 ? one : other).ObserveUs(us);
    both.ObserveUs(us);
  }
  one.Merge(other);
  CHECK(one.count() == both.count());
  CHECK(one.Quantile(0.9) == both.Quantile(0.9));
  CHECK(one.RecentQuantile(0.9) == both.RecentQuantile(0.9));
  CHECK(one.sum_seconds() == both.sum_seconds());
}

}  // namespace
}  // namespace thresh
