// Every page and answer of the shared corpora, cut short and with bytes changed, through whole
// recipes: packing, charsets, HTML, CSS, XPath, structured data, JSON inside pages, types, pipes
// and links. Whatever comes of it, it ends soon, and what is found is whole: MessagePack whose
// texts are UTF-8. 50 cuts and 200 changed bytes a page with THRESH_ALL=1; else a short form.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <simdjson.h>

#include "lib/text/utf8.h"
#include "parser/recipe/extract.h"
#include "parser/recipe/record_text.h"
#include "tests/support/corpora.h"
#include "tests/support/gunzip.h"

namespace {

using namespace thresh;
using thresh::test::Corpora;
using thresh::test::ReadFile;
using thresh::test::ReadUnpacked;

// All of the language, over what pages have in common.
constexpr std::string_view kRecipe = R"toml(
name = "damage"
[[items]]
name = "page"
[items.fields]
title = { any = ["h1", "title", ".//h2"], pipe = ["unescape", "squeeze", ["slice", 0, 1]] }
links = { css = "a[href]:not([href^='#'])::attr(href)", type = "url", many = true }
texts = { xpath = "//p[string-length(normalize-space(.)) > 20]", many = true }
dates = { css = "time, .date", type = "date", format = ["iso8601", "%d %B %Y"], many = true }
prices = { css = ".price, [itemprop=price]", re = '([\d.,]+)', type = "number", many = true }
markup = { css = "body > :nth-child(2n+1 of div)::html", pipe = ["strip_tags", "upper"] }
count = { xpath = "count(//*[@id and position() mod 3 = 1])" }
text = { xpath = "translate(normalize-space(concat(//h1, //h2)), 'abc', 'ABC')" }
lines = "body :has(> li):is(ul, ol)::lines"
own = { css = "div::own-text", many = true, pipe = ["trim", "drop_empty", "unique"] }
data = { css = "script:not([src])", json = "$..name", many = true }
ids = { xpath = "//@id[re:test(., '^[a-z]+-[0-9]+$')]", join = "|" }
json = { css = "script[type='application/ld+json']", type = "json" }
[[items]]
name = "row"
rows = "li, tr, article"
key = ["link", "text"]
[items.fields]
link = "a::attr(href)"
text = { css = "::text", required = true }
number = { css = "*", type = "integer" }
before = "./preceding-sibling::*[1]/@class"
[items.fields.inner]
rows = "span"
many = true
fields = { a = "::own-text", b = ".//img/@src" }
[[items]]
name = "object"
jsonld = "Product"
[[items]]
name = "recipe"
jsonld = "Recipe"
[items.fields]
ingredients = { json = "$.recipeIngredient", many = true, pipe = ["unescape"] }
author = "$..author"
[[items]]
name = "microdata"
microdata = "Product"
[[items]]
name = "answer"
rows = "$..[?@.id || @.place_id || @.user]"
[items.fields]
id = { any = ["$.place_id", "$.id_str", "$.id"], type = "text" }
name = { json = "$.user.name", pipe = ["lower"] }
rating = { json = "$.rating", type = "number" }
all = { json = "$.*", many = true, type = "json" }
[[follow]]
css = "a, link[rel=next]"
strip_params = ["utm_*"]
[[follow]]
any = ["$.next_page_token", "$.next"]
url = "http://host/list?token={value}&from={url}"
)toml";

bool RunsAll() {
  const char* all = std::getenv("THRESH_ALL");
  return all != nullptr && std::string_view(all) == "1";
}

