// HostTables: an operator's word on hosts, and how it goes together with what recipes say.

#include "lib/recipe/host_tables.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/lib/recipe/recipe_text.h"

using namespace std::chrono_literals;
using namespace thresh;
using namespace thresh::test;

namespace {

HostTables Tables(const Lines& lines) {
  std::vector<TextFault> faults;
  HostTables tables = HostTables::Read(Join(lines), "t.toml", &faults);
  REQUIRE_MESSAGE(faults.empty(), faults[0].text);
  return tables;
}

std::string FaultOf(const Lines& lines) {
  std::vector<TextFault> faults;
  (void)HostTables::Read(Join(lines), "t.toml", &faults);
  REQUIRE(faults.size() == 1);
  return faults[0].text;
}

// [fetch] of a recipe with these lines, at x.test, under a table with those.
FetchSpec Both(const Lines& recipe, const Lines& table, const std::vector<Override>& sets = {},
               bool foreign = false) {
  const HostTables tables = Tables(Lines{"[[host]]", "match = \"x.test\""} + table);
  return tables.FetchOf(Parsed(InFetch(recipe), sets), tables.MatchOf("x.test"), foreign);
}

using Match = HostTables::Match;

}  // namespace

TEST_SUITE("HostTables: which hosts") {
  TEST_CASE("names, ports, what is below a name, and all") {
    const HostTables tables =
        Tables({"[[host]]", "match = \"example.com\"", "[[host]]",
                "match = [\"*.example.com\", \"other.test:8080\"]", "[[host]]", "match = \"*\""});
    CHECK(tables.MatchOf("example.com") == Match{2, 0});
    CHECK(tables.MatchOf("example.com:8080") == Match{2, 0});
    CHECK(tables.MatchOf("a.example.com") == Match{2, 1});
    CHECK(tables.MatchOf("b.a.example.com:81") == Match{2, 1});
    CHECK(tables.MatchOf("notexample.com") == Match{2});
    CHECK(tables.MatchOf("other.test") == Match{2});
    CHECK(tables.MatchOf("other.test:8080") == Match{2, 1});
    CHECK(tables.MatchOf("[::1]:80") == Match{2});
    CHECK(HostTables().MatchOf("example.com").empty());
  }

  TEST_CASE("names are as URLs have them: case, other scripts, addresses however written") {
    const HostTables tables =
        Tables({"[[host]]",
                "match = [\"EXAMPLE.com\", \"*.Bücher.example\", \"0x7f.1:81\", "
                "\"[0:0::1]:81\"]"});
    CHECK(tables.MatchOf("example.com") == Match{0});
    CHECK(tables.MatchOf("a.xn--bcher-kva.example") == Match{0});
    CHECK(tables.MatchOf("127.0.0.1:81") == Match{0});
    CHECK(tables.MatchOf("[::1]:81") == Match{0});
    CHECK(tables.MatchOf("[::1]").empty());
  }

  TEST_CASE("the closest match goes over the others, key by key") {
    const HostTables tables =
        Tables({"[[host]]", "match = \"a.example.com:81\"", "per_host = 1", "[[host]]",
                "match = \"*.example.com\"", "per_host = 2", "delay_ms = 20", "[[host]]",
                "match = \"*\"", "per_host = 3", "delay_ms = 30", "max_depth = 3", "[[host]]",
                "match = \"a.example.com\"", "delay_ms = 5"});
    const Recipe recipe = Parsed(Top({}));
    const FetchSpec f = tables.FetchOf(recipe, tables.MatchOf("a.example.com:81"));
    CHECK(f.per_host == 1);
    CHECK(f.delay == 5ms);  // The operator's own words: no limit of one keeps to the other's.
    CHECK(f.max_depth == 3);
  }

  TEST_CASE("what is no host is refused, with its place") {
    for (const std::string bad :
         {"", "http://x", "x/y", "a*.b", "*x.test", "x y", "x:99999", "x:", "u@x", "*.*"}) {
      CHECK_MESSAGE(FaultOf({"[[host]]", "match = \"" + bad + "\""})
                        .starts_with("t.toml:2:10: match: expected a host such as"),
                    bad);
    }
    CHECK(FaultOf({"[[host]]", "match = \"x.test:443\""}).find("expected it without: \"x.test\"") !=
          std::string::npos);
    CHECK(FaultOf({"[[host]]", "per_host = 1"}) ==
          "t.toml:1:1: [[host]]: expected match, the hosts that it is for");
    CHECK(FaultOf({"[[host]]", "match = []"}).find("found none") != std::string::npos);
    CHECK(FaultOf({"[[host]]", "match = 3"}).find("expected a string, found an integer") !=
          std::string::npos);
    CHECK(FaultOf({"[host]", "match = \"x\""}).find("expected [[host]], found a table") !=
          std::string::npos);
    CHECK(FaultOf({"[[host]]", "match = \"x\"", "[[host]]", "match = [\"y\", \"X\"]"}) ==
          "t.toml:4:16: match: \"X\" stands in line 2 already");
  }
}

