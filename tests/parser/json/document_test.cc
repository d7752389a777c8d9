#include "parser/json/document.h"

#include <random>
#include <string>

#include <doctest/doctest.h>

#include "parser/json/repair.h"
#include "parser/json/write.h"
#include "tests/support/repeat.h"

using thresh::Errc;
using thresh::json::Document;
using thresh::json::DocumentLimits;
using thresh::test::Repeat;

namespace {

std::string Written(const thresh::Result<simdjson::dom::element>& parsed) {
  if (!parsed) return "error: " + parsed.error().detail;
  std::string out;
  thresh::json::AppendJson(*parsed, &out);
  return out;
}

struct DocumentFixture {
  std::string Strict(std::string_view text) { return Written(document.Parse(text)); }
  std::string OfPage(std::string_view text) { return Written(document.ParseOfPage(text)); }
  bool Fails(std::string_view text) { return !document.Parse(text).ok(); }
  bool FailsOfPage(std::string_view text) { return !document.ParseOfPage(text).ok(); }

  Document document;
};

}  // namespace

TEST_SUITE("JSON documents") {
  TEST_CASE_FIXTURE(DocumentFixture, "a document is used again") {
    CHECK(Strict(R"({"a":[1,2,{"b":null}]})") == R"({"a":[1,2,{"b":null}]})");
    CHECK(Strict(" true ") == "true");
    CHECK(Strict(Repeat("[", 900) + Repeat("]", 900)).size() == 1800);
    CHECK(Strict("\"x\"") == "\"x\"");
  }

  TEST_CASE_FIXTURE(DocumentFixture, "bodies are taken by the letter") {
    for (const char* text :
         {"", " \n ", "{}x", "[1,]", "{'a':1}", "// x\n1", "[1] [2]", "1 2", "\"a\nb\"",
          "{\"a\":1};", "NaN", "[01]", "\xC3", "[\"\xED\xA0\x80\"]"}) {
      CHECK_MESSAGE(Fails(text), text);
    }
  }

  TEST_CASE_FIXTURE(DocumentFixture, "integers of 64 bits are exact, larger ones are doubles") {
    CHECK(Strict("[9223372036854775807,-9223372036854775808,18446744073709551615]") ==
          "[9223372036854775807,-9223372036854775808,18446744073709551615]");
    CHECK(Strict("18446744073709551616") == "18446744073709551616");
    CHECK(Strict(R"({"12345678901234567890123":[-12345678901234567890123]})") ==
          R"({"12345678901234567890123":[-1.2345678901234568e+22]})");
    CHECK(Strict(Repeat("9", 300)).ends_with("e+300"));
  }

  TEST_CASE_FIXTURE(DocumentFixture, "numbers beyond doubles end at the largest") {
    CHECK(Strict("[1e309,-1e999999999999999999999,1e-400]") ==
          "[1.7976931348623157e+308,-1.7976931348623157e+308,0]");
    CHECK(Strict(Repeat("9", 400)) == "1.7976931348623157e+308");
    CHECK(Strict("0." + Repeat("0", 500) + "1e510") == "1000000000");
    CHECK(Strict("[1e999, 0." + Repeat("0", 5000) + "1e-1]") == "[1.7976931348623157e+308,0]");
    CHECK(Fails("[1e999,01]"));
    CHECK(Fails("[1e999,1.e1]"));
  }

  TEST_CASE_FIXTURE(DocumentFixture, "a lone surrogate becomes a replacement character") {
    CHECK(
        Strict(R"(["\ud83d\ude00","\ud83d","\ude00x","\ud83d\ud83d\ude00","\\ud83d"])") ==
        "[\"\xF0\x9F\x98\x80\",\"\xEF\xBF\xBD\",\"\xEF\xBF\xBDx\",\"\xEF\xBF\xBD\xF0\x9F\x98\x80\","
        "\"\\\\ud83d\"]");
    CHECK(Fails(R"(["\ud83d\u12"])"));
  }

  TEST_CASE_FIXTURE(DocumentFixture, "limits say that they are limits") {
    Document small({.max_bytes = 10, .max_depth = 3});
    CHECK(small.Parse("[[1]]").ok());
    CHECK(small.Parse("[[[1]]]").error().code == Errc::kTooLarge);
    CHECK(small.Parse("[\"abcdefgh\"]").error().code == Errc::kTooLarge);
    CHECK(document.Parse(Repeat("[", 100'000) + Repeat("]", 100'000)).error().code ==
          Errc::kTooLarge);
    CHECK(document.Parse("[").error().code == Errc::kInvalid);
  }

  TEST_CASE_FIXTURE(DocumentFixture, "a small text after a large one") {
    CHECK(Strict("\"" + std::string(20u << 20, 'x') + "\"").size() == (20u << 20) + 2);
    CHECK(Strict("[1]") == "[1]");
    CHECK(Strict("[12345678901234567890123]") == "[1.2345678901234568e+22]");
  }

  TEST_CASE_FIXTURE(DocumentFixture, "padding that is there is used") {
    std::string text = "[1,2]" + std::string(Document::kPaddingBytes, 'x');
    CHECK(Written(document.Parse(std::string_view(text).substr(0, 5), Document::kPaddingBytes)) ==
          "[1,2]");
  }
}

