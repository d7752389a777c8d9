// ParseRecipe(): [fetch] and save.

#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/lib/recipe/recipe_text.h"

using namespace std::chrono_literals;
using namespace thresh;
using namespace thresh::test;

namespace {

FetchSpec Fetch(const Lines& lines) {
  return Parsed(InFetch(lines)).fetch;
}

bool IsFault(const Lines& lines, const std::string& fault) {
  return FaultsOf(InFetch(lines)).find(fault) != std::string::npos;
}

}  // namespace

TEST_SUITE("[fetch]") {
  TEST_CASE("politeness") {
    const FetchSpec f = Fetch(
        {"per_host = 2", "delay_ms = 5", "limit_by = \"domain\"", "adaptive = false",
         "respect_robots_txt = false", "robots_agent = \"quote-bot\"", "max_crawl_delay_ms = 7",
         "respect_robots_tag = true", "respect_nofollow = true", "user_agent = \"bot/1 (+mail)\""});
    CHECK(f.per_host == 2);
    CHECK(f.delay == 5ms);
    CHECK(f.limit_by == LimitBy::kDomain);
    CHECK_FALSE(f.adaptive);
    CHECK_FALSE(f.respect_robots_txt);
    CHECK(f.robots_agent == "quote-bot");
    CHECK(f.max_crawl_delay == 7ms);
    CHECK(f.respect_robots_tag);
    CHECK(f.respect_nofollow);
    CHECK(f.user_agent == "bot/1 (+mail)");
    CHECK(Fetch({"limit_by = \"ip\""}).limit_by == LimitBy::kIp);
  }

  TEST_CASE("limits") {
    const FetchSpec f =
        Fetch({"connect_timeout_ms = 1", "first_byte_timeout_ms = 2", "timeout_ms = 3",
               "low_speed_bytes_per_s = 4", "low_speed_time_ms = 5", "max_body_bytes = 6",
               "max_redirects = 0", "max_depth = 0", "max_host_pages = 9", "attempts = 1"});
    CHECK(f.connect_timeout == 1ms);
    CHECK(f.first_byte_timeout == 2ms);
    CHECK(f.timeout == 3ms);
    CHECK(f.low_speed_bytes == 4);
    CHECK(f.low_speed_time == 5ms);
    CHECK(f.max_body_bytes == 6);
    CHECK(f.max_redirects == 0);
    CHECK(f.max_depth == 0);
    CHECK(f.max_host_pages == 9);
    CHECK(f.attempts == 1);
  }

  TEST_CASE("the connection") {
    const FetchSpec f =
        Fetch({"allow_private = [\"10.0.0.0/8\", \"fd00::/8\"]", "ip = \"v6\"", "http = \"1.1\"",
               "verify = false", "ca_file = \"ca.pem\"",
               "proxy = \"socks5h://u:{secret.p}@localhost:1080\"", "body = false"});
    CHECK(f.allow_private == std::vector<std::string>{"10.0.0.0/8", "fd00::/8"});
    CHECK(f.ip == IpVersion::k6);
    CHECK(f.http == HttpVersion::k1);
    CHECK_FALSE(f.verify);
    CHECK(f.ca_file == "ca.pem");
    CHECK(f.proxy == "socks5h://u:{secret.p}@localhost:1080");
    CHECK_FALSE(f.body);
    CHECK(Fetch({"http = \"2\""}).http == HttpVersion::k2);
    CHECK(Fetch({"ip = \"v4\""}).ip == IpVersion::k4);
  }

  TEST_CASE("headers, auth and cookies may name secrets") {
    const FetchSpec f = Fetch({"headers = { X-Key = \"a {secret.k}\", accept = \"*/*\" }",
                               "auth = { basic = [\"me\", \"{secret.p}\"] }",
                               "cookie_scope = \"job\"", "cookies = { sid = \"{secret.s}\" }"});
    REQUIRE(f.headers.size() == 2);
    CHECK(f.headers[0].first == "x-key");
    CHECK(f.headers[0].second.parts().back().text == "k");
    CHECK(f.headers[1].second.beginning() == "*/*");
    CHECK(f.auth.kind == AuthSpec::Kind::kBasic);
    CHECK(f.auth.user->beginning() == "me");
    CHECK(f.auth.password->Uses(UrlTemplate::Kind::kSecret));
    CHECK(f.cookie_scope == CookieScope::kJob);
    REQUIRE(f.cookies.size() == 1);
    CHECK(f.cookies[0].first == "sid");
    CHECK(Fetch({"auth = { bearer = \"{secret.t}\" }"}).auth.kind == AuthSpec::Kind::kBearer);
    CHECK(Fetch({"auth = { digest = [\"a\", \"b\"] }"}).auth.kind == AuthSpec::Kind::kDigest);
  }

  TEST_CASE("without [fetch] the defaults hold") {
    const FetchSpec f = Parsed(Top({})).fetch;
    CHECK(f.respect_robots_txt);
    CHECK(f.adaptive);
    CHECK(f.verify);
    CHECK(f.body);
    CHECK(f.max_depth == 50);
    CHECK(f.auth.kind == AuthSpec::Kind::kNone);
    CHECK(f.cookie_scope == CookieScope::kHost);
  }

  TEST_CASE("--set reaches all of it") {
    CHECK(Parsed(Top({}), {{"fetch.limit_by", "domain"}}).fetch.limit_by == LimitBy::kDomain);
    CHECK(Parsed(Top({}), {{"fetch.proxy", "http://localhost:3128"}}).fetch.proxy ==
          "http://localhost:3128");
    CHECK(Parsed(Top({}), {{"fetch.verify", "false"}}).fetch.verify == false);
    CHECK(Parsed(Top({}), {{"fetch.headers", "{ a = \"b\" }"}}).fetch.headers.size() == 1);
  }

  TEST_CASE("what cannot be meant is refused") {
    CHECK(
        IsFault({"limit_by = \"hosts\""},
                "limit_by: expected host, domain or ip, found \"hosts\"; did you mean \"host\"?"));
    CHECK(IsFault({"robots_agent = \"a b\""}, "robots_agent: expected letters, digits, - and _"));
    CHECK(IsFault({"user_agent = \"a\\nb: c\""}, "user_agent: expected a line of text"));
    CHECK(IsFault({"ip = \"4\""}, "ip: expected any, v4 or v6"));
    CHECK(IsFault({"http = 2"}, "http: expected a string, found an integer"));
    CHECK(IsFault({"proxy = \"ftp://x:1\""}, "proxy: expected http://HOST:PORT"));
    CHECK(IsFault({"proxy = \"localhost:1\""}, "proxy: expected http://HOST:PORT"));
    CHECK(IsFault({"attempts = 0"}, "attempts: expected a whole number of at least 1, found 0"));
    CHECK(IsFault({"timeout_ms = 9223372036854775807"}, "timeout_ms: expected at most "));
    CHECK(IsFault({"max_body_bytes = 67108865"},
                  "expected at most 67108864 unless bodies are saved"));
    CHECK(IsFault({"headers = { \"a b\" = \"c\" }"}, "headers: expected a header's name"));
    CHECK(IsFault({"headers = { a = \"b\\r\\nc: d\" }"}, "headers: expected one line of text"));
    CHECK(IsFault({"headers = { Host = \"x\" }"}, "\"Host\" is what thresh sets itself"));
    CHECK(IsFault({"headers = { a = \"1\", A = \"2\" }"}, "found \"A\" twice"));
    CHECK(IsFault({"headers = { a = \"{meta.x}\" }"}, "expected {secret.NAME}"));
    CHECK(IsFault({"auth = { basic = [\"a\"] }"}, "basic: expected [\"user\", \"password\"]"));
    CHECK(IsFault({"auth = { basic = [\"a:b\", \"c\"] }"}, "a user name without colon"));
    CHECK(IsFault({"auth = { }"}, "auth: expected one of basic"));
    CHECK(IsFault({"auth = { bearer = \"a\", basic = [\"b\", \"c\"] }"}, "auth: expected one of"));
    CHECK(IsFault({"auth = { baerer = \"a\" }"}, "did you mean \"bearer\"?"));
    CHECK(IsFault({"cookies = { a = \"b; c=d\" }"}, "cookies: a: expected a value without ;"));
    CHECK(IsFault({"cookies = true"}, "cookies: expected a table, found a boolean"));
  }

  TEST_CASE("a fault never quotes a proxy's password") {
    CHECK(FaultsOf(InFetch({"proxy = \"ftp://me:hidden@x\""})).find("hidden") == std::string::npos);
  }
}

