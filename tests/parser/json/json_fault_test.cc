#include "parser/json/json_fault.h"

#include <string>

#include <doctest/doctest.h>

using namespace thresh;

namespace {

bool IsJson(std::string_view text) {
  return !FindJsonFault(text);
}

std::string Fault(std::string_view text) {
  const auto fault = FindJsonFault(text);
  return fault ? std::to_string(fault->offset) + ": " + fault->detail : "none";
}

}  // namespace

TEST_SUITE("FindJsonFault") {
  TEST_CASE("what is JSON has none") {
    for (const char* const text :
         {"1", " -0.5e+10 ", "\"\"", "[]", "{}", "[1,[2,{\"a\":{}}],\"x\"]", "{\"a\":1,\"b\":[]}",
          "true", "null", "\"\\ud83d\\ude00\\n\\u00e9\"", "\"\xC3\xA9\"", "\t[ ]\r\n",
          "123456789012345678901234567890", "1e999", "\"\\ud83d\""}) {
      CHECK_MESSAGE(IsJson(text), text);
    }
  }

  TEST_CASE("what stands behind the value is told") {
    CHECK(Fault("{} x") == "3: expected the end, found \"x\"");
    CHECK(Fault("1 2") == "2: expected the end, found \"2\"");
    CHECK(Fault("01") == "1: expected the end, found \"1\"");
  }

  TEST_CASE("the byte that cannot stand there is told") {
    CHECK(Fault("") == "0: expected a value, found the end");
    CHECK(Fault("[1,]") == "3: expected a value, found \"]\"");
    CHECK(Fault("{\"a\" 1}") == "5: expected \":\", found \"1\"");
    CHECK(Fault("{a:1}") == "1: expected a key in double quotes, found \"a\"");
    CHECK(Fault("[1 2]") == "3: expected \",\" or \"]\", found \"2\"");
    CHECK(Fault("{\"a\":1]") == "6: expected \",\" or \"}\", found \"]\"");
    CHECK(Fault("-x") == "1: expected a digit, found \"x\"");
    CHECK(Fault("1.") == "2: expected a digit after \".\", found the end");
    CHECK(Fault("tru") == "0: expected a value, found \"t\"");
    CHECK(Fault("\"a") == "2: expected \", found the end");
    CHECK(Fault("\"\\x\"") == "2: expected one of \" \\ / b f n r t u after \\, found \"x\"");
    CHECK(Fault("\"\n\"") == "1: expected an escape such as \\n, found \"\\n\"");
  }

  TEST_CASE("broken UTF-8 and broken escapes are told") {
    CHECK(Fault("\"a\xFF\"") == "2: expected UTF-8, found a byte that is no UTF-8");
    CHECK(Fault("\xFF").ends_with("found a byte that is no UTF-8"));
    CHECK(Fault("\"\\ud83\"") == "6: expected four hexadecimal digits after \\u, found \"\\\"\"");
  }

  TEST_CASE("nesting of any depth takes no stack") {
    CHECK(IsJson(std::string(1'000'000, '[') + std::string(1'000'000, ']')));
    CHECK(Fault(std::string(1'000'000, '[')).starts_with("1000000: "));
  }

  TEST_CASE("cut off anywhere it is no JSON") {
    const std::string text = R"({"a":[1.5e3,"\u00e9",true],"b":{"c":null}})";
    for (std::size_t size = 0; size < text.size(); ++size) {
      const auto fault = FindJsonFault(text.substr(0, size));
      REQUIRE(fault.has_value());
      CHECK(fault->offset <= size);
    }
  }
}
