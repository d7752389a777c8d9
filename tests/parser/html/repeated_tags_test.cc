// A tag that is repeated byte for byte is not read again: its element must be as if it had been.

#include <array>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "parser/html/dump.h"
#include "parser/html/html_parser.h"

namespace {

using thresh::html::HtmlParser;
using thresh::html::NameTable;
using thresh::html::Tree;

constexpr std::string_view kTagMark = "@";

struct RepeatFixture {
  std::string Dump(const std::string& page) {
    REQUIRE(parser.Parse(page, &tree).ok());
    std::string dump;
    AppendHtml5libDump(tree, &dump);
    for (thresh::html::NodeId id = 0; id < tree.size(); ++id) {
      const auto& node = tree.node(id);
      dump.append(std::to_string(node.token_bits)).append(" ");
      for (std::uint32_t i = 0; i < node.attribute_count; ++i) {  // In their order.
        dump.append(tree.name(tree.attribute(node, i).name)).append(" ");
      }
    }
    return dump;
  }

  /// The page with each mark left out, or with another number of blanks for each, so that no two
  /// of its tags are alike; and so much text behind that all tags are far from the end.
  static std::string Page(std::string_view marked, bool alike) {
    std::string page;
    std::size_t count = 0;
    for (const char c : marked) {
      if (c != kTagMark.front()) {
        page.push_back(c);
      } else if (!alike) {
        page.append(++count, ' ');
      }
    }
    return page.append("<!--").append(300, '-').append("-->");
  }

  void CheckRepeats(std::string_view marked) {
    CAPTURE(marked);
    CHECK(Dump(Page(marked, true)) == Dump(Page(marked, false)));
  }

  NameTable names;
  HtmlParser parser{names};
  Tree tree{names};
};

}  // namespace

