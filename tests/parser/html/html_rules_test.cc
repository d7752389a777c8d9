// The rules of the tree builder that surprise: what pages get wrong, and what becomes of it.

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "parser/html/dump.h"
#include "parser/html/html_parser.h"
#include "parser/html/serialize.h"
#include "tests/parser/html/document_order.h"

using thresh::html::HtmlParser;
using thresh::html::kDocumentNode;
using thresh::html::NameTable;
using thresh::html::Tree;
using thresh::test::IsInDocumentOrder;

namespace {

struct RulesFixture {
  std::string Markup() {
    CHECK(IsInDocumentOrder(tree));
    std::string html;
    AppendOuterHtml(tree, kDocumentNode, &html);
    return html;
  }
  std::string Page(std::string source) {
    page = std::move(source);
    REQUIRE(parser.Parse(page, &tree).ok());
    return Markup();
  }
  /// What lies in the body of a page in standards mode.
  std::string Body(const std::string& source) {
    const std::string html = Page("<!DOCTYPE html>" + source);
    const auto begin = html.find("<body>") + 6;
    return html.substr(begin, html.rfind("</body>") - begin);
  }
  std::string Fragment(std::string_view context, std::string source) {
    page = std::move(source);
    REQUIRE(parser.ParseFragment(page, context, &tree).ok());
    return Markup();
  }
  std::string Dump() {
    std::string dump;
    AppendHtml5libDump(tree, &dump);
    return dump;
  }

  NameTable names;
  Tree tree{names};
  HtmlParser parser{names};
  std::string page;
};

}  // namespace

