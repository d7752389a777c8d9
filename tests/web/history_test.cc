#include "web/history.h"

#include <doctest/doctest.h>

#include "lib/text/json.h"

namespace thresh {
namespace {

MetricSet Pages(double pages) {
  MetricSet set;
  set.Set(Metric::kPagesFetched, pages);
  return set;
}

bool Has(const std::string& json, const std::string& part) {
  return json.find(part) != std::string::npos;
}

TEST_CASE("rates are growth a second; a process that began anew has none at first") {
  History history;
  history.Take(1000, Pages(10), true, true, "\"fetcher\":1");
  history.Take(3000, Pages(50), true, true, "\"fetcher\":1");
  history.Take(4000, Pages(5), true, true, "\"fetcher\":1");
  history.Take(5000, Pages(9), true, true, "\"fetcher\":2");
  const std::string json = history.Json(0, 0);
  CHECK(IsJson(json));
  CHECK(Has(json, R"({"t":1000,"pages":null)"));
  CHECK(Has(json, R"({"t":3000,"pages":20)"));
  CHECK(Has(json, R"({"t":4000,"pages":null)"));
  CHECK(Has(json, R"({"t":5000,"pages":4)"));
  CHECK(Has(json, "\"fetcher\":2"));
}

TEST_CASE("only what is new is given; who knows a later life gets all") {
  History history;
  for (int i = 1; i <= 3; ++i) history.Take(i * 1000, Pages(i), true, true, "\"sink\":null");
  history.TakeRecord("{\"a\":1}");
  history.TakeRecord("{\"a\":2}");
  const std::string fresh = history.Json(2, 1);
  CHECK(!Has(fresh, "\"t\":2000"));
  CHECK(Has(fresh, "\"t\":3000"));
  CHECK(!Has(fresh, "{\"a\":1}"));
  CHECK(Has(fresh, "{\"a\":2}"));
  CHECK(!Has(history.Json(3, 2), "\"t\":3000"));
  CHECK(Has(history.Json(99, 99), "\"t\":1000"));
  CHECK(Has(history.Json(99, 99), "{\"a\":1}"));
}

TEST_CASE("it is bounded") {
  History history;
  for (int i = 0; i < 2000; ++i) history.Take(i * 1000, Pages(i), true, false, "\"sink\":null");
  for (int i = 0; i < 500; ++i) history.TakeRecord("{\"n\":" + std::to_string(i) + "}");
  history.TakeRecord(std::string(1 << 20, 'x'));
  const std::string json = history.Json(0, 0);
  CHECK(IsJson(json));
  CHECK(json.size() < 200'000);
  CHECK(!Has(json, "\"t\":1000,"));
  CHECK(Has(json, "\"t\":1999000,"));
  CHECK(Has(json, "{\"n\":499}"));
}

TEST_CASE("while a daemon is down its numbers are not there") {
  History history;
  history.Take(1000, {}, false, false, "\"fetcher\":null");
  CHECK(Has(history.Json(0, 0), R"([{"t":1000}])"));
}

}  // namespace
}  // namespace thresh
