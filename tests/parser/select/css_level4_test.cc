// What Selectors Level 4 and HTML add to the everyday selectors.

#include <string>

#include <doctest/doctest.h>

#include "tests/parser/select/selector_fixture.h"

using thresh::html::NodeId;
using thresh::test::SelectorFixture;

TEST_SUITE("namespaces") {
  TEST_CASE_FIXTURE(SelectorFixture,
                    "html, svg and math are known; * is any; none has no elements") {
    Load(
        "<!DOCTYPE html><a id=h></a><svg id=s><a id=v><circle id=c /></a></svg><math id=m><mi "
        "id=i>");
    CHECK(Ids("svg|a") == "v");
    CHECK(Ids("html|a") == "h");
    CHECK(Ids("*|a") == "h v");
    CHECK(Ids("svg|*") == "s v c");
    CHECK(Ids("math|*:not(math|math)") == "i");
    CHECK(Ids("|a") == "");
    CHECK(Ids("body > :not(html|*)") == "s m");
    CHECK(Ids("*|*:is(svg|a, math|mi)") == "v i");
  }

  TEST_CASE_FIXTURE(SelectorFixture, "attributes: xlink, xml, any, none") {
    Load(
        "<!DOCTYPE html><a id=h href=x xlink:href=y></a>"
        "<svg><a id=v xlink:href=x></a><a id=w href=x></a></svg>");
    CHECK(Ids("[xlink|href]") == "v");
    CHECK(Ids("[xlink|href=x]") == "v");
    CHECK(Ids("[*|href]") == "h v w");
    CHECK(Ids("[|href]") == "h w");
    CHECK(Ids("a[*|href!=x]") == "");
    CHECK(Ids("[xlink\\:href=y]") == "h");
    CHECK(Ids("[*|href|=x i]") == "h v w");
  }
}

TEST_SUITE("lists inside selectors") {
  TEST_CASE_FIXTURE(SelectorFixture, ":is and :where forgive, :not does not") {
    Load("<!DOCTYPE html><p id=a class=x></p><p id=b></p>");
    CHECK(Ids("p:is(.x, :hover, ::before, 5)") == "a");
    CHECK(Ids("p:is()") == "");
    CHECK(Ids("p:not(:is())") == "a b");
    CHECK(Ids("p:where(, .x ,)") == "a");
  }

  TEST_CASE_FIXTURE(SelectorFixture, ":has with each combinator, and lists of them") {
    Load(
        "<!DOCTYPE html><div id=d><p id=p><b id=b></b></p><i id=i></i><u id=u><b "
        "id=c></b></u></div>");
    CHECK(Ids(":has(> b)") == "p u");
    CHECK(Ids(":has(+ i)") == "p");
    CHECK(Ids(":has(~ u)") == "p i");
    CHECK(Ids(":has(+ i + u)") == "p");
    CHECK(Ids(":has(~ u > b)") == "p i");
    CHECK(Ids(":has(+ u b)") == "i");
    CHECK(Ids("div :has(> b, + u)") == "p i u");
    CHECK(Ids("div:has(> p:has(> b) + i)") == "d");
    CHECK(Ids("p:has(:scope b)") == "");
    CHECK(Ids(":has(> :is(p, q) > b)") == "d");
  }

  TEST_CASE_FIXTURE(SelectorFixture, "positions of S count on across other questions") {
    Load(
        "<!DOCTYPE html><ul><li id=1 class=x><li id=2><li id=3 class=x><li id=4 class=x></ul>"
        "<ol><li id=5 class=x></ol>");
    CHECK(Ids(":nth-child(1 of .x)") == "1 5");
    CHECK(Ids(":nth-last-child(1 of .x)") == "4 5");
    CHECK(Ids(":nth-last-child(n+2 of .x)") == "1 3");
    CHECK(Ids(":nth-child(1 of .x) ~ :nth-child(3 of .x)") == "4");
    CHECK(Ids(":nth-child(2 of :nth-child(n+2 of .x))") == "4");
    CHECK(Ids("li:nth-child(-n+2 of li)") == "1 2 5");
  }
}