TEST_SUITE("HostTables: keys") {
  TEST_CASE("they are those of [fetch], with its faults") {
    CHECK(FaultOf({"[[host]]", "match = \"x\"", "perhost = 1"})
              .starts_with("t.toml:3:1: unknown key \"perhost\" in [[host]]; did you mean "
                           "\"per_host\"?"));
    CHECK(FaultOf({"[[host]]", "match = \"x\"", "per_host = 0"}) ==
          "t.toml:3:12: per_host: expected a whole number of at least 1, found 0");
    CHECK(FaultOf({"[[host]]", "match = \"x\"", "[[host.retry_when]]", "status = 503"})
              .starts_with("t.toml:4:"));
    CHECK(FaultOf({"[[host]]", "match = \"x\"", "proxy = \"ftp://x\""})
              .starts_with("t.toml:3:10: proxy: expected"));
  }

  TEST_CASE("of limits the stricter one holds, whoever says it") {
    CHECK(Both({"per_host = 100"}, {"per_host = 1"}).per_host == 1);
    CHECK(Both({"per_host = 2"}, {"per_host = 9"}).per_host == 2);
    CHECK(Both({"delay_ms = 5"}, {"delay_ms = 70"}).delay == 70ms);
    CHECK(Both({"delay_ms = 90"}, {"delay_ms = 70"}).delay == 90ms);
    CHECK(Both({"max_host_pages = 7"}, {"max_host_pages = 0"}).max_host_pages == 7);
    CHECK(Both({"max_host_pages = 0"}, {"max_host_pages = 7"}).max_host_pages == 7);
    CHECK(Both({"max_host_pages = 9"}, {"max_host_pages = 7"}).max_host_pages == 7);
    CHECK(Both({"respect_robots_txt = false"}, {"respect_robots_txt = true"}).respect_robots_txt);
    CHECK(Both({"respect_robots_txt = true"}, {"respect_robots_txt = false"}).respect_robots_txt);
    CHECK(Both({"respect_nofollow = false"}, {"respect_nofollow = true"}).respect_nofollow);
    CHECK(Both({"max_crawl_delay_ms = 5"}, {"max_crawl_delay_ms = 9000"}).max_crawl_delay == 9s);
    CHECK(Both({"max_path_segments = 90"}, {"max_path_segments = 4"}).max_path_segments == 4);
  }

  TEST_CASE("a limit that the recipe leaves to the default is the operator's, looser too") {
    CHECK(Both({}, {"per_host = 64"}).per_host == 64);
    CHECK_FALSE(Both({}, {"respect_robots_txt = false"}).respect_robots_txt);
    CHECK_FALSE(Both({}, {"adaptive = false"}).adaptive);
  }

  TEST_CASE("all else is the operator's") {
    CHECK(Both({"timeout_ms = 5"}, {"timeout_ms = 9"}).timeout == 9ms);
    CHECK(Both({"proxy = \"http://a:1\""}, {"proxy = \"http://b:2\""}).proxy == "http://b:2");
    CHECK(Both({"proxy = \"http://a:1\""}, {"proxy = \"\""}).proxy.empty());
    CHECK(Both({"limit_by = \"ip\""}, {"limit_by = \"domain\""}).limit_by == LimitBy::kDomain);
    CHECK(Both({"allow_private = [\"10.0.0.0/8\"]"}, {"allow_private = []"}).allow_private.empty());
    CHECK_FALSE(Both({"verify = true"}, {"verify = false"}).verify);
    const FetchSpec rules = Both({"retry_when = [{ status = [500] }, { status = [501] }]"},
                                 {"[[host.retry_when]]", "status = [503]"});
    REQUIRE(rules.retry_when.size() == 1);
    CHECK(rules.retry_when[0].status[0] == 503);
    CHECK(Both({"fail_when = [{ status = [500] }]"}, {"fail_when = []"}).fail_when.empty());
  }

  TEST_CASE("headers and cookies go together name by name, headers in any case") {
    const FetchSpec f =
        Both({"headers = { Accept = \"a\", x-mine = \"m\" }", "cookies = { a = \"1\" }"},
             {"headers = { accept = \"b\" }", "cookies = { A = \"2\" }"});
    REQUIRE(f.headers.size() == 2);
    CHECK(f.cookies.size() == 2);
    for (const auto& [name, value] : f.headers) {
      CHECK(value.beginning() == (name == "accept" ? "b" : "m"));
    }
  }

  TEST_CASE("what --set gives goes over both") {
    CHECK(Both({"per_host = 2"}, {"per_host = 1"}, {{"fetch.per_host", "50"}}).per_host == 50);
    CHECK(Both({}, {"timeout_ms = 9"}, {{"fetch.timeout_ms", "7"}}).timeout == 7ms);
  }

  TEST_CASE("a body that goes to parsers is no larger than they take, whatever the table says") {
    const Lines table{"max_body_bytes = 9000000000"};
    CHECK(Both({}, table).max_body_bytes == 64 << 20);
    const HostTables tables = Tables(Lines{"[[host]]", "match = \"x.test\""} + table);
    const Recipe saves = Parsed({"name = \"r\"", "save.format = \"warc\""});
    CHECK(tables.FetchOf(saves, tables.MatchOf("x.test")).max_body_bytes == 9'000'000'000);
  }

  TEST_CASE("to a host that it was not made for, a recipe's credentials do not go; a table's do") {
    const Lines recipe{"auth = { bearer = \"{secret.a}\" }", "cookies = { sid = \"1\" }",
                       "headers = { x-key = \"{secret.b}\", accept = \"*/*\", cookie = \"c\" }"};
    const FetchSpec f = Both(recipe, {"headers = { x-theirs = \"{secret.c}\" }"}, {}, true);
    CHECK(f.auth.kind == AuthSpec::Kind::kNone);
    CHECK(f.cookies.empty());
    REQUIRE(f.headers.size() == 2);
    CHECK(f.headers[0].first != f.headers[1].first);
    for (const auto& [name, value] : f.headers) CHECK((name == "accept" || name == "x-theirs"));
    const FetchSpec at_home = Both(recipe, {}, {}, false);
    CHECK(at_home.auth.kind == AuthSpec::Kind::kBearer);
    CHECK(at_home.headers.size() == 3);
  }

  TEST_CASE("parsers are told what changes for them, and nothing else") {
    const HostTables tables =
        Tables({"[[host]]", "match = \"x.test\"", "per_host = 1", "respect_nofollow = true",
                "[[host.fail_when]]", "css = 'h1[title=\"a\\b\"]'", "re = '(?i)^no\\s'"});
    const Recipe recipe = Parsed(Top({}));
    const auto sets = tables.SetsOf(recipe, tables.MatchOf("x.test"));
    REQUIRE(sets.size() == 2);
    std::vector<Override> again;
    for (const std::string& set : sets) again.push_back(*ParseOverride(set));
    const FetchSpec theirs = Parsed(Top({}), again).fetch;
    CHECK(theirs.respect_nofollow);
    REQUIRE(theirs.fail_when.size() == 1);
    CHECK(theirs.fail_when[0].source->text.text == "h1[title=\"a\\b\"]");
    CHECK(theirs.fail_when[0].source->re->text == "(?i)^no\\s");
    CHECK(tables.SetsOf(recipe, {}).empty());
  }

  TEST_CASE("what is no TOML is passed over: it is told by who reads the rest") {
    std::vector<TextFault> faults;
    CHECK(HostTables::Read("[[host", "t.toml", &faults).empty());
    CHECK(faults.empty());
  }
}
