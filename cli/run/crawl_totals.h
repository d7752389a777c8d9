#pragma once

// CrawlTotals: one picture of a crawl out of the statuses of all its fetchers. What is counted
// in the state goes on from fetcher to fetcher; what each counts for itself is added up.

#include "cli/run/crawl_status.h"

namespace thresh {

class CrawlTotals {
 public:
  void Take(CrawlStatus status);

  /// Of the whole crawl: what earlier runs did is in the counts of the state only.
  [[nodiscard]] CrawlStatus Now() const;

  /// The first status: what was done before this run.
  [[nodiscard]] const CrawlStatus& before() const noexcept { return before_; }
  [[nodiscard]] bool any() const noexcept { return any_; }

 private:
  bool any_ = false;
  CrawlStatus before_, last_;
  CrawlStatus gone_;  // Sums of fetchers that are no more, of what each counts for itself.
};

/// Adds up what a fetcher counts for its own life.
void AddLife(const CrawlStatus& life, CrawlStatus* sum);

}  // namespace thresh
