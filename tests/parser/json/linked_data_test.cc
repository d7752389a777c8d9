#include "parser/json/linked_data.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "parser/json/json_path.h"
#include "parser/json/type_name.h"
#include "parser/json/write.h"
#include "tests/support/html_page.h"

using thresh::Url;
using thresh::json::IsSameType;
using thresh::json::LinkedData;
using thresh::select::WorkBudget;

namespace {

struct LinkedDataFixture : thresh::test::HtmlPage {
  void LoadData(std::string html) {
    Load(std::move(html));
    data.Load(tree, base);
  }
  std::string JsonLd(std::string_view type) {
    std::vector<simdjson::dom::element> found;
    data.FindJsonLd(type, work, &found);
    return Written(found);
  }
  std::string Microdata(std::string_view type) {
    std::vector<simdjson::dom::element> found;
    data.FindMicrodata(type, work, &found);
    return Written(found);
  }
  // The objects, as JSON, parted by spaces.
  static std::string Written(const std::vector<simdjson::dom::element>& found) {
    std::string out;
    for (const auto object : found) {
      if (!out.empty()) out += ' ';
      thresh::json::AppendJson(object, &out);
    }
    return out;
  }

  LinkedData data{names};
  WorkBudget work;
  Url base = *Url::Parse("https://example.org/a/b");
};

std::string Script(std::string_view json, std::string_view type = "application/ld+json") {
  return "<script type=\"" + std::string(type) + "\">" + std::string(json) + "</script>";
}

}  // namespace

TEST_SUITE("JSON-LD") {
  TEST_CASE_FIXTURE(LinkedDataFixture, "objects of a type, wherever they stand") {
    LoadData(Script(R"({"@graph":[{"@type":"Recipe","n":1},{"@type":["Thing","Recipe"],"n":2}]})") +
             Script(R"([{"@type":"https://schema.org/Recipe","n":3}])") +
             Script(R"({"@type":"WebPage","mainEntity":{"@type":"http://schema.org/Recipe","n":4,
                        "video":{"@type":"Recipe","n":5}}})") +
             Script(R"({"@type":"Recipes"})"));
    CHECK(JsonLd("Recipe") ==
          R"({"@type":"Recipe","n":1} {"@type":["Thing","Recipe"],"n":2} )"
          R"({"@type":"https://schema.org/Recipe","n":3} )"
          R"({"@type":"http://schema.org/Recipe","n":4,"video":{"@type":"Recipe","n":5}} )"
          R"({"@type":"Recipe","n":5})");
    CHECK(JsonLd("https://schema.org/Recipes") == R"({"@type":"Recipes"})");
    CHECK(JsonLd("recipe") == "");
    CHECK(JsonLd("Thing") == R"({"@type":["Thing","Recipe"],"n":2})");
  }

  TEST_CASE_FIXTURE(LinkedDataFixture, "without a type: what each script says") {
    LoadData(Script(R"({"a":{"b":1}})") + Script(R"([{"c":1},[{"d":1}],5])") + Script("null"));
    CHECK(JsonLd("") == R"({"a":{"b":1}} {"c":1} {"d":1})");
  }

  TEST_CASE_FIXTURE(LinkedDataFixture, "the type attribute may have parameters and any case") {
    LoadData(Script(R"({"n":1})", " Application/LD+JSON ; charset=utf-8") +
             Script(R"({"n":2})", "application/json") +
             Script(R"({"n":3})", "application/ld+jsonx") + "<script>{\"n\":4}</script>");
    CHECK(JsonLd("") == R"({"n":1})");
  }

  TEST_CASE_FIXTURE(LinkedDataFixture, "a broken script is passed over, and told") {
    LoadData(Script("{\"n\":1,}") + Script("{\"n\":") + Script("") +
             Script("<!-- x -->{\"n\":\"a\nb\"}"));
    CHECK(JsonLd("") == R"({"n":1} {"n":"a\nb"})");
    CHECK(data.faults().size() == 2);
    LoadData(Script("{\"n\":2}"));
    CHECK(JsonLd("") == R"({"n":2})");
    CHECK(data.faults().empty());
  }

  TEST_CASE_FIXTURE(LinkedDataFixture, "what was found stays while more is looked for") {
    std::string html;
    for (int i = 0; i < 200; ++i)
      html += Script("{\"@type\":\"A\",\"n\":" + std::to_string(i) + "}");
    LoadData(html + "<p itemscope itemtype=A><b itemprop=n>x</b>");
    std::vector<simdjson::dom::element> found;
    data.FindJsonLd("A", work, &found);
    data.FindMicrodata("A", work, &found);
    data.FindMicrodata("", work, &found);
    REQUIRE(found.size() == 202);
    CHECK(
        Written({found.front(), found[199], found[200], found[201]}) ==
        R"({"@type":"A","n":0} {"@type":"A","n":199} {"@type":"A","n":"x"} {"@type":"A","n":"x"})");
  }

  TEST_CASE_FIXTURE(LinkedDataFixture, "one path looks into both kinds") {
    LoadData(Script(R"({"@type":"Product","offers":{"@type":"Offer","price":"5"}})") +
             "<p itemscope itemtype=http://schema.org/Product><b itemprop=offers itemscope "
             "itemtype=http://schema.org/Offer><i itemprop=price>5</i></b>");
    const auto path = thresh::json::JsonPath::Compile("$.offers[?@ == '5']");
    CHECK(JsonLd("Product") == Microdata("Product"));
    std::vector<simdjson::dom::element> found;
    data.FindJsonLd("Product", work, &found);
    data.FindMicrodata("Product", work, &found);
    for (const auto product : found) CHECK(path->SelectFirst(product, work).has_value());
  }

  TEST_CASE("names of types") {
    CHECK(IsSameType("Recipe", "Recipe"));
    CHECK(IsSameType("http://schema.org/Recipe", "Recipe"));
    CHECK(IsSameType("schema:Recipe", "https://www.schema.org/Recipe/"));
    CHECK(IsSameType("Recipe", "http://schema.org/Recipe"));
    CHECK(IsSameType("http://data-vocabulary.org/Review", "Review"));
    CHECK(IsSameType("http://www.w3.org/2006/vcard#Address", "Address"));
    CHECK_FALSE(IsSameType("http://data-vocabulary.org/Review", "http://schema.org/Review"));
    CHECK_FALSE(IsSameType("HowToRecipe", "Recipe"));
    CHECK_FALSE(IsSameType("http://schema.org/", "Recipe"));
    CHECK_FALSE(IsSameType("", "Recipe"));
  }
}
