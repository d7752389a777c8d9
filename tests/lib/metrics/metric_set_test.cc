#include "lib/metrics/metric_set.h"

#include <set>

#include <doctest/doctest.h>

namespace thresh {
namespace {

TEST_CASE("every metric has a name of its own that follows Prometheus") {
  std::set<std::string_view> names;
  for (const MetricInfo& info : kMetrics) {
    INFO(info.name);
    CHECK(names.insert(info.name).second);
    CHECK(info.name.starts_with("thresh_"));
    CHECK(info.name.ends_with("_total") == (info.kind == MetricKind::kCounter));
    CHECK(info.help.ends_with("."));
    CHECK(MetricNamed(info.name).has_value());
  }
}

TEST_CASE("what is written is read again") {
  Histogram histogram;
  histogram.ObserveUs(5000);
  MetricSet set;
  set.Set(Metric::kTasksPending, 12);
  set.Add(Metric::kTasksDead, "http_404", 3);
  set.Add(Metric::kTasksDead, "http_404", 2);
  set.Set(Metric::kFetchSeconds, histogram);
  set.Set(Metric::kParseSeconds, Histogram{});
  const Result<MetricSet> read = MetricSet::FromJson(set.ToJson());
  REQUIRE(read);
  CHECK(read->Value(Metric::kTasksPending) == 12);
  CHECK(read->Value(Metric::kTasksDead, "http_404") == 5);
  CHECK(read->Times(Metric::kFetchSeconds)->count == 1);
  CHECK(*read->Times(Metric::kFetchSeconds)->p50 == doctest::Approx(0.005).epsilon(0.07));
  CHECK(!read->Times(Metric::kParseSeconds)->p50);
  CHECK(read->ToJson() == set.ToJson());
  CHECK(read->ToPrometheus() == set.ToPrometheus());
}

TEST_CASE("Prometheus gets each metric once, with help, type and samples") {
  Histogram histogram;
  histogram.ObserveUs(100);
  MetricSet set;
  set.Add(Metric::kTasksDead, "a\"b\\c\nd", 1);
  set.Set(Metric::kFetchSeconds, histogram);
  const std::string text = set.ToPrometheus();
  CHECK(text.find("# TYPE thresh_tasks_dead_total counter\n"
                  "thresh_tasks_dead_total{reason=\"a\\\"b\\\\c\\nd\"} 1\n") != std::string::npos);
  CHECK(text.find("thresh_fetch_seconds_bucket{le=\"0.000128\"} 1\n") != std::string::npos);
  CHECK(text.find("thresh_fetch_seconds_bucket{le=\"+Inf\"} 1\n") != std::string::npos);
  CHECK(text.find("thresh_fetch_seconds_sum 1e-04\n") != std::string::npos);
  CHECK(text.find("# HELP thresh_fetch_seconds ") == text.rfind("# HELP thresh_fetch_seconds "));
}

TEST_CASE("labels are bounded in number and length, and are UTF-8") {
  MetricSet set;
  for (int i = 0; i < 1000; ++i) set.Add(Metric::kTasksDead, "reason" + std::to_string(i), 1);
  CHECK(set.Values(Metric::kTasksDead).size() == MetricSet::kMostLabels + 1);
  CHECK(set.Value(Metric::kTasksDead, MetricSet::kOthers) == 1000 - MetricSet::kMostLabels);
  MetricSet hostile;
  hostile.Add(Metric::kHostPages, std::string(5000, 'x') + "\xff", 1);
  hostile.Add(Metric::kHostPages, "\xff\x01", 1);
  const std::string text = hostile.ToPrometheus();
  CHECK(text.size() < 600);
  CHECK(text.find('\xff') == std::string::npos);
  CHECK(text.find('\x01') == std::string::npos);
}

TEST_CASE("of many counts the largest keep their names") {
  std::map<std::string, std::uint64_t> counts;
  for (std::uint64_t i = 0; i < 500; ++i) counts["r" + std::to_string(i)] = i;
  MetricSet set;
  set.AddAll(Metric::kTasksDead, counts);
  CHECK(set.Value(Metric::kTasksDead, "r499") == 499);
  CHECK(set.Value(Metric::kTasksDead, "r1") == 0);
}

TEST_CASE("what is no such object is an error; unknown names are passed over") {
  CHECK(!MetricSet::FromJson("[]"));
  CHECK(!MetricSet::FromJson("{"));
  const auto read = MetricSet::FromJson(
      R"({"nonsense":1,"thresh_tasks_dead_total":[1],"thresh_fetch_seconds":{"buckets":[[1],["a","b"],7]},
          "thresh_tasks_pending":"many"})");
  REQUIRE(read);
  CHECK(read->Values(Metric::kTasksDead).empty());
  CHECK(read->Times(Metric::kFetchSeconds)->buckets.empty());
}

}  // namespace
}  // namespace thresh
