#pragma once

// Crawl: a private fetcher, sink and parsers, kept at work and fed from a FeedSource until all
// is done.
//
// Threads: none. Lifetime: borrows the loop and the folder.

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <uv.h>

#include "cli/commands.h"
#include "cli/feed/feeder.h"
#include "cli/run/crawl_status.h"
#include "cli/run/crawl_totals.h"
#include "cli/run/fetcher_watch.h"
#include "cli/run/progress.h"
#include "cli/run/run_folder.h"
#include "cli/run/sink_watch.h"
#include "cli/run/summary.h"
#include "cli/run/supervisor.h"
#include "lib/base/exit_codes.h"
#include "lib/io/signals.h"
#include "lib/io/tick.h"

namespace thresh {

class Crawl {
 public:
  Crawl(uv_loop_t& loop, const RunOptions& options, const RunFolder& folder, FeedSource source);
  Crawl(const Crawl&) = delete;
  Crawl& operator=(const Crawl&) = delete;

  /// Runs to the end, prints progress and summary, and returns the exit status.
  int Run();

 private:
  enum class Phase { kStarting, kCrawling, kLastLook, kLastCount, kStopping, kStopped };

  [[nodiscard]] Result<> KeepAll();
  [[nodiscard]] ChildSpec SinkSpec() const;
  [[nodiscard]] ChildSpec FetcherSpec() const;
  [[nodiscard]] ChildSpec ParserSpec(std::size_t number) const;
  [[nodiscard]] ChildSpec WebSpec() const;

  void TakeStatus(CrawlStatus status, bool asked);
  void StartFeeding();
  void StopIfDone(bool asked);
  void TellWaiting(const std::string& said);
  void TakeGivenUp(const GivenUp& child);
  void TakeStopped();
  void Interrupt(int signal);
  void Fail(int status, const std::string& why);
  void AskSinkAndStop();
  void Stop();

  [[nodiscard]] RunSummary Summary() const;
  void PrintSummary(const RunSummary& summary) const;
  void PrintDeadLetters() const;
  [[nodiscard]] int Finish();
  [[nodiscard]] int ExitStatus(const RunSummary& summary) const;

  uv_loop_t& loop_;
  const RunOptions& options_;
  const RunFolder& folder_;
  std::optional<FeedSource> source_;
  const Progress::Time start_;
  Phase phase_ = Phase::kStarting;
  Progress progress_;
  CrawlTotals totals_;
  bool all_fed_ = false;
  int interrupted_ = 0;
  int failed_ = 0;
  std::string waiting_;  // Why a child could not start yet, as told.
  std::string failure_;

  Signals signals_;
  Alarm last_look_;
  Supervisor supervisor_;
  FetcherWatch watch_;
  SinkWatch sink_watch_;
  std::unique_ptr<Feeder> feeder_;
};

}  // namespace thresh
