#include "parser/select/css_parser.h"

#include <random>
#include <string>

#include <doctest/doctest.h>

#include "parser/select/css_selector.h"
#include "tests/support/compile_failure.h"
#include "tests/support/repeat.h"

using thresh::html::NameTable;
using thresh::select::CssSelector;
using thresh::test::Repeat;

namespace {

std::string Failure(std::string_view text) {
  return thresh::test::CompileFailure<CssSelector>(text);
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
    CHECK(Failure("a:xyzzy") == "1: unknown pseudo-class \":xyzzy\"");
    CHECK(Failure("a:nth-childd(2)") ==
          "1: unknown pseudo-class \":nth-childd()\"; did you mean \":nth-child\"?");
    CHECK(Failure("a:empty(2)") == "1: \":empty()\" takes no argument");
    CHECK(Failure("p:before") ==
          "1: \":before\" is a pseudo-element that only a style sheet can use");
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

  TEST_CASE("states that need more than a page") {
    CHECK(Failure("a:hover") == "1: \":hover\" needs a user, and a page at rest has none");
    CHECK(Failure("a:not(:Focus)") == "6: \":focus\" needs a user, and a page at rest has none");
    CHECK(Failure(":target") ==
          "0: \":target\" needs the address line of a browser, and a page at rest has none");
    CHECK(Failure("input:invalid") ==
          "5: \":invalid\" needs what a user or a script put in, and a page at rest has none");
    CHECK(Failure(":host(a)") == "0: \":host()\" needs a shadow tree, and a page at rest has none");
    CHECK(Failure(":dir(auto)") == "5: expected ltr or rtl after \":dir(\", found \"a\"");
  }

  TEST_CASE("positions that are none") {
    for (const char* position : {"2 n", "+ 2n", "n2", "2nx", "2nof p", "2of p", "n-x", "2n + -1",
                                 "--n", "2n+1x", "1.5", "2e1", "", "+", "evenly", "n n", "+even"}) {
      CHECK_MESSAGE(Failure(":nth-child(" + std::string(position) + ")") != "none", position);
    }
    for (const char* position : {"n", "-n", "+n", "+2n", "-2N- 1", "2n -1", "2n+ 1", "2n/**/+/**/1",
                                 "+7", "-7", "0", "00n+007", " odd ", "EVEN of p,q", "\\6f dd"}) {
      CHECK_MESSAGE(Failure(":nth-child(" + std::string(position) + ")") == "none", position);
    }
  }

  TEST_CASE("pseudo-elements") {
    const std::string known = "; there are ::text, ::own-text, ::lines, ::attr(name) and ::html";
    CHECK(Failure("a::txt") ==
          "1: unknown pseudo-element \"::txt\"" + known + "; did you mean \"::text\"?");
    CHECK(Failure("::first-line") == "0: unknown pseudo-element \"::first-line\"" + known);
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
    CHECK(Failure("x|a") ==
          "0: unknown namespace \"x\"; there are html, svg, math, and * for any; a name with a "
          "colon is written a\\:b");
    CHECK(Failure("svg|") == "4: expected a tag after \"|\", found end of input");
    CHECK(Failure("[x|a]") ==
          "1: unknown namespace \"x\"; there are xlink, xml, xmlns, and * for any; a name with a "
          "colon is written a\\:b");
    CHECK(Failure("[|]") == "2: expected an attribute name after \"|\", found \"]\"");
    CHECK(Failure("col||td") == "3: the column combinator \"||\" is not supported");
    CHECK(Failure("a)") == "1: expected \",\" or the end of the selector, found \")\"");
    CHECK(Failure("a \xE2\x82\xAC$") ==
          "5: expected \",\" or the end of the selector, found \"$\"");
    CHECK(Failure("a /* b") == "2: this comment has no \"*/\"");
    CHECK(Failure("//a") == "0: expected a selector, found \"/\"");
  }

  TEST_CASE("the forgiving lists of :is and :where leave out what is wrong, and say so") {
    NameTable names;
    const auto dropped = [&](std::string_view css) {
      std::string notes;
      const auto compiled = CssSelector::Compile(css, names);
      REQUIRE(compiled.ok());
      for (const auto& part : compiled->dropped()) {
        notes += std::to_string(part.offset) + ": " + part.why + "\n";
      }
      return notes;
    };
    CHECK(dropped("a:is(b, i)") == "");
    CHECK(dropped("a:is(b,, c:frist-child, > d)") ==
          "7: expected a selector after \",\", found \",\"\n"
          "10: unknown pseudo-class \":frist-child\"; did you mean \":first-child\"?\n"
          "24: expected a selector after \",\", found \">\"\n");
    CHECK(dropped(":where()") == "7: expected a selector after \":where(\", found \")\"\n");
    CHECK(dropped(":is(:x(a, [b=')'], \\)), c)") == "4: unknown pseudo-class \":x()\"\n");
    CHECK(Failure(":is(a") == "5: expected \")\" to end \":is(\", found end of input");
    CHECK(Failure(":is(a::text, b)") == "5: \"::text\" may stand only at the end of a selector");
    CHECK(Failure(":is(:x, 'a)") == "8: this string has no closing '");
    CHECK(Failure(":is(:not(:x), a)") == "none");
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

  TEST_CASE("any mixture of pieces compiles or fails inside itself") {
    constexpr std::string_view kPieces[] = {
        "a",           "*",      "|",  ".x",       "#y",   "[",       "]",  "=", "'v'",   "\"",
        ":is(",        ":not(",  ")",  ":has(",    ",",    " ",       ">",  "+", "~",     "::text",
        ":nth-child(", "2n+1",   "of", "\\",       "\n",   "/*",      "*/", ":", "svg|",  "::attr(",
        ":hover",      ":lang(", "-",  "\xC3\xA9", "\xFF", ":where(", "i",  "5", "\\31 ", "^="};
    std::mt19937 random(3);
    NameTable names;
    std::size_t good = 0;
    for (int round = 0; round < 30'000; ++round) {
      std::string css;
      for (std::size_t i = random() % 12; i > 0; --i) css += kPieces[random() % std::size(kPieces)];
      std::size_t offset = 0;
      const auto compiled = CssSelector::Compile(css, names, &offset);
      if (!compiled.ok()) CHECK_MESSAGE(offset <= css.size(), css);
      good += compiled.ok() ? 1 : 0;
    }
    CHECK(good > 1000);
  }
}
