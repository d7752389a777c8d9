// The Extractor: XPath, fallback lists, pipes, nested records, keys, min_rows.

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/parser/recipe/extract_fixture.h"

using namespace thresh;
using thresh::test::ExtractFixture;
using Texts = std::vector<std::string>;

TEST_SUITE("Extractor: XPath") {
  TEST_CASE_FIXTURE(ExtractFixture, "rows and fields may be XPath, fields relative to the row") {
    Rows("//li",
         {"a = \".//b\"", "i = { xpath = \"@id\" }", "t = \"./text()\"",
          "n = { xpath = \"count(b)\" }", "s = { xpath = \"string(b)\" }",
          "h = { xpath = \"b\", type = \"html\" }", "p = { xpath = \"//h1\", page = true }"});
    CHECK(Record("<h1>H</h1><li id=x> one <b> a  b </b><b>c</b>") ==
          R"({"a":"a b","i":"x","t":" one ","n":2,"s":" a  b ","h":"<b> a  b </b>","p":"H"})");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "css looks inside rows that XPath found") {
    Rows("//li[2]", {"a = \"b\"", "m = { css = \"b\", many = true }"});
    CHECK(Record("<li><b>1</b><li><b>2</b><b>3</b><li>") == R"({"a":"2","m":["2","3"]})");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "numbers and truths of XPath keep their kind, text if asked") {
    Fields({"n = { xpath = \"count(//b) div 2\" }", "b = { xpath = \"count(//b) > 2\" }",
            "t = { xpath = \"count(//b)\", type = \"text\" }", "z = { xpath = \"number('x')\" }",
            "p = { xpath = \"count(//b)\", pipe = [[\"append\", \"!\"]] }"});
    CHECK(Record("<b><b><b>") == R"({"n":1.5,"b":true,"t":"3","z":null,"p":"3!"})");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "XML bodies have their names as written") {
    Recipe({"name = \"r\"", "body.as = \"xml\"", "[[items]]", "name = \"i\"", "rows = \"//item\"",
            "[items.fields]", "t = \"./title\"", "g = \"./g:price\"", "c = \"title\""});
    CHECK(Record("<rss xmlns:g='urn:g'><item><title>A &amp; B</title><g:price>5</g:price></item>"
                 "</rss>") == R"({"t":"A & B","g":"5","c":"A & B"})");
    CHECK(FailureOf("<rss><item>").starts_with(": line 1"));
  }

  TEST_CASE_FIXTURE(ExtractFixture, "plain text is one pre") {
    Recipe({"name = \"r\"", "body.as = \"text\"", "[[items]]", "name = \"i\"", "[items.fields]",
            "a = { css = \"pre\", re = 'no (\\d+)' }", "s = { xpath = \"string(//pre)\" }"});
    CHECK(Record("<b>\n no 5") == R"({"a":"5","s":"<b>\n no 5"})");
  }
}

TEST_SUITE("Extractor: any and pipe") {
  TEST_CASE_FIXTURE(ExtractFixture, "the first source that finds something wins") {
    Fields(
        {"a = { any = [\"h1\", \"//h2\", { css = \"meta::attr(content)\", re = '\\w+' }, "
         "{ const = \"none\" }] }"});
    CHECK(ValueOfA("<h1>1</h1><h2>2</h2>") == "\"1\"");
    CHECK(ValueOfA("<h2>2</h2><meta content='x y'>") == "\"2\"");
    CHECK(ValueOfA("<meta content='x y'>") == "\"x\"");
    CHECK(ValueOfA("<p>") == "\"none\"");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "what is no value of the type is nothing found") {
    Fields({"a = { any = [\"b\", \"i\"], type = \"number\" }"});
    CHECK(ValueOfA("<b>n/a</b><i>5</i>") == "5");
    Fields({"a = { any = [\"b\", \"i\"], many = true }"});
    CHECK(ValueOfA("<i>1</i><i>2</i>") == "[\"1\",\"2\"]");
    CHECK(ValueOfA("<b>0</b><i>1</i>") == "[\"0\"]");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "any may mix JSON and CSS") {
    Fields({"a = { any = [\"$.a\", \"b\"] }"});
    CHECK(ValueOfA("<b>x</b>") == "\"x\"");
    CHECK(ValueOfA("{\"a\":5}") == "5");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a pipe comes between the expression and the type") {
    Fields(
        {"a = { css = \"b\", re = 'price: (.*)', pipe = [\"trim\", [\"replace\", \"-\", \"\"]], "
         "type = \"integer\" }"});
    CHECK(ValueOfA("<b>price: 1-2-3 </b>") == "123");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "split makes many of one, last takes the last that was found") {
    Fields({"a = { css = \"b\", pipe = [[\"split\", \",\"], \"trim\"], many = true }"});
    CHECK(ValueOfA("<b>1, 2</b><b>3</b>") == R"(["1","2","3"])");
    Fields({"a = { css = \"b\", pipe = [[\"split\", \",\"], \"last\"] }"});
    CHECK(ValueOfA("<b>1,2</b><b>3</b>") == "\"2\"");
    Fields({"a = { css = \"b\", pipe = [\"last\"] }"});
    CHECK(ValueOfA("<b>1</b><b>2</b><b>3</b>") == "\"3\"");
    Fields({"a = { css = \"b\", pipe = [[\"keep\", \"^t\"]] }"});
    CHECK(ValueOfA("<b>one</b><b>two</b><b>three</b>") == "\"two\"");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a pipe that leaves nothing finds nothing") {
    Fields({"a = { css = \"b\", pipe = [\"drop_empty\"], default = 0 }"});
    CHECK(ValueOfA("<b> </b>") == "0");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "absolute_url knows the page and its base") {
    Fields(
        {"a = { css = \"a::attr(href)\", pipe = [\"absolute_url\", [\"query_param\", \"id\"]] }"});
    CHECK(ValueOfA("<base href=/q/><a href='?id=5'>") == "\"5\"");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "numbers come out of prices") {
    Fields({"a = { css = \"b\", type = \"number\", many = true }"});
    CHECK(ValueOfA("<b>$1,234.50</b><b>1.234,50 &euro;</b><b>1&nbsp;234,50&nbsp;EUR</b><b>\u22125"
                   "</b><b>free</b>") == "[1234.5,1234.5,1234.5,-5]");
  }
}

