// Pages made to be expensive: each is refused at a named limit, or done in little time.

#include <chrono>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "parser/html/html_parser.h"
#include "tests/support/repeat.h"

using thresh::Errc;
using thresh::Result;
using thresh::html::HtmlParser;
using thresh::html::kNoNode;
using thresh::html::NameTable;
using thresh::html::NodeId;
using thresh::html::ParseLimits;
using thresh::html::Tree;
using thresh::test::Repeat;

namespace {

std::string Numbered(std::string_view before, std::string_view after, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text.append(before).append(std::to_string(i)).append(after);
  return text;
}

struct LimitsFixture {
  /// Far more than any page here takes, far less than a square of its size would.
  static constexpr std::chrono::seconds kPatience{20};

  Result<> Parse(std::string source) {
    page = std::move(source);
    const auto begin = std::chrono::steady_clock::now();
    Result<> parsed = parser.Parse(page, &tree);
    CHECK(std::chrono::steady_clock::now() - begin < kPatience);
    return parsed;
  }
  void Refused(std::string source, std::string_view detail) {
    const Result<> parsed = Parse(std::move(source));
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().code == Errc::kTooLarge);
    CHECK(parsed.error().detail == detail);
    CHECK(tree.size() == 1);
  }

  NameTable names;
  Tree tree{names};
  HtmlParser parser{names};
  std::string page;
};

constexpr std::string_view kTooDeep = "elements nest more than 2000 deep";

}  // namespace

TEST_SUITE("HtmlParser limits") {
  TEST_CASE_FIXTURE(LimitsFixture, "100,000 nested tags are refused") {
    for (const char* tag : {"<div>", "<x-y>", "<svg>", "<ul><li>", "<table><td>",
                            "<button><svg><desc>", "<template>", "<font color=a>"}) {
      Refused(Repeat(tag, 100'000), kTooDeep);
    }
    Refused(Repeat("<b>", 100'000), kTooDeep);
    Refused(Numbered("<b a=", ">", 100'000), kTooDeep);
    CHECK(Parse("<p>fine").ok());
  }

  TEST_CASE_FIXTURE(LimitsFixture, "tags that close each other do not nest") {
    CHECK(Parse(Repeat("<a>", 100'000)).ok());
    CHECK(Parse(Repeat("<p><b>", 10'000)).ok());
    CHECK(Parse(Repeat("<table>", 100'000)).ok());
    CHECK(Parse(Repeat("<li>x", 100'000)).ok());
    CHECK(Parse(Repeat("<p>x<br>", 100'000)).ok());
    CHECK(Parse(Repeat("<option>", 100'000)).ok());
    CHECK(Parse(Repeat("<div a='<b>'></div>", 100'000)).ok());
    CHECK(Parse("<svg>" + Repeat("<path/>", 100'000) + "</svg>").ok());
  }

  TEST_CASE_FIXTURE(LimitsFixture, "the limit of depth is the caller's") {
    HtmlParser shallow(names, ParseLimits{.max_depth = 5});
    CHECK(shallow.Parse("<p>ok", &tree).ok());
    CHECK(shallow.Parse("<ul><li><p><b>deep", &tree).error().detail ==
          "elements nest more than 5 deep");
  }

  TEST_CASE_FIXTURE(LimitsFixture, "a tag with over a thousand attributes is refused") {
    CHECK(Parse("<p" + Numbered(" a", "", 1000) + ">").ok());
    Refused("<p" + Numbered(" a", "", 1001) + ">", "a tag has more than 1000 attributes");
    Refused("<p" + Numbered(" a", "=b", 100'000) + ">", "a tag has more than 1000 attributes");
    CHECK(Parse("<p" + Repeat(" a", 100'000) + ">").ok());
    CHECK(Parse(Repeat("<html" + Numbered(" a", "", 999) + ">", 200)).ok());
  }

  TEST_CASE_FIXTURE(LimitsFixture, "what the tree rules add is limited as well") {
    HtmlParser small(names, ParseLimits{.max_nodes = 100'000});
    page = "<p>" + Numbered("<b a=", ">", 1000) + Repeat("<p>x", 1000);
    CHECK(small.Parse(page, &tree).error().detail == "the page has more than 100000 nodes");
    CHECK(tree.size() == 1);
    page = "<select><selectedcontent></selectedcontent>" + Repeat("<option selected><div>", 900);
    CHECK(small.Parse(page, &tree).ok());
  }

  TEST_CASE_FIXTURE(LimitsFixture, "foster parenting and adoption bombs end soon") {
    CHECK(Parse("<table>" + Repeat("x<tr>", 100'000)).ok());
    CHECK(Parse("<table>" + Repeat("<b>x</b><tr>", 50'000)).ok());
    CHECK(Parse("<table>" + Repeat("x</>", 100'000)).ok());
    CHECK(Parse("<table>" + Repeat("<p>x<td>y", 50'000)).ok());
    CHECK(Parse("<b>" + Repeat("<div>", 1900) + Repeat("</b>", 50'000)).ok());
    CHECK(Parse(Repeat("<b>", 1000) + Repeat("<div>", 900) + Repeat("</b>", 5'000)).ok());
    CHECK(Parse(Repeat("<a><div>", 900) + Repeat("<a></div>", 20'000)).ok());
    CHECK(Parse(Repeat("<i><div>", 900) + Repeat("</i>x</div><div>", 5'000)).ok());
  }

  TEST_CASE_FIXTURE(LimitsFixture, "walks up a deep stack are bounded") {
    const std::string deep = Repeat("<div>", 1900);
    CHECK(Parse(deep + Repeat("<p>x</p>", 50'000)).ok());
    CHECK(Parse("<b>" + deep + Repeat("x<br>", 50'000)).ok());
    CHECK(Parse(Repeat("<span>", 1900) + Repeat("</x>", 50'000)).ok());
    CHECK(Parse(Numbered("<b a=", ">", 1900) + Repeat("<i></i>", 50'000)).ok());
    CHECK(Parse("<form>" + deep + Repeat("</form><form>", 20'000)).ok());
    CHECK(Parse(deep + Repeat("<li>", 50)).ok());
    CHECK(Parse("<svg>" + Repeat("<g>", 1900) + Repeat("</x>", 50'000)).ok());
  }

  TEST_CASE_FIXTURE(LimitsFixture, "long runs that open and do not close are read once") {
    CHECK(Parse(Repeat("&amp;", 200'000)).ok());
    CHECK(Parse(Repeat("&", 500'000)).ok());
    CHECK(Parse(Repeat("&CounterClockwiseContourIntegra", 50'000)).ok());
    CHECK(Parse("<p a='" + Repeat("&notit", 200'000) + "'>").ok());
    CHECK(Parse("&#" + Repeat("9", 1'000'000)).ok());
    CHECK(Parse(Repeat("<!--", 200'000)).ok());
    CHECK(Parse("<script>" + Repeat("<!--<script", 100'000)).ok());
    CHECK(Parse("<title>" + Repeat("</titl", 200'000)).ok());
    CHECK(Parse(Repeat("a\r\n", 300'000)).ok());
    CHECK(Parse(Repeat("<![CDATA[", 100'000)).ok());
    CHECK(Parse("<svg>" + Repeat("<![CDATA[x]]>", 100'000)).ok());
    CHECK(Parse(std::string(1'000'000, '\0')).ok());
    CHECK(Parse(Repeat("<p/", 200'000)).ok());
  }
}
