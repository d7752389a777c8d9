#include "fetcher/feed/feed_line.h"

#include <cstdint>
#include <limits>
#include <string>

#include <doctest/doctest.h>

using thresh::Errc;
using thresh::FeedRequest;
using thresh::ParseFeedLine;

namespace {

const std::string kRest = "resume, method, headers, body, template, expires, refresh)";

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

  TEST_CASE("a line may say how it is asked for") {
    CHECK(Accepted("http://x/").is_plain());
    const FeedRequest request = Accepted(
        R"({"url":"u","method":"put","headers":{"X-Key":"{secret.k}","Accept":""},"body":"a=1","template":true})");
    CHECK_FALSE(request.is_plain());
    CHECK(request.method == "PUT");
    CHECK(request.headers == decltype(request.headers){{"x-key", "{secret.k}"}, {"accept", ""}});
    CHECK(request.body == "a=1");
    CHECK(request.templated);
  }

  TEST_CASE("with a body it is a POST, and a body of JSON says so") {
    CHECK(Accepted(R"({"url":"u","body":""})").method == "POST");
    CHECK(Accepted(R"({"url":"u","body":""})").headers.empty());
    const FeedRequest json = Accepted(R"({"url":"u","body":{"a": [1, "{b}"]}})");
    CHECK(json.body == R"({"a":[1,"{b}"]})");
    CHECK(json.headers == decltype(json.headers){{"content-type", "application/json"}});
    const FeedRequest typed =
        Accepted(R"({"url":"u","body":[1],"headers":{"Content-Type":"x/y"},"method":"PATCH"})");
    CHECK(typed.headers == decltype(typed.headers){{"content-type", "x/y"}});
    CHECK(typed.method == "PATCH");
  }

  TEST_CASE("the braces of a body of JSON are none of the template") {
    CHECK(Accepted(R"({"url":"u","template":true,"body":{"a":{"b":"{secret.k} \"{"}}})").body ==
          R"({{"a":{{"b":"{secret.k} \"{"}})");
  }

  TEST_CASE("a request that is none is refused") {
    CHECK(Refusal(R"({"url":"u","method":"CONNECT"})") ==
          R"(method: expected a method such as "POST", found "CONNECT")");
    CHECK(Refusal(R"({"url":"u","method":"GET /x"})").starts_with("method: expected"));
    CHECK(Refusal(R"({"url":"u","headers":{"a b":"c"}})") ==
          R"(headers: expected a header's name, found "a b")");
    CHECK(Refusal(R"({"url":"u","headers":{"A":"b","a":"c"}})") == R"(headers: found "a" twice)");
    CHECK(Refusal(R"({"url":"u","headers":{"Host":"b"}})") ==
          R"(headers: "host" is what thresh sets itself)");
    CHECK(
        Refusal(R"({"url":"u","headers":{"a":"b\r\nc: d"}})").starts_with("headers: expected one"));
    CHECK(Refusal(R"({"url":"u","headers":{"a":1}})").starts_with("headers: expected one line"));
    CHECK(Refusal(R"({"url":"u","body":1})").starts_with("body: expected a string"));
  }

  TEST_CASE("a line may say until when, and how often") {
    CHECK(Accepted(R"({"url":"u","expires":90})").expires_in_ms == 90'000);
    CHECK(Accepted(R"({"url":"u","expires":"5m"})").expires_in_ms == 300'000);
    CHECK(Accepted(R"({"url":"u","expires":"2030-01-31"})").expires_at_ms == 1'896'048'000'000);
    CHECK(Accepted(R"({"url":"u","expires":"2030-01-31T02:00:00.5+02:00"})").expires_at_ms ==
          1'896'048'000'500);
    CHECK(Accepted(R"({"url":"u","refresh":"6h"})").refresh_ms == 21'600'000);
    CHECK(Accepted(R"({"url":"u","refresh":60})").refresh_ms == 60'000);
    CHECK(Accepted(R"({"url":"u","refresh":0})").refresh_ms == 0);
    CHECK_FALSE(Accepted("http://x/").refresh_ms);
    for (const std::string value : {"0", "-1", "1.5", "\"soon\"", "true", "\"2030-02-30\""}) {
      CHECK(Refusal(R"({"url":"u","expires":)" + value + "}").starts_with("expires: expected"));
    }
    for (const std::string value : {"-1", "\"5ms\"", "\"often\"", "99999999999999"}) {
      CHECK(Refusal(R"({"url":"u","refresh":)" + value + "}").starts_with("refresh: expected"));
    }
  }

  TEST_CASE("a line that was fed before says which one it is") {
    CHECK(Accepted(R"({"url":"u","dont_filter":true,"resume":true,"n":3})").resume);
    CHECK(Accepted(R"({"url":"u","resume":true})").resume);
    CHECK(Refusal(R"({"url":"u","dont_filter":true,"resume":true})") ==
          R"(resume: expected "n" beside it: which line it is)");
  }

  TEST_CASE("an unknown key is refused, and those there are named") {
    CHECK(Refusal(R"({"url":"u","prority":1})") ==
          "unknown key \"prority\" (expected url, recipe, priority, meta, job, n, dont_filter, " +
              kRest);
    CHECK(Refusal(R"({"URL":"u"})") ==
          "unknown key \"URL\" (expected url, recipe, priority, meta, job, n, dont_filter, " +
              kRest);
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
