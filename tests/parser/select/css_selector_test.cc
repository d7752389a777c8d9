#include "parser/select/css_selector.h"

#include <string>

#include <doctest/doctest.h>

#include "tests/parser/select/selector_fixture.h"
#include "tests/support/repeat.h"

using thresh::html::NodeId;
using thresh::select::AttrPseudoElement;
using thresh::select::CssSelector;
using thresh::select::Hit;
using thresh::select::PseudoElement;
using thresh::select::WorkBudget;
using thresh::test::Repeat;
using thresh::test::SelectorFixture;

TEST_SUITE("simple selectors") {
  TEST_CASE_FIXTURE(SelectorFixture, "tags match without case on HTML, with case on SVG") {
    Load("<!DOCTYPE html><p id=a><svg id=s><linearGradient id=g /></svg>");
    CHECK(Ids("P") == "a");
    CHECK(Ids("linearGradient") == "g");
    CHECK(Ids("lineargradient") == "");
    CHECK(Ids("*") == "html head body a s g");
  }

  TEST_CASE_FIXTURE(SelectorFixture, "classes are whole tokens, split at any white space") {
    Load("<!DOCTYPE html><p id=a class='x\ty'><p id=b class=xy><p id=c class=' X '>");
    CHECK(Ids(".x") == "a");
    CHECK(Ids(".y.x") == "a");
    CHECK(Ids(".x.z") == "");
    CHECK(Ids("p:not(.x)") == "b c");
  }

  TEST_CASE_FIXTURE(SelectorFixture, "in quirks mode classes and ids match without case") {
    Load("<p id=A class=Big>");
    CHECK(Ids(".bIG") == "A");
    CHECK(Ids("#a") == "A");
    Load("<!DOCTYPE html><p id=A class=Big>");
    CHECK(Ids(".big") == "");
    CHECK(Ids("#a") == "");
  }

  TEST_CASE_FIXTURE(SelectorFixture, "escapes reach names that CSS cannot spell") {
    Load("<!DOCTYPE html><p id=10 class='md:w-1/2'><p id=b class='\xC3\xA9t\xC3\xA9'>");
    CHECK(Ids("#\\31 0") == "10");
    CHECK(Ids("#\\000031\\30") == "10");
    CHECK(Ids(".md\\:w-1\\/2") == "10");
    CHECK(Ids(".\xC3\xA9t\\e9") == "b");
    CHECK(Ids("[id='\\31 0']") == "10");
  }

  TEST_CASE_FIXTURE(SelectorFixture, "comments may stand wherever white space may") {
    Load("<!DOCTYPE html><div id=d><p id=p>");
    CHECK(Ids("/*1*/div/*2*/>/*3*/p/*4*/") == "p");
    CHECK(Ids("div/**/ /**/p") == "p");
    CHECK(Ids("p/**/#p") == "p");
    CHECK(Ids("/**/#p/*a*//*b*/:first-child/**/[id]/**/") == "p");
  }
}

TEST_SUITE("attribute selectors") {
  TEST_CASE_FIXTURE(SelectorFixture, "all operators, values quoted or bare") {
    Load(
        "<!DOCTYPE html><a id=a title='one two'></a><a id=b title=one-two></a><a id=c title=''>"
        "</a><a id=d></a>");
    CHECK(Ids("[title]") == "a b c");
    CHECK(Ids("[ title = 'one two' ]") == "a");
    CHECK(Ids("[title~=two]") == "a");
    CHECK(Ids("[title|=one]") == "b");
    CHECK(Ids("[title^=\"one\"]") == "a b");
    CHECK(Ids("[title$=two]") == "a b");
    CHECK(Ids("[title*='e-t']") == "b");
    CHECK(Ids("a[title!=one-two]") == "a c d");
  }

  TEST_CASE_FIXTURE(SelectorFixture, "an empty value fits nothing but = and !=") {
    Load("<!DOCTYPE html><a id=a title=x></a><a id=b title=''></a>");
    CHECK(Ids("[title='']") == "b");
    for (const char* css : {"[title^='']", "[title$='']", "[title*='']", "[title~='']"}) {
      CHECK(Ids(css) == "");
    }
  }

  TEST_CASE_FIXTURE(SelectorFixture,
                    "names ignore case on HTML; values do by flag or by HTML's list") {
    Load("<!DOCTYPE html><input id=a type=TEXT data-x=Ab><a id=b rel=NoFollow data-x=ab></a>");
    CHECK(Ids("[DATA-X]") == "a b");
    CHECK(Ids("[data-x=ab]") == "b");
    CHECK(Ids("[data-x=ab i]") == "a b");
    CHECK(Ids("[data-x='AB'I]") == "a b");
    CHECK(Ids("[type=text]") == "a");
    CHECK(Ids("[type=text s]") == "");
    CHECK(Ids("[rel~=nofollow]") == "b");
  }
}

