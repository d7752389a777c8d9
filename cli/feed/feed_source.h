#pragma once

// FeedSource: the lines to feed, one at a time, from URLs, lists, CSV files, recipes and stdin.
// Blank lines and lines that begin with `#` are passed over. Ranges as in
// `https://x/?p=[1-200]` become a line for each number.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "cli/feed/start_lines.h"
#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "lib/recipe/recipe.h"
#include "lib/recipe/url_pattern.h"

namespace thresh {

class FeedSource {
 public:
  enum class Status { kLine, kWait, kEnd };

  /// A URL, maybe with a range. `recipe`: named on the line if not empty.
  void AddUrl(std::string url, std::string recipe);

  /// A list of URLs or of JSON feed lines; `-` is stdin. Of a file whose name ends in
  /// `.csv`, the first column, less a heading that is no URL.
  /// Errors: kNotFound, kInvalid.
  [[nodiscard]] Result<> AddFile(const std::string& path, std::string recipe);

  /// What a recipe begins with: its start_urls and [[start]], read as they are needed, and its
  /// sitemaps. False if it has none of them.
  /// Errors: kNotFound, kInvalid.
  [[nodiscard]] Result<bool> AddStarts(const Recipe& recipe);

  /// kLine: a feed line is in `line`. kWait: stdin has nothing yet; ask again later.
  [[nodiscard]] Status Next(std::string* line);

  /// Why a file could not be read to its end; empty if all went well.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

 private:
  struct Part {
    std::string recipe;
    std::string path;
    std::optional<UrlRange> range;  // Of the URL or line under way.
    std::optional<StartLines> start;
    UniqueFd fd;  // Of a file.
    bool csv = false;
    bool heading_possible = false;
    bool bom_possible = true;
    bool at_end = false;
    std::string buffer;
    std::size_t consumed = 0;
    std::size_t line = 1;  // Of a CSV file, where the next row begins.
  };

  [[nodiscard]] Status NextOfFile(Part& part, std::string* text);
  [[nodiscard]] Status ReadRawLine(Part& part, std::string* line);

  std::deque<Part> parts_;
  std::string failure_;
};

/// The first field of a CSV row (RFC 4180: quotes, doubled quotes), less line ends, which a URL has
/// none of.
[[nodiscard]] std::string FirstCsvField(const std::string& row);

}  // namespace thresh
