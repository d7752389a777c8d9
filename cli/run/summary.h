#pragma once

// The summary at the end of a run.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cli/run/crawl_status.h"
#include "cli/run/fill_rates.h"

namespace thresh {

struct RunSummary {
  CrawlStatus now;
  CrawlStatus before;  ///< What earlier runs had done; used if `resumed`.
  bool resumed = false;
  std::uint64_t duplicates = 0;  ///< Lines of this run's lists that were known already.
  double seconds = 0;
  std::string out;                                ///< The folder, or `-`.
  std::map<std::string, std::uint64_t> restarts;  ///< By program.
  std::vector<ItemFill> fills;                    ///< Of the records of this run.
};

/// Some lines, each with its end.
[[nodiscard]] std::string SummaryOf(const RunSummary& summary);

/// All that was ever begun has ended, before this run did anything.
[[nodiscard]] bool NothingWasLeft(const RunSummary& summary);

/// `all 600 done; --fresh starts over`, without the line's end.
[[nodiscard]] std::string NothingLeftLine(const CrawlStatus& status);

/// `61 http_404, 2 timeout`; of very many reasons the most frequent.
[[nodiscard]] std::string ReasonList(const std::map<std::string, std::uint64_t>& counts);

}  // namespace thresh
