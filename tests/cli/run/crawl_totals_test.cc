#include "cli/run/crawl_totals.h"

#include <doctest/doctest.h>

using namespace thresh;

namespace {

CrawlStatus Status(std::uint64_t pid, std::uint64_t done, std::uint64_t pages) {
  CrawlStatus status{.done = done, .pid = pid, .pages = pages};
  status.held_back["parsers"] = pages;
  return status;
}

}  // namespace

TEST_SUITE("CrawlTotals") {
  TEST_CASE("one fetcher's last word counts") {
    CrawlTotals totals;
    CHECK_FALSE(totals.any());
    totals.Take(Status(1, 0, 0));
    totals.Take(Status(1, 5, 7));
    CHECK(totals.Now().done == 5);
    CHECK(totals.Now().pages == 7);
    CHECK(totals.before().done == 0);
  }

  TEST_CASE("what each fetcher counts for itself is added up, the state's counts go on") {
    CrawlTotals totals;
    totals.Take(Status(1, 10, 3));
    totals.Take(Status(1, 12, 5));
    totals.Take(Status(2, 12, 0));
    totals.Take(Status(2, 15, 4));
    totals.Take(Status(3, 15, 1));
    CHECK(totals.Now().done == 15);
    CHECK(totals.Now().pages == 10);
    CHECK(totals.Now().held_back.at("parsers") == 10);
    CHECK(totals.before().done == 10);
  }
}
