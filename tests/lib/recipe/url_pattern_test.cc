#include "lib/recipe/url_pattern.h"

#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using thresh::LiteralPrefix;
using thresh::MatchesAny;
using thresh::MatchesPattern;
using thresh::UrlRange;

namespace {

std::vector<std::string> All(const std::string& text) {
  UrlRange range(text);
  std::vector<std::string> urls;
  while (auto url = range.Next()) {
    urls.push_back(*url);
    REQUIRE(urls.size() <= 1000);
  }
  CHECK(range.size() == urls.size());
  CHECK_FALSE(range.Next());
  return urls;
}

using Urls = std::vector<std::string>;

}  // namespace

TEST_SUITE("MatchesPattern") {
  TEST_CASE("without a star a pattern is the URL itself") {
    CHECK(MatchesPattern("http://x/a", "http://x/a"));
    CHECK_FALSE(MatchesPattern("http://x/a", "http://x/ab"));
    CHECK_FALSE(MatchesPattern("http://x/ab", "http://x/a"));
    CHECK_FALSE(MatchesPattern("http://x/a", "http://x/A"));
    CHECK(MatchesPattern("", ""));
    CHECK_FALSE(MatchesPattern("", "a"));
  }

  TEST_CASE("a star is any run of characters, also none, also slashes") {
    CHECK(MatchesPattern("*", ""));
    CHECK(MatchesPattern("*", "http://x/a?b#c"));
    CHECK(MatchesPattern("http://x/*", "http://x/"));
    CHECK(MatchesPattern("http://*/biz/*", "http://a.b/c/biz/d/e"));
    CHECK(MatchesPattern("*/biz/*", "http://x/biz/"));
    CHECK_FALSE(MatchesPattern("*/biz/*", "http://x/biz"));
    CHECK(MatchesPattern("**", "x"));
  }

  TEST_CASE("a match holds to both ends") {
    CHECK(MatchesPattern("*.html", "http://x/a.html"));
    CHECK_FALSE(MatchesPattern("*.html", "http://x/a.html?"));
    CHECK(MatchesPattern("*.html", "a.html.html"));
    CHECK_FALSE(MatchesPattern("x*", "http://x/"));
  }

  TEST_CASE("a star gives back what it took too much of") {
    CHECK(MatchesPattern("*ab", "aab"));
    CHECK(MatchesPattern("a*b*c", "a-b-b-c-c"));
    CHECK_FALSE(MatchesPattern("a*b*c", "a-c-b"));
    CHECK(MatchesPattern("*aab*", "aaaab"));
    CHECK_FALSE(MatchesPattern("a*a", "a"));
  }

  TEST_CASE("every other sign is literal") {
    CHECK(MatchesPattern("http://x/?a=[1]&b=.+$", "http://x/?a=[1]&b=.+$"));
    CHECK_FALSE(MatchesPattern("http://x/?", "http://x/a"));
    CHECK_FALSE(MatchesPattern("http://x/.", "http://x/a"));
  }

  TEST_CASE("patterns made to be slow are not") {
    const std::string url(20'000, 'a');
    std::string pattern;
    for (int i = 0; i < 1000; ++i) pattern += "*a";
    CHECK_FALSE(MatchesPattern(pattern + "*b", url));
    CHECK(MatchesPattern(pattern, url));
    CHECK_FALSE(MatchesPattern("*" + std::string(1000, 'a') + "b", url));
  }

  TEST_CASE("any of a list is enough, none of an empty one") {
    CHECK(MatchesAny({"http://a/*", "http://b/*"}, "http://b/1"));
    CHECK_FALSE(MatchesAny({"http://a/*", "http://b/*"}, "http://c/1"));
    CHECK_FALSE(MatchesAny({}, "http://c/1"));
  }

  TEST_CASE("the literal prefix ends before the first star") {
    CHECK(LiteralPrefix("http://x/*/a/*") == 9);
    CHECK(LiteralPrefix("*") == 0);
    CHECK(LiteralPrefix("http://x/") == 9);
    CHECK(LiteralPrefix("") == 0);
  }
}

TEST_SUITE("UrlRange") {
  TEST_CASE("a URL without range is itself, once") {
    CHECK(All("http://x/") == Urls{"http://x/"});
    CHECK(All("") == Urls{""});
  }

  TEST_CASE("a range is a URL for each number, both ends included") {
    CHECK(All("http://x/?p=[1-3]&q") ==
          Urls{"http://x/?p=1&q", "http://x/?p=2&q", "http://x/?p=3&q"});
    CHECK(All("[9-11]") == Urls{"9", "10", "11"});
    CHECK(All("a[7-7]b") == Urls{"a7b"});
    CHECK(All("[0-1]") == Urls{"0", "1"});
  }

  TEST_CASE("leading zeros keep the width") {
    CHECK(All("x[08-11]") == Urls{"x08", "x09", "x10", "x11"});
    CHECK(All("x[098-100]") == Urls{"x098", "x099", "x100"});
    CHECK(All("x[00-1]") == Urls{"x00", "x01"});
  }

  TEST_CASE("what only looks like a range is part of the URL") {
    for (const char* text : {"http://[::1]/", "a[1]", "a[1-]", "a[-1]", "a[1-2", "a[b-c]", "a[2-1]",
                             "a[1:2]", "a[1- 2]", "a[ 1-2]", "a[1-2x]", "a[1.5-2]", "a[", "a[]"}) {
      CHECK(All(text) == Urls{text});
    }
  }

  TEST_CASE("of two ranges the first counts; an address before it does not") {
    CHECK(All("[1-2][1-2]") == Urls{"1[1-2]", "2[1-2]"});
    CHECK(All("http://[::1]/[1-2]") == Urls{"http://[::1]/1", "http://[::1]/2"});
    CHECK(All("[[1-2]]") == Urls{"[1]", "[2]"});
  }

  TEST_CASE("long ranges are counted without being made") {
    UrlRange range("x[1-1000000000000]");
    CHECK(range.size() == 1'000'000'000'000u);
    CHECK(range.Next() == "x1");
    CHECK(range.Next() == "x2");
  }

  TEST_CASE("a range up to the largest number there is has an end") {
    CHECK(All("[18446744073709551614-18446744073709551615]") ==
          Urls{"18446744073709551614", "18446744073709551615"});
  }

  TEST_CASE("numbers too large to count are part of the URL") {
    CHECK(All("[1-18446744073709551616]") == Urls{"[1-18446744073709551616]"});
  }
}
