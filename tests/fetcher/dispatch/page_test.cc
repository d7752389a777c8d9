#include "fetcher/dispatch/page.h"

#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "proto/thresh.pb.h"
#include "tests/support/hex.h"

using thresh::SerializeIdentity;
using thresh::Task;

TEST_SUITE("SerializeIdentity") {
  TEST_CASE("a page says all that records and dead letters need to know of its task") {
    Task task{.id = 7};
    task.attempts = 2;
    task.seed.url = "http://x/a";
    task.seed.recipe = "r";
    task.seed.root = std::make_shared<const thresh::Root>(
        thresh::Root{.url = "http://x/", .n = 3, .meta = R"({"m":1})"});
    task.seed.dont_filter = true;

    thresh::wire::Page page;
    REQUIRE(page.ParseFromString(SerializeIdentity(task, {1234, 503})));
    CHECK(page.id() == 7);
    CHECK(page.url() == "http://x/a");
    CHECK(page.recipe() == "r");
    CHECK(page.root() == "http://x/");
    CHECK(page.n() == 3);
    CHECK(page.fetched_at_ms() == 1234);
    CHECK(page.status() == 503);
    CHECK(page.attempts() == 2);
    CHECK(page.meta() == R"({"m":1})");
    CHECK(page.dont_filter());
    // XXH3-128 of url, "GET", "" and recipe, each behind its length as u32 little-endian.
    CHECK(page.fingerprint() == thresh::test::Bytes("2e65b709975e07d034a6ea88adf4203c"));
  }
}
