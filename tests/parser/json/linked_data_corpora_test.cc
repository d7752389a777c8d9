// Real pages: recipes as their sites' own scrapers read them, and structured data as
// extruct reads it.

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "parser/html/ascii.h"
#include "parser/json/elements.h"
#include "parser/json/json_path.h"
#include "parser/json/linked_data.h"
#include "parser/json/type_name.h"
#include "parser/json/write.h"
#include "parser/select/css_selector.h"
#include "parser/select/text.h"
#include "tests/support/corpora.h"
#include "tests/support/gunzip.h"
#include "tests/support/html_page.h"

namespace {

using simdjson::dom::element;
using thresh::Url;
using thresh::json::ArrayOf;
using thresh::json::FindMember;
using thresh::json::JsonPath;
using thresh::json::LinkedData;
using thresh::json::ObjectOf;
using thresh::select::WorkBudget;
using thresh::test::Corpora;
using thresh::test::HtmlPage;
using thresh::test::ReadFile;

std::string ReadPage(const std::filesystem::path& path) {
  if (std::filesystem::exists(path)) return ReadFile(path);
  return thresh::test::Gunzipped(ReadFile(path.string() + ".gz"));
}

// White space collapsed, U+00A0 included.
std::string Collapsed(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (text.substr(i).starts_with("\xC2\xA0")) {
      c = ' ';
      ++i;
    }
    if (!thresh::html::IsSpace(c)) {
      out.push_back(c);
    } else if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

struct CorporaFixture : HtmlPage {
  void LoadData(std::string html) {
    if (html.starts_with("\xEF\xBB\xBF")) html.erase(0, 3);
    Load(std::move(html));
    data.Load(tree, base);
    work = WorkBudget();
  }

  std::vector<element> JsonLd(std::string_view type) {
    std::vector<element> found;
    data.FindJsonLd(type, work, &found);
    return found;
  }
  std::vector<element> Microdata(std::string_view type) {
    std::vector<element> found;
    data.FindMicrodata(type, work, &found);
    return found;
  }

  // Character references decoded, as the HTML parser does.
  static std::string Unescaped(std::string_view text) {
    HtmlPage page;
    page.Load("<textarea>\n" + std::string(text) + "</textarea>");
    std::string out;
    thresh::select::AppendRawText(page.tree, thresh::html::kDocumentNode, &out);
    return out;
  }

  // The recipes' ingredients, under the name of today or the old one.
  std::vector<std::string> Ingredients(const std::vector<element>& recipes) {
    const auto path = JsonPath::Compile("$['recipeIngredient','ingredients']");
    std::vector<element> values;
    for (const element recipe : recipes) {
      if (values.empty()) path->Select(recipe, work, &values);
    }
    if (values.size() == 1 && values[0].is_array()) {
      const auto list = ArrayOf(values[0]);
      values.assign(list.begin(), list.end());
    }
    std::vector<std::string> out;
    for (const element value : values) out.push_back(Tidied(value.get_string().value()));
    std::erase(out, "");
    return out;
  }

  // As above, of a page whose properties belong to no item.
  std::vector<std::string> IngredientElements() {
    const auto css = thresh::select::CssSelector::Compile("[itemprop=ingredients]", names);
    std::vector<thresh::select::Hit> hits;
    css->SelectAll(tree, thresh::html::kDocumentNode, work, &hits);
    std::vector<std::string> out;
    for (const auto& hit : hits) thresh::select::AppendText(tree, hit.node, &out.emplace_back());
    for (std::string& text : out) text = Tidied(text);
    return out;
  }

  static std::string Tidied(std::string_view text) {
    return Collapsed(Unescaped(Unescaped(text)));  // Some sites escape twice.
  }

  LinkedData data{names};
  WorkBudget work;
  Url base = *Url::Parse("http://www.example.com/microdata/");
};

std::vector<std::string> ExpectedIngredients(element expected) {
  std::vector<std::string> out;
  for (const element one : expected["ingredients"].get_array()) {
    out.push_back(Collapsed(one.get_string().value()));
  }
  return out;
}

// ---- extruct's shapes ----

// Whether `ours` is what extruct says; `base` resolves the URLs it was not told to resolve.
struct ExtructReader {
  const Url& base;

  bool SameText(std::string_view ours, std::string_view theirs) const {
    if (Collapsed(ours) == Collapsed(theirs)) return true;
    const auto url = Url::Parse(theirs, base);
    return url && url->href() == ours;
  }

  // Their lists of one value are our single values.
  bool SameValue(element ours, element theirs) const {
    if (theirs.is_array() && !ours.is_array()) {
      const auto list = ArrayOf(theirs);
      return list.size() == 1 && SameValue(ours, list.at(0).value_unsafe());
    }
    if (theirs.is_array()) return SameList(ours, theirs);
    if (theirs.is_object()) return ours.is_object() && SameItem(ours, theirs);
    return ours.is_string() && theirs.is_string() &&
           SameText(ours.get_string().value_unsafe(), theirs.get_string().value_unsafe());
  }

  bool SameList(element ours, element theirs) const {
    const auto left = ArrayOf(ours);
    const auto right = ArrayOf(theirs);
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (!SameValue(left.at(i).value_unsafe(), right.at(i).value_unsafe())) return false;
    }
    return true;
  }

  bool SameItem(element ours, element theirs) const {
    const auto object = ObjectOf(ours);
    std::size_t members = 0;
    if (const auto type = FindMember(ObjectOf(theirs), "type")) {
      ++members;
      const auto have = FindMember(object, "@type");
      if (!have || !SameType(*have, *type)) return false;
    }
    if (const auto id = FindMember(ObjectOf(theirs), "id")) {
      ++members;
      const auto have = FindMember(object, "@id");
      if (!have || !SameValue(*have, *id)) return false;
    }
    const auto properties = FindMember(ObjectOf(theirs), "properties");
    if (!properties) return false;
    for (const auto property : ObjectOf(*properties)) {
      ++members;
      const auto have = FindMember(object, property.key);
      if (!have || !SameValue(*have, property.value)) return false;
    }
    return members == object.size();
  }

  bool SameType(element ours, element theirs) const {
    if (theirs.is_array() && ArrayOf(theirs).size() == 1) {
      return SameType(ours, ArrayOf(theirs).at(0).value_unsafe());
    }
    if (theirs.is_array()) return ours.is_array() && SameList(ours, theirs);
    return ours.is_string() &&
           ours.get_string().value_unsafe() ==
               thresh::json::WithoutSchemaOrg(theirs.get_string().value_unsafe());
  }
};

// Members in the order of their names, so that texts can be compared.
std::string Canonical(element value) {
  if (value.is_array()) {
    std::string out = "[";
    for (const element one : ArrayOf(value)) out += Canonical(one) + ',';
    return out + ']';
  }
  if (value.is_object()) {
    std::map<std::string_view, std::string> members;
    for (const auto member : ObjectOf(value)) members[member.key] = Canonical(member.value);
    std::string out = "{";
    for (const auto& [key, text] : members) out.append(key).append(":").append(text) += ',';
    return out + '}';
  }
  std::string out;
  thresh::json::AppendJson(value, &out);
  return out;
}

std::string Written(const std::vector<element>& values) {
  std::string out;
  for (const element value : values) {
    thresh::json::AppendJson(value, &out);
    out += '\n';
  }
  return out;
}

// Pages that extruct reads otherwise than the standard has it:
const std::set<std::string> kDiffer{
    "microdata.5.3",     // Values found by itemref last, not in the order of the document.
    "product-ref",       // Properties of an item that itemref names and that is no property.
    "SearchAction.001",  // <input> as an object {valueRequired, valueName}.
};

struct StructuredFixture : CorporaFixture {
  bool SameJsonLd(element expected) {
    const auto found = JsonLd("");
    const auto list = ArrayOf(expected);
    if (list.size() != found.size()) return false;
    return std::all_of(found.begin(), found.end(), [&, i = std::size_t{0}](element one) mutable {
      return Canonical(one) == Canonical(list.at(i++).value_unsafe());
    });
  }

