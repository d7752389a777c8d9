// ParseRecipe(): requests of [[follow]], and the rules on answers.

#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/lib/recipe/recipe_text.h"

using namespace std::chrono_literals;
using namespace thresh;
using namespace thresh::test;
using Kind = UrlTemplate::Kind;

namespace {

FollowSpec Follow(const Lines& lines) {
  return Parsed(InFollow(lines)).follows.at(0);
}

// A template as text again, whole values in <>.
std::string Shown(const UrlTemplate& made) {
  static const std::vector<std::string> kNames{"", "value", "url", "meta.", "secret."};
  std::string text;
  for (const UrlTemplate::Part& part : made.parts()) {
    if (part.kind == Kind::kText) {
      text += part.text;
      continue;
    }
    text += (part.whole ? "<" : "{") + std::string(part.verbatim ? "+" : "") +
            kNames.at(static_cast<std::size_t>(part.kind)) + part.text + (part.whole ? ">" : "}");
  }
  return text;
}

bool IsFault(const Lines& lines, const std::string& fault) {
  return FaultsOf(lines).find(fault) != std::string::npos;
}

}  // namespace

TEST_SUITE("requests") {
  TEST_CASE("a link is a plain GET unless more is said") {
    const FollowSpec follow = Follow({"css = \"a\""});
    CHECK(follow.request.method == "GET");
    CHECK(follow.request.headers.empty());
    CHECK_FALSE(follow.request.body);
    CHECK_FALSE(follow.root);
    CHECK(follow.delay == 0ms);
  }

  TEST_CASE("method, headers, delay and root") {
    const FollowSpec follow =
        Follow({"css = \"a\"", "method = \"put\"", "headers = { X-From = \"{url}\" }",
                "delay_ms = 2000", "root = true"});
    CHECK(follow.request.method == "PUT");
    REQUIRE(follow.request.headers.size() == 1);
    CHECK(follow.request.headers[0].first == "x-from");
    CHECK(follow.request.headers[0].second.parts()[0].kind == Kind::kUrl);
    CHECK(follow.delay == 2s);
    CHECK(follow.root);
  }

  TEST_CASE("a body of text is a template, and makes it a POST") {
    const FollowSpec follow =
        Follow({"json = \"$.next\"", "url = \"http://x/\"", "body = 'a={value}&b={{&c={meta.c}'"});
    CHECK(follow.request.method == "POST");
    CHECK_FALSE(follow.request.json_body);
    CHECK(Shown(*follow.request.body) == "a={value}&b={&c={meta.c}");
    CHECK(follow.request.headers.empty());
  }

  TEST_CASE("a table is JSON in the order of the file, its values of their types") {
    const FollowSpec follow = Follow(
        {"json = \"$.next\"", "url = \"http://x/\"",
         R"(body = { q = "a \"{{b}\" é", n = 5, f = 0.5, on = true, list = [1, "x"], in = { z = 1, a = "{meta.a}" }, next = "{value}", part = "p{+value}\n" })"});
    CHECK(follow.request.method == "POST");
    CHECK(follow.request.json_body);
    CHECK(
        Shown(*follow.request.body) ==
        R"({"q":"a \"{b}\" é","n":5,"f":0.5,"on":true,"list":[1,"x"],"in":{"z":1,"a":<meta.a>},"next":<value>,"part":"p{+value}\n"})");
    REQUIRE(follow.request.headers.size() == 1);
    CHECK(follow.request.headers[0].first == "content-type");
    CHECK(Shown(follow.request.headers[0].second) == "application/json");
  }

  TEST_CASE("a content type of one's own stays, and a list is JSON too") {
    const FollowSpec follow =
        Follow({"css = \"a\"", "body = [1, \"{value}\"]", "method = \"PATCH\"",
                "headers = { Content-Type = \"application/x\" }"});
    CHECK(follow.request.method == "PATCH");
    REQUIRE(follow.request.headers.size() == 1);
    CHECK(Shown(follow.request.headers[0].second) == "application/x");
    CHECK(Shown(*follow.request.body) == "[1,<value>]");
  }

  TEST_CASE("a value in the body alone needs a source, or a count") {
    CHECK(IsFault(InFollow({"url = \"http://x/\"", "body = \"{value}\""}), "expected css = \"…\""));
    CHECK(
        Follow({"url = \"http://x/\"", "body = \"{value}\"", "count = { json = \"$.n\" }"}).count);
    CHECK(IsFault(InFollow({"url = \"http://x/\"", "body = \"b\"", "count = { json = \"$.n\" }"}),
                  "url: expected {value} in it, in params or in body"));
  }

  TEST_CASE("a secret goes only where the template names the host") {
    CHECK(Follow({"css = \"a\"", "url = \"https://x/?k={secret.k}&v={value}\""}).url);
    CHECK(Follow({"css = \"a\"", "url = \"https://x/{value}\"", "body = \"{secret.k}\""}).url);
    const std::string fault = "a secret is sent nowhere else";
    for (const std::string url :
         {"https://x{secret.k}/", "https://x?{secret.k}", "/list?k={secret.k}&v={value}",
          "{+value}?k={secret.k}", "https://{value}/{secret.k}", "ftp://x/{secret.k}"}) {
      CHECK_MESSAGE(IsFault(InFollow({"css = \"a\"", "url = \"" + url + "\""}), fault), url);
    }
    CHECK(IsFault(InFollow({"css = \"a\"", "body = \"{secret.k}\""}), fault));
    CHECK(IsFault(InFollow({"css = \"a\"", "headers = { a = \"{secret.k}\" }"}), fault));
    CHECK(IsFault(InFollow({"css = \"a\"", "url = \"https://x/{secret.k}\"", "recipe = \"o\""}),
                  "only its own recipe may send one"));
  }

  TEST_CASE("what cannot be meant is refused, at its place") {
    CHECK(FaultsOf(InFollow({"css = \"a\"", "method = \"GET /\""}))
              .starts_with("r.toml:4:11: method: expected a method such as POST"));
    CHECK(IsFault(InFollow({"css = \"a\"", "method = \"connect\""}), "method: expected a method"));
    CHECK(IsFault(InFollow({"css = \"a\"", "body = 5"}), "body: expected a string, or a table"));
    CHECK(FaultsOf(InFollow({"css = \"a\"", "body = { a = [\"x{vlue}\"] }"}))
              .starts_with("r.toml:4:17: body: expected {value}"));
    CHECK(IsFault(InFollow({"css = \"a\"", "body = { a = inf }"}), "found inf or nan"));
    CHECK(
        IsFault(InFollow({"css = \"a\"", "body = { a = 2020-01-01 }"}), "body: expected a string"));
    CHECK(IsFault(InFollow({"css = \"a\"", "headers = { a = 1 }"}), "a: expected a string"));
    CHECK(IsFault(InFollow({"css = \"a\"", "delay_ms = -1"}), "delay_ms: expected a whole number"));
    CHECK(IsFault(InFollow({"css = \"a\"", "root = 1"}), "root: expected true or false"));
  }
}

