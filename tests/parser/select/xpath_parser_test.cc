#include "parser/select/xpath_parser.h"

#include <string>

#include <doctest/doctest.h>

#include "parser/select/xpath.h"
#include "tests/support/compile_failure.h"
#include "tests/support/repeat.h"

using thresh::html::NameTable;
using thresh::select::XPath;
using thresh::test::Repeat;

namespace {

std::string Failure(std::string_view text) {
  return thresh::test::CompileFailure<XPath>(text);
}

}  // namespace

TEST_SUITE("XPath errors say where and what") {
  TEST_CASE("an expression or a step that is missing") {
    CHECK(Failure("") == "0: expected an expression, found end of input");
    CHECK(Failure("  ") == "2: expected an expression, found end of input");
    CHECK(Failure("//") == "2: expected a step after \"//\", found end of input");
    CHECK(Failure("/a/") == "3: expected a step after \"/\", found end of input");
    CHECK(Failure("///a") == "2: expected a step after \"//\", found \"/\"");
    CHECK(Failure("a[]") == "2: expected an expression, found \"]\"");
    CHECK(Failure("1 +") == "3: expected an expression, found end of input");
    CHECK(Failure("a |") == "3: expected an expression, found end of input");
    CHECK(Failure("()") == "1: expected an expression, found \")\"");
    CHECK(Failure("count(a,)") == "8: expected an expression, found \")\"");
  }

  TEST_CASE("what is left over") {
    CHECK(Failure("a b") == "2: expected an operator or the end of the expression, found \"b\"");
    CHECK(Failure("a]") == "1: expected an operator or the end of the expression, found \"]\"");
    CHECK(Failure("a > = b") == "4: expected an expression, found \"=\"");
    CHECK(Failure("(a") == "2: expected an operator or \")\", found end of input");
    CHECK(Failure("a[b") == "3: expected an operator or \"]\", found end of input");
    CHECK(Failure("true(") == "5: expected an expression, found end of input");
    CHECK(Failure("not(a b)") == "6: expected \",\" or \")\" to end \"not(\", found \"b\"");
    CHECK(Failure("div.price") == "none");
    CHECK(Failure("a#b") == "1: expected an operator or the end of the expression, found \"#\"");
  }

  TEST_CASE("names, axes and node tests") {
    CHECK(Failure("self::-name") == "6: expected a node test, found \"-\"");
    CHECK(Failure("@") == "1: expected an attribute's name, found end of input");
    CHECK(Failure("@1") == "1: expected an attribute's name, found \"1\"");
    CHECK(Failure("folowing::a") == "0: unknown axis \"folowing::\"; did you mean \"following\"?");
    CHECK(Failure("elsewhere::a") == "0: unknown axis \"elsewhere::\"");
    CHECK(Failure("child::element()") ==
          "7: unknown node type \"element()\"; there are node(), text(), comment() and "
          "processing-instruction()");
    CHECK(Failure("text(1)") == "5: expected \")\" to end \"text(\", found \"1\"");
    CHECK(Failure("a:") == "2: expected a name or \"*\" after \"a:\", found end of input");
    CHECK(Failure("*:") == "2: expected a name after \"*:\", found end of input");
    CHECK(Failure("a/count(b)") == "2: expected a step; a function call is none, found \"c\"");
    CHECK(Failure("a[contains(., \xE2\x80\x9Cx\xE2\x80\x9D)]") ==
          "14: expected an expression, found \"\xE2\x80\x9C\"");
  }

  TEST_CASE("predicates where the grammar has none") {
    CHECK(Failure(".[a]") == "1: no predicate may follow \".\"; write self::node()[...]");
    CHECK(Failure("a/..[1]") == "4: no predicate may follow \"..\"; write parent::node()[...]");
    CHECK(Failure("'a'[1]") == "0: predicates choose from a node-set, found a string");
    CHECK(Failure("true()/a") == "0: a path starts from a node-set, found a boolean");
  }

  TEST_CASE("functions, with the nearest known name") {
    CHECK(Failure("contians(a, 'b')") ==
          "0: unknown function \"contians()\"; did you mean \"contains\"?");
    CHECK(Failure("//a[ends-with(@href, 'x')]") ==
          "4: unknown function \"ends-with()\"; use \"re:test\"");
    CHECK(Failure("re:tets(a, 'b')") ==
          "0: unknown function \"re:tets()\"; did you mean \"re:test\"?");
    CHECK(Failure("document('a')") == "0: unknown function \"document()\"");
    CHECK(Failure("contains(a)") == "0: contains() takes 2 arguments, found 1");
    CHECK(Failure("not()") == "0: not() takes 1 argument, found 0");
    CHECK(Failure("substring('a')") == "0: substring() takes 2 to 3 arguments, found 1");
    CHECK(Failure("concat('a')") == "0: concat() takes 2 or more arguments, found 1");
    CHECK(Failure("count('a')") == "6: count() takes a node-set, found a string");
    CHECK(Failure("name(1)") == "5: name() takes a node-set, found a number");
  }

  TEST_CASE("re:test takes a literal pattern that RE2 can read") {
    CHECK(Failure("re:test(a, b)") == "0: the pattern and the flags of re:test() are literals");
    CHECK(Failure("re:test(a, '(')") == "0: the pattern of re:test(): missing ): (");
    CHECK(Failure("re:test(a, 'b', 'i')") == "none");
  }

  TEST_CASE("types, strings and variables") {
    CHECK(Failure("a | 1") == "4: \"|\" joins node-sets: expected a node-set, found a number");
    CHECK(Failure("1 | a") == "0: \"|\" joins node-sets: expected a node-set, found a number");
    CHECK(Failure("'a") == "0: this string has no closing '");
    CHECK(Failure("a[b=$c]") == "4: variables such as \"$c\" have no value here");
  }

  TEST_CASE("sizes that only an attack has") {
    CHECK(Failure(Repeat("(", 300) + "1" + Repeat(")", 300)) ==
          "256: an expression nested more than 256 deep");
    CHECK(Failure(Repeat("(", 250) + "1" + Repeat(")", 250)) == "none");
    CHECK(Failure(Repeat("a[", 300) + "1" + Repeat("]", 300)) ==
          "512: an expression nested more than 256 deep");
    CHECK(Failure("1" + Repeat("+1", 2000)) == "2001: an expression nested more than 1000 deep");
    CHECK(Failure("1" + Repeat("+1", 900)) == "none");
    CHECK(Failure("a" + Repeat(" or a", 2000)) == "none");
    CHECK(Failure("a" + Repeat("|a", 2000)) == "none");
    CHECK(Failure(Repeat("-", 60'000) + "1") == "none");
    CHECK(Failure("a" + Repeat("[1]", 33)) == "97: more than 32 predicates in one step");
    CHECK(Failure(std::string(70'000, 'a')) == "0: an expression of more than 65536 bytes");
  }

  TEST_CASE("every prefix of a long expression compiles or fails inside it, never crashes") {
    const std::string expression =
        "/descendant-or-self::a:*[@*:b = -1.5e3 and not(.. | //c/text())]/@d[position() mod 2 <= "
        "last()]/processing-instruction('\xC3\xA9')[re:test(string(.), '^a', \"i\")]";
    NameTable names;
    for (std::size_t size = 0; size <= expression.size(); ++size) {
      std::size_t offset = 0;
      const auto compiled = XPath::Compile(expression.substr(0, size), names, &offset);
      if (!compiled.ok()) CHECK(offset <= size);
    }
    CHECK(Failure(expression) == "none");
  }
}

TEST_SUITE("XPath tokens") {
  TEST_CASE("names of operators are names where an operand stands") {
    CHECK(Failure("or or and") == "none");
    CHECK(Failure("div div mod mod div") == "none");
    CHECK(Failure("* * *") == "none");
    CHECK(Failure("@or/and::div") == "4: unknown axis \"and::\"");
    CHECK(Failure("text/node/comment") == "none");
    CHECK(Failure("order") == "none");
    CHECK(Failure("a order b") ==
          "2: expected an operator or the end of the expression, found \"o\"");
  }

  TEST_CASE("white space may stand between any two tokens") {
    CHECK(Failure(" / descendant :: a [ 1 ] / @ b | c ( ) ") == "33: unknown function \"c()\"");
    CHECK(Failure("\n//\ta [ not ( @b ) ]\r / .. ") == "none");
    CHECK(Failure("processing-instruction ( 'a' )") == "none");
    CHECK(Failure("a :b") == "2: expected an operator or the end of the expression, found \":\"");
  }
}
