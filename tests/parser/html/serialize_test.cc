#include "parser/html/serialize.h"

#include <string>

#include <doctest/doctest.h>

#include "parser/html/html_parser.h"

namespace html = thresh::html;

namespace {

// What of `page` lies in its body, parsed and written again.
std::string Rewritten(const std::string& page) {
  html::NameTable names;
  html::Tree tree(names);
  html::HtmlParser parser(names);
  REQUIRE(parser.Parse(page, &tree).ok());
  html::NodeId body = 0;
  while (tree.node(body).name != html::Known("body")) ++body;
  std::string out;
  AppendOuterHtml(tree, body, &out);
  return out.substr(6, out.size() - 13);
}

}  // namespace

TEST_SUITE("AppendOuterHtml") {
  TEST_CASE("text escapes & < > and the no-break space, but not quotes") {
    CHECK(Rewritten("a &amp; b &lt;c&gt; &nbsp;\"'\xC2\xA9") ==
          "a &amp; b &lt;c&gt; &nbsp;\"'\xC2\xA9");
  }

  TEST_CASE("values escape double quotes as well") {
    CHECK(Rewritten("<p t='\"a\" & &nbsp;<b>'></p>") ==
          "<p t=\"&quot;a&quot; &amp; &nbsp;&lt;b&gt;\"></p>");
  }

  TEST_CASE("void elements have no end tag") {
    CHECK(Rewritten("<p>a<br>b<img src=x><hr>") == "<p>a<br>b<img src=\"x\"></p><hr>");
  }

  TEST_CASE("script and style are written raw") {
    CHECK(Rewritten("<p></p><script>a < b && c</script><style>a > b</style>") ==
          "<p></p><script>a < b && c</script><style>a > b</style>");
  }

  TEST_CASE("a title in SVG is escaped, unlike raw text") {
    CHECK(Rewritten("<svg><style>a&gt;b</style></svg>") == "<svg><style>a&gt;b</style></svg>");
  }

  TEST_CASE("a deep tree is written without recursion") {
    std::string deep;
    for (int i = 0; i < 1990; ++i) deep += "<i>";
    CHECK(Rewritten(deep).size() == 1990 * 7);
  }
}
