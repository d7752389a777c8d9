#pragma once

// A recipe's own tests, run offline: each page through the program, and what came out beside what
// was expected. The caller reads the files.

#include <functional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/recipe/recipe.h"
#include "parser/recipe/extract.h"
#include "parser/recipe/program.h"

namespace thresh {

struct RecipeTestResult {
  std::string page;                      ///< As the recipe names it.
  std::size_t records = 0;               ///< Found.
  std::vector<std::string> differences;  ///< A line each; none: it passed.

  [[nodiscard]] bool passed() const noexcept { return differences.empty(); }
};

using ReadTestFile = std::function<Result<std::string>(const std::string& path)>;

/// Runs all `[[tests]]` of `recipe`, whose program was compiled with the extractor's names. Paths
/// are from the folder that the recipe's file is in. A page whose name ends in `.gz` is unpacked.
[[nodiscard]] std::vector<RecipeTestResult> RunRecipeTests(const Recipe& recipe,
                                                           const Program& program,
                                                           Extractor& extractor,
                                                           const ReadTestFile& read);

/// What differs between the expected and the found lines of NDJSON, a line each, such as
/// `review 3: rating: expected 4.5, found null`; records count from 1. Keys that begin with `_` do
/// not count, but for `_item` of an expected line, which may be left out if `items` has one name.
/// `found`: the records in their order, each with the name of its item.
struct FoundRecord {
  std::string item;
  std::string json;
};
[[nodiscard]] std::vector<std::string> CompareRecords(std::string_view expected,
                                                      const std::vector<FoundRecord>& found,
                                                      const std::vector<std::string>& items);

}  // namespace thresh
