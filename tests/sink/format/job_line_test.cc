#include "sink/format/job_line.h"

#include <string>

#include <doctest/doctest.h>

using namespace thresh;

TEST_SUITE("AppendJobLine") {
  TEST_CASE("a job's line has all its keys in their order") {
    std::string out = "before\n";
    AppendJobLine({.label = "spring \"25\"",
                   .url = "http://x/\xc3\xa4",
                   .id = 12,
                   .recipe = "quotes",
                   .n = 3,
                   .created_at_ms = 1'738'324'800'123,
                   .ended_at_ms = 1'738'324'861'000,
                   .done = 4,
                   .dead = 1,
                   .dropped = 2,
                   .records = 40},
                  &out);
    CHECK(out ==
          "before\n{\"job\":\"spring \\\"25\\\"\",\"url\":\"http://x/\xc3\xa4\",\"id\":\"12\","
          "\"recipe\":\"quotes\",\"n\":3,\"created_at\":\"2025-01-31T12:00:00.123Z\","
          "\"ended_at\":\"2025-01-31T12:01:01.000Z\",\"done\":4,\"dead\":1,\"dropped\":2,"
          "\"records\":40,\"pages\":5,\"seconds\":60.877}\n");
  }

  TEST_CASE("a clock that was set back makes no negative time") {
    std::string out;
    AppendJobLine({.created_at_ms = 2000, .ended_at_ms = 1000}, &out);
    CHECK(out.ends_with("\"seconds\":0}\n"));
  }

  TEST_CASE("a job without a label has none") {
    std::string out;
    AppendJobLine({}, &out);
    CHECK(out.starts_with("{\"job\":null,"));
  }
}