TEST_SUITE("save") {
  TEST_CASE("raw answers may be all that is kept") {
    const Recipe recipe =
        Parsed({"name = \"r\"", "save.format = \"file\"", "save.path = \"{meta.id}.html\""});
    CHECK(recipe.save.format == SaveFormat::kFile);
    CHECK(recipe.save.path->Uses(UrlTemplate::Kind::kMeta));
    CHECK(Parsed({"name = \"r\"", "save.format = \"warc\""}).save.format == SaveFormat::kWarc);
  }

  TEST_CASE("bodies that are saved may be large") {
    CHECK(Parsed(
              {"name = \"r\"", "save.format = \"warc\"", "[fetch]", "max_body_bytes = 10000000000"})
              .fetch.max_body_bytes == 10'000'000'000);
  }

  TEST_CASE("what cannot be meant is refused") {
    const auto fault = [](const std::string& line) { return FaultsOf(Top({line})); };
    CHECK(fault("save = { path = \"a\" }").find("expected save.format") != std::string::npos);
    CHECK(fault("save = { format = \"zip\" }").find("none, file or warc") != std::string::npos);
    CHECK(fault("save = { format = \"warc\", path = \"a\" }").find("format = \"file\" beside") !=
          std::string::npos);
    CHECK(fault("save = { format = \"file\", path = \"/etc/x\" }").find("below the folder") !=
          std::string::npos);
    CHECK(fault("save = { format = \"file\", path = \"{secret.x}\" }").find("expected {url}") !=
          std::string::npos);
  }
}
