#include "parser/select/text.h"

#include <string>

#include <doctest/doctest.h>

#include "tests/parser/select/selector_fixture.h"

using thresh::test::SelectorFixture;

struct TextFixture : SelectorFixture {
  std::string Lines(std::string body) {
    Load("<!DOCTYPE html>" + std::move(body));
    return Values("body::lines");
  }
};

TEST_SUITE("::text") {
  TEST_CASE_FIXTURE(TextFixture, "runs of white space are one space, none at the ends") {
    Load("<!DOCTYPE html><p> a \t\n b<b> c</b>\f<i> </i>d </p>");
    CHECK(Values("p") == "a b c d");
  }

  TEST_CASE_FIXTURE(TextFixture, "the no-break space is text, also alone and at the ends") {
    Load("<!DOCTYPE html><p>&nbsp; a&nbsp;</p><i>&nbsp;</i>");
    CHECK(Values("p, i") == "\xC2\xA0 a\xC2\xA0|\xC2\xA0");
  }

  TEST_CASE_FIXTURE(TextFixture, "elements part no words, comments are no text") {
    Load("<!DOCTYPE html><div>a<p>b</p>c<!--x-->d</div>");
    CHECK(Values("div") == "abcd");
    CHECK(Values("div::own-text") == "acd");
  }

  TEST_CASE_FIXTURE(TextFixture, "appending keeps what the buffer held") {
    Load("<!DOCTYPE html><p> a b </p>");
    std::string out = "x ";
    thresh::select::AppendText(tree, Node("p"), &out);
    CHECK(out == "x a b");
    thresh::select::AppendRawText(tree, Node("p"), &out);
    CHECK(out == "x a b a b ");
  }
}

TEST_SUITE("::lines") {
  TEST_CASE_FIXTURE(TextFixture, "br and blocks are line ends") {
    CHECK(Lines("a<br>b<p>c</p>d") == "a\nb\nc\nd");
    CHECK(Lines("<ul><li>1</li> <li>2</li></ul>") == "1\n2");
    CHECK(Lines("<p>a <b>b</b>\n c</p>") == "a b c");
  }

  TEST_CASE_FIXTURE(TextFixture, "blank lines: none at the ends, at most one between") {
    CHECK(Lines("<br><br>a<br><br><br>b<br>") == "a\n\nb");
    CHECK(Lines("<p>a<br></p><p>b</p>") == "a\nb");
    CHECK(Lines("<p>a</p><p> </p><p>b</p>") == "a\nb");
    CHECK(Lines("<p>a</p><br><p>b</p>") == "a\n\nb");
  }

  TEST_CASE_FIXTURE(TextFixture, "lines are trimmed; a no-break space is a line") {
    CHECK(Lines(" a <br> b ") == "a\nb");
    CHECK(Lines("a<p>&nbsp;</p>b") == "a\n\xC2\xA0\nb");
  }

  TEST_CASE_FIXTURE(TextFixture, "a table row is a line of words") {
    CHECK(Lines("<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>") == "a b\nc");
  }

  TEST_CASE_FIXTURE(TextFixture, "of an element without children it is empty") {
    CHECK(Lines("") == "");
    Load("<!DOCTYPE html><p>x<br></p>");
    CHECK(Values("br::lines") == "");
  }
}
