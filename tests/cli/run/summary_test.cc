#include "cli/run/summary.h"

#include <string>

#include <doctest/doctest.h>

using namespace thresh;

namespace {

RunSummary Summary() {
  RunSummary summary{.seconds = 2, .out = "out"};
  summary.now = {.fed = 61, .followed = 540, .done = 600, .records = 12'000, .pages = 601};
  summary.now.dead = {{"http_404", 1}};
  return summary;
}

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("SummaryOf") {
  TEST_CASE("a run from the beginning has no word of earlier ones or of restarts") {
    const std::string text = SummaryOf(Summary());
    CHECK(Has(text, "601 pages (0 B) in 2.0 s, 300 pages/s; 12,000 records\n"));
    CHECK(Has(text, "  failed     1 http_404; see out/dead.ndjson\n"));
    CHECK(Has(text, "fed 61 + followed 540 = done 600 + dead 1 + dropped 0 + pending 0\n"));
    CHECK_FALSE(Has(text, "taken up again"));
    CHECK_FALSE(Has(text, "restarted"));
  }

  TEST_CASE("of very many reasons the most frequent are told") {
    RunSummary summary = Summary();
    summary.now.dead.clear();
    for (int i = 100; i < 160; ++i) summary.now.dead["made-up-" + std::to_string(i)] = 2;
    summary.now.dead["timeout"] = 7;
    const std::string text = SummaryOf(summary);
    CHECK(Has(text, "  failed     7 timeout, 2 made-up-100, 2 made-up-101, "));
    CHECK(Has(text, "2 made-up-118, 82 for 41 other reasons; see out/dead.ndjson\n"));
  }

  TEST_CASE("a run that was taken up again says what was done before, and counts only the rest") {
    RunSummary summary = Summary();
    summary.resumed = true;
    summary.before = {.done = 400, .pending = 50};
    summary.duplicates = 61;
    const std::string text = SummaryOf(summary);
    CHECK(Has(text, "  taken up again with 400 done, 50 queued\n"));
    CHECK(Has(text, ", 100 pages/s; 12,000 records in all\n"));
    CHECK_FALSE(Has(text, "duplicates"));
  }

  TEST_CASE("the fill rates stand under the headline") {
    RunSummary summary = Summary();
    summary.fills = {{"review", 12'000, {{"author", 12'000}, {"date", 11'999}}}};
    CHECK(Has(SummaryOf(summary),
              " records\n  fields     review (12,000): author 100 %, date 99.9 %\n  failed "));
  }

  TEST_CASE("restarts are told by program") {
    RunSummary summary = Summary();
    summary.restarts = {{"thresh-parser", 5}, {"thresh-sink", 2}, {"thresh-fetcher", 1}};
    CHECK(Has(SummaryOf(summary), "  restarted  fetcher 1, sink 2, parsers 5\n"));
    summary.restarts = {{"thresh-parser", 1}};
    CHECK(Has(SummaryOf(summary), "  restarted  parsers 1\n"));
  }

  TEST_CASE("tasks asked for again are part of the balance") {
    RunSummary summary = Summary();
    summary.now.retried = 2;
    CHECK(Has(SummaryOf(summary), "followed 540 + retried 2 = done"));
  }
}

TEST_SUITE("NothingWasLeft") {
  TEST_CASE("only if an earlier run has ended all there is") {
    RunSummary summary = Summary();
    CHECK_FALSE(NothingWasLeft(summary));
    summary.resumed = true;
    summary.before = summary.now;
    CHECK(NothingWasLeft(summary));
    summary.now.done += 1;
    CHECK_FALSE(NothingWasLeft(summary));
    summary.before = summary.now;
    summary.before.pending = 1;
    CHECK_FALSE(NothingWasLeft(summary));
  }

  TEST_CASE("the line says how all ended") {
    CHECK(NothingLeftLine({.done = 600}) == "all 600 done; --fresh starts over");
    CHECK(NothingLeftLine(Summary().now) == "all 601 ended: 600 done, 1 dead; --fresh starts over");
  }
}