TEST_SUITE("what markup says of forms") {
  TEST_CASE_FIXTURE(SelectorFixture, ":required and :optional") {
    Load(
        "<!DOCTYPE html><input id=a required><input id=b><select id=c required></select>"
        "<textarea id=d></textarea><input id=e type=hidden required><button id=f "
        "required></button>");
    CHECK(Ids(":required") == "a c");
    CHECK(Ids(":optional") == "b d e");
  }

  TEST_CASE_FIXTURE(SelectorFixture, ":read-write and :read-only") {
    Load(
        "<!DOCTYPE html><body id=o><input id=a><input id=b readonly><input id=c disabled>"
        "<input id=d type=checkbox><textarea id=e></textarea>"
        "<div id=f contenteditable><p id=g></p><p id=h contenteditable=false><i "
        "id=i></i></p></div>");
    CHECK(Ids(":read-write") == "a e f g");
    CHECK(Ids("body :read-only") == "b c d h i");
  }

  TEST_CASE_FIXTURE(SelectorFixture, ":placeholder-shown") {
    Load(
        "<!DOCTYPE html><input id=a placeholder=x><input id=b placeholder=x value=y>"
        "<input id=c placeholder=''><input id=d type=date placeholder=x>"
        "<textarea id=e placeholder=x></textarea><textarea id=f placeholder=x>y</textarea>");
    CHECK(Ids(":placeholder-shown") == "a e");
  }

  TEST_CASE_FIXTURE(SelectorFixture,
                    ":default is what is checked, and the button that submits a form") {
    Load(
        "<!DOCTYPE html><button id=a form=f></button><form id=f><button id=b type=reset></button>"
        "<button id=c></button><input id=d type=checkbox checked></form>"
        "<form id=g><input id=e type=image><input id=h type=submit></form><button id=i></button>"
        "<select><option id=j selected><option id=k></select>");
    CHECK(Ids(":default") == "a d e j");
  }

  TEST_CASE_FIXTURE(SelectorFixture,
                    ":indeterminate is progress without a value, and a radio "
                    "button in whose group none is checked") {
    Load(
        "<!DOCTYPE html><progress id=a></progress><progress id=b value=1></progress>"
        "<input type=RADIO name=r id=c><input type=radio name=r id=d><form>"
        "<input type=radio name=r checked id=e><input type=radio name=r id=f></form>"
        "<input type=radio id=g><input type=checkbox id=h><input name=r checked id=i>");
    CHECK(Ids(":indeterminate") == "a c d g");
    CHECK(Ids("input:not(:indeterminate)") == "e f h i");
  }

  TEST_CASE_FIXTURE(SelectorFixture, ":blank is a control with nothing typed in") {
    Load(
        "<!DOCTYPE html><input id=a><input id=b value=' \n'><input id=c value=x>"
        "<input id=d type=checkbox><input id=e type=hidden><input id=f type=file value=x>"
        "<textarea id=g>\n </textarea><textarea id=h>x</textarea><p id=i></p><input id=j "
        "type=date>");
    CHECK(Ids(":blank") == "a b f g j");
  }

  TEST_CASE_FIXTURE(SelectorFixture, ":in-range and :out-of-range go by min, max and value") {
    Load(
        "<!DOCTYPE html><input id=a type=number min=1 max=5 value=5><input id=b type=number max=5 "
        "value=5.5><input id=c type=number value=9><input id=d type=number min=-1e1 value=-20>"
        "<input id=e type=number min=1><input id=f type=number min=1 value=x>"
        "<input id=g type=number min=1 value=0 disabled><input id=h type=number min=1 value=0 "
        "readonly>"
        "<input id=i type=range value=200><input id=j type=text min=1 value=0>"
        "<datalist><input id=k type=number min=1 value=0></datalist>");
    CHECK(Ids(":in-range") == "a e f i");
    CHECK(Ids(":out-of-range") == "b d");
    Load(
        "<!DOCTYPE html><input id=a type=date min=2016-02-29 value=2016-02-28>"
        "<input id=b type=date min=2015-02-29 value=2016-02-28><input id=c type=month max=2016-07 "
        "value=2016-08><input id=d type=week max=2016-W27 value=2016-W27><input id=e type=time "
        "min=22:00 max=06:00 value=23:30><input id=f type=time min=22:00 max=06:00 "
        "value=12:00:00.5>"
        "<input id=g type=datetime-local min='2016-07-04 10:00' value=2016-07-04T09:59>");
    CHECK(Ids(":in-range") == "d e");
    CHECK(Ids(":out-of-range") == "a c f g");
  }

  TEST_CASE_FIXTURE(SelectorFixture, ":open, :defined and links in SVG") {
    Load(
        "<!DOCTYPE html><details id=a open></details><details id=b></details><p id=p open></p>"
        "<x-y id=c></x-y><svg><a id=d href=x></a><a id=e xlink:href=x></a><a id=f></a></svg>");
    CHECK(Ids(":open") == "a");
    CHECK(Ids("body > :not(:defined)") == "c");
    CHECK(Ids(":any-link") == "d e");
  }
}

