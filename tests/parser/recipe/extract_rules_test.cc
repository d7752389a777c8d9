// The Extractor: retry_when and fail_when.

#include <string>

#include <doctest/doctest.h>

#include "tests/parser/recipe/extract_fixture.h"

using namespace thresh;
using namespace thresh::test;
using Kind = AnswerVerdict::Kind;

namespace {

struct RuleFixture : ExtractFixture {
  /// A recipe with these rules, an item and a follow rule.
  void Rules(const Lines& lines) {
    Recipe(InFetch(lines) + Lines{"[[follow]]", "json = \"$.next\""});
  }
  /// What is said of an answer: `take`, `retry`, or the reason of its failing.
  std::string Verdict(std::string_view body) {
    const Extraction& found = Extract(body);
    if (found.verdict.kind == Kind::kTake) return "take";
    CHECK(found.records.empty());
    CHECK(found.rows.empty());
    CHECK(found.links.empty());
    return found.verdict.kind == Kind::kRetry ? "retry" : found.verdict.reason;
  }
};

const Lines kStatusRules{
    "[[fetch.retry_when]]", "json = \"$.status\"", "in = [\"OVER_QUERY_LIMIT\"]",
    "delay_ms = 1500",      "attempts = 6",        "scope = \"host\"",
    "[[fetch.fail_when]]",  "json = \"$.status\"", "not_in = [\"OK\", \"ZERO_RESULTS\", 3, true]"};

}  // namespace

TEST_SUITE("Extractor: rules on answers") {
  TEST_CASE_FIXTURE(RuleFixture, "a value says take, ask again, or give up for this reason") {
    Rules(kStatusRules);
    CHECK(Verdict(R"({"status":"OK","next":"/b"})") == "take");
    CHECK(Verdict(R"({"status":"ZERO_RESULTS"})") == "take");
    CHECK(Verdict(R"({"status":"OVER_QUERY_LIMIT","next":"/b"})") == "retry");
    CHECK(Verdict(R"({"status":"REQUEST_DENIED"})") == "REQUEST_DENIED");
    CHECK(Verdict(R"({"status":3})") == "take");
    CHECK(Verdict(R"({"status":true})") == "take");
    CHECK(Verdict(R"({"status":4})") == "4");
    CHECK(Verdict(R"({"status":null})") == "fail_when");
    CHECK(Verdict(R"({})") == "fail_when");
  }

  TEST_CASE_FIXTURE(RuleFixture, "how to ask again is the rule's") {
    Rules(kStatusRules);
    const AnswerVerdict verdict = Extract(R"({"status":"OVER_QUERY_LIMIT"})").verdict;
    CHECK(verdict.after_ms == 1500);
    CHECK(verdict.max_attempts == 6);
    CHECK(verdict.whole_host);
    CHECK(verdict.detail == "retry_when: $.status is \"OVER_QUERY_LIMIT\"");
  }

  TEST_CASE_FIXTURE(RuleFixture, "an answer after a refused one is taken whole") {
    Rules(kStatusRules);
    CHECK(Verdict(R"({"status":"X"})") == "X");
    CHECK(Verdict(R"({"status":"OK","next":"/b"})") == "take");
    CHECK(out->links.size() == 1);
  }

  TEST_CASE_FIXTURE(RuleFixture, "without a list, that the value is there is enough") {
    Rules({"[[fetch.fail_when]]", "json = \"$.error.code\""});
    CHECK(Verdict(R"({"a":1})") == "take");
    CHECK(Verdict(R"({"error":{"code":17}})") == "17");
    CHECK(Verdict(R"({"error":{"code":null}})") == "take");
  }

  TEST_CASE_FIXTURE(RuleFixture, "selectors, expressions and pipes find the value, headers too") {
    Rules({"[[fetch.retry_when]]", "css = \"title\"", "re = \"(?i)please wait\"",
           "[[fetch.retry_when]]", "header = \"X-State\"", "in = [\"busy\"]", "[[fetch.fail_when]]",
           "xpath = \"//h1\"", "pipe = [\"trim\", \"upper\"]", "in = [\"BLOCKED\"]"});
    CHECK(Verdict("<title>Please Wait a moment</title>") == "retry");
    CHECK(Verdict("<title>x</title>") == "take");
    CHECK(Verdict("<h1> blocked </h1>") == "BLOCKED");
    page.headers = {{"x-state", "busy"}};
    CHECK(Verdict("<p>") == "retry");
  }

  TEST_CASE_FIXTURE(RuleFixture, "a reason is a short plain word, whatever the page says") {
    Rules({"[[fetch.fail_when]]", "json = \"$.e\""});
    CHECK(Verdict(R"({"e":"a b/\u001b[2J\n"})") == "a_b___2J_");
    CHECK(Verdict(R"({"e":""})") == "fail_when");
    const std::string endless(100'000, 'x');
    CHECK(Verdict(R"({"e":")" + endless + "\"}").size() == 64);
    CHECK(out->verdict.detail.size() < 300);
  }
}
