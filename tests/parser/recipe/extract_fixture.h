#pragma once

// Words for tests of the Extractor: a recipe, a page, and what comes out, as JSON.

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#define MSGPACK_NO_BOOST
#include <msgpack.hpp>

#include "parser/recipe/extract.h"
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
    Result<Extraction> result = extractor.Extract(program, page);
    REQUIRE_MESSAGE(result.ok(), result.error().detail);
    out = std::move(*result);
    return out;
  }
  /// The records of a page, a JSON object each.
  std::vector<std::string> Records(std::string_view html) {
    Extract(html);
    std::vector<std::string> records;
    for (std::size_t at = 0; at < out.records.size();) {
      std::ostringstream text;
      text << msgpack::unpack(out.records.data(), out.records.size(), at).get();
      records.push_back(text.str());
      std::string& record = records.back();  // In which msgpack has written `/` as `\/`.
      for (std::size_t slash = 0; (slash = record.find("\\/", slash)) != std::string::npos;) {
        record.erase(slash, 1);
      }
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
  Extraction out;
};

}  // namespace thresh::test
