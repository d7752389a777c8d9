#include "parser/html/gumbo_parser.h"

#include <string>

#include <doctest/doctest.h>

#include "parser/html/serialize.h"

using thresh::Errc;
using thresh::Result;
using thresh::html::GumboParser;
using thresh::html::kDocumentNode;
using thresh::html::Namespace;
using thresh::html::NameTable;
using thresh::html::Node;
using thresh::html::NodeId;
using thresh::html::NodeType;
using thresh::html::ParseLimits;
using thresh::html::Tree;

struct ParserFixture {
  Result<> Parse(std::string source) {
    page = std::move(source);
    return parser.Parse(page, &tree);
  }
  /// The whole page parsed and written again.
  std::string RoundTrip(std::string source) {
    REQUIRE(Parse(std::move(source)).ok());
    std::string html;
    AppendOuterHtml(tree, kDocumentNode, &html);
    return html;
  }
  std::string Body(std::string source) {
    const std::string html = RoundTrip("<!DOCTYPE html>" + std::move(source));
    const auto begin = html.find("<body>") + 6;
    return html.substr(begin, html.rfind("</body>") - begin);
  }
  const Node& First(std::string_view name) {
    NodeId id = 1;
    while (id < tree.size() && tree.name(tree.node(id).name) != name) ++id;
    REQUIRE(id < tree.size());
    return tree.node(id);
  }
  bool IsView(std::string_view text) const {
    return text.data() >= page.data() && text.data() + text.size() <= page.data() + page.size();
  }

  NameTable names;
  Tree tree{names};
  GumboParser parser{names};
  std::string page;
};

std::string Repeat(std::string_view piece, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += piece;
  return text;
}

TEST_SUITE("GumboParser") {
  TEST_CASE_FIXTURE(ParserFixture, "any bytes make a page with html, head and body") {
    CHECK(RoundTrip("") == "<html><head></head><body></body></html>");
    CHECK(RoundTrip("hi") == "<html><head></head><body>hi</body></html>");
    CHECK(parser.Parse({}, &tree).ok());
  }

  TEST_CASE_FIXTURE(ParserFixture, "the doctype, comments and attributes are kept") {
    CHECK(RoundTrip("<!DOCTYPE html><!--a--><p id=x class='a b'>t<!-- b --></p>") ==
          "<!DOCTYPE html><!--a--><html><head></head><body>"
          "<p id=\"x\" class=\"a b\">t<!-- b --></p></body></html>");
  }

  TEST_CASE_FIXTURE(ParserFixture, "the doctype's identifiers become attributes") {
    REQUIRE(Parse("<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 4.01//EN\" \"http://x/\">").ok());
    const Node& doctype = tree.node(1);
    CHECK(doctype.type == NodeType::kDoctype);
    CHECK(tree.Find(doctype, names.Find("public")) == "-//W3C//DTD HTML 4.01//EN");
    CHECK(tree.Find(doctype, names.Find("system")) == "http://x/");
  }

  TEST_CASE_FIXTURE(ParserFixture,
                    "text and values are views into the page where nothing changed") {
    REQUIRE(Parse("<p title=\"plain\" lang=x>text</p><!--note-->").ok());
    CHECK(IsView(tree.node(First("p").first_child).text));
    CHECK(IsView(*tree.Find(First("p"), names.Find("title"))));
    CHECK(IsView(*tree.Find(First("p"), names.Find("lang"))));
    CHECK(IsView(tree.node(First("p").next_sibling).text));
  }

  TEST_CASE_FIXTURE(ParserFixture, "what was decoded is a copy with the decoded text") {
    REQUIRE(Parse("<p title='a&amp;b'>1 &lt; 2\r\n3</p>").ok());
    const auto text = tree.node(First("p").first_child).text;
    CHECK(text == "1 < 2\n3");
    CHECK_FALSE(IsView(text));
    CHECK(tree.Find(First("p"), names.Find("title")) == "a&b");
  }

  TEST_CASE_FIXTURE(ParserFixture, "foster-parented text is one node, as the standard has it") {
    REQUIRE(Parse("<table>a<tr>b<tr>c</table>").ok());
    const Node& text = tree.node(First("body").first_child);
    CHECK(text.type == NodeType::kText);
    CHECK(text.text == "abc");
    CHECK(tree.node(text.next_sibling).type == NodeType::kElement);
  }

  TEST_CASE_FIXTURE(ParserFixture, "foreign names keep their case and their namespace") {
    CHECK(Body("<svg viewBox='0 0 1 1'><foreignObject/><a xlink:href=x></a></svg><math></math>") ==
          "<svg viewBox=\"0 0 1 1\"><foreignObject></foreignObject>"
          "<a xlink:href=\"x\"></a></svg><math></math>");
    CHECK(First("foreignObject").ns == Namespace::kSvg);
    CHECK(First("math").ns == Namespace::kMathMl);
  }

  TEST_CASE_FIXTURE(ParserFixture, "unknown tags are elements with lower-case names") {
    CHECK(Body("<X-Card Data-Y=1>x</X-Card>") == "<x-card data-y=\"1\">x</x-card>");
  }

  TEST_CASE_FIXTURE(ParserFixture, "the content of noscript and template is ordinary children") {
    CHECK(Body("<p><noscript><b>x</b></noscript><template><i>y</i></template>") ==
          "<p><noscript><b>x</b></noscript><template><i>y</i></template></p>");
    CHECK(First("b").type == NodeType::kElement);
    CHECK(First("i").type == NodeType::kElement);
  }

  TEST_CASE_FIXTURE(ParserFixture, "quirks mode follows the doctype") {
    REQUIRE(Parse("<p>").ok());
    CHECK(tree.quirks());
    REQUIRE(Parse("<!DOCTYPE html><p>").ok());
    CHECK_FALSE(tree.quirks());
  }

  TEST_CASE_FIXTURE(ParserFixture, "broken UTF-8 becomes U+FFFD, in names too") {
    CHECK(Body("<p>a\xFFz") == "<p>a\xEF\xBF\xBDz</p>");
    CHECK(Body("<x\xFF>") == "<x\xEF\xBF\xBD></x\xEF\xBF\xBD>");
  }

  TEST_CASE_FIXTURE(ParserFixture, "one tree and one parser serve page after page") {
    CHECK(Body("<p>one") == "<p>one</p>");
    CHECK(Body("<b>two") == "<b>two</b>");
  }
}