TEST_SUITE("retry_when and fail_when") {
  TEST_CASE("a status, or a value in the answer") {
    const FetchSpec f =
        Parsed(InFetch({"[[fetch.retry_when]]", "status = [500, 503]", "delay_ms = 5",
                        "attempts = 6", "scope = \"host\"", "[[fetch.retry_when]]",
                        "json = \"$.status\"", "in = [\"WAIT\", 3, true]", "[[fetch.fail_when]]",
                        "css = \"title\"", "re = \"(?i)captcha\"", "[[fetch.fail_when]]",
                        "header = \"x-state\"", "not_in = [\"ok\"]"}))
            .fetch;
    REQUIRE(f.retry_when.size() == 2);
    CHECK(f.retry_when[0].status == std::vector<std::int64_t>{500, 503});
    CHECK_FALSE(f.retry_when[0].source);
    CHECK(f.retry_when[0].delay == 5ms);
    CHECK(f.retry_when[0].attempts == 6);
    CHECK(f.retry_when[0].whole_host);
    CHECK(f.retry_when[1].source->kind == SourceKind::kJson);
    CHECK(f.retry_when[1].in == std::vector<std::string>{"WAIT", "3", "true"});
    CHECK(f.retry_when[1].delay == 1s);
    CHECK(f.retry_when[1].attempts == 0);
    CHECK_FALSE(f.retry_when[1].whole_host);
    REQUIRE(f.fail_when.size() == 2);
    CHECK(f.fail_when[0].source->re->text == "(?i)captcha");
    CHECK_FALSE(f.fail_when[0].in);
    CHECK(f.fail_when[1].source->kind == SourceKind::kHeader);
    CHECK(f.fail_when[1].not_in == std::vector<std::string>{"ok"});
  }

  TEST_CASE("what cannot be meant is refused") {
    const auto fault = [](const std::string& table, const std::string& line,
                          const std::string& what) {
      return IsFault(InFetch({"[[fetch." + table + "]]", line}), what);
    };
    CHECK(fault("retry_when", "", "expected one source (status, css, xpath, json or header)"));
    CHECK(fault("retry_when", "status = 500", "status: expected a list such as [500, 503]"));
    CHECK(fault("retry_when", "status = []", "status: expected a list"));
    CHECK(fault("retry_when", "status = [99]", "status: expected a number such as 503"));
    CHECK(fault("retry_when", "status = [500]\njson = \"$.a\"", "expected either status or json"));
    CHECK(fault("retry_when", "json = \"$.a\"\nin = []", "in: expected a list such as"));
    CHECK(fault("retry_when", "json = \"$.a\"\nin = [1]\nnot_in = [2]", "either in or not_in"));
    CHECK(fault("retry_when", "json = \"$.a\"\nscope = \"all\"", "scope: expected page or host"));
    CHECK(fault("fail_when", "json = \"$.a\"\ndelay_ms = 1", "unknown key \"delay_ms\""));
    CHECK(IsFault(InFetch({"retry_when = true"}), "expected [[retry_when]]"));
  }
}
