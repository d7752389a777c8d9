#include "parser/json/json_path.h"

#include <random>
#include <string>

#include <doctest/doctest.h>

#include "lib/text/json.h"
#include "parser/json/document.h"
#include "parser/json/i_regexp.h"
#include "parser/json/write.h"
#include "tests/support/repeat.h"

using thresh::Errc;
using thresh::json::Document;
using thresh::json::IRegexpToRe2;
using thresh::json::JsonPath;
using thresh::select::WorkBudget;
using thresh::test::Repeat;

namespace {

// `offset: detail` of the failure.
std::string Failure(std::string_view text) {
  std::size_t offset = 0;
  const auto compiled = JsonPath::Compile(text, &offset);
  if (compiled.ok()) return "none";
  CHECK(compiled.error().code == Errc::kInvalid);
  return std::to_string(offset) + ": " + compiled.error().detail;
}

struct PathFixture {
  // The nodes, as JSON, parted by spaces.
  std::string Find(std::string_view path, std::string_view json) {
    const auto compiled = JsonPath::Compile(path);
    REQUIRE_MESSAGE(compiled.ok(), path, ": ", compiled.error().detail);
    const auto root = document.Parse(json);
    REQUIRE(root.ok());
    std::vector<simdjson::dom::element> found;
    compiled->Select(*root, work, &found);
    std::string out;
    for (const auto node : found) {
      if (!out.empty()) out += ' ';
      thresh::json::AppendJson(node, &out);
    }
    return out;
  }
  // Whether the pattern matches all of the text, which is written as in JSON.
  bool Matches(std::string_view pattern, const std::string& text) {
    std::string json = "[[\"" + text + "\",";
    thresh::AppendJsonString(pattern, &json);
    return !Find("$[?match(@[0], @[1])]", json + "]]").empty();
  }

  Document document;
  WorkBudget work;
};

}  // namespace

