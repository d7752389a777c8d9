#include "parser/recipe/extract.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/parser/recipe/extract_fixture.h"

using namespace thresh;
using thresh::test::ExtractFixture;
using Texts = std::vector<std::string>;

TEST_SUITE("Extractor") {
  TEST_CASE_FIXTURE(ExtractFixture, "without rows a page is one record, whatever is on it") {
    Fields({"b = \"h1\"", "a = \"h2\""});
    CHECK(Records("<h1> One\n </h1><h1>Two</h1>") == Texts{R"({"b":"One","a":null})"});
    CHECK(Records("") == Texts{R"({"b":null,"a":null})"});
    CHECK(out->rows[0].item == "i");
    CHECK(out->rows[0].rows == std::vector<std::uint32_t>{0});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "with rows each match is a record of what is inside it") {
    Rows("li", {"a = \"b\""});
    CHECK(Records("<ul><li><b>1</b><li><li><b>3</b><b>x</b></ul><b>out</b>") ==
          Texts{R"({"a":"1"})", R"({"a":null})", R"({"a":"3"})"});
    CHECK(out->rows[0].rows == std::vector<std::uint32_t>{0, 1, 2});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "rows that match nothing give nothing") {
    Rows("li", {"a = \"b\""});
    CHECK(Records("<p>no list").empty());
    CHECK(out->rows.empty());
    CHECK(out->rejected.empty());
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a page field looks beyond its row") {
    Rows("li", {"a = { css = \"h1\", page = true }", "b = \"h1\""});
    CHECK(Records("<h1>T</h1><li>1<li>2") ==
          Texts{R"({"a":"T","b":null})", R"({"a":"T","b":null})"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a row without a required field goes alone") {
    Rows("li", {"z = \"i\"", "a = { css = \"b\", required = true }"});
    CHECK(Records("<li><b>1</b><li><i>x</i><li><b>3</b>") ==
          Texts{R"({"z":null,"a":"1"})", R"({"z":null,"a":"3"})"});
    CHECK(out->rows[0].rows == std::vector<std::uint32_t>{0, 2});
    REQUIRE(out->rejected.size() == 1);
    CHECK(out->rejected[0].item == "i");
    CHECK(out->rejected[0].row == 1);
    CHECK(out->rejected[0].field == "a");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a required field whose text is of no such type is missing") {
    Fields({"a = { css = \"b\", type = \"number\", required = true }"});
    CHECK(Records("<b>many</b>").empty());
    CHECK(out->rejected.size() == 1);
    CHECK(Records("<b>0</b>").size() == 1);
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a default stands in for what was not found, of its own type") {
    Fields({"a = { css = \"b\", type = \"integer\", default = \"none\" }",
            "c = { css = \"b\", many = true, default = 0 }"});
    CHECK(Record("") == R"({"a":"none","c":0})");
    CHECK(Record("<b>5</b>") == R"({"a":5,"c":["5"]})");
    CHECK(Record("<b>x</b>") == R"({"a":"none","c":["x"]})");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "many is all of them in order, and [] for none") {
    Fields({"a = { css = \"b\", many = true, type = \"integer\" }"});
    CHECK(ValueOfA("<b>1</b><b>x</b><b>3</b><b>1</b>") == "[1,3,1]");
    CHECK(ValueOfA("") == "[]");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "join makes one string of all, and null of none") {
    Fields({"a = { css = \"b\", join = \", \" }"});
    CHECK(ValueOfA("<b>1</b><b>2</b>") == "\"1, 2\"");
    CHECK(ValueOfA("<b>1</b>") == "\"1\"");
    CHECK(ValueOfA("") == "null");
    Fields({"a = { css = \"b\", join = \"+\", type = \"number\" }"});
    CHECK(ValueOfA("<b>1.50</b><b>x</b><b>2</b>") == "\"1.5+2\"");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a regular expression takes its group 1, else its match") {
    Fields({"a = { css = \"b\", re = '([0-9.]+) stars', type = \"number\" }"});
    CHECK(ValueOfA("<b>rated 4.5 stars</b>") == "4.5");
    CHECK(ValueOfA("<b>4.5 points</b>") == "null");
    Fields({"a = { css = \"b\", re = '[0-9]+' }"});
    CHECK(ValueOfA("<b>page 12 of 30</b>") == "\"12\"");
    Fields({"a = { css = \"b\", re = '(?i)NAME: (?:Mr )?(\\w+) (\\w+)' }"});
    CHECK(ValueOfA("<b>name: Mr Jon Snow</b>") == "\"Jon\"");
  }

  TEST_CASE_FIXTURE(ExtractFixture,
                    "with many a match that the expression refuses is passed over") {
    Fields({"a = { css = \"b\", re = '^[0-9]+$', many = true }"});
    CHECK(ValueOfA("<b>1</b><b>x2</b><b>3</b>") == "[\"1\",\"3\"]");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "each type comes out as itself") {
    Fields({"n = { css = \"b\", type = \"number\" }", "i = { css = \"b\", type = \"integer\" }",
            "t = { css = \"b\", type = \"bool\" }", "x = \"b\"",
            "h = { css = \"b\", type = \"html\" }"});
    CHECK(Record("<b id=q>1</b>") == R"({"n":1,"i":1,"t":true,"x":"1","h":"<b id=\"q\">1</b>"})");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "attributes, and elements without them") {
    Fields({"a = { css = \"img::attr(src)\", many = true }"});
    CHECK(ValueOfA("<img src=1><img><img src=''>") == "[\"1\",\"\"]");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "url, status and constants do not need the page") {
    page.final_url = "http://x/end?q";
    page.status = 203;
    Fields({"u = { url = true }", "s = { status = true, type = \"integer\" }", "c = { const = 5 }",
            "d = { const = \"x\", many = true }", "e = { const = false }"});
    CHECK(Record("<p>") == R"({"u":"http://x/end?q","s":203,"c":5,"d":["x"],"e":false})");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "headers are found in any case, the first or all") {
    page.headers = {{"content-type", "text/html"}, {"set-cookie", "a"}, {"set-cookie", "b"}};
    Fields({"a = { header = \"Content-TYPE\" }", "b = { header = \"set-cookie\" }",
            "c = { header = \"Set-Cookie\", many = true }", "d = { header = \"content\" }"});
    CHECK(Record("") == R"({"a":"text/html","b":"a","c":["a","b"],"d":null})");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "meta is the feed line's, by key") {
    page.meta = R"({"term":"a \"b\"","n":12,"deep":{"x":[1]},"no":false})";
    Fields({"t = { meta = \"term\" }", "n = { meta = \"n\", type = \"integer\" }",
            "d = { meta = \"deep\" }", "b = { meta = \"no\", type = \"bool\" }",
            "m = { meta = \"none\" }"});
    CHECK(Record("") == R"({"t":"a \"b\"","n":12,"d":{"x":[1]},"b":false,"m":null})");
    page.meta = "";
    CHECK(Record("") == R"({"t":null,"n":null,"d":null,"b":null,"m":null})");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a null in meta is nothing found") {
    page.meta = R"({"term":null})";
    Fields({"a = { meta = \"term\", default = \"none\" }"});
    CHECK(ValueOfA("") == "\"none\"");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "dates come out as ISO 8601") {
    Fields({"a = { css = \"b\", type = \"date\", format = [\"%m/%d/%Y\", \"iso8601\"] }"});
    CHECK(ValueOfA("<b> 7/4/2016 </b>") == "\"2016-07-04\"");
    CHECK(ValueOfA("<b>2016-07-04T10:00Z</b>") == "\"2016-07-04T10:00:00Z\"");
    CHECK(ValueOfA("<b>2/30/2016</b>") == "null");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "an item is only for pages that its match names") {
    Recipe({"name = \"r\"", "[[items]]", "name = \"i\"", "match = [\"*/biz/*\", \"*/dir/*\"]",
            "[items.fields]", "a = \"b\""});
    CHECK(Records("").size() == 1);
    page.url = "http://x/other";  // final_url still matches: it is the URL asked for that counts.
    CHECK(Records("").empty());
  }

  TEST_CASE_FIXTURE(ExtractFixture, "items follow one another in the recipe's order") {
    Recipe({"name = \"r\"", "[[items]]", "name = \"z\"", "rows = \"i\"", "[items.fields]",
            "v = \"::text\"", "[[items]]", "name = \"a\"", "[items.fields]", "v = \"b\""});
    CHECK(Records("<b>B</b><i>1</i><i>2</i>") ==
          Texts{R"({"v":"1"})", R"({"v":"2"})", R"({"v":"B"})"});
    CHECK(out->rows[0].item == "z");
    CHECK(out->rows[1].item == "a");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "nothing of a page is left in the next") {
    Recipe({"name = \"r\"", "[[items]]", "name = \"i\"", "rows = \"b\"", "[items.fields]",
            "a = { css = \"::text\", required = true, type = \"number\" }", "[[follow]]",
            "css = \"a\""});
    Extract("<b>1</b><b>x</b><a href=/1>");
    Extract("");
    CHECK(out->records.empty());
    CHECK(out->rows.empty());
    CHECK(out->rejected.empty());
    CHECK(out->links.empty());
  }

  TEST_CASE_FIXTURE(ExtractFixture, "broken UTF-8 in a page becomes U+FFFD") {
    Fields({"a = \"b\""});
    CHECK(ValueOfA("<b>x\xE2\x28\xA1y</b>") == "\"x\xEF\xBF\xBD(\xEF\xBF\xBDy\"");
    CHECK(ValueOfA("<b>\xC3\xA9</b>") == "\"\xC3\xA9\"");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "an attribute is the first element's that has it") {
    Fields({"a = \"a::attr(href)\"", "b = { css = \"a::attr(href)\", many = true }",
            "c = \"a::attr(title), b::attr(title)\"", "d = \"a::text\""});
    CHECK(Record("<a>x</a><b title=t>y</b><a href=u>z</a><a href=v>w</a>") ==
          R"({"a":"u","b":["u","v"],"c":"t","d":"x"})");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a base in a template or a drawing is none") {
    Fields({"a = { css = \"a::attr(href)\", type = \"url\" }"});
    page.url = page.final_url = "http://x/";
    CHECK(
        ValueOfA("<template><base href=/t/></template><svg><base href=/s/></svg><a href=p>x</a>") ==
        "\"http://x/p\"");
    CHECK(ValueOfA("<base href=/b/><a href=p>x</a>") == "\"http://x/b/p\"");
  }
}
