#include "parser/select/text.h"

#include <string>

#include <doctest/doctest.h>

#include "tests/parser/select/selector_fixture.h"

using thresh::html::NodeId;
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

TEST_SUITE("TextView") {
  TEST_CASE_FIXTURE(TextFixture, "a lone text that is as wanted is not copied") {
    Load("<!DOCTYPE html><p>\n <b> one two </b> </p><i> one <u>two</u></i><s>one  two</s><q> </q>");
    std::string scratch;
    for (const char* css : {"p", "b"}) {
      const std::string_view view = thresh::select::TextView(tree, Node(css), &scratch);
      CHECK(view == "one two");
      CHECK((view.data() >= page.data() && view.data() < page.data() + page.size()));
    }
    for (const char* css : {"i", "s"}) {
      const std::string_view view = thresh::select::TextView(tree, Node(css), &scratch);
      CHECK(view == "one two");
      CHECK(view.data() == scratch.data());
    }
    CHECK(thresh::select::TextView(tree, Node("q"), &scratch).empty());
  }

  TEST_CASE_FIXTURE(TextFixture, "it is the same text as AppendText's, for all elements") {
    Load(
        "<!DOCTYPE html><div>a <p>b\tc</p> d</div><div> <i>\n</i><i>x y</i>z</div><ul><li>"
        "A sentence that is longer than two blocks of sixteen bytes, and even\n   than four.</li>"
        "<li>one long line without any fault at all in it, to its very end</li></ul>");
    std::string scratch = "left over";
    for (NodeId id = 0; id < tree.size(); ++id) {
      std::string copied;
      thresh::select::AppendText(tree, id, &copied);
      CHECK(thresh::select::TextView(tree, id, &scratch) == copied);
    }
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
