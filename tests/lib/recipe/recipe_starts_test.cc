// ParseRecipe(): what a crawl begins with.

#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/lib/recipe/recipe_text.h"

using namespace std::chrono_literals;
using namespace thresh;
using namespace thresh::test;

namespace {

StartSpec Start(const Lines& lines) {
  return Parsed(Top(Lines{"[[start]]"} + lines)).starts.at(0);
}

bool IsFault(const Lines& lines, const std::string& fault) {
  return FaultsOf(lines).find(fault) != std::string::npos;
}

bool IsStartFault(const Lines& lines, const std::string& fault) {
  return IsFault(Top(Lines{"[[start]]"} + lines), fault);
}

}  // namespace

TEST_SUITE("[[start]]") {
  TEST_CASE("a file's rows, each through a template") {
    const StartSpec start = Start({"from = \"terms.csv\"", "url = \"https://x/?q={meta.term}\""});
    CHECK(start.from.text == "terms.csv");
    CHECK(start.rows.empty());
    CHECK(start.url->Uses(UrlTemplate::Kind::kMeta));
    CHECK(start.request.method == "GET");
    CHECK_FALSE(start.dont_filter);
    CHECK(Start({"from = \"terms.csv\"", "dont_filter = true"}).dont_filter);
    CHECK(start.place.line == 2);
  }

  TEST_CASE("inline tables are rows of their types, in the file's order") {
    const StartSpec start = Start(
        {"from = [{ term = \"a\\\"b\", n = 1 }, { z = true, a = 0.5 }]", "url = \"http://x/\""});
    CHECK(start.rows ==
          std::vector<std::string>{R"({"term":"a\"b","n":1})", R"({"z":true,"a":0.5})"});
  }

  TEST_CASE("a request of its own, with secrets") {
    const StartSpec start = Start({"url = \"https://x/search\"", "body = { q = \"{meta.q}\" }",
                                   "headers = { Key = \"{secret.k}\" }"});
    CHECK(start.request.method == "POST");
    CHECK(start.request.json_body);
    CHECK(start.request.headers.size() == 2);
  }

  TEST_CASE("what cannot be meant is refused") {
    CHECK(IsStartFault({""}, "expected from = \"FILE\" or url = \"…\" in [[start]]"));
    CHECK(IsStartFault({"from = 5"}, "from: expected a CSV or NDJSON file, or a list of tables"));
    CHECK(IsStartFault({"from = []"}, "from: expected a CSV or NDJSON file"));
    CHECK(IsStartFault({"from = [\"a\"]"}, "from: expected a table, found a string"));
    CHECK(IsStartFault({"from = [{ a = [1] }]"}, "from: expected a string, number or boolean"));
    CHECK(IsStartFault({"url = \"http://x/{value}\""}, "expected {meta.NAME}, {secret.NAME}"));
    CHECK(IsStartFault({"url = \"{+meta.u}?k={secret.k}\""}, "a secret is sent nowhere else"));
    CHECK(IsStartFault({"frm = \"a\""}, "did you mean \"from\"?"));
  }
}

TEST_SUITE("sitemaps and refresh") {
  TEST_CASE("sitemaps are URLs, or what robots.txt names") {
    CHECK(Parsed(Top({"sitemaps = [\"https://x/sitemap.xml\", \"robots\"]"})).sitemaps.size() == 2);
    CHECK(IsFault(Top({"sitemaps = [\"x.xml\"]"}), "r.toml:2:13: sitemaps: expected the URL"));
    CHECK(IsFault(Top({"sitemaps = \"robots\""}), "sitemaps: expected an array of strings"));
  }

  TEST_CASE("refresh is a duration") {
    CHECK(Parsed(Top({"refresh = \"6h\""})).refresh == 6h);
    CHECK(Parsed(Top({})).refresh == 0ms);
    CHECK(IsFault(Top({"refresh = \"often\""}), "r.toml:2:12: refresh: expected a duration"));
    CHECK(IsFault(Top({"refresh = \"10ms\""}), "refresh: expected at least 1s"));
    CHECK(IsFault(Top({"refresh = 6"}), "refresh: expected a string, found an integer"));
  }
}
