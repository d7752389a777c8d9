#include "parser/select/css_parser.h"

#include <string>

#include <doctest/doctest.h>

#include "parser/select/css_selector.h"

using thresh::Errc;
using thresh::html::NameTable;
using thresh::select::CssSelector;

namespace {

// `offset: detail` of the failure.
std::string Failure(std::string_view css) {
  NameTable names;
  std::size_t offset = 0;
  const auto compiled = CssSelector::Compile(css, names, &offset);
  if (compiled.ok()) return "none";
  CHECK(compiled.error().code == Errc::kInvalid);
  return std::to_string(offset) + ": " + compiled.error().detail;
}

std::string Repeat(std::string_view piece, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += piece;
  return text;
}

}  // namespace

TEST_SUITE("CSS errors say where and what") {
  TEST_CASE("a selector that is missing") {
    CHECK(Failure("") == "0: expected a selector, found end of input");
    CHECK(Failure("  ") == "2: expected a selector, found end of input");
    CHECK(Failure("a >") == "3: expected a selector after \">\", found end of input");
    CHECK(Failure("a > > b") == "4: expected a selector after \">\", found \">\"");
    CHECK(Failure("a, ") == "3: expected a selector after \",\", found end of input");
    CHECK(Failure(", a") == "0: expected a selector, found \",\"");
    CHECK(Failure("a:not()") == "6: expected a selector after \":not(\", found \")\"");
    CHECK(Failure("a:is(b,)") == "7: expected a selector after \",\", found \")\"");
    CHECK(Failure("a:has(+)") == "7: expected a selector after \"+\", found \")\"");
  }

  TEST_CASE("a name that is missing or wrong") {
    CHECK(Failure("a.") == "2: expected a class name after \".\", found end of input");
    CHECK(Failure("a.1") == "2: expected a class name after \".\", found \"1\"");
    CHECK(Failure("#") == "1: expected an id after \"#\", found end of input");
    CHECK(Failure("p#1a") == "1: an id selector cannot start like \"#1a\"; write [id=\"1a\"]");
    CHECK(Failure("a:") ==
          "2: expected the name of a pseudo-class after \":\", found end of input");
  }

  TEST_CASE("attribute selectors") {
    CHECK(Failure("a[") == "2: expected an attribute name after \"[\", found end of input");
    CHECK(Failure("[a") == "2: expected \"]\" or one of = ~= |= ^= $= *= !=, found end of input");
    CHECK(Failure("[a=]") == "3: expected a quoted value or a name after \"=\", found \"]\"");
    CHECK(Failure("[a=5]") == "3: expected a quoted value or a name after \"=\", found \"5\"");
    CHECK(Failure("[a~b]") == "3: expected \"=\", found \"b\"");
    CHECK(Failure("[a=b") == "4: expected \"]\", found end of input");
    CHECK(Failure("[a=b x]") == "5: expected \"]\" or one of the flags i and s, found \"x\"");
    CHECK(Failure("[a='b]") == "3: this string has no closing '");
  }

  TEST_CASE("pseudo-classes, with the nearest known name") {
    CHECK(Failure("li:frist-child") ==
          "2: unknown pseudo-class \":frist-child\"; did you mean \":first-child\"?");
    CHECK(Failure("a:hover") == "1: unknown pseudo-class \":hover\"");
    CHECK(Failure("a:nott(b)") == "1: unknown pseudo-class \":nott()\"; did you mean \":not\"?");
    CHECK(Failure("a:not b") == "5: expected \"(\" after \":not\", found \" \"");
    CHECK(Failure("a:not(b") == "7: expected \")\" to end \":not(\", found end of input");
    CHECK(Failure(":nth-child(x)") ==
          "11: expected a position: a number, even, odd or An+B, found \"x\"");
    CHECK(Failure(":nth-child(2n+)") == "14: expected the number B of An+B, found \")\"");
    CHECK(Failure(":nth-child(2 of)") == "15: expected a selector after \"of\", found \")\"");
    CHECK(Failure(":nth-of-type(2 of p)") ==
          "15: expected \")\" to end \":nth-of-type(\", found \"o\"");
    CHECK(Failure(":lang()") ==
          "6: expected a language such as \"en\" after \":lang(\", found \")\"");
    CHECK(Failure(":contains(5)") ==
          "10: expected a quoted text after \":contains(\", found \"5\"");
  }

  TEST_CASE("pseudo-elements") {
    const std::string known = "; there are ::text, ::own-text, ::lines, ::attr(name) and ::html";
    CHECK(Failure("a::txt") == "1: unknown pseudo-element \"::txt\"" + known);
    CHECK(Failure("a::attr") == "1: unknown pseudo-element \"::attr\"" + known);
    CHECK(Failure("a::attr()") == "8: expected an attribute name after \"::attr(\", found \")\"");
    CHECK(Failure("a::attr(b") == "9: expected \")\" after the attribute name, found end of input");
    CHECK(Failure("a::text b") ==
          "8: expected \",\" or the end of the selector after a pseudo-element, found \"b\"");
    CHECK(Failure("a::text.x") ==
          "7: expected \",\" or the end of the selector after a pseudo-element, found \".\"");
    CHECK(Failure("a:not(b::text)") == "7: \"::text\" may stand only at the end of a selector");
  }

  TEST_CASE("what is not supported or not CSS") {
    CHECK(Failure("svg|a") == "0: namespace prefixes (\"ns|tag\") are not supported");
    CHECK(Failure("[x|a]") == "1: namespace prefixes (\"[ns|attribute]\") are not supported");
    CHECK(Failure("a)") == "1: expected \",\" or the end of the selector, found \")\"");
    CHECK(Failure("a \xE2\x82\xAC$") ==
          "5: expected \",\" or the end of the selector, found \"$\"");
    CHECK(Failure("a /* b") == "2: this comment has no \"*/\"");
    CHECK(Failure("//a") == "0: expected a selector, found \"/\"");
  }

  TEST_CASE("sizes that only an attack has") {
    CHECK(Failure(Repeat(":not(", 17) + "a" + Repeat(")", 17)) ==
          "80: pseudo-classes nested more than 16 deep");
    CHECK(Failure(Repeat("a ", 65)) == "128: more than 64 combinators in one selector");
    CHECK(Failure(Repeat("a,", 1024) + "a") == "2048: more than 1024 selectors in one list");
    CHECK(Failure(std::string(70'000, 'a')) == "0: a selector of more than 65536 bytes");
    CHECK(Failure(Repeat(":not(", 16) + "a" + Repeat(")", 16)) == "none");
  }

  TEST_CASE("every prefix of a long selector compiles or fails inside it, never crashes") {
    const std::string css =
        "/*c*/ > div#a.b\\31 [c~='d' i]:not(:has(+ e, f g)):nth-child(-2n + 1 of .h)::attr(i), "
        "p:lang(en-US, '*-CH'):contains(\"x\\22\") ~ *::own-text , ::text";
    NameTable names;
    for (std::size_t size = 0; size <= css.size(); ++size) {
      std::size_t offset = 0;
      const auto compiled = CssSelector::Compile(css.substr(0, size), names, &offset);
      if (!compiled.ok()) CHECK(offset <= size);
    }
    CHECK(Failure(css) == "none");
  }
}
