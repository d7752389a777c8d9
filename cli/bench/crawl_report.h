#pragma once

// What `thresh bench crawl` shows: a table, lines of JSON, a picture.

#include <string>
#include <vector>

#include "cli/bench/crawl_modes.h"

namespace thresh {

/// A line for each mode, and one for the ideal; below it, what makes a time say nothing.
[[nodiscard]] std::string CrawlTable(const std::vector<ModeResult>& results, double ideal_s);

/// One object a line.
[[nodiscard]] std::string CrawlLines(const std::vector<ModeResult>& results, double ideal_s);

/// For each mode a line for each request, from its start to its end, and how many were open.
[[nodiscard]] std::string CrawlPicture(const BenchCrawlOptions& options,
                                       const std::vector<ModeResult>& results, double ideal_s);

}  // namespace thresh