TEST_SUITE("JSONPath") {
  TEST_CASE_FIXTURE(PathFixture, "order is that of the document, depth first") {
    const char* json = R"({"o":{"j":1,"k":2},"a":[5,3,[{"j":4},{"k":6}]]})";
    CHECK(Find("$..j", json) == "1 4");
    CHECK(Find("$..[0]", json) == R"(5 {"j":4})");
    CHECK(Find("$..*", json) ==
          R"({"j":1,"k":2} [5,3,[{"j":4},{"k":6}]] 1 2 5 3 [{"j":4},{"k":6}] {"j":4} {"k":6} 4 6)");
    CHECK(Find("$.a..[0,1]", json) == R"(5 3 {"j":4} {"k":6})");
    CHECK(Find("$.a[::-1]", json) == R"([{"j":4},{"k":6}] 3 5)");
    CHECK(Find("$.a[0,0,-3]", json) == "5 5 5");
  }

  TEST_CASE_FIXTURE(PathFixture, "a member named twice: a name finds the last") {
    const char* json = R"({"a":1,"a":2})";
    CHECK(Find("$.a", json) == "2");
    CHECK(Find("$.*", json) == "1 2");
    CHECK(Find("$[?@ > 1]", json) == "2");
  }

  TEST_CASE_FIXTURE(PathFixture, "numbers compare by their exact values") {
    CHECK(Find("$[?@ == 9007199254740993]",
               "[9007199254740992,9007199254740993,9007199254740992.0]") == "9007199254740993");
    CHECK(Find("$[?@ < 9223372036854775807]",
               "[9223372036854775808,9223372036854775807,1e19,-1e300]") == "-1e+300");
    CHECK(Find("$[?@ == 1]", "[1,1.0,1e0,10e-1,\"1\",true]") == "1 1 1 1");
    CHECK(Find("$[?@ == -0]", "[0,-0,0.0,-0.0,-1]") == "0 0 0 0");
    CHECK(Find("$[?@ < 0.5]", "[0,1,-1,18446744073709551615]") == "0 -1");
    CHECK(Find("$[?@ > -1.5]", "[-1,-2,18446744073709551615]") == "-1 18446744073709551615");
    CHECK(Find("$[?@.a == @.b]", R"([{"a":18446744073709551615,"b":18446744073709551616}])") == "");
    CHECK(Find("$[?@ < 1e1000]", "[1]") == "1");
  }

  TEST_CASE_FIXTURE(PathFixture, "values compare deeply") {
    CHECK(Find("$[?@.x == $[0].x]",
               R"([{"x":{"a":[1,{"b":null}],"c":2}},{"x":{"c":2.0,"a":[1,{"b":null}]}},
          {"x":{"a":[1,{"b":null}]}},{"x":{"a":[1,{"b":0}],"c":2}},{"x":{"a":[1],"c":2}}])") ==
          R"({"x":{"a":[1,{"b":null}],"c":2}} {"x":{"c":2,"a":[1,{"b":null}]}})");
    CHECK(Find("$[?@ >= $.none]", "[1,null]") == "");
    CHECK(Find("$[?@.none == $.none]", "[1]") == "1");
    CHECK(Find("$[?@ <= true]", "[true,false]") == "true");
    CHECK(Find("$[?@ < '\xEF\xBF\xBD']", "[\"\xF0\x9F\x98\x80\",\"a\"]") == "\"a\"");
  }

  TEST_CASE_FIXTURE(PathFixture, "filters see absolute queries and nested filters") {
    CHECK(Find("$.items[?@.price < $.limit].name",
               R"({"limit":10,"items":[{"name":"a","price":5},{"name":"b","price":15}]})") ==
          "\"a\"");
    CHECK(Find("$[?@.tags[?@ == 'x']].n", R"([{"n":1,"tags":["y"]},{"n":2,"tags":["y","x"]}])") ==
          "2");
    CHECK(Find("$[?!(@.a && @.b || @.c)].n",
               R"([{"n":1,"a":0},{"n":2,"c":0},{"n":3,"a":0,"b":0}])") == "1");
    CHECK(Find("$[?length(@) == 2]", "[\"\xC3\xA9\xF0\x9F\x98\x80\",[1,2],{\"a\":1,\"b\":2},12]") ==
          "\"\xC3\xA9\xF0\x9F\x98\x80\" [1,2] {\"a\":1,\"b\":2}");
    CHECK(Find("$[?count(@..*) == 3]", "[[1,[2]],[1]]") == "[1,[2]]");
    CHECK(Find("$[?value(@..a) == 1]", R"([{"a":1},{"a":1,"b":{"a":1}}])") == R"({"a":1})");
  }

  TEST_CASE_FIXTURE(PathFixture, "blanks stand where the grammar has them") {
    CHECK(Find("$ .a [ 'b' , 0 ] \n[ 1 : 2 ]", R"({"a":{"b":[1,2,3]}})") == "2");
    CHECK(Find("$[? ( @ .a == 1 ) ]", "[{\"a\":1}]") == R"({"a":1})");
  }

  TEST_CASE("a query is self-contained") {
    auto compiled = JsonPath::Compile("$[?match(@, 'a+')]");
    REQUIRE(compiled.ok());
    const JsonPath copy = *compiled;
    CHECK_FALSE(copy.singular());
    CHECK(JsonPath::Compile("$['a'].b[0][-1]")->singular());
    CHECK(JsonPath::Compile("$")->singular());
    CHECK_FALSE(JsonPath::Compile("$.a[0,1]")->singular());
    CHECK_FALSE(JsonPath::Compile("$..a")->singular());
  }
}

