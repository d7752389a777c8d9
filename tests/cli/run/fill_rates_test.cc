#include "cli/run/fill_rates.h"

#include <doctest/doctest.h>

using namespace thresh;

namespace {

SinkFills Fills(std::uint64_t pid, std::uint64_t records, std::uint64_t filled) {
  return {.pid = pid, .items = {{"thing", records, {{"a", filled}}}}};
}

}  // namespace

TEST_SUITE("fill rates") {
  TEST_CASE("a sink's status is read") {
    const Result<SinkFills> fills = ParseSinkFills(
        R"({"ok":true,"pid":7,"items":[{"item":"x","records":3,"filled":{"b":3,"a":0}}]})");
    REQUIRE(fills.ok());
    CHECK(fills->pid == 7);
    REQUIRE(fills->items.size() == 1);
    CHECK(fills->items[0].records == 3);
    CHECK(fills->items[0].filled ==
          std::vector<std::pair<std::string, std::uint64_t>>{{"b", 3}, {"a", 0}});
    CHECK_FALSE(ParseSinkFills("{}").ok());
    CHECK_FALSE(ParseSinkFills("no JSON").ok());
  }

  TEST_CASE("of one sink the last word counts, of several their sum") {
    FillTotals totals;
    totals.Take(Fills(1, 5, 4));
    totals.Take(Fills(1, 10, 8));
    totals.Take(Fills(2, 0, 0));
    totals.Take(Fills(2, 3, 1));
    REQUIRE(totals.Now().size() == 1);
    CHECK(totals.Now()[0].records == 13);
    CHECK(totals.Now()[0].filled[0].second == 9);
  }

  TEST_CASE("all and none are told from almost all and almost none") {
    CHECK(AsRate(100'000, 100'000) == "100 %");
    CHECK(AsRate(99'999, 100'000) == "99.9 %");
    CHECK(AsRate(1, 3) == "33.3 %");
    CHECK(AsRate(1, 100'000) == "0.1 %");
    CHECK(AsRate(0, 100'000) == "0 %");
  }

  TEST_CASE("an item a line, and records that were not counted are told") {
    const std::vector<ItemFill> items{{"b", 1'000, {{"x", 1'000}, {"y", 500}}}, {"c", 2, {}}};
    CHECK(FillLines(items, 1'002) ==
          "  fields     b (1,000): x 100 %, y 50.0 %\n"
          "             c (2):\n");
    CHECK(FillLines(items, 1'102)
              .ends_with("             not counted: 100 records of earlier "
                         "runs, or of a sink that was killed\n"));
    CHECK(FillLines({}, 5).empty());
  }

  TEST_CASE("long lists go on in the next line") {
    ItemFill item{.item = "thing", .records = 1};
    for (int i = 0; i < 20; ++i) item.filled.emplace_back("field_" + std::to_string(i), 1);
    const std::string lines = FillLines({item}, 1);
    CHECK(lines.find(",\n             field_") != std::string::npos);
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = lines.find('\n', begin)) != std::string::npos;) {
      CHECK(end - begin <= 100);
      begin = end + 1;
    }
  }
}
