// Cases that other projects wrote for their URL code, as far as they ask for what browsers do.

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "lib/url/percent.h"
#include "lib/url/url.h"
#include "tests/support/corpora.h"

using thresh::Url;

namespace {

// `a, b, "c"`: a comma and a space part the columns, quotation marks may stand around one.
std::vector<std::string> Columns(std::string_view line) {
  std::vector<std::string> columns;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t end = std::min(line.find(", ", at), line.size());
    std::string_view column = line.substr(at, end - at);
    if (column.size() >= 2 && column.starts_with('"')) column = column.substr(1, column.size() - 2);
    columns.emplace_back(column);
    at = end + 2;
  }
  return columns;
}

// urlcanon also decodes, re-encodes, sorts, and guesses a scheme; and it reads its own file's
// letters beyond ASCII as Latin-1. Cases with `%`, `@` (it drops credentials) or such letters
// are of that kind. So are these:
const std::set<std::string_view> kOtherSemantics = {
    "http:// leadingspace.com/",                  // Encodes a space in a host; we refuse it.
    "sc://\x1F!\"$&'()*+,-.;<=>^_`{|}~/",         // Likewise.
    "gopher://foo:70/",                           // gopher: is no special scheme any more.
    "gopher:/example.com/",                       // Likewise.
    "gopher:example.com/",                        // Likewise.
    "http://09/",                                 // Not octal, so no IPv4 address: refused.
    "http://evil.com/foo#bar#baz",                // Encodes # in a fragment.
    "http://example.com////../..",                // Joins slashes.
    "http://example.com\\\\foo\\\\bar",           // Likewise.
    "http://host.com//twoslashes?more//slashes",  // Likewise.
    "http://www.google.com.../",                  // Drops final dots of a host.
    "http://example.com/?c=d&a=b",                // Sorts the query.
    "lolscheme:x x#x x",                          // Encodes spaces in an opaque path.
    "www.google.com",                             // Adds http://.
    "www.google.com/",                            // Likewise.
};

bool AsksForWhatBrowsersDo(std::string_view input) {
  const bool plain = std::all_of(input.begin(), input.end(), [](char c) {
    return c != '%' && c != '@' && static_cast<unsigned char>(c) < 0x80;
  });
  return plain && !kOtherSemantics.contains(input);
}

}  // namespace

TEST_SUITE("Url, cases of other projects") {
  TEST_CASE("crawler-commons: each link resolves as it says") {
    const auto corpora = thresh::test::Corpora();
    if (corpora.empty()) return;
    const std::string text =
        thresh::test::ReadFile(corpora / "conformance" / "url" / "crawler-commons-url-resolve.csv");
    int count = 0;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string line = text.substr(at, end - at);
      at = end + 1;
      if (line.empty() || line.starts_with('#')) continue;
      const auto columns = Columns(line);
      REQUIRE(columns.size() == 3);
      CAPTURE(line);
      auto url = Url::Parse(columns[1].empty() ? columns[0] : columns[1]);
      if (url.ok() && !columns[1].empty()) url = Url::Parse(columns[0], *url);
      REQUIRE(url.ok());
      CHECK(url->href() == columns[2]);
      ++count;
    }
    CHECK(count > 0);
  }

  TEST_CASE("urlcanon: cases that ask for nothing beyond the URL standard") {
    const auto corpora = thresh::test::Corpora();
    if (corpora.empty()) return;
    const std::string json =
        thresh::test::ReadFile(corpora / "conformance" / "url" / "urlcanon-semantic_precise.json");
    simdjson::dom::parser parser;
    simdjson::dom::object cases;
    REQUIRE(parser.parse(json).get(cases) == simdjson::SUCCESS);
    int count = 0;
    for (const auto& [input, value] : cases) {
      std::string_view expected;
      REQUIRE(value.get(expected) == simdjson::SUCCESS);
      if (!AsksForWhatBrowsersDo(input)) continue;
      CAPTURE(input);
      const auto url = Url::Parse(input);
      CHECK_MESSAGE(url.ok(), (url.ok() ? "" : url.error().detail));
      if (url.ok()) CHECK((*url).href() == expected);
      ++count;
    }
    MESSAGE(count, " cases");
    CHECK(count > 0);
  }

  TEST_CASE("a real list of URLs is in normal form already, but for what must be encoded") {
    const auto corpora = thresh::test::Corpora();
    if (corpora.empty()) return;
    const std::string list = thresh::test::ReadFile(corpora / "urls" / "yelp-1000.csv");
    int count = 0;
    for (std::size_t at = 0; at < list.size();) {
      const std::size_t end = std::min(list.find('\n', at), list.size());
      const std::string line = list.substr(at, end - at);
      at = end + 1;
      if (line.empty()) continue;
      CAPTURE(line);
      const auto url = Url::Parse(line);
      REQUIRE(url.ok());
      CHECK((*url).origin() == "https://www.yelp.com");
      CHECK(thresh::PercentDecode((*url).href()) == thresh::PercentDecode(line));
      ++count;
    }
    CHECK(count > 0);
  }
}
