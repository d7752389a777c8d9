// Numbers, strings, booleans, comparisons and functions: XPath 1.0, sections 3 and 4.

#include <cmath>
#include <string>

#include <doctest/doctest.h>

#include "tests/parser/select/xpath_fixture.h"

using thresh::select::XPathNode;
using thresh::test::XPathFixture;

namespace {

struct Values : XPathFixture {
  Values() { LoadXml("<r><n>1</n><n>2</n><n>3</n><s>a</s><s>b</s><s>2</s><e/></r>"); }
  bool IsNegativeZero(std::string_view expression) {
    const double number = Number(expression);
    return number == 0 && std::signbit(number);
  }
};

}  // namespace

TEST_SUITE("numbers") {
  TEST_CASE_FIXTURE(Values, "operators and their precedence") {
    CHECK(Number("1 + 2 * 3 - 4 div 2") == 5);
    CHECK(Number("(1 + 2) * 3") == 9);
    CHECK(Number("10 - 3 - 2") == 5);
    CHECK(Number("-2 * -3") == 6);
    CHECK(Number("--2") == 2);
    CHECK(Number("- - -2") == -2);
    CHECK(Number("2 * - 3 + 1") == -5);
    CHECK(Number("--'4'") == 4);
    CHECK(Number(".5 + 5.") == 5.5);
    CHECK(Boolean("1 + 1 = 2 and 2 > 1 or false()"));
    CHECK(Boolean("true() or true() and false()"));
    CHECK_FALSE(Boolean("3 > 2 > 1"));
  }

  TEST_CASE_FIXTURE(Values, "mod has the sign of its left side") {
    CHECK(Number("5 mod 2") == 1);
    CHECK(Number("5 mod -2") == 1);
    CHECK(Number("-5 mod 2") == -1);
    CHECK(Number("-5 mod -2") == -1);
    CHECK(Number("1.5 mod 0.5") == 0);
    CHECK(std::isnan(Number("1 mod 0")));
  }

  TEST_CASE_FIXTURE(Values, "strings of numbers have no exponent and no more digits than needed") {
    CHECK(String("1") == "1");
    CHECK(String("-0") == "0");
    CHECK(String("1.50") == "1.5");
    CHECK(String("0.1 + 0.2") == "0.30000000000000004");
    CHECK(String("1 div 3") == "0.3333333333333333");
    CHECK(String("100000000000000000000") == "100000000000000000000");
    CHECK(String("123456789012345678") == "123456789012345680");
    CHECK(String("0.000000001") == "0.000000001");
    CHECK(String("1 div 0") == "Infinity");
    CHECK(String("-1 div 0") == "-Infinity");
    CHECK(String("0 div 0") == "NaN");
    CHECK(String("1 div -0") == "-Infinity");
  }

  TEST_CASE_FIXTURE(Values,
                    "numbers of strings: white space, a minus, digits; no plus or exponent") {
    CHECK(Number("number(' \n\t-1.5 ')") == -1.5);
    CHECK(Number("number('.5')") == 0.5);
    CHECK(Number("number('5.')") == 5);
    for (const char* not_one : {"''", "' '", "'-'", "'.'", "'+1'", "'1e3'", "'1 2'", "'--1'",
                                "'- 1'", "'1.2.3'", "'0x10'", "'Infinity'", "'1,000'"}) {
      CHECK_MESSAGE(std::isnan(Number("number(" + std::string(not_one) + ")")), not_one);
    }
    CHECK(Number("number(true())") == 1);
    CHECK(Number("number(//n)") == 1);
    CHECK(std::isnan(Number("number(//nothing)")));
    CHECK(Number("number('" + std::string(400, '9') + "')") == INFINITY);
    CHECK(Number("number('0." + std::string(400, '0') + "1')") == 0);
  }

  TEST_CASE_FIXTURE(Values, "round goes up from halves, and keeps the sign of zero") {
    CHECK(Number("round(2.5)") == 3);
    CHECK(Number("round(-2.5)") == -2);
    CHECK(Number("round(0.49999999999999994)") == 0);
    CHECK(Number("round(4503599627370497.0)") == 4503599627370497.0);
    CHECK(IsNegativeZero("round(-0.2)"));
    CHECK(IsNegativeZero("round(-0.5)"));
    CHECK(IsNegativeZero("round(-0)"));
    CHECK(IsNegativeZero("ceiling(-0.5)"));
    CHECK_FALSE(IsNegativeZero("round(0)"));
    CHECK(Number("floor(-1.5)") == -2);
    CHECK(Number("ceiling(1.2)") == 2);
  }

  TEST_CASE_FIXTURE(Values, "count, sum and string-length") {
    CHECK(Number("count(//n | //s)") == 6);
    CHECK(Number("sum(//n)") == 6);
    CHECK(Number("sum(//nothing)") == 0);
    CHECK(std::isnan(Number("sum(//s)")));
    CHECK(Number("string-length('\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80')") == 3);
    CHECK(Number("string-length()", Node("//n")) == 1);
  }
}

