// The URL tests of the web platform (WPT, urltestdata.json): each case, each field of the URL.
// None is left out; the members `searchParams` and `relativeTo` are about other APIs.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "lib/url/url.h"
#include "tests/support/corpora.h"

using simdjson::dom::element;
using thresh::Result;
using thresh::Url;

namespace {

bool IsUnit(std::string_view json, std::size_t at, std::string_view second_digits) {
  return json.size() >= at + 6 && json.substr(at, 2) == "\\u" && (json[at + 2] | 0x20) == 'd' &&
         second_digits.find(static_cast<char>(json[at + 3] | 0x20)) != std::string_view::npos;
}

// simdjson refuses `\uD800` without its other half. The URL API takes scalar values and reads
// such a half as U+FFFD, so that is what we put in its place.
std::string WithoutLoneSurrogates(std::string json) {
  constexpr std::string_view kHigh = "89ab";  // D8 to DB
  constexpr std::string_view kLow = "cdef";
  for (std::size_t i = 0; i + 1 < json.size(); ++i) {
    if (json[i] != '\\') continue;
    if (IsUnit(json, i, kHigh) && IsUnit(json, i + 6, kLow)) {
      i += 11;
    } else if (IsUnit(json, i, kHigh) || IsUnit(json, i, kLow)) {
      json.replace(i, 6, "\\uFFFD");
    } else {
      ++i;  // `\\`: the second is no escape.
    }
  }
  return json;
}

std::string Text(const element& test, const char* key) {
  std::string_view value;
  return test[key].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

Result<Url> ParseCase(const element& test) {
  if (!test["base"].is_string()) return Url::Parse(Text(test, "input"));
  auto base = Url::Parse(Text(test, "base"));
  return base ? Url::Parse(Text(test, "input"), *base) : base;
}

// As the attributes of the URL API write it: with its `?` or `#`, empty if there is nothing.
std::string WithSign(char sign, std::string_view part) {
  return part.empty() ? std::string() : sign + std::string(part);
}

void CheckFields(const element& test, const Url& url) {
  CHECK(url.href() == Text(test, "href"));
  CHECK(std::string(url.scheme()) + ":" == Text(test, "protocol"));
  CHECK(url.username() == Text(test, "username"));
  CHECK(url.password() == Text(test, "password"));
  CHECK(url.host() == Text(test, "host"));
  CHECK(url.hostname() == Text(test, "hostname"));
  CHECK((url.port() ? std::to_string(*url.port()) : "") == Text(test, "port"));
  CHECK(url.path() == Text(test, "pathname"));
  CHECK(WithSign('?', url.query()) == Text(test, "search"));
  CHECK(WithSign('#', url.fragment()) == Text(test, "hash"));
  if (test["origin"].is_string()) CHECK(url.origin() == Text(test, "origin"));
}

void CheckReadsBackAsItself(const Url& url) {
  const auto again = Url::Parse(url.href());
  REQUIRE(again.ok());
  CHECK((*again).href() == url.href());
  CHECK((*again).path() == url.path());
  CHECK((*again).has_query() == url.has_query());
  CHECK((*again).has_fragment() == url.has_fragment());
}

}  // namespace

TEST_SUITE("Url, web platform tests") {
  TEST_CASE("every case gives the parts, or the failure, that browsers give") {
    const auto corpora = thresh::test::Corpora();
    if (corpora.empty()) return;
    const std::string json = WithoutLoneSurrogates(
        thresh::test::ReadFile(corpora / "conformance" / "url" / "urltestdata.json"));
    simdjson::dom::parser parser;
    simdjson::dom::array tests;
    REQUIRE(parser.parse(json).get(tests) == simdjson::SUCCESS);
    int parsed = 0;
    int refused = 0;
    for (const element test : tests) {
      if (!test.is_object()) continue;  // A string is a comment.
      const std::string input = Text(test, "input");
      const std::string base = Text(test, "base");
      CAPTURE(input);
      CAPTURE(base);
      const auto url = ParseCase(test);
      bool expected_failure = false;
      if (test["failure"].get(expected_failure) == simdjson::SUCCESS) {
        CHECK_FALSE(url.ok());
        ++refused;
        continue;
      }
      CHECK_MESSAGE(url.ok(), (url.ok() ? "" : url.error().detail));
      if (!url.ok()) continue;
      CheckFields(test, *url);
      CheckReadsBackAsItself(*url);
      ++parsed;
    }
    MESSAGE(parsed, " cases parsed, ", refused, " refused");
    CHECK(parsed > 0);
    CHECK(refused > 0);
  }

  TEST_CASE("half a surrogate pair in the file counts as U+FFFD") {
    CHECK(WithoutLoneSurrogates(R"(a\ud800b)") == R"(a\uFFFDb)");
    CHECK(WithoutLoneSurrogates(R"(\uDFFF\uD83D\uDCA9)") == R"(\uFFFD\uD83D\uDCA9)");
    CHECK(WithoutLoneSurrogates(R"(\\ud800 \u00d8)") == R"(\\ud800 \u00d8)");
    CHECK(WithoutLoneSurrogates(R"(\ud83d\ud83d\udca9)") == R"(\uFFFD\ud83d\udca9)");
  }
}