TEST_SUITE("JSON in pages") {
  TEST_CASE_FIXTURE(DocumentFixture, "comments and their markers go") {
    CHECK(OfPage("<!-- John joined. -->\n{\"a\":\"<!-- x -->\"}") == R"({"a":"<!-- x -->"})");
    CHECK(OfPage("<!--\n{\"a\":1}\n-->") == R"({"a":1})");
    CHECK(OfPage("<!-- [1, 2] -->") == "[1,2]");
    CHECK(OfPage("{\"a\":1} <!-- end -->") == R"({"a":1})");
    CHECK(OfPage("// one\n{\"a\": /* two */ 1 // three\n}") == R"({"a":1})");
    CHECK(OfPage("<![CDATA[\n{\"a\":\"]]>\"}\n]]>") == R"({"a":"]]>"})");
    CHECK(OfPage("//<![CDATA[\n{\"a\":1}\n//]]>") == R"({"a":1})");
    CHECK(OfPage("// <![CDATA[ {\"a\":1} // ]]>") == R"({"a":1})");
    CHECK(OfPage("/*<![CDATA[*/{\"a\":\"http://b\"}/*]]>*/") == R"({"a":"http://b"})");
  }

  TEST_CASE_FIXTURE(DocumentFixture, "control characters in strings are what they are") {
    CHECK(OfPage("{\"a\":\"line 1\r\n\tline 2\x01\"}") == R"({"a":"line 1\r\n\tline 2\u0001"})");
    CHECK(OfPage("{\"a\":\"one \\\n two \\\t\"}") == R"({"a":"one  two \t"})");
    CHECK(OfPage("{\"a\":\"x\\\"\ny\"}") == R"({"a":"x\"\ny"})");
  }

  TEST_CASE_FIXTURE(DocumentFixture, "commas before brackets go, no others") {
    CHECK(OfPage("{\"a\":[1,2,],\"b\":\",}\",\n // c\n}") == R"({"a":[1,2],"b":",}"})");
    CHECK(FailsOfPage("[1,,]"));
    CHECK(FailsOfPage("[,1]"));
    CHECK(FailsOfPage("[1 2,]"));
  }

  TEST_CASE_FIXTURE(DocumentFixture, "an assignment is its value") {
    CHECK(OfPage("var a = {\"b\":1};") == R"({"b":1})");
    CHECK(OfPage("\n window.__DATA__={\"b\":\"a=1;\"}; (function(){ f(\"}\") })()") ==
          R"({"b":"a=1;"})");
    CHECK(OfPage("window[\"a\"] = window['b'] = [1]") != "[1]");
    CHECK(OfPage("window[\"a\"].b$ = [1] ;") == "[1]");
    CHECK(OfPage("{\"a\":1};") == R"({"a":1})");
    CHECK(FailsOfPage("a == {}"));
    CHECK(FailsOfPage("f({})"));
    CHECK(OfPage("true") == "true");
  }

  TEST_CASE_FIXTURE(DocumentFixture, "what is no JSON stays none") {
    for (const char* text : {"", ";", "<!--", "/*", "//", "{a:1}", "{\"a\":'b'}", "undefined",
                             "{\"a\":1} {\"b\":2}", "{\"a\":\"\\x41\"}", "\"", "\"\\"}) {
      CHECK_MESSAGE(FailsOfPage(text), text);
    }
  }

  TEST_CASE_FIXTURE(DocumentFixture, "hostile markers take linear time") {
    for (const char* piece :
         {"<!--", "<!--{", "/*", "//", "<!--{-->", "window[\"", "[,", "{\"\\"}) {
      CHECK_MESSAGE(FailsOfPage(Repeat(piece, 1'000'000)), piece);
    }
    CHECK(FailsOfPage("<!--{" + Repeat("<!--{", 500'000) + "-->x"));
  }

  TEST_CASE_FIXTURE(DocumentFixture, "random bytes do no harm") {
    std::mt19937 random(20160704);
    static constexpr std::string_view kPieces =
        "{}[]\"\"\\,:;/*<!--]]>u1d8.0eE-+ \n\t\xC3\xA9\xFFtruenull=";
    for (int round = 0; round < 20'000; ++round) {
      std::string text;
      const std::size_t size = random() % 40;
      for (std::size_t i = 0; i < size; ++i) text += kPieces[random() % kPieces.size()];
      if (const auto parsed = document.Parse(text); parsed.ok()) {
        CHECK(OfPage(text) == Strict(text));
      } else if (const auto tidied = document.ParseOfPage(text); tidied.ok()) {
        CHECK(Strict(Written(tidied)).find("error") == std::string::npos);
      }
    }
  }
}
