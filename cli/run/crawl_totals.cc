#include "cli/run/crawl_totals.h"

#include <utility>

namespace thresh {

void AddLife(const CrawlStatus& life, CrawlStatus* sum) {
  sum->duplicates += life.duplicates;
  sum->refused += life.refused;
  sum->pages += life.pages;
  sum->body_bytes += life.body_bytes;
  for (const auto& [what, count] : life.held_back) sum->held_back[what] += count;
}

void CrawlTotals::Take(CrawlStatus status) {
  if (!any_) before_ = status;
  if (any_ && status.pid != last_.pid) AddLife(last_, &gone_);
  any_ = true;
  last_ = std::move(status);
}

CrawlStatus CrawlTotals::Now() const {
  CrawlStatus now = last_;
  AddLife(gone_, &now);
  return now;
}

}  // namespace thresh