TEST_SUITE("comparisons") {
  TEST_CASE_FIXTURE(Values, "of values: as booleans, else numbers, else strings") {
    CHECK(Boolean("1 = '1.0'"));
    CHECK_FALSE(Boolean("'1' = '1.0'"));
    CHECK(Boolean("true() = 'x'"));
    CHECK(Boolean("true() = 2"));
    CHECK(Boolean("false() = ''"));
    CHECK(Boolean("'a' != 'b'"));
    CHECK(Boolean("'2' < '10'"));
    CHECK(Boolean("true() > 0"));
    CHECK_FALSE(Boolean("0 div 0 = 0 div 0"));
    CHECK(Boolean("0 div 0 != 0 div 0"));
    CHECK(Boolean("0 = -0"));
  }

  TEST_CASE_FIXTURE(Values, "a node-set compares true if one of its nodes does") {
    CHECK(Boolean("//n = 2"));
    CHECK(Boolean("//n != 2"));
    CHECK(Boolean("//n < 2"));
    CHECK(Boolean("2 < //n"));
    CHECK_FALSE(Boolean("3 < //n"));
    CHECK(Boolean("3 <= //n"));
    CHECK(Boolean("//s = 'b'"));
    CHECK(Boolean("'b' = //s"));
    CHECK_FALSE(Boolean("//s = 'z'"));
    CHECK_FALSE(Boolean("//n > '3'"));
    CHECK(Boolean("//s >= '2'"));
    CHECK_FALSE(Boolean("//nothing = ''"));
    CHECK_FALSE(Boolean("//nothing != ''"));
    CHECK(Boolean("not(//nothing = '')"));
  }

  TEST_CASE_FIXTURE(Values, "two node-sets compare true if a pair of their nodes does") {
    CHECK(Boolean("//n = //s"));
    CHECK(Boolean("//n != //s"));
    CHECK_FALSE(Boolean("//n[1] = //s"));
    CHECK_FALSE(Boolean("//n[1] != //n[1]"));
    CHECK(Boolean("//n != //n"));
    CHECK(Boolean("//n[3] != //n[2]"));
    CHECK(Boolean("//n < //s"));
    CHECK_FALSE(Boolean("//s < //n[1]"));
    CHECK(Boolean("//s > //n[1]"));
    CHECK(Boolean("//n[2] <= //s"));
    CHECK_FALSE(Boolean("//n[3] <= //s"));
    CHECK_FALSE(Boolean("//n = //nothing"));
    CHECK_FALSE(Boolean("//nothing != //n"));
    CHECK_FALSE(Boolean("//nothing < //n"));
    CHECK_FALSE(Boolean("//s[1] <= //s[1]"));
  }

  TEST_CASE_FIXTURE(Values, "with a boolean, a node-set is whether it has nodes") {
    CHECK(Boolean("//e = true()"));
    CHECK(Boolean("//nothing = false()"));
    CHECK(Boolean("false() < //n"));
    CHECK_FALSE(Boolean("//n < true()"));
    CHECK(Boolean("//nothing < true()"));
    CHECK(Boolean("boolean(//e)"));
    CHECK_FALSE(Boolean("boolean('')"));
    CHECK(Boolean("boolean('false')"));
    CHECK_FALSE(Boolean("boolean(0 div 0)"));
    CHECK_FALSE(Boolean("boolean(-0)"));
  }
}

