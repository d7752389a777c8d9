// The Extractor: links as requests, with method, headers and body made by templates.

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/parser/recipe/extract_fixture.h"

using namespace thresh;
using namespace thresh::test;

namespace {

struct RequestFixture : ExtractFixture {
  /// A recipe with one follow rule.
  void Follow(const Lines& lines) { Recipe(InFollow(lines)); }

  /// The only link of a page.
  const FollowedLink& Link(std::string_view body) {
    const Extraction& found = Extract(body);
    REQUIRE(found.links.size() == 1);
    return found.links[0];
  }
  std::size_t LinkCount(std::string_view body) { return Extract(body).links.size(); }
};

}  // namespace

TEST_SUITE("Extractor: links as requests") {
  TEST_CASE_FIXTURE(RequestFixture, "a plain link asks for nothing more") {
    Follow({"css = \"a\""});
    const FollowedLink& link = Link("<a href=b>");
    CHECK(link.method == "GET");
    CHECK(link.headers.empty());
    CHECK(link.body.empty());
    CHECK_FALSE(link.templated);
    CHECK(link.delay_ms == 0);
    CHECK_FALSE(link.root);
  }

  TEST_CASE_FIXTURE(RequestFixture, "a token with a delay and a secret: the secret's place stays") {
    Follow({"json = \"$.next\"", "delay_ms = 2000",
            "url = \"https://api.example/s?token={value}&key={secret.k}\""});
    const FollowedLink& link = Link(R"({"next":"a b&{secret.other}"})");
    CHECK(link.url == "https://api.example/s?token=a%20b%26%7Bsecret.other%7D&key={secret.k}");
    CHECK(link.templated);
    CHECK(link.delay_ms == 2000);
  }

  TEST_CASE_FIXTURE(RequestFixture, "a secret may stand in a URL's path") {
    Follow({"css = \"a\"", "url = \"https://x/{secret.k}/{value}\""});
    CHECK(Link("<a href='ü'>").url == "https://x/{secret.k}/%C3%BC");
  }

  TEST_CASE_FIXTURE(RequestFixture, "page data cannot name a secret, in whatever part") {
    Follow({"css = \"a\"", "url = \"https://x/?a={+value}&k={secret.k}\"",
            "headers = { x = \"{value}\" }", "body = \"{{{value}\""});
    const FollowedLink& link = Link("<a href='{secret.k}'>");
    CHECK(link.url == "https://x/?a=%7Bsecret.k}&k={secret.k}");
    CHECK(link.headers[0].value == "{{secret.k}");
    CHECK(link.body == "{{{{secret.k}");
  }

  TEST_CASE_FIXTURE(RequestFixture, "without secrets braces stand as they are") {
    Follow({"css = \"a\"", "url = \"https://x/\"", "body = \"{{{value}\""});
    const FollowedLink& link = Link("<a href='{a}'>");
    CHECK(link.body == "{{a}");
    CHECK_FALSE(link.templated);
  }

  TEST_CASE_FIXTURE(RequestFixture, "a cursor goes into a JSON body") {
    Follow({"json = \"$.next\"", "url = \"{+url}\"",
            R"(body = { query = "x \"y\"", next = "{value}", max = 100 })"});
    const FollowedLink& link = Link(R"({"next":"a\"b\\é"})");
    CHECK(link.url == "http://x/dir/page");
    CHECK(link.method == "POST");
    CHECK(link.body == R"({"query":"x \"y\"","next":"a\"b\\é","max":100})");
    REQUIRE(link.headers.size() == 1);
    CHECK(link.headers[0].name == "content-type");
    CHECK(link.headers[0].value == "application/json");
  }

  TEST_CASE_FIXTURE(RequestFixture, "whole values of a JSON body keep their types") {
    Follow({"json = \"$.v\"", "url = \"http://x/\"",
            R"(body = { v = "{value}", part = "<{value}>", m = "{meta.n}", u = "{url}" })"});
    page.meta = R"({"n":7})";
    CHECK(
        Link(R"({"v":12345678901234567890})").body ==
        R"({"v":12345678901234567890,"part":"<12345678901234567890>","m":7,"u":"http://x/dir/page"})");
    CHECK(Link(R"({"v":true})").body.starts_with(R"({"v":true,)"));
    CHECK(
        Link(R"({"v":{"a":"b"}})").body.starts_with(R"({"v":{"a":"b"},"part":"<{\"a\":\"b\"}>")"));
    CHECK(Link(R"({"v":"5"})").body.starts_with(R"({"v":"5","part":"<5>")"));
  }

  TEST_CASE_FIXTURE(RequestFixture, "verbatim, a text may be any JSON, and nothing else") {
    Follow({"css = \"a\"", "url = \"http://x/\"", R"(body = { v = "{+value}" })"});
    CHECK(Link("<a href=5>").body == R"({"v":5})");
    CHECK(Link("<a href='[1, 2]'>").body == R"({"v":[1, 2]})");
    CHECK(Link("<a href='5,\"x\":1'>").body == R"({"v":"5,\"x\":1"})");
    CHECK(Link("<a href=05>").body == R"({"v":"05"})");
  }

  TEST_CASE_FIXTURE(RequestFixture, "what went through an expression is text") {
    Follow({"json = \"$.v\"", "re = \"[0-9]+\"", "url = \"http://x/\"", R"(body = ["{value}"])"});
    CHECK(Link(R"({"v":12})").body == R"(["12"])");
  }

  TEST_CASE_FIXTURE(RequestFixture, "a count's numbers are numbers") {
    Follow({"count = { json = \"$.n\", step = 20 }", "url = \"http://x/\"",
            R"(body = { offset = "{value}" })"});
    const Extraction& found = Extract(R"({"n":41})");
    REQUIRE(found.links.size() == 3);
    CHECK(found.links[0].body == R"({"offset":0})");
    CHECK(found.links[2].body == R"({"offset":40})");
  }

  TEST_CASE_FIXTURE(RequestFixture, "what a template lacks makes no link") {
    Follow({"json = \"$.next\"", "url = \"http://x/?m={meta.m}\"", R"(body = { n = "{value}" })"});
    page.meta = R"({"m":"1"})";
    CHECK(LinkCount(R"({"next":"a"})") == 1);
    CHECK(LinkCount(R"({"next":""})") == 0);
    CHECK(LinkCount(R"({"next":null})") == 0);
    CHECK(LinkCount(R"({})") == 0);
    page.meta = R"({"m":null})";
    CHECK(LinkCount(R"({"next":"a"})") == 0);
    page.meta = "";
    CHECK(LinkCount(R"({"next":"a"})") == 0);
  }

  TEST_CASE_FIXTURE(RequestFixture, "a value cannot begin another header") {
    Follow({"json = \"$.v[*]\"", "url = \"http://x/{value}\"", "headers = { a = \"{value}\" }"});
    CHECK(LinkCount(R"({"v":["a\r\nb: c","d\u0000e"]})") == 0);
    CHECK(Link(R"({"v":["a\nb","ok"]})").headers[0].value == "ok");
  }

  TEST_CASE_FIXTURE(RequestFixture, "two bodies for one URL are two links, the same one is one") {
    Follow({"json = \"$.v[*]\"", "url = \"http://x/\"", "body = \"{value}\""});
    CHECK(LinkCount(R"({"v":["a","b","a"]})") == 2);
  }

  TEST_CASE_FIXTURE(RequestFixture, "method and root of a link that has no template") {
    Follow({"css = \"a\"", "method = \"DELETE\"", "root = true"});
    const FollowedLink& link = Link("<a href=/x>");
    CHECK(link.url == "http://x/x");
    CHECK(link.method == "DELETE");
    CHECK(link.root);
  }

  TEST_CASE_FIXTURE(RequestFixture, "a link is new after one with more to it") {
    Recipe(Lines{"name = \"r\"", "[[follow]]", "css = \"a\"", "url = \"https://x/{secret.k}\"",
                 "body = \"b\"", "delay_ms = 5", "root = true"});
    CHECK(Link("<a href=b>").templated);
    Follow({"css = \"a\""});
    const FollowedLink& link = Link("<a href=b>");
    CHECK_FALSE(link.templated);
    CHECK(link.body.empty());
    CHECK(link.headers.empty());
    CHECK(link.delay_ms == 0);
    CHECK_FALSE(link.root);
  }

  TEST_CASE_FIXTURE(RequestFixture, "bodies count among the bytes of a page's links") {
    Follow({"css = \"a\"", "url = \"http://x/{value}\"", "body = \"{meta.m}{value}\""});
    const std::string meta = "{\"m\":\"" + std::string(1 << 20, 'm') + "\"}";
    page.meta = meta;
    std::string html;
    for (int i = 0; i < 40; ++i) html += "<a href=" + std::to_string(i) + ">";
    CHECK(FailureOf(html).starts_with("result_too_large: its links are over"));
  }
}

TEST_SUITE("Extractor: nofollow") {
  TEST_CASE_FIXTURE(RequestFixture, "rel=nofollow counts if the recipe says so") {
    const std::string html = "<a rel='x NoFollow' href=a><a rel=nofollower href=b><a href=c>";
    Follow({"css = \"a\""});
    CHECK(LinkCount(html) == 3);
    const Lines asked{"[fetch]", "respect_nofollow = true"};
    Recipe(InFollow({"css = \"a\""}) + asked);
    CHECK(Links(html) == std::vector<std::string>{"http://x/dir/b", "http://x/dir/c"});
    Recipe(InFollow({"xpath = \"//a/@href\""}) + asked);
    CHECK(LinkCount(html) == 2);
  }

  TEST_CASE_FIXTURE(RequestFixture, "robots tags count if the recipe says so") {
    const auto counts = [this](std::string_view html) {
      const Extraction& found = Extract(html);
      return std::to_string(found.rows.size()) + " " + std::to_string(found.links.size());
    };
    const Lines item{"[[items]]", "name = \"i\"", "[items.fields]", "a = \"a\""};
    const std::string link = "<a href=b>x</a>";
    Recipe(InFollow({"css = \"a\""}) + item);
    CHECK(counts("<meta name=robots content=none>" + link) == "1 1");
    Recipe(InFollow({"css = \"a\""}) + item + Lines{"[fetch]", "respect_robots_tag = true"});
    CHECK(counts(link) == "1 1");
    CHECK(counts("<meta name=ROBOTS content=' NoIndex , x'>" + link) == "0 1");
    CHECK(counts("<meta name=robots content='index, nofollow'>" + link) == "1 0");
    CHECK(counts("<meta name=robots content=none>" + link) == "0 0");
    CHECK(counts("<meta name=other content=none>" + link) == "1 1");
    page.headers = {{"x-robots-tag", "otherbot: noindex, nofollow"}};
    CHECK(counts(link) == "1 1");
    page.headers = {{"x-robots-tag", "Thresh: nofollow"}};
    CHECK(counts(link) == "1 0");
    page.headers = {{"x-robots-tag", "unavailable_after: 25 Jun 2010 15:00:00 PST, noindex"}};
    CHECK(counts(link) == "0 1");
  }
}
