// The Extractor on JSON bodies, and on JSON inside pages.

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/parser/recipe/extract_fixture.h"

using namespace thresh;
using thresh::test::ExtractFixture;
using thresh::test::InFollow;
using Texts = std::vector<std::string>;

TEST_SUITE("Extractor: JSON bodies") {
  TEST_CASE_FIXTURE(ExtractFixture, "each row's $ is the row, values stay what they are") {
    Rows("$.r[*]", {"id = \"$.id\"", "n = \"$.n\"", "b = \"$.b\"", "t = \"$.t\"", "x = \"$.x\""});
    CHECK(
        Records(
            R"({"r":[{"id":"a","n":4.5,"b":true,"t":["p",{"q":null}]},{"n":18446744073709551615}]})") ==
        Texts{R"({"id":"a","n":4.5,"b":true,"t":["p",{"q":null}],"x":null})",
              R"({"id":null,"n":18446744073709551615,"b":null,"t":null,"x":null})"});
    CHECK(out->rows[0].rows == std::vector<std::uint32_t>{0, 1});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "of several paths for rows the first that finds some counts") {
    Recipe({"name = \"r\"", "[[items]]", "name = \"i\"",
            R"(rows = ["$.results[*]", "$.data.list[*]", "$[?@.id]"])", "[items.fields]",
            "id = \"$.id\""});
    CHECK(Records(R"({"results":[{"id":1}],"data":{"list":[{"id":2}]}})") == Texts{R"({"id":1})"});
    CHECK(Records(R"({"results":[],"data":{"list":[{"id":2}]}})") == Texts{R"({"id":2})"});
    CHECK(Records(R"([{"id":3},{"x":1},{"id":4}])") == Texts{R"({"id":3})", R"({"id":4})"});
    CHECK(Records(R"({"results":[]})").empty());
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a null is nothing found") {
    Rows("$[*]",
         {"a = { json = \"$.a\", default = \"none\" }", "m = { json = \"$.m[*]\", many = true }"});
    CHECK(Record(R"([{"a":null,"m":[1,null,2]}])") == R"({"a":"none","m":[1,2]})");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "types make of JSON values what they make of text") {
    Fields({"t = { json = \"$.n\", type = \"text\" }", "n = { json = \"$.s\", type = \"number\" }",
            "i = { json = \"$.w\", type = \"integer\" }",
            "j = { json = \"$.n\", type = \"integer\" }",
            "b = { json = \"$.one\", type = \"bool\" }",
            "d = { json = \"$.at\", type = \"date\", format = [\"unix\"] }",
            "u = { json = \"$.u\", type = \"url\" }", "o = { json = \"$.o\", type = \"text\" }",
            "q = { json = \"$.o\", type = \"number\" }"});
    CHECK(Record(R"({"n":4.5,"s":"1,234.5","w":4.0,"one":1,"at":0,"u":"../x","o":{"k":[1]}})") ==
          R"({"t":"4.5","n":1234.5,"i":4,"j":null,"b":true,"d":"1970-01-01T00:00:00Z",)"
          R"("u":"http://x/x","o":"{\"k\":[1]}","q":null})");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "integers are exact over 64 bits") {
    Fields({"a = { json = \"$.a\", type = \"integer\" }",
            "b = { json = \"$.b\", type = \"number\" }"});
    CHECK(Record(R"({"a":9223372036854775807,"b":9007199254740993})") ==
          R"({"a":9223372036854775807,"b":9007199254740993})");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "many of one array is its values, as is join") {
    Fields({"a = { json = \"$.t\", many = true }", "b = { json = \"$.t[*]\", many = true }",
            "c = { json = \"$.t\", join = \"|\" }", "d = \"$.t\"",
            "e = { json = \"$.s\", many = true }", "f = { json = \"$.no\", many = true }"});
    CHECK(Record(R"({"t":["x",5],"s":"one"})") ==
          R"({"a":["x",5],"b":["x",5],"c":"x|5","d":["x",5],"e":["one"],"f":[]})");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "expressions and pipes work on the text of values") {
    Fields({"a = { json = \"$.n\", re = '\\d+' }", "b = { json = \"$.s\", pipe = [\"upper\"] }",
            "c = { json = \"$.n\", pipe = [[\"append\", \" km\"]] }",
            "d = { json = \"$.l\", pipe = [\"last\"] }"});
    CHECK(Record(R"({"n":4.5,"s":"é","l":["x"]})") ==
          R"({"a":"4","b":"É","c":"4.5 km","d":"[\"x\"]"})");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a page field looks from the document's root") {
    Rows("$.r[*]", {"a = \"$.a\"", "s = { json = \"$.status\", page = true }"});
    CHECK(Records(R"({"status":"OK","r":[{"a":1},{"a":2}]})") ==
          Texts{R"({"a":1,"s":"OK"})", R"({"a":2,"s":"OK"})"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "without fields the whole object is the record") {
    Recipe({"name = \"r\"", "[[items]]", "name = \"i\"", "rows = \"$[*]\""});
    CHECK(Records(R"([{"a":1,"b":{"c":[]}},{"_id":"x","__v":0,"_":1},"text"])") ==
          Texts{R"({"a":1,"b":{"c":[]}})", R"({"id_":"x","v__":0,"value_":1})",
                R"({"value":"text"})"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "the body is told by Content-Type, then by how it begins") {
    Fields({"a = \"$.a\""});
    CHECK(ValueOfA(R"( {"a":1} )") == "1");
    page.headers = {{"content-type", "text/html; charset=utf-8"}};
    CHECK(ValueOfA(R"({"a":1})") == "1");
    page.headers = {{"content-type", "application/ld+json"}};
    CHECK(ValueOfA(R"({"a":1})") == "1");
    CHECK(FailureOf("{\"a\":").starts_with(": "));
    page.headers = {{"content-type", "text/plain"}};
    CHECK(ValueOfA(R"({"a":1})") == "1");
    CHECK(ValueOfA("<p>") == "null");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "lines of JSON are one array") {
    Recipe({"name = \"r\"", "body.as = \"ndjson\"", "[[items]]", "name = \"i\"", "rows = \"$[*]\"",
            "[items.fields]", "a = \"$.a\""});
    CHECK(Records("{\"a\":1}\n\n{\"a\":2}\r\n{\"a\":\"3\"}") ==
          Texts{R"({"a":1})", R"({"a":2})", R"({"a":"3"})"});
    CHECK(FailureOf("{\"a\":1}\n{\"a\":}\n").find("2") != std::string::npos);
  }

  TEST_CASE_FIXTURE(ExtractFixture, "what the recipe says a body is goes over all else") {
    Recipe({"name = \"r\"", "body.as = \"html\"", "[[items]]", "name = \"i\"", "[items.fields]",
            "a = \"b\""});
    page.headers = {{"content-type", "application/json"}};
    CHECK(ValueOfA("<b>1</b>") == "\"1\"");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "JSON too deep for a record is told") {
    Fields({"a = \"$.a\"", "n = \"$.n\""});
    std::string deep(100, '[');
    deep += std::string(100, ']');
    CHECK(FailureOf("{\"n\":1,\"a\":" + deep + "}").starts_with("parse_limit: JSON nested over"));
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a link may be put together from a value") {
    Recipe(InFollow({"json = \"$.next\"", "url = \"http://x/list?token={value}&q={meta.q}\""}));
    page.meta = R"({"q":"a b"})";
    CHECK(Links(R"({"next":"t/1+2="})") == Texts{"http://x/list?token=t%2F1%2B2%3D&q=a%20b"});
    CHECK(Links(R"({"next":""})").empty());
    CHECK(Links(R"({"next":null})").empty());
    CHECK(Links(R"({})").empty());
    page.meta = "";
    CHECK(Links(R"({"next":"t"})").empty());
  }
}

TEST_SUITE("Extractor: JSON inside pages") {
  TEST_CASE_FIXTURE(ExtractFixture, "json beside css looks inside its text") {
    Fields(
        {"a = { css = \"script[type='application/ld+json']::text\", json = "
         "\"$.aggregateRating.ratingValue\", type = \"number\" }"});
    CHECK(
        ValueOfA("<script type=application/ld+json>{\"@type\":\"X\"}</script>"
                 "<script type=application/ld+json>not JSON</script>"
                 "<script type=application/ld+json>{\"aggregateRating\":{\"ratingValue\":\"4.5\"}}"
                 "</script>") == "4.5");
    CHECK(ValueOfA("<script type=application/ld+json>{}</script>") == "null");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "its strings keep their white space") {
    Fields({"a = { css = \"script\", json = \"$.t\" }"});
    CHECK(ValueOfA("<script>\n{\"t\": \"two  blanks\"}\n</script>") == "\"two  blanks\"");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "it may stand in an attribute, or be found by XPath") {
    Rows("li", {"a = { css = \"::attr(data-x)\", json = \"$.p\" }",
                "b = { xpath = \"@data-x\", json = \"$.p\" }"});
    CHECK(Record("<li data-x='{\"p\":[1]}'>") == R"({"a":[1],"b":[1]})");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "expressions, pipes and links work on what is found in it") {
    Fields({"a = { css = \"script\", json = \"$.p\", re = '\\d+', type = \"integer\" }",
            "b = { css = \"script\", json = \"$.l\", pipe = [\"upper\"], many = true }",
            "c = { css = \"script\", json = \"$.l[*]\", join = \"+\" }"});
    CHECK(Record("<script>{\"p\":\"no 5\",\"l\":[\"x\",\"y\"]}</script>") ==
          R"({"a":5,"b":["X","Y"],"c":"x+y"})");
    Recipe(InFollow({"css = \"script\"", "json = \"$.next\""}));
    CHECK(Links("<script>{\"next\":\"/n\"}</script>") == Texts{"http://x/n"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "rows may come from it") {
    Recipe({"name = \"r\"", "[[items]]", "name = \"i\"",
            "rows = { css = \"script#data\", json = \"$.items[*]\" }", "[items.fields]",
            "a = \"$.a\"", "t = { css = \"title\", page = true }"});
    CHECK(Records("<title>T</title><script id=data>{\"items\":[{\"a\":1},{\"a\":2}]}</script>") ==
          Texts{R"({"a":1,"t":"T"})", R"({"a":2,"t":"T"})"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "JSON-LD objects of a type are rows in one line") {
    Recipe({"name = \"r\"", "[[items]]", "name = \"i\"", "jsonld = \"Recipe\"", "[items.fields]",
            "n = \"$.name\"", "i = { json = \"$.recipeIngredient[*]\", many = true }"});
    CHECK(Record("<script type=application/ld+json>{\"@graph\":[{\"@type\":\"WebPage\"},{\"@type\":"
                 "[\"Recipe\",\"Thing\"],\"name\":\"Soup\",\"recipeIngredient\":[\"salt\"]}]}"
                 "</script>") == R"({"n":"Soup","i":["salt"]})");
    CHECK(Records("<p>").empty());
  }

  TEST_CASE_FIXTURE(ExtractFixture, "without fields the object is the record") {
    Recipe({"name = \"r\"", "[[items]]", "name = \"i\"", "jsonld = \"Recipe\""});
    CHECK(
        Record(
            "<script type=application/ld+json>{\"@type\":\"Recipe\",\"name\":\"Soup\"}</script>") ==
        R"({"@type":"Recipe","name":"Soup"})");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "microdata items are rows, and both are sources of fields") {
    Recipe({"name = \"r\"", "[[items]]", "name = \"i\"", "microdata = \"Product\"",
            "[items.fields]", "n = \"$.name\"", "[[items]]", "name = \"p\"", "[items.fields]",
            "n = { microdata = \"Product\", json = \"$.name\" }",
            "b = { jsonld = \"Brand\", json = \"$.name\" }", "o = { jsonld = \"Brand\" }"});
    CHECK(Records("<div itemscope itemtype='http://schema.org/Product'><b itemprop=name>Lamp</b>"
                  "</div><script type=application/ld+json>{\"@type\":\"Brand\",\"name\":\"B\"}"
                  "</script>") ==
          Texts{R"({"n":"Lamp"})", R"({"n":"Lamp","b":"B","o":{"@type":"Brand","name":"B"}})"});
  }
}

TEST_SUITE("Extractor: numbers that become text") {
  TEST_CASE_FIXTURE(ExtractFixture, "have no exponent, however it is that they do") {
    Fields({"p = { json = \"$.p\", pipe = [\"number\"], type = \"number\" }",
            "t = { json = \"$.p\", type = \"text\" }", "r = { json = \"$.p\", re = \"^[0-9.]+$\" }",
            "j = { json = \"$.m\", join = \";\" }", "b = { json = \"$.b\", type = \"text\" }"});
    CHECK(Record(R"({"p":0.0001,"m":[0.00005,1.5e-9,1e20],"b":1e16})") ==
          R"({"p":1e-04,"t":"0.0001","r":"0.0001",)"
          R"("j":"0.00005;0.0000000015;100000000000000000000","b":"10000000000000000"})");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "so have those of XPath") {
    Fields({"a = { xpath = \"//p div 10000\", type = \"text\" }"});
    CHECK(ValueOfA("<p>1</p>") == "\"0.0001\"");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "whole ones are integers as far as 64 bits go") {
    Fields({"a = { json = \"$[*]\", type = \"integer\", many = true }"});
    CHECK(ValueOfA("[1e16,-1e18,1.8e19,1e20,1.5]") ==
          "[10000000000000000,-1000000000000000000,18000000000000000000]");
  }
}

TEST_SUITE("Extractor: the text of a script") {
  constexpr const char* kPage =
      "<script>// state\nvar s = {\"a\":\"two  spaces\"}; // more\n</script>";

  TEST_CASE_FIXTURE(ExtractFixture, "is JSON as it stands, whoever reads it") {
    Fields({"p = { css = \"script\", json = \"$.a\" }", "t = { css = \"script\", type = \"json\" }",
            "x = { xpath = \"//script\", type = \"json\" }",
            "i = { css = \"script\", pipe = [[\"json\", \"$.a\"]] }"});
    CHECK(Record(kPage) == R"({"p":"two  spaces","t":{"a":"two  spaces"},)"
                           R"("x":{"a":"two  spaces"},"i":"two  spaces"})");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a pipe reads what other fields read") {
    Fields({"a = { css = \"script\", pipe = [[\"json\", \"$.a\"]], type = \"integer\" }"});
    CHECK(ValueOfA(R"(<script>{"a":1,"b":18446744073709551616,"c":"\ud83d"}</script>)") == "1");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a string with an object in it is read, another stays") {
    Rows("$[*]", {"a = { json = \"$.v\", type = \"json\" }"});
    CHECK(Records(R"([{"v":"{\"k\":1}"},{"v":"plain"},{"v":[2]},{"v":"1.10"}])") ==
          Texts{R"({"a":{"k":1}})", R"({"a":"plain"})", R"({"a":[2]})", R"({"a":"1.10"})"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "JSON in a comment is read, whoever reads it") {
    Fields({"t = { xpath = \"//comment()\", type = \"json\" }",
            "p = { xpath = \"//comment()\", json = \"$.a\" }",
            "i = { xpath = \"//comment()\", pipe = [[\"json\", \"$.a\"]] }"});
    CHECK(Record("<p><!--{\"a\":\"b  c\"}--></p>") ==
          R"({"t":{"a":"b  c"},"p":"b  c","i":"b  c"})");
  }
}

TEST_SUITE("Extractor: several documents that are called one") {
  TEST_CASE_FIXTURE(ExtractFixture, "are taken if each begins on a line of its own") {
    page.headers = {{"content-type", "application/json"}};
    Rows("$[*]", {"a = \"$.a\""});
    CHECK(Records("{\"a\":1}\n{\"a\":2}\n") == Texts{R"({"a":1})", R"({"a":2})"});
    for (const char* broken : {R"({"a":1}7)", "[1]2", R"({"a":1}null)", R"({"a":1}{"a":2})",
                               "{\"a\":1}\n7\n", "\xEF\xBB\xBF \xEF\xBB\xBF{}"}) {
      CHECK_FALSE(FailureOf(broken).empty());
    }
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a text sequence has a separator before each (RFC 7464)") {
    page.headers = {{"content-type", "application/json-seq"}};
    Rows("$[*]", {"a = \"$.a\""});
    CHECK(Records("\x1E{\"a\":1}\n\x1E{\"a\":2}\n") == Texts{R"({"a":1})", R"({"a":2})"});
  }
}