TEST_SUITE("strings") {
  TEST_CASE_FIXTURE(Values, "string() of a node-set is that of its first node") {
    CHECK(String("//s") == "a");
    CHECK(String("//nothing") == "");
    CHECK(String("/") == "123ab2");
    CHECK(String("true()") == "true");
    CHECK(String("(//s)[2] | //n[3]") == "3");
  }

  TEST_CASE_FIXTURE(Values, "substring counts characters from 1 and rounds") {
    CHECK(String("substring('12345', 2, 3)") == "234");
    CHECK(String("substring('12345', 2)") == "2345");
    CHECK(String("substring('12345', 1.5, 2.6)") == "234");
    CHECK(String("substring('12345', 0, 3)") == "12");
    CHECK(String("substring('12345', 0 div 0, 3)") == "");
    CHECK(String("substring('12345', 1, 0 div 0)") == "");
    CHECK(String("substring('12345', -42, 1 div 0)") == "12345");
    CHECK(String("substring('12345', -1 div 0, 1 div 0)") == "");
    CHECK(String("substring('12345', -1 div 0)") == "12345");
    CHECK(String("substring('12345', 6)") == "");
    CHECK(String("substring('12345', 3, -1)") == "");
    CHECK(String("substring('\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z', 2, 2)") ==
          "\xE2\x82\xAC\xF0\x9F\x98\x80");
  }

  TEST_CASE_FIXTURE(Values, "parts of strings") {
    CHECK(String("substring-before('1999/04/01', '/')") == "1999");
    CHECK(String("substring-after('1999/04/01', '/')") == "04/01");
    CHECK(String("substring-after('1999/04/01', '19')") == "99/04/01");
    CHECK(String("substring-before('a', '')") == "");
    CHECK(String("substring-after('a', '')") == "a");
    CHECK(String("substring-after('a', 'z')") == "");
    CHECK(Boolean("contains('abc', 'bc')"));
    CHECK(Boolean("contains('abc', '')"));
    CHECK_FALSE(Boolean("contains('', 'a')"));
    CHECK(Boolean("starts-with('abc', 'ab')"));
    CHECK_FALSE(Boolean("starts-with('abc', 'bc')"));
  }

  TEST_CASE_FIXTURE(Values, "concat, normalize-space and translate") {
    CHECK(String("concat('a', 1, true(), //s)") == "a1truea");
    CHECK(String("normalize-space(' \t\r\na  b\n')") == "a b");
    CHECK(String("normalize-space('\xC2\xA0 a\f')") == "\xC2\xA0 a\f");
    CHECK(String("normalize-space('')") == "");
    CHECK(String("translate('bar', 'abc', 'AB')") == "BAr");
    CHECK(String("translate('--aaa--', 'abc-', 'ABC')") == "AAA");
    CHECK(String("translate('aa', 'aa', 'xy')") == "xx");
    CHECK(String("translate('\xC3\xA9\xE2\x82\xAC', '\xC3\xA9\xE2\x82\xAC', 'e\xC2\xA3')") ==
          "e\xC2\xA3");
  }

  TEST_CASE_FIXTURE(XPathFixture, "names") {
    LoadXml("<n:a xmlns:n='u' n:b='1' xml:c='2'><?t d?>x<!--y--></n:a>");
    CHECK(String("name(/*)") == "n:a");
    CHECK(String("local-name(/*)") == "a");
    CHECK(String("namespace-uri(/*)") == "u");
    CHECK(String("local-name(//@n:b)") == "b");
    CHECK(String("namespace-uri(//@n:b)") == "u");
    CHECK(String("namespace-uri(//@xml:c)") == "http://www.w3.org/XML/1998/namespace");
    CHECK(String("name(//processing-instruction())") == "t");
    CHECK(String("name(//text())") == "");
    CHECK(String("name(//comment())") == "");
    CHECK(String("name(/)") == "");
    CHECK(String("name(//nothing)") == "");
    CHECK(String("local-name()", Node("//@n:b")) == "b");
  }
}

