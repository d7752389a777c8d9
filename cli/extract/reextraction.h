#pragma once

// Reextraction: stored pages and recipes become the lines that a crawl writes of them.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/extract/extract_output.h"
#include "fetcher/archive/stored_pages.h"
#include "fetcher/job/routes.h"
#include "lib/base/result.h"
#include "parser/recipe/extract.h"
#include "sink/format/record_line.h"

namespace thresh {

class Reextraction {
 public:
  struct Counts {
    std::uint64_t pages = 0;        ///< Extracted.
    std::uint64_t records = 0;      ///< Written of them.
    std::uint64_t dead = 0;         ///< Pages that could not be extracted.
    std::uint64_t rejected = 0;     ///< Rows that lack a required field.
    std::uint64_t passed_over = 0;  ///< Answers that were no success, or of no recipe here.
    std::uint64_t replaced = 0;     ///< Pages that were fetched, and saved, again.
  };

  explicit Reextraction(ExtractOutput& output) : output_(output) {}

  /// Errors: kInvalid, kNotFound as LoadRecipe() and CompileRecipe().
  Result<> AddRecipe(const std::string& name);

  /// The most that a page may have, of all recipes.
  [[nodiscard]] std::size_t max_page_bytes() const noexcept { return max_page_bytes_; }

  /// Errors: kInternal if its lines cannot be written.
  Result<> Take(const StoredPage& page);
  void CountReplaced() { ++counts_.replaced; }

  [[nodiscard]] const Counts& counts() const noexcept { return counts_; }

 private:
  [[nodiscard]] const Recipe* RecipeOf(const StoredPage& page, const Url& url) const;
  Result<> WriteRecords(const Extraction& found, const PageIdentity& identity);
  Result<> WriteRejected(const Extraction& found, const PageIdentity& identity,
                         const Recipe& recipe);
  Result<> WriteDead(const StoredPage& page, const PageIdentity& identity, const Recipe& recipe,
                     const Error& why);

  ExtractOutput& output_;
  Routes routes_;
  Extractor extractor_;
  std::map<std::string, Program> programs_;  // By the recipe's name.
  std::size_t max_page_bytes_ = 0;
  Counts counts_;
  std::string lines_;
};

}  // namespace thresh
