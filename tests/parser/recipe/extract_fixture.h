#pragma once

// Words for tests of the Extractor: a recipe, a page, and what comes out, as JSON.

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "parser/recipe/extract.h"
#include "parser/recipe/record_text.h"
#include "tests/lib/recipe/recipe_text.h"

namespace thresh::test {

struct ExtractFixture {
  void Recipe(const Lines& lines) {
    Result<Program> compiled = CompileRecipe(Parsed(lines), extractor.names());
    REQUIRE_MESSAGE(compiled.ok(), compiled.error().detail);
    program = std::move(*compiled);
  }
  /// A recipe of one item with these fields, a record a page.
  void Fields(const Lines& fields) { Recipe(InFields(fields)); }
  /// The same, a record for each match of `rows`.
  void Rows(const std::string& rows, const Lines& fields) {
    Recipe(Lines{"name = \"r\"", "[[items]]", "name = \"i\"", "rows = \"" + rows + "\"",
                 "[items.fields]"} +
           fields);
  }

  const Extraction& Extract(std::string_view html) {
    page.body = html;
    const Result<const Extraction*> result = extractor.Extract(program, page);
    REQUIRE_MESSAGE(result.ok(), result.error().detail);
    out = *result;
    return *out;
  }
  /// Why a page fails: its reason and the detail.
  std::string FailureOf(std::string_view html) {
    page.body = html;
    const Result<const Extraction*> result = extractor.Extract(program, page);
    REQUIRE_FALSE(result.ok());
    return std::string(result.error().reason) + ": " + result.error().detail;
  }
  /// The links of a page.
  std::vector<std::string> Links(std::string_view html) {
    std::vector<std::string> links;
    for (const FollowedLink& link : Extract(html).links) links.push_back(link.url);
    return links;
  }
  /// The records of a page, a JSON object each.
  std::vector<std::string> Records(std::string_view html) {
    Extract(html);
    std::vector<std::string> records;
    for (std::size_t at = 0; at < out->records.size();) {
      at = AppendPackedAsJson(out->records, at, &records.emplace_back());
    }
    return records;
  }
  /// The only record of a page.
  std::string Record(std::string_view html) {
    const auto records = Records(html);
    REQUIRE(records.size() == 1);
    return records[0];
  }
  /// The value of field `a` in it.
  std::string ValueOfA(std::string_view html) {
    const std::string record = Record(html);
    REQUIRE_MESSAGE(record.starts_with("{\"a\":"), record);
    return record.substr(5, record.size() - 6);
  }

  Extractor extractor;
  Program program;
  PageInput page{.url = "http://x/dir/page", .final_url = "http://x/dir/page", .status = 200};
  const Extraction* out = nullptr;
};

}  // namespace thresh::test
