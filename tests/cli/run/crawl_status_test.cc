#include "cli/run/crawl_status.h"

#include <string>

#include <doctest/doctest.h>

using thresh::CrawlStatus;
using thresh::Errc;
using thresh::ParseStatus;

TEST_SUITE("ParseStatus") {
  TEST_CASE("every number of a status line is read") {
    const auto status = ParseStatus(
        R"({"fed":1,"followed":2,"duplicates":3,"refused":4,"done":5,"pending":6,"queued":7,)"
        R"("in_flight":8,"recrawled":11,"retried":12,"jobs_pending":13,"pid":14,"sink":true,)"
        R"("paused":"disk full","records":9,"pages":10,"body_bytes":18446744073709551615,)"
        R"("dead":{"timeout":2,"http_404":3},"dropped":{"offsite":4},"held_back":{"a b":1},)"
        R"("parsers":[{"pid":1},{"pid":2}],"something_new":{"x":[]}})");
    REQUIRE(status.ok());
    CHECK(status->fed == 1);
    CHECK(status->followed == 2);
    CHECK(status->duplicates == 3);
    CHECK(status->refused == 4);
    CHECK(status->done == 5);
    CHECK(status->pending == 6);
    CHECK(status->queued == 7);
    CHECK(status->in_flight == 8);
    CHECK(status->recrawled == 11);
    CHECK(status->retried == 12);
    CHECK(status->jobs_pending == 13);
    CHECK(status->pid == 14);
    CHECK(status->sink);
    CHECK(status->paused == "disk full");
    CHECK(status->records == 9);
    CHECK(status->pages == 10);
    CHECK(status->body_bytes == 18446744073709551615u);
    CHECK(status->dead == std::map<std::string, std::uint64_t>{{"timeout", 2}, {"http_404", 3}});
    CHECK(status->dead_count() == 5);
    CHECK(status->dropped_count() == 4);
    CHECK(status->held_back.at("a b") == 1);
    CHECK(status->parsers == 2);
  }

  TEST_CASE("what is missing or no number is zero") {
    const auto status =
        ParseStatus(R"({"fed":"1","done":-1,"dead":[1],"dropped":{"x":"y"},"parsers":3})");
    REQUIRE(status.ok());
    CHECK(status->fed == 0);
    CHECK(status->done == 0);
    CHECK(status->dead_count() == 0);
    CHECK(status->dropped_count() == 0);
    CHECK(status->parsers == 0);
  }

  TEST_CASE("broken JSON is no status, and is quoted in short") {
    const auto status = ParseStatus("{" + std::string(500, 'x'));
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().code == Errc::kInvalid);
    CHECK(status.error().detail == "not a status: {" + std::string(99, 'x'));
    CHECK_FALSE(ParseStatus("").ok());
  }

  TEST_CASE("JSON that is no object is no status") {
    for (const char* json : {"3", "[]", "\"fed\"", "null"}) CHECK_FALSE(ParseStatus(json).ok());
  }
}
