#include "fetcher/feed/feed_line.h"

#include <cstdint>
#include <limits>
#include <string>

#include <doctest/doctest.h>

using thresh::Errc;
using thresh::FeedRequest;
using thresh::ParseFeedLine;

namespace {

FeedRequest Accepted(std::string_view line) {
  const auto request = ParseFeedLine(line);
  REQUIRE_MESSAGE(request.ok(), request.error().detail);
  return *request;
}

std::string Refusal(std::string_view line) {
  const auto request = ParseFeedLine(line);
  REQUIRE_FALSE(request.ok());
  CHECK(request.error().code == Errc::kInvalid);
  return request.error().detail;
}

}  // namespace

TEST_SUITE("ParseFeedLine") {
  TEST_CASE("a bare URL is a request with all defaults") {
    const FeedRequest request = Accepted("http://x/a b?{}");
    CHECK(request.url == "http://x/a b?{}");
    CHECK(request.recipe.empty());
    CHECK(request.priority == 0);
    CHECK(request.meta.empty());
    CHECK_FALSE(request.dont_filter);
  }

  TEST_CASE("blanks around a line do not count") {
    CHECK(Accepted(" \t http://x/ \t").url == "http://x/");
    CHECK(Accepted("  {\"url\":\"http://x/\"}  ").url == "http://x/");
  }

  TEST_CASE("a line of nothing is refused") {
    CHECK(Refusal("") == "expected a URL or a JSON object, found nothing");
    CHECK(Refusal(" \t ") == "expected a URL or a JSON object, found nothing");
  }

  TEST_CASE("an object sets every key") {
    const FeedRequest request = Accepted(
        R"({"url":"http://x/\u00e9","recipe":"r","priority":-3,"meta":{"a":1},"dont_filter":true})");
    CHECK(request.url == "http://x/\xC3\xA9");
    CHECK(request.recipe == "r");
    CHECK(request.priority == -3);
    CHECK(request.meta == R"({"a":1})");
    CHECK(request.dont_filter);
  }

  TEST_CASE("meta is kept as one line of minified JSON") {
    CHECK(Accepted(R"({"url":"u", "meta": { "a" : [ 1, null, true ], "b": {"c": "x\n\"y" } } })")
              .meta == R"({"a":[1,null,true],"b":{"c":"x\n\"y"}})");
    CHECK(Accepted(R"({"url":"u","meta":{}})").meta == "{}");
  }

  TEST_CASE("priorities are exact over all 64 bits") {
    CHECK(Accepted(R"({"url":"u","priority":9223372036854775807})").priority ==
          std::numeric_limits<std::int64_t>::max());
    CHECK(Accepted(R"({"url":"u","priority":-9223372036854775808})").priority ==
          std::numeric_limits<std::int64_t>::min());
    CHECK(Refusal(R"({"url":"u","priority":9223372036854775808})") ==
          "priority: expected a whole number, found 9223372036854775808");
  }

  TEST_CASE("a value of another type is refused with what was found") {
    CHECK(Refusal(R"({"url":5})") == "url: expected a string, found 5");
    CHECK(Refusal(R"({"url":"u","recipe":["r"]})") == "recipe: expected a string, found [\"r\"]");
    CHECK(Refusal(R"({"url":"u","priority":1.5})") ==
          "priority: expected a whole number, found 1.5");
    CHECK(Refusal(R"({"url":"u","priority":"1"})") ==
          "priority: expected a whole number, found \"1\"");
    CHECK(Refusal(R"({"url":"u","dont_filter":1})") ==
          "dont_filter: expected true or false, found 1");
    CHECK(Refusal(R"({"url":"u","meta":[1]})") == "meta: expected an object, found [1]");
    CHECK(Refusal(R"({"url":"u","meta":null})") == "meta: expected an object, found null");
  }

  TEST_CASE("what was found is quoted up to 100 bytes") {
    const std::string refusal = Refusal(R"({"url":[")" + std::string(5000, 'x') + "\"]}");
    CHECK(refusal == "url: expected a string, found [\"" + std::string(98, 'x'));
  }

  TEST_CASE("an object needs a url") {
    CHECK(Refusal("{}") == "expected a \"url\"");
    CHECK(Refusal(R"({"url":""})") == "expected a \"url\"");
    CHECK(Refusal(R"({"recipe":"r"})") == "expected a \"url\"");
  }

  TEST_CASE("a line may name its job, and its position in its list") {
    const FeedRequest request = Accepted(R"({"url":"http://x/","job":"monday","n":17})");
    CHECK(request.job == "monday");
    CHECK(request.n == 17);
    CHECK(Accepted("http://x/").n == 0);
    CHECK(Refusal(R"({"url":"u","n":0})") == "n: expected a whole number from 1 on, found 0");
    CHECK(Refusal(R"({"url":"u","n":-1})") == "n: expected a whole number from 1 on, found -1");
    CHECK(Refusal(R"({"url":"u","job":1})") == "job: expected a string, found 1");
  }

  TEST_CASE("keys that this version would ignore are refused") {
    for (const std::string key : {"method", "headers", "body", "expires"}) {
      CHECK(Refusal(R"({"url":"u",")" + key + "\":1}") == "\"" + key + "\" is not built yet");
    }
  }

  TEST_CASE("an unknown key is refused, and those there are named") {
    CHECK(Refusal(R"({"url":"u","prority":1})") ==
          "unknown key \"prority\" (expected url, recipe, priority, meta, job, n, dont_filter)");
    CHECK(Refusal(R"({"URL":"u"})") ==
          "unknown key \"URL\" (expected url, recipe, priority, meta, job, n, dont_filter)");
  }

  TEST_CASE("broken JSON is refused, wherever it breaks off") {
    const std::string line = R"({"url":"http://x/","meta":{"a":[1,"b"]},"priority":12})";
    for (std::size_t size = 1; size < line.size(); ++size) {
      CHECK(Refusal(line.substr(0, size)).starts_with("expected a URL or a JSON object: "));
    }
    CHECK(Refusal(line + "{}").starts_with("expected a URL or a JSON object: "));
    CHECK(Refusal("{\"url\":\"\xff\"}").starts_with("expected a URL or a JSON object: "));
  }

  TEST_CASE("a refused line leaves nothing behind for the next") {
    Refusal(R"({"url":"http://old/","priority":9,"nope":1})");
    const FeedRequest request = Accepted(R"({"url":"http://new/"})");
    CHECK(request.url == "http://new/");
    CHECK(request.priority == 0);
  }
}
