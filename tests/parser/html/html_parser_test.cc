#include "parser/html/html_parser.h"

#include <string>

#include <doctest/doctest.h>

#include "parser/html/serialize.h"

using thresh::Result;
using thresh::html::HtmlParser;
using thresh::html::kDocumentNode;
using thresh::html::Namespace;
using thresh::html::NameTable;
using thresh::html::Node;
using thresh::html::NodeId;
using thresh::html::NodeType;
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
  HtmlParser parser{names};
  std::string page;
};

TEST_SUITE("HtmlParser") {
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

  TEST_CASE_FIXTURE(ParserFixture, "one tree and one parser serve page after page") {
    CHECK(Body("<p>one") == "<p>one</p>");
    CHECK(Body("<b>two") == "<b>two</b>");
  }
}