  bool SameMicrodata(element expected) {
    const auto found = Microdata("");
    const auto list = ArrayOf(expected);
    if (list.size() != found.size()) return false;
    const ExtructReader reader{base};
    return std::all_of(found.begin(), found.end(), [&, i = std::size_t{0}](element one) mutable {
      return reader.SameItem(one, list.at(i++).value_unsafe());
    });
  }
};

}  // namespace

TEST_SUITE("structured data of real pages") {
  TEST_CASE_FIXTURE(CorporaFixture, "ingredients of recipe sites") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    simdjson::dom::parser index;
    simdjson::dom::parser expected;
    std::size_t json_ld = 0;
    std::size_t microdata = 0;
    std::size_t no_items = 0;
    for (const element site : index.load((corpora / "pages/recipes/INDEX.json").string())) {
      const std::string_view kind = site["ingredients_in"].get_string();
      if (kind == "custom") continue;
      const auto stem = corpora / "pages/recipes" / std::string(site["site"].get_string().value()) /
                        std::string(site["page"].get_string().value());
      const auto wanted = ExpectedIngredients(expected.load(stem.string() + ".json"));
      CAPTURE(stem);
      LoadData(ReadPage(stem.string() + ".html"));
      if (kind == "jsonld-exact") {
        ++json_ld;
        CHECK(Ingredients(JsonLd("Recipe")) == wanted);
      } else if (!Microdata("").empty()) {
        ++microdata;
        CHECK(Ingredients(Microdata("Recipe")) == wanted);
      } else {  // rickbayless.com has itemprop, but no itemscope.
        ++no_items;
        CHECK(IngredientElements() == wanted);
      }
    }
    CHECK(json_ld == 26);
    CHECK(microdata == 6);
    CHECK(no_items == 1);
  }

  TEST_CASE_FIXTURE(StructuredFixture, "JSON-LD as extruct reads it") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    std::size_t pages = 0;
    simdjson::dom::parser expectations;
    const auto folder = corpora / "pages/structured";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      auto path = entry.path();
      element expected;
      if (path.extension() == ".jsonld") {
        expected = expectations.load(path.string());
      } else if (path.extension() != ".json" ||
                 expectations.load(path.string())["json-ld"].get(expected) != simdjson::SUCCESS) {
        continue;
      }
      LoadData(ReadPage(path.replace_extension(".html")));
      CHECK_MESSAGE(SameJsonLd(expected), path.string(), "\n", Written(JsonLd("")));
      ++pages;
    }
    CHECK(pages == 8);
  }

  TEST_CASE_FIXTURE(StructuredFixture, "microdata as extruct reads it") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    std::size_t same = 0;
    simdjson::dom::parser expectations;
    const auto folder = corpora / "pages/structured";
    for (const char* room : {"schema.org", "w3c", "songkick"}) {
      for (const auto& entry : std::filesystem::directory_iterator(folder / room)) {
        auto path = entry.path();
        if (path.extension() != ".json") continue;
        const std::string stem = path.stem().string();
        if (stem.starts_with("product_custom")) continue;  // product.html, other options.
        element expected = expectations.load(path.string());
        if (expected.is_object()) expected = expected["microdata"];
        LoadData(ReadPage(path.replace_extension(".html")));
        const bool agrees = SameMicrodata(expected);
        CHECK_MESSAGE(agrees == !kDiffer.contains(stem), path.string(), "\n",
                      Written(Microdata("")));
        same += agrees ? 1 : 0;
      }
    }
    CHECK(same == 11);
  }

  TEST_CASE_FIXTURE(CorporaFixture, "pages cut short and with bytes changed do no harm") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    std::mt19937 random(20160704);
    const auto folder = corpora / "pages/structured";
    std::size_t pages = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.path().extension() != ".html" || entry.file_size() > 20'000) continue;
      const std::string whole = ReadFile(entry.path());
      ++pages;
      for (std::size_t round = 0; round < 50; ++round) {
        std::string changed = round % 2 == 0 ? whole.substr(0, whole.size() * round / 50) : whole;
        for (int i = 0; i < 10 && !changed.empty(); ++i) {
          changed[random() % changed.size()] = static_cast<char>(random());
        }
        page = std::move(changed);
        if (!parser.Parse(page, &tree).ok()) continue;
        data.Load(tree, base);
        for (const char* type : {"", "Product"}) {
          CHECK(Written(JsonLd(type)).size() + Written(Microdata(type)).size() < 1'000'000);
        }
      }
    }
    CHECK(pages > 10);
  }
}
