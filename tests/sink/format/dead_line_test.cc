#include "sink/format/dead_line.h"

#include <string>

#include <doctest/doctest.h>

using thresh::AppendDeadLine;
using thresh::DeadLetter;

namespace {

constexpr std::int64_t kAtMs = 1738324800123;  // 2025-01-31T12:00:00.123Z

std::string Line(const DeadLetter& letter) {
  std::string out;
  AppendDeadLine(letter, kAtMs, &out);
  return out;
}

}  // namespace

TEST_SUITE("AppendDeadLine") {
  TEST_CASE("a dead letter is one line with all its keys") {
    const DeadLetter letter{.url = "http://x/a",
                            .id = 18446744073709551615u,
                            .recipe = "r",
                            .reason = "http_404",
                            .attempts = 3,
                            .status = 404,
                            .headers = {{"content-type", "text/html"}, {"x", ""}},
                            .detail = "the server answered 404",
                            .n = 7,
                            .root = "http://x/",
                            .meta = R"({"q":1})",
                            .body_start = "no \"such\" page"};
    CHECK(Line(letter) ==
          R"({"url":"http://x/a","id":"18446744073709551615","recipe":"r","reason":"http_404",)"
          R"("attempts":3,"at":"2025-01-31T12:00:00.123Z","status":404,)"
          R"("headers":{"content-type":"text/html","x":""},"body_path":null,)"
          R"("detail":"the server answered 404","n":7,"root":"http://x/","meta":{"q":1},)"
          R"("body_start":"no \"such\" page"})"
          "\n");
  }

  TEST_CASE("without an answer there is no status") {
    CHECK(Line({}) == R"({"url":"","id":"0","recipe":"","reason":"","attempts":0,)"
                      R"("at":"2025-01-31T12:00:00.123Z","status":null,"headers":{},)"
                      R"("body_path":null,"detail":"","n":null,"root":"","meta":null,)"
                      R"("body_start":null})"
                      "\n");
  }

  TEST_CASE("a rejected row names its item and index, the first one too") {
    CHECK(Line({.row = std::pair("review", 0)})
              .ends_with(R"("body_start":null,"item":"review","row":0})"
                         "\n"));
    CHECK(Line({.row = std::pair("b", 7)})
              .ends_with(R"("item":"b","row":7})"
                         "\n"));
  }

  TEST_CASE("of an answer its first 200 bytes are told, in whole characters") {
    const auto start_of = [](const std::string& body) {
      const std::string line = Line({.body_start = body});
      const std::size_t at = line.find("\"body_start\":\"") + 14;
      return line.substr(at, line.size() - at - 3);
    };
    CHECK(start_of(std::string(200, 'a')) == std::string(200, 'a'));
    CHECK(start_of(std::string(201, 'a')) == std::string(200, 'a'));
    CHECK(start_of(std::string(199, 'a') + "é!") == std::string(199, 'a'));
    CHECK(start_of(std::string(198, 'a') + "é!") == std::string(198, 'a') + "é");
    CHECK(start_of(std::string(197, 'a') + "\xF0\x9F\x98\x8B!") == std::string(197, 'a'));
    CHECK(start_of(std::string(300, '\xBF')).size() > 0);
  }

  TEST_CASE("whatever a server said, it stays one line of JSON") {
    const std::string line = Line({.url = "http://x/\n",
                                   .reason = "a\"b",
                                   .headers = {{"a\r", "\xff\xe2\x80\xa8"}},
                                   .detail = std::string("\0\x1b[2J", 5)});
    CHECK(line.find('\n') == line.size() - 1);
    CHECK(line.find(R"("reason":"a\"b")") != std::string::npos);
    CHECK(line.find("{\"a\\r\":\"\xEF\xBF\xBD\\u2028\"}") != std::string::npos);
    CHECK(line.find(R"("detail":"\u0000\u001b[2J")") != std::string::npos);
  }

  TEST_CASE("credentials of headers, and in what is said, are not shown") {
    const std::string line =
        Line({.headers = {{"set-cookie", "sid=1"}, {"set-cookie", "b=2"}, {"x", "y"}},
              .detail = "http://u:p@h/?token=3"});
    CHECK(line.find(R"("headers":{"set-cookie":"[redacted], [redacted]","x":"y"})") !=
          std::string::npos);
    CHECK(line.find(R"("detail":"http://[redacted]@h/?token=[redacted]")") != std::string::npos);
  }

  TEST_CASE("letters are appended to what is there") {
    std::string out = "before\n";
    AppendDeadLine({.url = "a"}, kAtMs, &out);
    AppendDeadLine({.url = "b"}, kAtMs, &out);
    CHECK(out.starts_with("before\n{\"url\":\"a\""));
    CHECK(out.find("}\n{\"url\":\"b\"") != std::string::npos);
  }
}
