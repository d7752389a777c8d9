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

#include "cli/extract/page_lines.h"
#include "fetcher/archive/stored_pages.h"
#include "fetcher/job/routes.h"
#include "lib/base/result.h"
#include "parser/recipe/extract.h"
#include "sink/format/record_line.h"

namespace thresh {

class Reextraction {
 public:
  /// `to_stdout`: lines name their item, and dead pages are told to people.
  explicit Reextraction(bool to_stdout) : to_stdout_(to_stdout) {}

  /// Errors: kInvalid, kNotFound as LoadRecipe() and CompileRecipe().
  Result<> AddRecipe(const std::string& name);

  /// The most that a page may have, of all recipes.
  [[nodiscard]] std::size_t max_page_bytes() const noexcept { return max_page_bytes_; }

  /// `n`: which one it is, for pages of other software.
  [[nodiscard]] PageLines Extract(const StoredPage& page, std::uint64_t n);

 private:
  [[nodiscard]] const Recipe* RecipeOf(const StoredPage& page, const Url& url) const;
  Result<> AddRecords(const Extraction& found, const PageIdentity& identity, PageLines* out) const;
  void AddRejected(const Extraction& found, const PageIdentity& identity, const Recipe& recipe,
                   PageLines* out) const;
  void AddDead(const StoredPage& page, const PageIdentity& identity, const Recipe& recipe,
               const Error& why, PageLines* out) const;

  const bool to_stdout_;
  Routes routes_;
  Extractor extractor_;
  std::map<std::string, Program> programs_;  // By the recipe's name.
  std::size_t max_page_bytes_ = 0;
};

}  // namespace thresh