TEST_SUITE("GumboParser limits") {
  TEST_CASE_FIXTURE(ParserFixture, "100,000 nested tags are refused before gumbo sees them") {
    for (const char* tag : {"<div>", "<b>", "<x-y>", "<svg>", "<ul><li>", "<table><td>"}) {
      const Result<> parsed = Parse(Repeat(tag, 100'000));
      CHECK_FALSE(parsed.ok());
      CHECK(parsed.error().code == Errc::kTooLarge);
      CHECK(parsed.error().detail == "elements nest more than 2000 deep");
      CHECK(tree.size() == 1);
    }
  }

  TEST_CASE_FIXTURE(ParserFixture,
                    "depth that only the tree rules make is refused after the parse") {
    GumboParser shallow(names, ParseLimits{.max_depth = 5});
    CHECK(shallow.Parse("<p>ok", &tree).ok());
    CHECK(shallow.Parse("<ul><li><p><b>deep", &tree).error().code == Errc::kTooLarge);
    CHECK(tree.size() == 1);
  }

  TEST_CASE_FIXTURE(ParserFixture, "long flat pages are no deep ones") {
    CHECK(Parse(Repeat("<li>x", 10'000)).ok());
    CHECK(Parse(Repeat("<p>x<br>", 10'000)).ok());
    CHECK(Parse(Repeat("<div a='<b>'></div>", 10'000)).ok());
    CHECK(Parse("<script>" + Repeat("'<div>'", 10'000) + "</script>").ok());
    CHECK(Parse("<!--" + Repeat("<div>", 10'000) + "-->").ok());
    CHECK(Parse("<svg>" + Repeat("<path/>", 10'000) + "</svg>").ok());
    CHECK(Parse("<p a=\"" + Repeat("x ", 10'000) + "\" b=" + Repeat("/", 9'000) + ">").ok());
  }

  TEST_CASE_FIXTURE(ParserFixture, "a tag with a thousand and more attributes is refused") {
    std::string tag = "<p";
    for (int i = 0; i < 5000; ++i) tag += " a" + std::to_string(i);
    const Result<> parsed = Parse(tag + ">");
    CHECK(parsed.error().code == Errc::kTooLarge);
    CHECK(parsed.error().detail == "a tag has more than 1000 attributes");
  }

  TEST_CASE_FIXTURE(ParserFixture,
                    "memory over the limit breaks the parse off; the next page works") {
    GumboParser small(names, ParseLimits{.max_memory_bytes = 1 << 20});
    const Result<> parsed = small.Parse(Repeat("<b a=1></b>", 100'000), &tree);
    CHECK(parsed.error().code == Errc::kTooLarge);
    CHECK(tree.size() == 1);
    CHECK(small.Parse("<p>fine", &tree).ok());
  }

  TEST_CASE_FIXTURE(ParserFixture,
                    "a page that fails gumbo's assertions is an error, not the end") {
    for (int i = 0; i < 3; ++i) {
      const Result<> parsed = Parse("<table><svg><select><title><select><td>");
      CHECK(parsed.error().code == Errc::kInvalid);
      CHECK(parsed.error().detail == "the page makes an assertion of libgumbo fail");
      CHECK(tree.size() == 1);
      CHECK(Parse("<p>fine").ok());
    }
  }
}
