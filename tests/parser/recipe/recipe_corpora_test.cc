// Recipes on the real pages of the shared corpora: reviews, recipe sites, pagers.

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "lib/text/json.h"
#include "parser/recipe/extract.h"
#include "parser/recipe/recipe_test.h"
#include "parser/recipe/record_text.h"
#include "tests/support/corpora.h"

namespace {

using namespace thresh;
using simdjson::dom::element;
using thresh::test::Corpora;
using thresh::test::ReadFile;

// `sel@attr` of the corpora as our selector.
std::string CssOf(std::string_view notation) {
  const std::size_t at = notation.rfind('@');
  if (at == std::string_view::npos) return std::string(notation);
  return std::string(notation.substr(0, at)) + "::attr(" + std::string(notation.substr(at + 1)) +
         ")";
}

struct CorporaFixture {
  void Compile(const std::string& text) {
    const Result<Recipe> recipe = ParseRecipe(text, "corpora.toml");
    REQUIRE_MESSAGE(recipe.ok(), recipe.error().detail);
    Result<Program> compiled = CompileRecipe(*recipe, extractor.names());
    REQUIRE_MESSAGE(compiled.ok(), compiled.error().detail);
    program = std::move(*compiled);
  }

  /// `packed`: gzip, as servers send it.
  const Extraction& Extract(const std::string& url, const std::string& packed,
                            const std::string& charset) {
    const std::string type = "text/html; charset=" + charset;
    PageInput page{.url = url, .final_url = url, .status = 200, .body = packed};
    page.headers = {{"content-encoding", "gzip"}, {"content-type", type}};
    const Result<const Extraction*> found = extractor.Extract(program, page);
    REQUIRE_MESSAGE(found.ok(), found.error().detail);
    return **found;
  }

  static std::vector<FoundRecord> Records(const Extraction& found) {
    std::vector<FoundRecord> records;
    for (std::size_t at = 0; at < found.records.size();) {
      at = AppendPackedAsJson(found.records, at, &records.emplace_back("real", "").json);
    }
    return records;
  }

  Extractor extractor;
  Program program;
  simdjson::dom::parser json;
};

// A recipe with the page's own selectors, page values included.
std::string ReviewRecipe(element expected) {
  const element recipe = expected["recipe"].value();
  std::string text = "name = \"real\"\n[[items]]\nname = \"real\"\nrows = ";
  text += JsonString(recipe["records"].get_string().value()) + "\n[items.fields]\n";
  const simdjson::dom::object fields = recipe["fields"].get_object().value();
  for (const auto& [name, notation] : fields) {
    text += std::string(name) + " = " + JsonString(CssOf(notation.get_string().value())) + "\n";
  }
  simdjson::dom::object page;
  if (recipe["page"].get(page) != simdjson::SUCCESS) return text;
  for (const auto& [name, notation] : page) {
    text += "page_" + std::string(name) +
            " = { page = true, css = " + JsonString(CssOf(notation.get_string().value())) + " }\n";
  }
  return text;
}

// The records that the page's file expects, with its page values in each.
std::string ReviewLines(element expected) {
  std::string lines, page;
  simdjson::dom::object values;
  if (expected["page_values"].get(values) == simdjson::SUCCESS) {
    for (const auto& [name, value] : values) {
      page += ",\"page_" + std::string(name) + "\":" + simdjson::minify(value);
    }
  }
  for (const element record : expected["records"]) {
    const std::string fields = simdjson::minify(record);
    lines += fields.substr(0, fields.size() - 1) + page + "}\n";
  }
  return lines;
}

// Of a list of texts the form in which the corpora compare them.
std::string Squeezed(element list) {
  std::string texts;
  for (const element text : list) {
    std::string_view value = text.get_string().value();
    bool space = false;
    for (std::size_t i = 0; i < value.size(); ++i) {
      const bool nbsp = value.substr(i).starts_with("\xC2\xA0");
      if (nbsp || std::string_view(" \t\n\f\r").find(value[i]) != std::string_view::npos) {
        space = true;
        i += nbsp ? 1 : 0;
        continue;
      }
      if (space && !texts.empty() && texts.back() != '\n') texts += ' ';
      space = false;
      texts += value[i];
    }
    texts += '\n';
  }
  return texts;
}

}  // namespace

