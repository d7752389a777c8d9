#include "fetcher/control/control_request.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using thresh::ControlRequest;
using thresh::ParseControlLine;
using Op = ControlRequest::Op;

namespace {

ControlRequest Accepted(std::string_view line) {
  const auto request = ParseControlLine(line);
  REQUIRE_MESSAGE(request.ok(), request.error().detail);
  return *request;
}

std::string Refusal(std::string_view line) {
  const auto request = ParseControlLine(line);
  REQUIRE_FALSE(request.ok());
  return request.error().detail;
}

}  // namespace

TEST_SUITE("ParseControlLine") {
  TEST_CASE("every op has its name") {
    CHECK(Accepted(R"({"op":"status"})").op == Op::kStatus);
    CHECK(Accepted(R"({"op":"watch"})").op == Op::kWatch);
    CHECK(Accepted(R"({"op":"ledger"})").op == Op::kLedger);
    CHECK(Accepted(R"({"op":"why","url":"http://x/","recipes":["a","b"]})").recipes ==
          std::vector<std::string>{"a", "b"});
    CHECK(Accepted(R"({"op":"retried"})").op == Op::kRetried);
    CHECK(Accepted(R"({"op":"dead_retry"})").op == Op::kDeadRetry);
    CHECK(Accepted(R"({"op":"why","url":"http://x/"})").url == "http://x/");
  }

  TEST_CASE("dead_retry may name a reason and URLs; null is as good as nothing") {
    const auto request = Accepted(R"({"op":"dead_retry","reason":"dns","urls":["http://x/","u"]})");
    CHECK(request.reason == "dns");
    CHECK(request.urls == std::vector<std::string>{"http://x/", "u"});
    CHECK(Accepted(R"({"op":"dead_retry","reason":null})").reason.empty());
  }

  TEST_CASE("what is no request is refused, with what was found") {
    CHECK(Refusal("hello") == "expected a JSON object with \"op\", found hello");
    CHECK(Refusal("[1]") == "expected a JSON object with \"op\", found [1]");
    CHECK(Refusal(R"({"op":"jump"})") ==
          "expected {\"op\": one of status, watch, ledger, why, dead_retry, retried, "
          "metrics, hosts, parsers, pause, resume, drain, cancel, jobs, search, tap}, found "
          "{\"op\":\"jump\"}");
    CHECK(Refusal(R"({"op":"why"})") == R"(expected a "url", found {"op":"why"})");
    CHECK(Refusal(R"({"op":"why","url":7})") == "expected url: a string, found 7");
    CHECK(Refusal(R"({"op":"dead_retry","urls":[1]})") == "expected urls: strings, found 1");
  }

  TEST_CASE("a list that is none, or empty, is no choice of all") {
    CHECK(Refusal(R"({"op":"cancel","host":"h","urls":"http://x/1"})") ==
          "expected urls: a list of strings, found \"http://x/1\"");
    CHECK(Refusal(R"({"op":"dead_retry","urls":[]})") ==
          "expected urls: some, or no such key for any, found []");
    CHECK(Accepted(R"({"op":"why","url":"http://x/","recipes":[]})").recipes.empty());
    CHECK(Accepted(R"({"op":"dead_retry","urls":null})").urls.empty());
  }
}
