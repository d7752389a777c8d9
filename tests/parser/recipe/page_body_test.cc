#include "parser/recipe/page_body.h"

#include <string>

#include <doctest/doctest.h>

using namespace thresh;

TEST_SUITE("KindOfBody") {
  TEST_CASE("the Content-Type tells, whatever its case and parameters") {
    CHECK(KindOfBody("text/html; charset=utf-8", "{") == BodyAs::kHtml);
    CHECK(KindOfBody("Application/JSON;x=y", "<") == BodyAs::kJson);
    CHECK(KindOfBody("application/vnd.api+json", "") == BodyAs::kJson);
    CHECK(KindOfBody("application/x-ndjson", "") == BodyAs::kNdjson);
    CHECK(KindOfBody(" application/rss+xml ", "") == BodyAs::kXml);
    CHECK(KindOfBody("text/xml", "") == BodyAs::kXml);
    CHECK(KindOfBody("application/xhtml+xml", "") == BodyAs::kHtml);
  }

  TEST_CASE("where it says nothing, the first bytes do") {
    CHECK(KindOfBody("", " \n[1]") == BodyAs::kJson);
    CHECK(KindOfBody("", "\xEF\xBB\xBF{}") == BodyAs::kJson);
    CHECK(KindOfBody("", "<?xml version='1.0'?><rss>") == BodyAs::kXml);
    CHECK(KindOfBody("", "<?xml version='1.0'?>\n<!DOCTYPE HTML><html>") == BodyAs::kHtml);
    CHECK(KindOfBody("application/octet-stream", "<urlset xmlns='x'>") == BodyAs::kXml);
    CHECK(KindOfBody("", "<p>") == BodyAs::kHtml);
    CHECK(KindOfBody("", "") == BodyAs::kHtml);
    CHECK(KindOfBody("application/gzip", "http://x/?a=1&copy=2\n") == BodyAs::kText);
    CHECK(KindOfBody("", "a <b>") == BodyAs::kHtml);
    CHECK(KindOfBody("text/plain", "a, b") == BodyAs::kText);
    CHECK(KindOfBody("text/plain", "<p>") == BodyAs::kHtml);
    CHECK(KindOfBody(std::string(1000, 'x'), "{}") == BodyAs::kJson);
  }
}

TEST_SUITE("PageBody") {
  TEST_CASE("text is decoded by header, recipe and page") {
    html::NameTable names;
    PageBody body(names);
    const auto text = [&](std::string_view bytes, const HeaderViews& headers,
                          std::string_view charset) {
      const BodyRules rules{.as = BodyAs::kText, .charset = charset};
      REQUIRE(body.Read(bytes, headers, rules).ok());
      return std::string(body.tree().node(body.tree().size() - 1).text);
    };
    CHECK(text("\xE9", {{"content-type", "text/plain; charset=latin1"}}, "") == "é");
    CHECK(text("\x82\xA0", {{"content-type", "text/plain; charset=latin1"}}, "shift_jis") == "あ");
    CHECK(text("\xFF", {}, "") == "\uFFFD");
  }

  TEST_CASE("a body that is not what it is said to be cannot be read") {
    html::NameTable names;
    PageBody body(names);
    const auto read = [&](std::string_view bytes, std::string_view type) {
      return body.Read(bytes, {{"content-type", type}}, {}).ok();
    };
    CHECK_FALSE(read("{", "application/json"));
    CHECK_FALSE(read("", "application/json"));
    const auto fault =
        body.Read("{\"a\": 1,\n  \"b\": x}", {{"content-type", "application/json"}}, {});
    CHECK(fault.error().detail.starts_with("line 2, column 8: expected"));
    CHECK_FALSE(read("<a>", "text/xml"));
    CHECK(read("{", "text/html"));
    CHECK(read("{\"a\":1}\n{\"a\":2}\n", "application/json"));
    CHECK(body.is_json());
    CHECK(read("<p>", "text/html"));
    CHECK_FALSE(body.is_json());
    CHECK_FALSE(body.Read("x", {{"content-encoding", "nonsense"}}, {}).ok());
  }

  TEST_CASE("JSON that is called HTML is read by a recipe that looks for JSON") {
    html::NameTable names;
    PageBody body(names);
    const HeaderViews html{{"content-type", "text/html"}};
    REQUIRE(body.Read("{\"a\":1}", html, {.reads_json = true}).ok());
    CHECK(body.is_json());
    REQUIRE(body.Read("{\"a\":1}", html, {}).ok());
    CHECK_FALSE(body.is_json());
    REQUIRE(body.Read("{ not JSON", html, {.reads_json = true}).ok());
    CHECK_FALSE(body.is_json());
  }
}
