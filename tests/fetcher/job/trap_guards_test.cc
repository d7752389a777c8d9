#include "fetcher/job/trap_guards.h"

#include <string>

#include <doctest/doctest.h>

using thresh::SeenBodies;
using thresh::TrapLimits;
using thresh::Url;

namespace {

std::string ReasonOf(const std::string& url) {
  const auto parsed = Url::Parse(url);
  REQUIRE(parsed.ok());
  return std::string(thresh::TrapReason(*parsed));
}

std::string Repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::string Numbered(const std::string& before, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += before + std::to_string(i);
  return all;
}

}  // namespace

TEST_SUITE("TrapReason") {
  TEST_CASE("URLs that people make are none") {
    CHECK(ReasonOf("http://x/").empty());
    CHECK(ReasonOf("http://x/a/b/c?d=e&f=g").empty());
    CHECK(ReasonOf("http://x/2024/01/01/01").empty());  // Three times the same.
  }

  TEST_CASE("a URL has at most 2,083 bytes") {
    CHECK(ReasonOf("http://x/" + std::string(2074, 'a')).empty());
    CHECK(ReasonOf("http://x/" + std::string(2075, 'a')) == "url_too_long");
    CHECK(ReasonOf("http://x/?" + std::string(2074, 'a')) == "url_too_long");
  }

  TEST_CASE("a path has at most 20 segments") {
    CHECK(ReasonOf("http://x" + Numbered("/", 20)).empty());
    CHECK(ReasonOf("http://x" + Numbered("/", 20) + "/").empty());
    CHECK(ReasonOf("http://x" + Numbered("/", 21)) == "path_too_deep");
  }

  TEST_CASE("a segment comes at most 3 times, wherever it stands") {
    CHECK(ReasonOf("http://x" + Repeated("/a", 3)).empty());
    CHECK(ReasonOf("http://x" + Repeated("/a", 4)) == "path_repeats");
    CHECK(ReasonOf("http://x" + Repeated("/a/b", 4)) == "path_repeats");
    CHECK(ReasonOf("http://x/a////////b") == "path_repeats");
  }

  TEST_CASE("a query has at most 50 parameters") {
    CHECK(ReasonOf("http://x/?a" + Numbered("&", 49)).empty());
    CHECK(ReasonOf("http://x/?a" + Numbered("&", 50)) == "too_many_parameters");
  }
}

TEST_SUITE("SeenBodies") {
  TEST_CASE("counts a body for each host and recipe") {
    SeenBodies seen;
    CHECK(seen.Add("h", "r", "body") == 1);
    CHECK(seen.Add("h", "r", "body") == 2);
    CHECK(seen.Add("g", "r", "body") == 1);
    CHECK(seen.Add("h", "s", "body") == 1);
    CHECK(seen.Add("h", "r", "other") == 1);
    CHECK(seen.Add("h", "r", "body") == 3);
  }

  TEST_CASE("is bounded, and forgets what was not seen for longest") {
    SeenBodies seen(2);
    seen.Add("h", "r", "1");
    seen.Add("h", "r", "2");
    seen.Add("h", "r", "1");
    seen.Add("h", "r", "3");
    CHECK(seen.size() == 2);
    CHECK(seen.Add("h", "r", "1") == 3);
    CHECK(seen.Add("h", "r", "2") == 1);
  }
}