TEST_SUITE("combinators") {
  TEST_CASE_FIXTURE(SelectorFixture, "descendant, child, next and later sibling") {
    Load(
        "<!DOCTYPE html><div id=d><p id=p1><b id=b1></b></p>x<!--c--><p id=p2></p>"
        "<i id=i></i><p id=p3></p></div>");
    CHECK(Ids("div b") == "b1");
    CHECK(Ids("div > b") == "");
    CHECK(Ids("div>p") == "p1 p2 p3");
    CHECK(Ids("p + p") == "p2");
    CHECK(Ids("p ~ p") == "p2 p3");
    CHECK(Ids("#p1 ~ i + p") == "p3");
    CHECK(Ids("body > div p:first-child > b") == "b1");
  }

  TEST_CASE_FIXTURE(SelectorFixture,
                    "backtracking finds the farther ancestor when the near one fails") {
    Load(
        "<!DOCTYPE html><section id=s><div class=a><div class=b><div class=b><p id=p>"
        "</p></div></div></div></section>");
    CHECK(Ids(".a > .b p") == "p");
    CHECK(Ids("section > .a .b > p") == "p");
    CHECK(Ids("section > .b p") == "");
    CHECK(Ids("section .b .b > p") == "p");
    CHECK(Ids(".b .b .b p") == "");
  }

  TEST_CASE_FIXTURE(SelectorFixture,
                    "backtracking finds the farther sibling when the near one fails") {
    Load("<!DOCTYPE html><i id=i></i><p class=x></p><p></p><p class=x></p><b id=b></b>");
    CHECK(Ids("i + .x ~ b") == "b");
    CHECK(Ids("i + p ~ .x ~ b") == "b");
    CHECK(Ids(".x + .x ~ b") == "");
  }

  TEST_CASE_FIXTURE(SelectorFixture, "a list gives each node once, in document order") {
    Load("<!DOCTYPE html><p id=a class=x><p id=b><i id=i></i>");
    CHECK(Ids("i, .x, p") == "a b i");
  }
}