TEST_SUITE("repeated tags") {
  TEST_CASE_FIXTURE(RepeatFixture, "share the attributes of the first, whatever they are") {
    for (const std::string_view tag : {
             "<li@ class='a b' id=x title=\"1 < 2\">",
             "<li@ class='a b' CLASS=c ClAsS=d>",
             "<li@ title=\"&amp;&notit;&copy=1&#0;\">",
             "<li@ title='a\r\nb\rc'>",
             "<li@ disabled x= y>",
             "<li@ class=unquoted/>",
             "<li@ class=\"one\" / data-a=1 / >",
             "<li@ data-a-very-long-name-of-an-attribute=1>",
             "<li@ class=\"a\"class=\"b\"title='c'>",
             "<LI@ CLASS=\"Aa\">",
             "<x-element@ a=1>",
             "<li@ title=\"it ends > here\">",
             "<img@ src=\"/a.png\" alt=\"\"/>",
             "<br@/>",
         }) {
      CheckRepeats("<ul>" + std::string(tag) + "1" + std::string(tag) + "2" + std::string(tag));
    }
    using std::string_view_literals::operator""sv;
    CheckRepeats("<p@ title='a\0b' \0=1>x<p@ title='a\0b' \0=1>y"sv);
  }

  TEST_CASE_FIXTURE(RepeatFixture, "are looked into where a rule does so") {
    for (const std::string_view page : {
             "<html@ lang=en><html@ lang=en a=1><html@ lang=en a=1><p>x",
             "<body@ class=one><body@ class=two><body@ class=two a=1><body@ class=two a=1><p>x",
             "<table><input@ type=hidden><input@ type=hidden><input@ type=text><input@ type=text>",
             "<input@ type=hidden>x<input@ type=hidden><frameset@ rows=1><frameset@ rows=1>",
             "<svg@ viewbox='0 0 1 1'><path@ d=M0/><path@ d=M0/></svg><svg@ viewbox='0 0 1 1'>",
             "<svg><font@ color=red>a<svg><font@ color=red>b<font@ class=red>c<font@ class=red>d",
             "<svg><desc><li@ viewbox=a>x</desc><li@ viewbox=a>y<svg><g@ viewbox=a></g></svg>"
             "<g@ viewbox=a>z<math><g@ viewbox=a><mi><g@ viewbox=a>",
             "<g@ definitionurl=a viewbox=b>x<math><g@ definitionurl=a viewbox=b>y</math>"
             "<svg><g@ definitionurl=a viewbox=b>z<g@ definitionurl=a viewbox=b>",
             "<math><annotation-xml@ encoding=text/html><p>x</p></annotation-xml>"
             "<annotation-xml@ encoding=text/html><p>y",
             "<svg><foreignobject><g@ viewbox=a><svg><g@ viewbox=a></svg><g@ viewbox=a>",
             "<b@ class=x><b@ class=x><b@ class=x><b@ class=x><b@ "
             "class=x><p>y</p></b></b></b>z<p>w",
             "<a@ href=x>1<a@ href=x>2<div><a@ href=x>3</div></a><p>4<a@ href=x>5",
             "<table><tr@ class=a><td@ class=b>1<tr@ class=a>x<td@ class=b>2<td@ class=b>3",
             "<form@ action=a><form@ action=a><input@ name=x></form><form@ action=a>",
             "<select><option@ selected value=1>a<option@ selected value=1>b</select>",
             "<textarea@ class=x>\n<li class=y></textarea><textarea@ class=x>a</textarea>",
             "<title@ class=x>a</title><title@ class=x>b</title><script@ src=a></script>"
             "<script@ src=a></script><body>",
             "<template@ class=x><tr@ class=y><td>1</template><template@ class=x><tr@ class=y>2",
             "<image@ src=a><image@ src=a><img@ src=a>",
         }) {
      CheckRepeats(page);
    }
  }

  // Values with what ends other things, in all their mixtures.
  TEST_CASE_FIXTURE(RepeatFixture, "of random parts are as if read anew") {
    constexpr std::array<std::string_view, 10> kNames{"li", "p",    "a",  "SPAN", "svg",
                                                      "g",  "font", "td", "b",    "x-y"};
    constexpr std::array<std::string_view, 15> kParts{
        " class=\"a b\"",
        " class='c'",
        " id=i",
        " href=\"?a=1&amp;b=2\"",
        " title=\"a>b\"",
        " =",
        "/",
        " x",
        "\n\ty='1'",
        " CLASS=\"D e f\"",
        " viewBox=\"0\"",
        " z=\"'\"",
        " w='\"'",
        " q=a'b",
        " long-name-of-16=\"0123456789abcdef0123456789abcdef\""};
    std::mt19937 random(7);  // NOLINT: the same each time.
    for (int round = 0; round < 2000; ++round) {
      std::vector<std::string> tags;
      for (int i = 0; i < 3; ++i) {
        std::string tag = "<" + std::string(kNames[random() % kNames.size()]) + "@";
        for (std::size_t parts = random() % 4; parts > 0; --parts) {
          tag.append(parts == 1 ? " " : "").append(kParts[random() % kParts.size()]);
        }
        tags.push_back(tag + ">");
      }
      std::string marked;
      for (int i = 0; i < 12; ++i) {
        marked.append(tags[random() % tags.size()]).append(random() % 3 == 0 ? "</b>" : "t");
      }
      CheckRepeats(marked);
    }
  }

  TEST_CASE_FIXTURE(RepeatFixture, "are forgotten with their page") {
    const std::string page = Page("<li@ class=\"one two\"><li@ class=\"one two\">", true);
    const std::string expected = Dump(page);
    for (int i = 0; i < 3; ++i) {
      std::string copy = page;
      CHECK(Dump(copy) == expected);
      copy.assign(copy.size(), 'x');
      CHECK(Dump(copy) != expected);
    }
  }

  TEST_CASE_FIXTURE(RepeatFixture, "near and at the end of a page are read within it") {
    const std::string tag = "<li class=\"one two\" title=three>";
    for (std::size_t behind = 0; behind < 200; ++behind) {
      for (std::size_t cut = 0; cut < tag.size(); cut += 5) {
        std::string page = tag + "x" + tag + std::string(behind, 'y') + tag;
        page.resize(page.size() - cut);
        page.shrink_to_fit();  // The sanitizer sees a read behind it.
        REQUIRE(parser.Parse(page, &tree).ok());
      }
    }
  }
}