TEST_SUITE("functions of the page") {
  TEST_CASE_FIXTURE(XPathFixture, "lang looks upwards, without case and at whole subtags") {
    LoadXml("<r xml:lang='en'><a/><b xml:lang='de-AT'><c/></b></r>");
    CHECK(Boolean("lang('en')", Node("//a")));
    CHECK(Boolean("lang('DE')", Node("//c")));
    CHECK(Boolean("lang('de-at')", Node("//c")));
    CHECK_FALSE(Boolean("lang('d')", Node("//c")));
    CHECK_FALSE(Boolean("lang('en')", Node("//c")));
    CHECK_FALSE(Boolean("lang('en')"));
    LoadHtml("<!DOCTYPE html><html lang=fr><p>");
    CHECK(Boolean("lang('fr')", Node("//p")));
  }

  TEST_CASE_FIXTURE(XPathFixture, "id takes lists of tokens, or a node-set of them") {
    LoadHtml("<!DOCTYPE html><p id=a><p id=b><p id=a title=2><a href='b  a z'>");
    CHECK(Found("id('b a')") == "a b");
    CHECK(Number("count(id('a'))") == 1);
    CHECK(Found("id(//a/@href)") == "a b");
    CHECK(Found("id('b')/following-sibling::p[1]/@title") == "@title");
    CHECK(Found("id('')") == "");
  }

  TEST_CASE_FIXTURE(XPathFixture, "in XML the DTD says what is an ID") {
    LoadXml(
        "<!DOCTYPE r [<!ATTLIST a key ID #IMPLIED>]><r><a key='k'/><b key='k' id='i'/>"
        "<c xml:id='x'/></r>");
    CHECK(Found("id('k')") == "a");
    CHECK(Found("id('i')") == "");
    CHECK(Found("id('x k')") == "a c");
  }

  TEST_CASE_FIXTURE(XPathFixture, "has-class takes whole tokens, all of them") {
    LoadHtml("<!DOCTYPE html><p id=a class='x y'><p id=b class=xy><p id=c>");
    CHECK(Found("//p[has-class('x')]") == "a");
    CHECK(Found("//p[has-class('x', 'y')]") == "a");
    CHECK(Found("//p[has-class('x', 'z')]") == "");
  }

  TEST_CASE_FIXTURE(XPathFixture, "re:test searches, with RE2's syntax") {
    LoadHtml("<!DOCTYPE html><a id=a href=/item/12></a><a id=b href=/ITEM/x></a>");
    CHECK(Found("//a[re:test(@href, '/item/\\d+$')]") == "a");
    CHECK(Found("//a[re:test(@href, '^/item', 'i')]") == "a b");
  }
}

TEST_SUITE("what a recipe takes") {
  TEST_CASE_FIXTURE(XPathFixture, "text of elements is collapsed, all else is as it stands") {
    LoadHtml("<!DOCTYPE html><p title=' t '> a <b> b</b> <!-- c --></p>");
    const auto taken = [this](std::string_view expression) {
      std::string text = ">";
      return Compile(expression).AppendText(tree, {}, work, &text) ? text : "none";
    };
    CHECK(taken("//p") == ">a b");
    CHECK(taken("//p/@title") == "> t ");
    CHECK(taken("//p/text()") == "> a ");
    CHECK(taken("//comment()") == "> c ");
    CHECK(taken("count(//p) + 0.5") == ">1.5");
    CHECK(taken("//p = //b") == ">false");
    CHECK(taken("string(//b)") == "> b");
    CHECK(taken("//i") == "none");
    CHECK(taken("string(//i)") == ">");
  }

  TEST_CASE_FIXTURE(XPathFixture, "expressions start from the row") {
    LoadHtml("<!DOCTYPE html><div id=a><p>1</p></div><div id=b><p>2</p></div>");
    const XPathNode row = Node("//div[2]");
    CHECK(String("p", row) == "2");
    CHECK(String(".//p", row) == "2");
    CHECK(String("//p", row) == "1");
    CHECK(String("@id", row) == "b");
    CHECK(Number("count(//p)", row) == 2);
  }
}