TEST_SUITE("pseudo-classes") {
  TEST_CASE_FIXTURE(SelectorFixture, ":not, :is and :where take lists of whole selectors") {
    Load("<!DOCTYPE html><div id=d><p id=a class=x></p><p id=b></p></div><p id=c></p>");
    CHECK(Ids("p:not(.x, div p)") == "c");
    CHECK(Ids(":is(div > p, #c):not(#b)") == "a c");
    CHECK(Ids("div :where(.x, .y)") == "a");
    CHECK(Ids(":is(:not(:is(p)), #a)") == "html head body d a");
  }

  TEST_CASE_FIXTURE(SelectorFixture, ":has looks down, and with a combinator sideways") {
    Load("<!DOCTYPE html><div id=d><p id=p><b id=b></b></p></div><p id=q></p><i id=i></i>");
    CHECK(Ids(":has(b)") == "html body d p");
    CHECK(Ids("div:has(> b)") == "");
    CHECK(Ids("div:has(> p > b)") == "d");
    CHECK(Ids(":has(+ i)") == "q");
    CHECK(Ids(":has(~ i)") == "d q");
    CHECK(Ids(":has(p b, + i)") == "html body d q");
    CHECK(Ids("p:not(:has(*))") == "q");
  }

  TEST_CASE_FIXTURE(SelectorFixture, "a compound inside :has may not start above the element") {
    Load("<!DOCTYPE html><div id=d><p id=p><b></b></p></div>");
    CHECK(Ids("p:has(div b)") == "");
    CHECK(Ids("body:has(div b)") == "body");
  }

  TEST_CASE_FIXTURE(SelectorFixture, ":empty means no text at all, :root the topmost element") {
    Load("<!DOCTYPE html><p id=a></p><p id=b> </p><p id=c><!--x--></p>");
    CHECK(Ids("p:empty") == "a c");
    CHECK(Ids(":root") == "html");
    CHECK(Ids("body:root") == "");
  }

  TEST_CASE_FIXTURE(SelectorFixture, "positions among the children") {
    Load(
        "<!DOCTYPE html><div>x<p id=a></p><i id=b></i><p id=c></p><i id=d></i><p id=e></p>y</div>");
    CHECK(Ids("div > :first-child") == "a");
    CHECK(Ids("div > :last-child") == "e");
    CHECK(Ids("div:only-child") == "div");
    CHECK(Ids("div > :nth-child(2n + 1)") == "a c e");
    CHECK(Ids("div > :nth-child( -N+2 )") == "a b");
    CHECK(Ids("div > :nth-child(EVEN)") == "b d");
    CHECK(Ids("div > :nth-last-child(2)") == "d");
    CHECK(Ids("div > :nth-child(n+4)") == "d e");
    CHECK(Ids("div > :nth-child(0)") == "");
    CHECK(Ids("div > :nth-child(2n-1)") == "a c e");
    CHECK(Ids("div > :nth-child(+3)") == "c");
    CHECK(Ids("div > :nth-child(99999999999n+2)") == "b");
  }

  TEST_CASE_FIXTURE(SelectorFixture, "positions of a type, and of what a selector names") {
    Load(
        "<!DOCTYPE html><div><p id=a></p><i id=b></i><p id=c class=x></p><u id=d></u>"
        "<p id=e class=x></p></div>");
    CHECK(Ids("div > :first-of-type") == "a b d");
    CHECK(Ids("div > :last-of-type") == "b d e");
    CHECK(Ids("div > :only-of-type") == "b d");
    CHECK(Ids("p:nth-of-type(odd)") == "a e");
    CHECK(Ids("p:nth-last-of-type(2)") == "c");
    CHECK(Ids(":nth-child(2 of .x)") == "e");
    CHECK(Ids(":nth-last-child(2 of p, u)") == "d");
    CHECK(Ids(":nth-child(even of div > *)") == "b d");
  }

  TEST_CASE_FIXTURE(SelectorFixture, ":lang goes by the nearest lang, in RFC 4647 ranges") {
    Load(
        "<!DOCTYPE html><html lang=en><p id=a><p id=b lang=de-Latn-CH><i id=c></i><p id=d "
        "lang=''>");
    CHECK(Ids("p:lang(EN)") == "a");
    CHECK(Ids(":lang(de)") == "b c");
    CHECK(Ids(":lang(de-CH)") == "b c");
    CHECK(Ids(":lang('*-ch')") == "b c");
    CHECK(Ids("p:lang(fr, en-GB, de)") == "b");
    CHECK(Ids(":lang('')") == "d");
  }

  TEST_CASE_FIXTURE(SelectorFixture,
                    ":contains looks at all text of the element, across its children") {
    Load("<!DOCTYPE html><p id=a>He<b>llo</b></p><p id=b>hello</p>");
    CHECK(Ids("p:contains('Hello')") == "a");
    CHECK(Ids("p:contains(ell)") == "a b");
    CHECK(Ids("p:contains('')") == "a b");
  }

  TEST_CASE_FIXTURE(SelectorFixture, "forms: checked, disabled, enabled; links") {
    Load(
        "<!DOCTYPE html><input id=a type=checkbox checked><input id=b checked>"
        "<select><option id=c selected></select>"
        "<fieldset id=f disabled><legend><input id=g></legend><input id=h></fieldset>"
        "<button id=i disabled></button><a id=j href=x></a><a id=k></a><link id=l href=x>"
        "<fieldset disabled id=m><legend><fieldset id=n></fieldset></legend>"
        "<fieldset id=o></fieldset></fieldset>");
    CHECK(Ids(":checked") == "a c");
    CHECK(Ids(":disabled") == "f h i m o");
    CHECK(Ids("fieldset:enabled") == "n");
    CHECK(Ids("input:enabled") == "a b g");
    CHECK(Ids(":link") == "j");
    CHECK(Ids(":any-link") == "j");
  }
}

