#pragma once

// FeedWait: what becomes of lines that were fed. It reads jobs.ndjson as it grows, until each line
// has ended, and all jobs that followed from it (rules with root = true), and sums them up by line.
//
// A line is known by its job's label and its `n`; those that were known before, and so are no job
// of ours, are asked for by URL.
//
// Threads: none. Calls ask the daemons' control sockets and read a file.

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/control/follow_file.h"
#include "cli/control/place.h"
#include "cli/feed/feeder.h"
#include "lib/base/result.h"

namespace thresh {

class FeedWait {
 public:
  /// `socket`: the feed's; the control sockets lie beside it. Jobs that end from now on count.
  /// Waits up to ten seconds for each of the two daemons. Errors: kUnavailable without them;
  /// kInvalid if it writes to its standard output.
  [[nodiscard]] static Result<FeedWait> Begin(const std::string& socket, std::string label);

  /// An answer of the feed.
  void Take(std::uint64_t n, std::string_view line, FedAs how, std::string_view why);

  /// Whether all has ended. Errors: kUnavailable if the fetcher has been gone for a minute.
  [[nodiscard]] Result<bool> Look();

  /// A line of JSON for each line that was fed, in their order.
  [[nodiscard]] std::string Lines() const;
  /// For people, as `3 done, 1 with dead pages (line 2); …`.
  [[nodiscard]] std::string Summary() const;
  /// How many lines have ended.
  [[nodiscard]] std::uint64_t ended() const { return ended_; }
  [[nodiscard]] bool any_dead() const;

 private:
  using Time = std::chrono::steady_clock::time_point;
  using Key = std::pair<std::string, std::uint64_t>;  // Label and `n` of a job.

  struct Fed {
    std::uint64_t n = 0;  // The line's number.
    std::string url;
    FedAs how = FedAs::kNew;
    std::string why;     // It was refused.
    bool ended = false;  // Of a job: its line is there.
    std::uint64_t done = 0, dead = 0, dropped = 0, records = 0;
    double seconds = 0;
  };

  FeedWait(DaemonPlace place, std::string label, const std::string& jobs_file);

  [[nodiscard]] Result<> ReadJobs();
  void TakeJob(std::string_view line);
  /// The fetcher's answer to one question; nullopt while it is away.
  [[nodiscard]] Result<std::optional<std::string>> Ask(const std::string& request);
  [[nodiscard]] Result<bool> KnownHaveEnded();
  [[nodiscard]] Result<bool> NoJobIsOpen(const std::string& label);
  [[nodiscard]] Result<bool> AllAreReported();
  [[nodiscard]] static std::string_view OutcomeOf(const Fed& fed);

  DaemonPlace place_;
  std::string label_;
  FollowFile jobs_;
  std::deque<Fed> fed_;
  std::map<Key, std::size_t> by_key_;  // Of those that are jobs: the first line of each.
  std::set<std::string> labels_;
  std::deque<std::size_t> known_;  // Duplicates that may not have ended.
  std::uint64_t ended_ = 0, jobs_left_ = 0, jobs_seen_ = 0;
  std::optional<Time> gone_since_, quiet_since_;
  bool gone_ = false;  // The last question had no answer.
};

}  // namespace thresh
