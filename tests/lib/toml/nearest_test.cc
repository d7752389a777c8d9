#include "lib/toml/nearest.h"

#include <string>

#include <doctest/doctest.h>

using thresh::DidYouMean;
using thresh::NearestName;

TEST_SUITE("NearestName") {
  constexpr std::string_view kNames[] = {"trim", "strip_tags", "replace", "re"};

  TEST_CASE("the name with the fewest letters changed is meant") {
    CHECK(NearestName("trmi", kNames) == "trim");
    CHECK(NearestName("strip_tag", kNames) == "strip_tags");
    CHECK(NearestName("relpace", kNames) == "replace");
    CHECK(DidYouMean("trimm", kNames) == "; did you mean \"trim\"?");
  }

  TEST_CASE("what is like none is told without a guess") {
    CHECK(NearestName("xyzzy", kNames).empty());
    CHECK(NearestName("a", kNames).empty());
    CHECK(NearestName(std::string(100'000, 't'), kNames).empty());
    CHECK(DidYouMean("xyzzy", kNames).empty());
  }
}