TEST_SUITE("HTML tree rules") {
  TEST_CASE_FIXTURE(RulesFixture, "formatting that overlaps blocks is cut in two") {
    CHECK(Body("<b>1<p>2</b>3</p>") == "<b>1</b><p><b>2</b>3</p>");
    CHECK(Body("<a href=x>1<div>2<a>3") ==
          "<a href=\"x\">1</a><div><a href=\"x\">2</a><a>3</a></div>");
    CHECK(Body("<p><b><i>1<p>2") == "<p><b><i>1</i></b></p><p><b><i>2</i></b></p>");
    CHECK(Body("<b id=x><b id=x><b id=x><b id=x></p>1") ==
          "<b id=\"x\"><b id=\"x\"><b id=\"x\"><b id=\"x\"><p></p>1</b></b></b></b>");
  }

  TEST_CASE_FIXTURE(RulesFixture, "what may not stand in a table goes in front of it") {
    CHECK(Body("<table><tr>a<td>b</table>") ==
          "a<table><tbody><tr><td>b</td></tr></tbody></table>");
    CHECK(Body("<table><b>1<tr>2</table>") ==
          "<b>1</b><b>2</b><table><tbody><tr></tr></tbody></table>");
    CHECK(Body("<table><input type=HIDDEN><form><input></table>") ==
          "<input><table><input type=\"HIDDEN\"><form></form></table>");
    CHECK(Body("<table> <tr> </tr> </table>") == "<table> <tbody><tr> </tr> </tbody></table>");
  }

  TEST_CASE_FIXTURE(RulesFixture, "between columns, white space stays and letters go") {
    CHECK(Fragment("div", "<template><col>x y z</template>") == "<template><col>  </template>");
    CHECK(Fragment("colgroup", " a  b<col>\xC3\xA9 c") == "   <col> ");
    CHECK(Body("<table><colgroup> x <tr></table>") ==
          "x <table><colgroup> </colgroup><tbody><tr></tr></tbody></table>");
  }

  TEST_CASE_FIXTURE(RulesFixture, "a fragment of a text element does not end at its end tag") {
    for (const char* context :
         {"textarea", "title", "style", "script", "xmp", "iframe", "noembed", "noframes"}) {
      CHECK(Fragment(context, "x</" + std::string(context) + "><b>y") ==
            "x&lt;/" + std::string(context) + "&gt;&lt;b&gt;y");
    }
  }

  TEST_CASE_FIXTURE(RulesFixture, "what comes late finds its place, and ids still ascend") {
    CHECK(Page("<head></head> <title>t</title><p>") ==
          "<html><head><title>t</title></head> <body><p></p></body></html>");
    CHECK(Page("<p>1</body><!--a--><p>2</html><!--b-->") ==
          "<html><head></head><body><p>1</p><p>2</p></body><!--a--></html><!--b-->");
    CHECK(Page("<p a=1><html b=2 lang=x><body c=3 c=4><html b=5>") ==
          "<html b=\"2\" lang=\"x\"><head></head><body c=\"3\"><p a=\"1\"></p></body></html>");
    CHECK(Page("<b><frameset><frame></frameset>") ==
          "<html><head></head><frameset><frame></frameset></html>");
    CHECK(Page("<a><frameset></frameset></html>x ") ==
          "<html><head></head><frameset></frameset><a> </a></html>");
  }

  TEST_CASE_FIXTURE(RulesFixture, "a select holds more than options, but no select") {
    CHECK(Body("<select><div>x<option>1<option>2</div></select>y") ==
          "<select><div>x<option>1</option><option>2</option></div></select>y");
    CHECK(Body("<select><option>1<select>2") == "<select><option>1</option></select>2");
    CHECK(Body("<select><option>1<input>") == "<select><option>1</option></select><input>");
    CHECK(Body("<select><optgroup><option>1<hr>") ==
          "<select><optgroup><option>1</option></optgroup><hr></select>");
  }

  TEST_CASE_FIXTURE(RulesFixture, "selectedcontent holds a copy of the selected option") {
    const std::string button = "<button><selectedcontent></selectedcontent></button>";
    const auto filled = [](std::string with) {
      return "<button><selectedcontent>" + with + "</selectedcontent></button>";
    };
    CHECK(Body("<select>" + button + "<option><b>1</b>x<!--c--><option>2</select>") ==
          "<select>" + filled("<b>1</b>x<!--c-->") +
              "<option><b>1</b>x<!--c--></option><option>2</option></select>");
    CHECK(Body("<select>" + button + "<option>1<option selected>2</select>") ==
          "<select>" + filled("2") + "<option>1</option><option selected=\"\">2</option></select>");
    CHECK(Body("<select multiple>" + button + "<option>1</select>") ==
          "<select multiple=\"\">" + button + "<option>1</option></select>");
    CHECK(Body("<select><option>1</option>" + button + "</select>") ==
          "<select><option>1</option>" + filled("1") + "</select>");
  }

  TEST_CASE_FIXTURE(RulesFixture, "foreign elements get their case back, HTML tags leave them") {
    CHECK(Body("<svg><LINEARgradient viewbox=1 CLASS=c></svg>") ==
          "<svg><linearGradient viewBox=\"1\" class=\"c\"></linearGradient></svg>");
    CHECK(Body("<svg><g><p>x") == "<svg><g></g></svg><p>x</p>");
    CHECK(Body("<svg><foreignobject><p>x</svg>y") ==
          "<svg><foreignObject><p>xy</p></foreignObject></svg>");
    CHECK(Body("<math definitionurl=u><mi><p>x</math>") ==
          "<math definitionURL=\"u\"><mi><p>x</p></mi></math>");
    CHECK(Body("<svg><![CDATA[a<b]]></svg><![CDATA[c]]>") == "<svg>a&lt;b</svg><!--[CDATA[c]]-->");
    CHECK(Body("<svg><font>1</font><font color=red>2") ==
          "<svg><font>1</font></svg><font color=\"red\">2</font>");
    CHECK(Body("<math><annotation-xml encoding=TEXT/html><p>1") ==
          "<math><annotation-xml encoding=\"TEXT/html\"><p>1</p></annotation-xml></math>");
  }

  TEST_CASE_FIXTURE(RulesFixture, "a template holds what its place does not") {
    CHECK(Body("<body><template><tr><td>1</template>") ==
          "<template><tr><td>1</td></tr></template>");
    CHECK(Body("<table><template><td>1<tr>2</template>") ==
          "<table><template><td>1</td>2</template></table>");
    Page("<template><p a=1>x");
    CHECK(Dump() ==
          "| <html>\n|   <head>\n|     <template>\n|       content\n|         <p>\n"
          "|           a=\"1\"\n|           \"x\"\n|   <body>\n");
  }

  TEST_CASE_FIXTURE(RulesFixture, "a fragment is read as its context would") {
    CHECK(Fragment("div", "a<td>b<p>c") == "ab<p>c</p>");
    CHECK(Fragment("tr", "<td>a<td>b") == "<td>a</td><td>b</td>");
    CHECK(Fragment("table", "x<td>a") == "x<tbody><tr><td>a</td></tr></tbody>");
    CHECK(Fragment("title", "a<b>&amp;") == "a&lt;b&gt;&amp;");
    CHECK(Fragment("script", "a<b>") == "a&lt;b&gt;");
    CHECK(Fragment("template", "<td>a") == "<td>a</td>");
    CHECK(Fragment("svg path", "<LINEARGRADIENT/>x") == "<linearGradient></linearGradient>x");
    CHECK(Fragment("svg desc", "<p>x") == "<p>x</p>");
    CHECK(Fragment("svg svg", "<p>x<g/>") == "<p>x<g></g></p>");
    CHECK(Fragment("math mi", "<b>x") == "<b>x</b>");
    CHECK(Fragment("html", "<title>x") == "<head><title>x</title></head><body></body>");
    CHECK(Fragment("form", "<form><input>") == "<input>");
  }

  TEST_CASE_FIXTURE(RulesFixture, "text is one node, however it came") {
    Page("<p>a&amp;b</x>c\r\nd&#0;\xE2\x82\xAC");
    CHECK(Dump() ==
          "| <html>\n|   <head>\n|   <body>\n|     <p>\n|       "
          "\"a&bc\nd\xEF\xBF\xBD\xE2\x82\xAC\"\n");
    CHECK(Body("<pre>\n\nx</pre><textarea>\r\ny</textarea>") ==
          "<pre>\nx</pre><textarea>y</textarea>");
    CHECK(Body(std::string("a\0b<svg>c\0d", 11)) ==
          "ab<svg>c\xEF\xBF\xBD"
          "d</svg>");
  }
}
