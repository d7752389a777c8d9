#pragma once

// Extractor: a page and a recipe's program become records and links. A function of its two
// inputs: nothing is kept from one page to the next but memory.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "lib/url/url.h"
#include "parser/body/page_text.h"
#include "parser/html/gumbo_parser.h"
#include "parser/html/names.h"
#include "parser/html/tree.h"
#include "parser/recipe/program.h"

namespace thresh {

struct PageInput {
  std::string_view url;        ///< Canonical, as asked for: what `match` looks at.
  std::string_view final_url;  ///< After redirects: what links resolve against.
  std::uint32_t status = 0;
  std::vector<std::pair<std::string_view, std::string_view>> headers;  ///< Names in lower case.
  std::string_view meta;                  ///< A JSON object's text, or empty.
  std::string_view body;                  ///< As the server sent it: packed, in any encoding.
  std::size_t max_body_bytes = 64 << 20;  ///< Unpacked.
};

struct ItemRows {
  std::string item;
  std::vector<std::uint32_t> rows;  ///< Index of each record among the page's rows.
};

struct RejectedRow {
  std::string item;
  std::uint32_t row = 0;
  std::string field;  ///< The required field that found nothing.
};

/// What one field of one item found on the page, for people who write recipes.
struct FieldReport {
  std::string item, field;
  std::size_t rows = 0;   ///< Rows looked at.
  std::size_t found = 0;  ///< Rows in which it found something.
  std::string first;      ///< The first value, as JSON.
};

struct Extraction {
  std::string records;  ///< MessagePack maps, one after another, in the order of `rows`.
  std::vector<ItemRows> rows;
  std::vector<RejectedRow> rejected;
  std::vector<std::string> links;  ///< Absolute http and https URLs, each once.
};

class Extractor {
 public:
  Extractor();
  Extractor(const Extractor&) = delete;
  Extractor& operator=(const Extractor&) = delete;

  /// The table that programs for this extractor are compiled with.
  [[nodiscard]] html::NameTable& names() noexcept { return names_; }

  /// Extracts; `report`, if given, gets an entry for each field.
  /// Errors: kTooLarge for a page over a limit of the HTML parser or of the work that
  /// selectors may do; those of PageText().
  [[nodiscard]] Result<Extraction> Extract(const Program& program, const PageInput& page,
                                           std::vector<FieldReport>* report = nullptr);

 private:
  html::NameTable names_;
  html::Tree tree_;
  html::GumboParser parser_;
  PageBuffers buffers_;  // The tree's texts are views of it.
};

}  // namespace thresh