TEST_SUITE("Extractor: nested records") {
  TEST_CASE_FIXTURE(ExtractFixture, "a field with rows of its own is a list of records") {
    Rows("li", {"n = \"b\"",
                "o = { rows = \"i\", many = true, fields = { t = \"::text\", k = "
                "{ css = \"::attr(id)\", type = \"integer\" } } }"});
    CHECK(Records("<li><b>A</b><i id=1>x</i><i>y</i><li><b>B</b>") ==
          Texts{R"({"n":"A","o":[{"t":"x","k":1},{"t":"y","k":null}]})", R"({"n":"B","o":[]})"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "without many it is the first, or null; without rows the row") {
    Rows("li", {"o = { rows = \"i\", fields = { t = \"::text\" } }",
                "w = { fields = { x = \"b\", id = \"::attr(id)\" } }"});
    CHECK(Records("<li id=q><b>A</b><i>x</i><i>y</i><li>") ==
          Texts{R"({"o":{"t":"x"},"w":{"x":"A","id":"q"}})",
                R"({"o":null,"w":{"x":null,"id":null}})"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "records nest, in JSON too, and keep their order") {
    Rows("$.a[*]", {"z = { rows = \"$.b[*]\", many = true, fields = { y = { rows = \"$.c[*]\", "
                    "many = true, fields = { v = \"$\" } }, x = \"$.x\" } }"});
    CHECK(Record(R"({"a":[{"b":[{"c":[1,2],"x":"p"},{"c":[]}]}]})") ==
          R"({"z":[{"y":[{"v":1},{"v":2}],"x":"p"},{"y":[],"x":null}]})");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a required field inside that is missing rejects the row") {
    Rows("li",
         {"o = { rows = \"i\", many = true, fields = { k = { css = \"::attr(id)\", required = "
          "true } } }"});
    CHECK(Records("<li><i id=1></i><li><i></i>") == Texts{R"({"o":[{"k":"1"}]})"});
    REQUIRE(out->rejected.size() == 1);
    CHECK(out->rejected[0].field == "o.k");
    Rows("li", {"o = { rows = \"i\", many = true, required = true, fields = { k = \"::text\" } }"});
    CHECK(Records("<li><i>1</i><li>") == Texts{R"({"o":[{"k":"1"}]})"});
    CHECK(out->rejected.at(0).field == "o");
  }
}

TEST_SUITE("Extractor: keys and rows") {
  TEST_CASE_FIXTURE(ExtractFixture, "a key drops repeats within a page, the first stays") {
    Recipe({"name = \"r\"", "[[items]]", "name = \"i\"", "rows = \"li\"", "key = [\"a\", \"b\"]",
            "[items.fields]", "a = \"b\"", "b = \"i\"", "c = \"u\""});
    CHECK(Records(
              "<li><b>1</b><u>x</u><li><b>1</b><u>y</u><li><b>1</b><i>2</i><li><b>1</b><i>2</i>") ==
          Texts{R"({"a":"1","b":null,"c":"x"})", R"({"a":"1","b":"2","c":null})"});
    CHECK(out->rows[0].rows == std::vector<std::uint32_t>{0, 2});
    CHECK(Records("<li><u>x</u><li><u>y</u>").size() == 2);  // No key to tell them by.
    CHECK(Records("<li><b>1</b>").size() == 1);              // Nothing is left of other pages.
  }

  TEST_CASE_FIXTURE(ExtractFixture, "fewer rows than min_rows fail the page") {
    Recipe({"name = \"r\"", "[[items]]", "name = \"i\"", "rows = \"li\"", "min_rows = 2",
            "match = [\"*/dir/*\"]", "[items.fields]", "a = \"::text\""});
    CHECK(FailureOf("<li>1") == "min_rows: i: expected at least 2 rows, found 1");
    CHECK(Records("<li>1<li>2").size() == 2);
    page.url = "http://x/other";
    CHECK(Records("<li>1").empty());
  }

  TEST_CASE_FIXTURE(ExtractFixture, "fields are counted, those inside others too") {
    Rows("li", {"a = \"b\"", "o = { rows = \"i\", fields = { k = \"::text\" } }",
                "p = { css = \"h1\", page = true }"});
    Extract("<h1>H</h1><li><b>1</b><i>x</i><li><b>2</b><li>");
    REQUIRE(program.field_names.size() == 4);
    CHECK(program.field_names[2].field == "o.k");
    CHECK(out->fields[0].rows == 3);
    CHECK(out->fields[0].found == 2);
    CHECK(out->fields[1].found == 1);
    CHECK(out->fields[2].rows == 1);
    CHECK(out->fields[3].found == 3);
  }

  TEST_CASE_FIXTURE(ExtractFixture, "records of a page are bounded") {
    Rows("li", {"a = { css = \"h1\", page = true }"});
    std::string hostile = "<h1>" + std::string(1 << 20, 'x') + "</h1>";
    for (int i = 0; i < 100; ++i) hostile += "<li>";
    CHECK(FailureOf(hostile).starts_with("result_too_large: "));
  }
}