std::vector<std::filesystem::path> FilesBelow(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class DamageFixture {
 public:
  DamageFixture() {
    const Result<Recipe> recipe = ParseRecipe(kRecipe, "damage.toml");
    REQUIRE_MESSAGE(recipe.ok(), recipe.error().detail);
    Result<Program> compiled = CompileRecipe(*recipe, extractor_.names());
    REQUIRE_MESSAGE(compiled.ok(), compiled.error().detail);
    program_ = std::move(*compiled);
  }

  /// The file's damage: `cuts` of its pages, and `rounds` of `flips` bytes changed.
  void Damage(const std::filesystem::path& path, std::size_t cuts, std::size_t rounds,
              std::size_t flips) {
    const std::string packed = ReadFile(path);
    std::string body = ReadUnpacked(path);
    type_ = TypeOf(path.string());
    coding_ = "";
    ExtractExactly(body);
    for (std::size_t i = 0; i < cuts; ++i) {
      ExtractExactly(std::string_view(body).substr(0, random_() % (body.size() + 1)));
    }
    Flip(&body, rounds, flips);
    if (packed.size() == body.size()) return;
    coding_ = "gzip";  // What the packing itself makes of it.
    ExtractExactly(std::string_view(packed).substr(0, random_() % packed.size()));
    std::string damaged = packed;
    Flip(&damaged, 2, 3);
  }

  [[nodiscard]] std::size_t pages() const noexcept { return pages_; }
  [[nodiscard]] std::size_t records() const noexcept { return records_; }

 private:
  static constexpr std::chrono::seconds kPatience{60};

  static std::string TypeOf(std::string_view path) {
    if (path.find(".html") != std::string_view::npos) return "text/html";
    if (path.ends_with(".ndjson")) return "application/x-ndjson";
    return path.ends_with(".json") ? "application/json" : "";
  }

  void Flip(std::string* body, std::size_t rounds, std::size_t flips) {
    static constexpr char kTelling[] =
        "<>/&;=\"'!-[]{}?#,:\\ \0\r\n\tbpt";  // Its last NUL as well.
    for (std::size_t round = 0; round < rounds && !body->empty(); ++round) {
      for (std::size_t i = 0; i < flips; ++i) {
        const bool telling = random_() % 2 == 0;
        (*body)[random_() % body->size()] =
            telling ? kTelling[random_() % sizeof kTelling] : static_cast<char>(random_());
      }
      ExtractExactly(*body);
    }
  }

  /// The bytes lie in a block of just their size, so that a sanitizer sees a read behind them.
  void ExtractExactly(std::string_view bytes) {
    static constexpr const char* kCharsets[] = {
        "",         "",       "utf-8", "windows-1252", "gbk",           "shift_jis", "iso-2022-jp",
        "utf-16le", "euc-kr", "big5",  "gb18030",      "x-user-defined"};
    const std::unique_ptr<char[]> block(new char[bytes.size()]);
    std::copy(bytes.begin(), bytes.end(), block.get());
    const std::string charset = kCharsets[random_() % std::size(kCharsets)];
    const std::string type = charset.empty() ? type_ : type_ + "; charset=" + charset;
    PageInput page{.url = "http://host/a/b?c=d", .final_url = "http://host/a/b?c=d"};
    page.body = {block.get(), bytes.size()};
    if (!type_.empty()) page.headers.emplace_back("content-type", type);
    if (!coding_.empty()) page.headers.emplace_back("content-encoding", coding_);
    const auto begin = std::chrono::steady_clock::now();
    const Result<const Extraction*> found = extractor_.Extract(program_, page);
    CHECK(std::chrono::steady_clock::now() - begin < kPatience);
    ++pages_;
    if (found.ok()) {
      CheckWhole(**found);
    } else {
      CHECK((found.error().code == Errc::kInvalid || found.error().code == Errc::kTooLarge));
      CHECK(IsUtf8(found.error().detail));
    }
  }

  void CheckWhole(const Extraction& found) {
    std::size_t told = 0, read = 0;
    for (const ItemRows& item : found.rows) told += item.rows.size();
    for (std::size_t at = 0; at < found.records.size(); ++read) {
      line_.clear();
      at = AppendPackedAsJson(found.records, at, &line_);
      simdjson::dom::element record;
      const bool whole = line_.find('\n') == std::string::npos &&
                         json_.parse(line_).get(record) == simdjson::SUCCESS && record.is_object();
      if (!whole) CHECK_MESSAGE(whole, line_);
    }
    CHECK(read == told);
    records_ += read;
    for (const FollowedLink& link : found.links) {
      const bool absolute = link.url.starts_with("http://") || link.url.starts_with("https://");
      if (!absolute || !IsUtf8(link.url)) CHECK_MESSAGE(absolute, link.url);
    }
  }

  Extractor extractor_;
  Program program_;
  std::string type_, coding_, line_;
  simdjson::dom::parser json_;
  std::minstd_rand random_{20240301};
  std::size_t pages_ = 0, records_ = 0;
};

}  // namespace

TEST_SUITE("Recipes on damaged pages") {
  TEST_CASE_FIXTURE(DamageFixture, "pages cut short and with bytes changed do no harm") {
    const auto corpora = Corpora();
    if (corpora.empty()) return;
    constexpr std::size_t kSmall = 50'000;  // Packed, where it is.
    std::size_t files = 0;
    for (const char* folder : {"pages", "api", "site", "conformance/sitemaps"}) {
      for (const std::filesystem::path& path : FilesBelow(corpora / folder)) {
        CAPTURE(path.string());
        const bool small = std::filesystem::file_size(path) < kSmall;
        if (RunsAll()) {
          Damage(path, 50, 200, 1);
        } else {
          Damage(path, small ? 2 : 0, 1, 200);
        }
        ++files;
      }
    }
    CHECK(files > 500);
    CHECK(pages() > 3 * files);
    CHECK(records() > 10'000);
  }
}
