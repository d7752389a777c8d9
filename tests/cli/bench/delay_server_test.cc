#include "cli/bench/delay_server.h"

#include <doctest/doctest.h>

#include "cli/bench/crawl_modes.h"
#include "tests/support/temp_folder.h"

using namespace thresh;

TEST_CASE("parameters are decoded, and of two the last counts") {
  const auto found = ParametersOf("name=a+b%26c&delay=1&&delay=2&flag&=x");
  CHECK(found.at("name") == "a b&c");
  CHECK(found.at("delay") == "2");
  CHECK(found.at("flag").empty());
  CHECK(found.size() == 4);
  CHECK(ParametersOf("").empty());
}

TEST_CASE("what was noted is read back, name by name") {
  const test::TempFolder folder;
  MetricData data;
  data.Add("b\"c", {1700000000.25, 1700000000.5});
  data.Add("a", {1700000001, 1700000002.5});
  data.Add("a", {1700000003, 1700000003.000001});
  const std::string json = data.ToJson();
  CHECK(json.starts_with(
      R"({"a": [{"start": 1700000001.000000, "end": 1700000002.500000, "dt": 1.500000}, )"));
  const std::string path = folder.Write("m.json", json);
  const auto spans = ReadMetricData(path, "a");
  REQUIRE(spans);
  REQUIRE(spans->size() == 2);
  CHECK((*spans)[0].end == doctest::Approx(1700000002.5));
  CHECK(ReadMetricData(path, "b\"c")->size() == 1);
  CHECK(ReadMetricData(path, "none")->empty());
}

TEST_CASE("a file that is none of that kind is refused") {
  const test::TempFolder folder;
  for (const char* text : {"", "[]", "{\"a\": 1}", "{\"a\": [{\"start\": 1}]}", "{\"a\": [1]}"}) {
    CAPTURE(text);
    CHECK(!ReadMetricData(folder.Write("m.json", text), "a"));
  }
  CHECK(!ReadMetricData(folder.File("gone.json"), "a"));
}

TEST_CASE("open requests are counted, ends before starts of the same moment") {
  const RequestSpans one_by_one{{10, 11}, {11, 12}, {12, 13}};
  const RequestSpans together{{10, 12}, {10.5, 12}, {11, 13}};
  CHECK(ModeResult{.spans = one_by_one}.most_at_once() == 1);
  CHECK(ModeResult{.spans = together}.most_at_once() == 3);
  CHECK(ModeResult{.spans = together}.served_s() == doctest::Approx(3));
  CHECK(ModeResult{}.most_at_once() == 0);
  CHECK(OpenCounts(together).back().open == 0);
}

TEST_CASE("the ideal waits together, and computes on all cores") {
  BenchCrawlOptions options;
  CHECK(IdealSeconds(options, 2) == doctest::Approx(1.0));  // 1,000 of 100 ms, 100 at once
  options.requests = 101;
  CHECK(IdealSeconds(options, 2) == doctest::Approx(0.2));
  options.cpu_ms = 20;
  CHECK(IdealSeconds(options, 2) == doctest::Approx(1.01));
}