TEST_SUITE("scope") {
  TEST_CASE_FIXTURE(SelectorFixture,
                    "only descendants are found, but ancestors outside may take part") {
    Load("<!DOCTYPE html><div id=o><div id=d><p id=p></p></div><p id=q></p></div>");
    const NodeId d = Node("#d");
    CHECK(Ids("p", d) == "p");
    CHECK(Ids("#o p", d) == "p");
    CHECK(Ids("div", d) == "");
    CHECK(Ids(":scope > p", d) == "p");
    CHECK(Ids("#o > :scope > p", d) == "p");
    CHECK(Ids(":scope", d) == "");
  }

  TEST_CASE_FIXTURE(SelectorFixture, "a leading combinator starts from the scope") {
    Load(
        "<!DOCTYPE html><div id=d><p id=p><b id=b></b></p></div><p id=q></p><i id=i><b "
        "id=c></b></i>");
    const NodeId d = Node("#d");
    CHECK(Ids("> p", d) == "p");
    CHECK(Ids("> b", d) == "");
    CHECK(Ids("> p b", d) == "b");
    CHECK(Ids("+ p", d) == "q");
    CHECK(Ids("~ i b, > p", d) == "p c");
    CHECK(Ids("> html > body") == "body");
  }

  TEST_CASE_FIXTURE(SelectorFixture, "in the document :scope is the root element") {
    Load("<!DOCTYPE html><p id=p>");
    CHECK(Ids(":scope > body > p") == "p");
  }

  TEST_CASE_FIXTURE(SelectorFixture, "Matches asks about one node") {
    Load("<!DOCTYPE html><div id=d><p id=p>");
    CHECK(Compile("div > p").Matches(tree, Node("p"), 0, work));
    CHECK_FALSE(Compile("body > p").Matches(tree, Node("p"), 0, work));
    CHECK(Compile(":scope > p").Matches(tree, Node("p"), Node("div"), work));
    CHECK(Compile("::text").Matches(tree, Node("p"), Node("p"), work));
  }

  TEST_CASE_FIXTURE(SelectorFixture,
                    "SelectFirst is the first in document order, not in the list") {
    Load("<!DOCTYPE html><p id=a><i id=b></i>");
    const auto hit = Compile("i, p").SelectFirst(tree, 0, work);
    REQUIRE(hit);
    CHECK(hit->node == Node("#a"));
    CHECK(hit->branch == 1);
    CHECK_FALSE(Compile("u").SelectFirst(tree, 0, work));
  }
}