TEST_SUITE("Recipes on the corpora") {
  TEST_CASE_FIXTURE(CorporaFixture, "all 107 records of the review pages, all fields") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    std::size_t records = 0;
    for (const char* name :
         {"yelp-biz-2014", "yelp-search-unies", "amazon-reviews-2016-p1", "amazon-com-product-2021",
          "iens-restaurant-2016", "trustpilot-uk-2019"}) {
      CAPTURE(name);
      const auto base = (corpora / "pages/reviews" / name).string();
      const element expected = json.load(base + ".expected.json");
      Compile(ReviewRecipe(expected));
      const auto found = Records(Extract(std::string(expected["page_url"].get_string().value()),
                                         ReadFile(base + ".html.gz"),
                                         std::string(expected["encoding"].get_string().value())));
      const auto differences = CompareRecords(ReviewLines(expected), found, {"real"});
      for (const std::string& difference : differences) CHECK_MESSAGE(false, difference);
      records += found.size();
    }
    CHECK(records == 107);
  }

  TEST_CASE_FIXTURE(CorporaFixture, "the ingredients of 33 recipe sites, in one line each") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    simdjson::dom::parser index;
    std::size_t jsonld = 0, microdata = 0;
    for (element entry : index.load((corpora / "pages/recipes/INDEX.json").string())) {
      const std::string_view where = entry["ingredients_in"].get_string();
      if (where == "custom") continue;
      const bool is_jsonld = where == "jsonld-exact";
      const auto base = corpora / "pages/recipes" / entry["site"].get_string().value() /
                        entry["page"].get_string().value();
      CAPTURE(base.string());
      const std::string type = is_jsonld ? "jsonld" : "microdata";
      // One page of them has the properties, but no item around them.
      const bool no_item = entry["page"].get_string().value() == "rickbayless";
      Compile("name = \"r\"\n[[items]]\nname = \"real\"\n" +
              (no_item ? "" : type + " = \"Recipe\"\n") + "[items.fields]\ningredients = { " +
              (no_item ? "css = \"[itemprop=ingredients]\""
                       : "any = [\"$.recipeIngredient\", \"$.ingredients\"]") +
              ", many = true, "
              "pipe = [\"unescape\", [\"replace\", \"\\u00A0\", \" \"], \"squeeze\"] }\n");
      const auto found =
          Records(Extract("http://x/", ReadFile(base.string() + ".html.gz"), "utf-8"));
      REQUIRE_FALSE(found.empty());
      simdjson::dom::parser found_json;
      const std::string wanted =
          Squeezed(json.load(base.string() + ".json")["ingredients"].value());
      CHECK(Squeezed(found_json.parse(found[0].json)["ingredients"].value()) == wanted);
      ++(is_jsonld ? jsonld : microdata);
    }
    CHECK(jsonld == 26);
    CHECK(microdata == 7);
  }

  TEST_CASE_FIXTURE(CorporaFixture, "the next links of 68 pages, resolved with <base>") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    std::size_t pages = 0;
    simdjson::dom::parser index;
    for (element entry : index.load((corpora / "pages/pagination/expected.json").string())) {
      simdjson::dom::array hrefs, next;
      if (entry["next"].get(hrefs) != simdjson::SUCCESS || hrefs.size() == 0) continue;
      REQUIRE(entry["next_resolved"].get(next) == simdjson::SUCCESS);
      const std::string id(entry["id"].get_string().value());
      CAPTURE(id);
      std::string css(entry["selectors"]["NEXT"].get_string().value());
      Compile("name = \"r\"\n[[follow]]\ncss = " + JsonString(css) + "\n");
      const Extraction& found = Extract(std::string(entry["page_url"].get_string().value()),
                                        ReadFile(corpora / "pages/pagination" / (id + ".html.gz")),
                                        std::string(entry["encoding"].get_string().value()));
      std::set<std::string> links, wanted;
      for (const FollowedLink& link : found.links) links.insert(link.url);
      for (const element url : next) {
        if (url.is_null()) continue;  // The selector finds what has no href.
        const Result<Url> parsed = Url::Parse(url.get_string().value());
        REQUIRE(parsed.ok());
        if (parsed->is_http()) wanted.insert(parsed->WithoutFragment().href());
      }
      CHECK(links == wanted);
      ++pages;
    }
    CHECK(pages == 68);
  }
}