TEST_SUITE("language and direction") {
  TEST_CASE_FIXTURE(SelectorFixture, "a page's own language counts where no lang is") {
    Load(
        "<!DOCTYPE html><meta http-equiv=Content-Language content=' de-AT x'><p id=a><p id=b "
        "lang=en>");
    CHECK(Ids("p:lang(de)") == "a");
    CHECK(Ids("p:lang(en)") == "b");
    Load("<!DOCTYPE html><meta http-equiv=content-language content='de,en'><p id=a>");
    CHECK(Ids("p:lang(de)") == "");
  }

  TEST_CASE_FIXTURE(SelectorFixture, ":dir goes by dir, by the text under auto, by the parent") {
    Load(
        "<!DOCTYPE html><p id=a><p id=b dir=rtl><i id=c></i><i id=d dir=ltr></i></p>"
        "<p id=e dir=auto>12 \xD7\xA9 a</p><p id=f dir=auto><bdi>\xD7\xA9</bdi> a</p>"
        "<p dir=rtl id=g><bdi id=h>a</bdi><input id=i type=tel></p>");
    CHECK(Ids("p:dir(ltr), p :dir(ltr)") == "a d f h i");
    CHECK(Ids("p:dir(RTL), p > i:dir(rtl)") == "b c e g");
  }
}

TEST_SUITE("the lexical ground") {
  TEST_CASE_FIXTURE(SelectorFixture, "escapes") {
    Load("<!DOCTYPE html><p id=a class='a.b'><p id=b class='1x'><p id=c class='\xEF\xBF\xBD'>");
    CHECK(Ids(".a\\.b") == "a");
    CHECK(Ids(".\\31x") == "b");
    CHECK(Ids(".\\000031 x") == "b");
    CHECK(Ids(".\\0") == "c");
    CHECK(Ids(".\\110000") == "c");
    CHECK(Ids(".\\") == "c");
    CHECK(Ids("[class='\\31\\\nx']") == "b");
  }

  TEST_CASE_FIXTURE(SelectorFixture, "text that runs over element borders is found by :contains") {
    Load("<!DOCTYPE html><p id=a>aab<b>a</b>a<i></i>c</p><p id=b>aaba</p>");
    CHECK(Ids("p:contains('abaac')") == "a");
    CHECK(Ids("p:contains('aaba')") == "a b");
    CHECK(Ids("p:contains('ac')") == "a");
    CHECK(Ids("p:contains('ca')") == "");
  }
}
