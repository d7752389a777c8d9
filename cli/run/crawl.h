#pragma once

// Crawl: a private fetcher, sink and parsers, fed from a FeedSource until all is done.
//
// Threads: none. Lifetime: borrows the loop and the folder.

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <uv.h>

#include "cli/commands.h"
#include "cli/feed/feeder.h"
#include "cli/run/child.h"
#include "cli/run/crawl_status.h"
#include "cli/run/progress.h"
#include "cli/run/run_folder.h"
#include "lib/base/exit_codes.h"
#include "lib/io/line_client.h"
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
  enum class Phase { kStarting, kCrawling, kLastLook, kStopping, kStopped };

  [[nodiscard]] Result<> Spawn(ChildSpec spec);
  [[nodiscard]] Result<> SpawnAll();
  [[nodiscard]] ChildSpec ParserSpec(std::size_t number) const;
  void TakeExit(Child& child, int status);

  /// The fetcher makes its sockets when it is ready for us.
  void TryConnect();
  void StartFeeding();
  void TakeStatus(std::string_view line);
  void StopIfDone();
  void Interrupt(int signal);
  void Fail(int status, const std::string& why);
  void Stop();
  void PrintDeadLetters() const;
  [[nodiscard]] int Finish();

  uv_loop_t& loop_;
  const RunOptions& options_;
  const RunFolder& folder_;
  std::optional<FeedSource> source_;
  const Progress::Time start_;
  Phase phase_ = Phase::kStarting;
  Progress progress_;
  CrawlStatus status_;
  bool all_fed_ = false;
  int parser_deaths_ = 0;
  int interrupted_ = 0;
  int failed_ = 0;
  std::string failure_;

  Signals signals_;
  Every connect_;
  Alarm last_look_;
  Alarm kill_;
  std::vector<std::unique_ptr<Child>> children_;
  std::vector<std::unique_ptr<Child>> gone_;
  std::unique_ptr<LineClient> control_;
  std::unique_ptr<Feeder> feeder_;
};

}  // namespace thresh