TEST_SUITE("pseudo-elements") {
  TEST_CASE_FIXTURE(SelectorFixture, "each names what is taken from a node") {
    Load("<!DOCTYPE html><p id=a title=' x&amp;y '> one\n <b>two</b>&nbsp;</p>");
    CHECK(Values("p::text") == "one two\xC2\xA0");
    CHECK(Values("p::own-text") == "one \xC2\xA0");
    CHECK(Values("p::attr(title)") == " x&y ");
    CHECK(Values("p::attr(TITLE)") == " x&y ");
    CHECK(Values("p::attr(nope)").empty());  // Who has none is no match.
    CHECK(Values("p b::html") == "<b>two</b>");
    CHECK(Values("p::lines") == "one two\xC2\xA0");
  }

  TEST_CASE_FIXTURE(SelectorFixture, "branches may take different things") {
    Load("<!DOCTYPE html><link rel=next href=/2><a class=next href=/3>n</a>");
    CHECK(Values("a.next::attr(href), link[rel=next]::attr(href)") == "/2|/3");
    CHECK(Values("a::text, link::attr(rel)") == "next|n");
  }

  TEST_CASE_FIXTURE(SelectorFixture, "a node comes once for each different pseudo-element") {
    Load("<!DOCTYPE html><a class=x href=/1>t</a>");
    CHECK(Values("a::attr(href), .x::attr(href)") == "/1");
    CHECK(Values("a::attr(href), .x::text, a::text") == "/1|t");
  }

  TEST_CASE_FIXTURE(SelectorFixture,
                    "one alone means the scope itself; after a space, what is in it") {
    Load("<!DOCTYPE html><p id=a title=x>1<b>2</b>3</p>");
    const NodeId p = Node("p");
    CHECK(Values("::text", p) == "123");
    CHECK(Values(" ::attr(title)", p) == "x");
    CHECK(Values("b::text, ::attr(title)", p) == "x|2");
    CHECK(Values("p ::text") == "2");
    CHECK(Values("> ::text", p) == "2");
    CHECK(Values("*::text", p) == "2");
  }

  TEST_CASE_FIXTURE(SelectorFixture, "the caller's default serves branches that name none") {
    Load("<!DOCTYPE html><a href=/1>t</a>");
    const auto selector = Compile("a, a::html");
    const PseudoElement href = AttrPseudoElement("href", names);
    CHECK(selector.branch_count() == 2);
    CHECK(selector.pseudo(0).kind == PseudoElement::Kind::kNone);
    CHECK(selector.pseudo(1).kind == PseudoElement::Kind::kHtml);
    CHECK(selector.Value(tree, {Node("a"), 0}, href) == "/1");
    CHECK(selector.Value(tree, {Node("a"), 1}, href) == "<a href=\"/1\">t</a>");
  }

  TEST_CASE_FIXTURE(SelectorFixture,
                    "AppendValue appends, and leaves the buffer alone if nothing is there") {
    Load("<!DOCTYPE html><a href=/1>t</a>");
    std::string out = "kept ";
    const auto selector = Compile("a::text, a::attr(x)");
    CHECK(selector.AppendValue(tree, {Node("a"), 0}, {}, &out));
    CHECK_FALSE(selector.AppendValue(tree, {Node("a"), 1}, {}, &out));
    CHECK(out == "kept t");
  }
}

TEST_SUITE("order of compiling and parsing") {
  TEST_CASE_FIXTURE(SelectorFixture,
                    "a selector compiled after the page was parsed finds the same") {
    Load("<!DOCTYPE html><x-new data-new=1 id=a>");
    CHECK(Ids("x-new[data-new]") == "a");
  }
}

TEST_SUITE("WorkBudget") {
  TEST_CASE_FIXTURE(SelectorFixture,
                    "selectors that cost the square of a hostile page are broken off") {
    Load(Repeat("<p><!--x--></p>", 50'000));
    for (const char* css : {"b ~ p", ":has(~ b)", "p:has(~ p:has(~ b))"}) {
      WorkBudget budget(10'000'000);
      std::vector<Hit> hits;
      Compile(css).SelectAll(tree, 0, budget, &hits);
      CHECK_MESSAGE(budget.exhausted(), css);
    }
  }

  TEST_CASE_FIXTURE(SelectorFixture, "a negation finds nothing more once the budget is gone") {
    Load(Repeat("<p></p>", 1000));
    WorkBudget budget(10);
    std::vector<Hit> hits;
    Compile("p:not(b)").SelectAll(tree, 0, budget, &hits);
    CHECK(budget.exhausted());
    CHECK(hits.size() < 10);
  }

  TEST_CASE_FIXTURE(SelectorFixture,
                    "chains of descendants on a deep page cost its depth, not a power of it") {
    Load(Repeat("<div>", 1500) + "<p>");
    WorkBudget budget(20'000'000);
    std::vector<Hit> hits;
    Compile("b div div div div div p").SelectAll(tree, 0, budget, &hits);
    CHECK(hits.empty());
    CHECK_FALSE(budget.exhausted());
  }

  TEST_CASE_FIXTURE(SelectorFixture, "positions on a long page cost its length") {
    Load(Repeat("<p></p>", 100'000));
    WorkBudget budget(2'000'000);
    std::vector<Hit> hits;
    Compile("p:nth-child(2n):nth-last-of-type(2n)").SelectAll(tree, 0, budget, &hits);
    CHECK_FALSE(budget.exhausted());
    CHECK(hits.empty());
    Compile("p:nth-child(2n of p):nth-last-child(odd of p)").SelectAll(tree, 0, budget, &hits);
    CHECK_FALSE(budget.exhausted());
    CHECK(hits.size() == 50'000);
  }
}
