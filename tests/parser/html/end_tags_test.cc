// The current node's end tag is known by its bytes alone. What follows must be as if it had been
// read as any other, which `</div >` with its blank is.

#include "parser/html/end_tags.h"

#include <array>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "parser/html/dump.h"
#include "parser/html/html_parser.h"

namespace {

using namespace thresh::html;

constexpr char kMark = '@';  // Before the `>` of an end tag.

struct EndFixture {
  std::string Dump(const std::string& page) {
    REQUIRE(parser.Parse(page, &tree).ok());
    std::string dump;
    AppendHtml5libDump(tree, &dump);
    return dump;
  }

  static std::string Page(std::string_view marked, bool with_blanks) {
    std::string page;
    for (const char c : marked) {
      if (c != kMark) page.push_back(c);
      if (c == kMark && with_blanks) page.push_back(' ');
    }
    return page.append("<!-- far from the end of the page -->");
  }

  void CheckEnds(std::string_view marked) {
    CAPTURE(marked);
    CHECK(Dump(Page(marked, false)) == Dump(Page(marked, true)));
  }

  NameTable names;
  HtmlParser parser{names};
  Tree tree{names};
};

}  // namespace

TEST_SUITE("end tags") {
  TEST_CASE_FIXTURE(EndFixture, "are told by their bytes where they only close the current node") {
    for (const std::string_view name : {"div", "p", "a", "b", "li", "h1", "span", "section"}) {
      const EndTag& tag = EndTagOf(names.Find(name));
      CHECK(tag.size == name.size() + 1);
      CHECK(std::string_view(reinterpret_cast<const char*>(&tag.bytes), tag.size) ==
            std::string(name) + ">");
    }
    for (const std::string_view name :
         {"html", "body", "form", "template", "option", "object", "br", "blockquote"}) {
      CHECK(EndTagOf(names.Find(name)).size == 0);
    }
    CHECK(EndTagOf(kFirstPageAtom).size == 0);
    CHECK(EndTagOf(kNoAtom).size == 0);
  }

  TEST_CASE_FIXTURE(EndFixture, "of each known name, wherever it stands") {
    for (const std::string_view around :
         {"", "<p>", "<b>", "<a><b><i>", "<ul><li>", "<h2>", "<button>", "<form>", "<select>",
          "<table><td>", "<table><caption>", "<table>", "<template>", "<svg>", "<svg><desc>",
          "<math><mi>", "<object>", "<ruby><rb>", "<dl><dd><p>"}) {
      for (const std::string_view known : kKnownNames) {
        if (known.empty() || known == "plaintext") continue;
        const std::string name(known);
        const std::string element = "<" + name + ">1</" + name + "@>2";
        CheckEnds(std::string(around) + element + "</" + name + "@>3" + element);
        CheckEnds("<" + name + ">" + std::string(around) + element + "</" + name + "@>3");
      }
    }
  }

  TEST_CASE_FIXTURE(EndFixture, "that only begin alike, or in another case, are not taken for it") {
    for (const std::string_view page :
         {"<p>1</pre@>2</p@>3", "<b>1</br@>2</b@>3", "<div>1</DIV@>2</div@>3", "<i>1</ i>2</i@>3",
          "<i>1</i/@>2", "<i>1</i a=b@>2", "<u>1</ul@>2</u@>3</u@>", "<s>1</s\n@>2",
          "<em>1</e@>2</em@>3", "<p>1</p", "<p>1</", "<DIV>1</div@>2</div@>", "<pre>\n</pre@>x",
          "<pre></pre@>\nx"}) {
      CheckEnds(page);
    }
    CHECK(Dump("<b>1</br>2</b>3........") == Dump("<b>1<br>2</b>3........"));
  }

  TEST_CASE_FIXTURE(EndFixture, "of formatting that is no more on its list, or not its last") {
    for (const std::string_view page :
         {"<i><b><b><b><b>1</b@>2</b@>3</b@>4</b@>5</i@>6<p>7",
          "<u><b><b><b><b>1</b@>2</b@>3</b@>4</b@>5<p>6</u@>7",
          "<select><selectedcontent></selectedcontent@><option>1<b>2</option@></select@>3",
          "<select><button><selectedcontent></selectedcontent@></button@><option>1</option@>",
          "<p><b>1</p@>2</b@>3", "<a>1<object>2</a@>3</object@>4</a@>5"}) {
      CheckEnds(page);
    }
  }

  TEST_CASE_FIXTURE(EndFixture, "in a soup of tags") {
    constexpr std::array<std::string_view, 26> kNames{
        "div",    "p",   "a",    "b",        "i",      "nobr",   "li",   "ul",    "dd",
        "h1",     "h2",  "span", "option",   "select", "button", "form", "table", "td",
        "object", "svg", "g",    "template", "ruby",   "rb",     "pre",  "font"};
    std::mt19937 random(11);  // NOLINT: the same each time.
    for (int round = 0; round < 4000; ++round) {
      std::string marked;
      std::string last;
      for (int i = 0; i < 16; ++i) {
        const std::string name(kNames[random() % kNames.size()]);
        switch (random() % 5) {
          case 0: marked += "</" + name + "@>"; break;
          case 1: marked += last.empty() ? "t" : "</" + last + "@>"; break;
          case 2: marked += "t"; break;
          default: marked += "<" + (last = name) + ">"; break;
        }
      }
      CheckEnds(marked);
    }
  }

  TEST_CASE_FIXTURE(EndFixture, "at the end of a page are read within it") {
    const std::string page = "<div><p>a</p></div><b>c</b>";
    for (std::size_t size = 0; size <= page.size(); ++size) {
      std::string cut = page.substr(0, size);
      cut.shrink_to_fit();  // The sanitizer sees a read behind it.
      REQUIRE(parser.Parse(cut, &tree).ok());
    }
  }
}