TEST_SUITE("JSONPath errors say where and what") {
  TEST_CASE("beginnings and ends") {
    CHECK(Failure("") == "0: expected \"$\", found end of input");
    CHECK(Failure("a") == "0: expected \"$\", found \"a\"");
    CHECK(Failure("$a") == "1: expected \".\", \"..\", \"[\" or the end, found \"a\"");
    CHECK(Failure("$.a ") == "3: expected \".\", \"..\", \"[\" or the end, found \" \"");
    CHECK(Failure("$.") == "2: expected a name or \"*\" after \".\", found end of input");
    CHECK(Failure("$...a") == "3: expected a name, \"*\" or \"[\" after \"..\", found \".\"");
    CHECK(Failure("$.a[") ==
          "4: expected a name in quotes, \"*\", an index, a slice or \"?\", found end of input");
    CHECK(Failure("$[0") == "3: expected \",\" or \"]\", found end of input");
    CHECK(Failure("$.\xC3\xA9\xFF") == "4: expected UTF-8, found a byte that is none");
  }

  TEST_CASE("integers and strings") {
    CHECK(Failure("$[01]") == "2: an integer has no leading 0 and no -0, found \"01\"");
    CHECK(Failure("$[9007199254740992]") ==
          "2: an integer lies within 9007199254740991 of 0, found \"9007199254740992\"");
    CHECK(Failure("$['a") == "2: this string has no closing '");
    CHECK(Failure("$['\\x']") ==
          "3: expected one of b f n r t / \\ u ' after the backslash, found \"x\"");
    CHECK(Failure("$['\\uD800']") == "3: a high surrogate without a low one behind it");
    CHECK(Failure("$['\\u12G4']") == "7: expected four hex digits, found \"G\"");
  }

  TEST_CASE("filters") {
    CHECK(Failure("$[?]") == "3: expected a query (@ or $), a literal or a function, found \"]\"");
    CHECK(Failure("$[?1]") == "4: expected a comparison after the literal, found \"]\"");
    CHECK(Failure("$[?length(@)]") ==
          "12: expected a comparison after the function's value, found \"]\"");
    CHECK(Failure("$[?size(@) > 1]") ==
          "3: expected length, count, match, search or value, found \"size\"");
    CHECK(Failure("$[?@.* == 1]").starts_with("3: expected a singular query"));
    CHECK(Failure("$[?@[ 'a' ] == 1]").starts_with("3: expected a singular query"));
    CHECK(Failure("$[?!@.a == 1]") == "8: a comparison after \"!\" must stand in parentheses");
    CHECK(Failure("$[?match(@, 'a') == true]") ==
          "3: expected a value, found a function that says true or false");
    CHECK(Failure("$[?count(1) > 1]") == "9: count() takes a query (@ or $)");
    CHECK(Failure("$[?match(@)]") == "10: expected \",\" and the second argument, found \")\"");
    CHECK(Failure("$[?(@.a]") == "7: expected \")\", \"&&\" or \"||\", found \"]\"");
  }

  TEST_CASE("nesting has an end") {
    CHECK(Failure("$[?" + Repeat("(", 60) + "@" + Repeat(")", 60) + "]") == "none");
    CHECK(Failure("$[?" + Repeat("(", 100'000)).ends_with("nested too deeply"));
    CHECK(Failure("$" + Repeat("[?@", 100'000)).ends_with("nested too deeply"));
    CHECK(Failure("$[?" + Repeat("length(", 100'000)).ends_with("nested too deeply"));
    CHECK(Failure("$[?" + Repeat("!", 100'000)).starts_with("4: expected a query"));
    CHECK(Failure("$[?@" + Repeat("||@", 100'000) + "]") == "none");
    CHECK(Failure("$" + Repeat(".a", 100'000)) == "none");
  }

  TEST_CASE("random queries do no harm") {
    std::mt19937 random(20160704);
    static constexpr std::string_view kPieces = "$@.[]?*:,'\"()!&|=<>0-1e \\ualengthcountmatch";
    Document document;
    const auto root = document.Parse(R"({"a":[1,{"l":"e"},[0,-1,"1"]],"e":null})");
    for (int round = 0; round < 50'000; ++round) {
      std::string text = random() % 2 == 0 ? "$[?" : "$";
      for (std::size_t i = random() % 20; i > 0; --i) text += kPieces[random() % kPieces.size()];
      std::size_t offset = 0;
      const auto compiled = JsonPath::Compile(text, &offset);
      CHECK(offset <= text.size());
      if (!compiled.ok()) continue;
      WorkBudget work;
      std::vector<simdjson::dom::element> found;
      compiled->Select(*root, work, &found);
    }
  }
}

TEST_SUITE("JSONPath on hostile documents") {
  TEST_CASE_FIXTURE(PathFixture, "work has a bound") {
    std::string wide = "[";
    for (int i = 0; i < 20'000; ++i) wide += "1,";
    wide += "1]";
    work = WorkBudget(1'000'000);
    CHECK(Find("$[?count($[?@ == 1]) > 0]", wide).size() < 100'000);
    CHECK(work.exhausted());
    work = WorkBudget(1'000'000);
    Find("$..*..*..*..*", Repeat("[[],", 200) + "[]" + Repeat("]", 200));
    CHECK(work.exhausted());
    work = WorkBudget(1'000'000);
    Find("$[?match('" + Repeat("a", 100) + "', @)]", "[\"" + Repeat("(a|b)", 100) + "\"]");
    CHECK_FALSE(work.exhausted());
    std::string patterns = "[";
    for (int i = 0; i < 2'000; ++i) patterns += "\"a{" + std::to_string(i) + "}\",";
    Find("$[?match('a', @)]", patterns + "1]");
    CHECK(work.exhausted());
  }

  TEST_CASE_FIXTURE(PathFixture, "depth has a bound") {
    const std::string deep = Repeat("[", 999) + "1" + Repeat("]", 999);
    CHECK(Find("$..[?@ == 1]", deep) == "1");
    CHECK(Find("$" + Repeat("[0]", 999), deep) == "1");
    CHECK(Find("$" + Repeat("[*]", 999), deep) == "1");
    CHECK(Find("$[?@ == $[0]]", deep).size() == 1997);
    CHECK_FALSE(work.exhausted());
    Find("$" + Repeat("..[?$", 20) + Repeat("]", 20), deep);
    work = WorkBudget();
    Find("$..[?" + Repeat("$..[?", 30) + "@.none" + Repeat("]", 31), deep);
    CHECK(work.exhausted());
  }
}

TEST_SUITE("I-Regexp") {
  TEST_CASE("what is none") {
    for (const std::string_view pattern : {"(",          ")",
                                           "(()",        "*",
                                           "a**",        "a|*",
                                           "+",          "?",
                                           "{1}",        "a{",
                                           "a{}",        "a{,1}",
                                           "a{1,2",      "]",
                                           "}",          "[",
                                           "[]",         "[^",
                                           "[a",         "[z--]",
                                           "\\",         "\\d",
                                           "\\w",        "\\x41",
                                           "\\p",        "\\p{",
                                           "\\p{}",      "\\p{Xx}",
                                           "\\p{ L}",    "\\p{Cs}",
                                           "\\pL",       "[[]",
                                           "[a-\\p{L}]", "[a--b]",
                                           "\\$",        "(?:a)",
                                           "(?i)a",      "a{99999999999}"}) {
      CHECK_MESSAGE(!IRegexpToRe2(pattern).has_value(), pattern);
    }
  }

  TEST_CASE_FIXTURE(PathFixture, "what matches") {
    CHECK(Matches("a.c", "abc"));
    CHECK_FALSE(Matches("a.c", "a\\nc"));
    CHECK(Matches("a.c",
                  "a\xE2\x80\xA8"
                  "c"));
    CHECK(Matches("", ""));
    CHECK(Matches("()|a", "a"));
    CHECK(Matches("[a-c^-]{2,}", "b-^"));
    CHECK(Matches("[-a]+", "a-"));
    CHECK(Matches("[^a]", "\\n"));
    CHECK(Matches("[\\]\\[\\\\]+", "[]\\\\"));
    CHECK(Matches("\\p{Lu}\\P{Lu}[\\p{Nd}x]",
                  "\xC3\x89\xC3\xA9"
                  "7"));
    CHECK(Matches("\\.\\n\\t\\-", ".\\n\\t-"));
    CHECK(Matches("[^]", "^"));
    CHECK(Matches("~#& =!:,;<>@_`'/%", "~#& =!:,;<>@_`'/%"));
    CHECK_FALSE(Matches("[z-a]", "b"));
    CHECK_FALSE(Matches("a", "ab"));
    CHECK_FALSE(Matches("b", "ab"));
    CHECK_FALSE(Matches("b|a", "ab"));
  }

  TEST_CASE_FIXTURE(PathFixture, "the categories C and Cn have what is unassigned") {
    const char* unassigned = "\xF2\xA0\x80\x80";  // U+A0000
    CHECK(Matches("\\p{Cn}", unassigned));
    CHECK(Matches("\\p{C}", unassigned));
    CHECK(Matches("\\P{L}", unassigned));
    CHECK_FALSE(Matches("\\P{C}", unassigned));
    CHECK(Matches("[\\p{Cn}a]+", std::string("a") + unassigned));
    CHECK_FALSE(Matches("[^\\p{C}]", unassigned));
    CHECK(Matches("\\P{Cn}[^\\p{C}]", "ab"));
    CHECK(Matches("\\p{C}", "\\u0001"));
  }
}
