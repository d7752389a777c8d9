#pragma once

// Tap: a sampled view of what passes a stage, for those who watch. While nobody does it costs a
// look at a flag. Each watcher has at most so many events a second; how many were left out is told
// with the next one.
//
// Threads: none. Lifetime: borrows the server.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/io/line_server.h"

namespace thresh {

struct TapFilter {
  std::string recipe;  ///< Empty: any.
  std::string host;    ///< Empty: any.
};

class Tap {
 public:
  static constexpr double kMostPerSecond = 1000;
  static constexpr std::size_t kMostWatchers = 64;

  /// What is asked of an event before it is made.
  struct Subject {
    std::string_view recipe, host;
  };
  /// Appends the event's keys: `"url":"…","status":200`, without braces.
  using WriteFn = std::function<void(std::string* out)>;

  explicit Tap(std::string stage) : stage_(std::move(stage)) {}

  /// `per_second` is brought within 0.1 and kMostPerSecond. False: there are too many watchers.
  bool Watch(LineServer& server, ConnectionId connection, TapFilter filter, double per_second);

  [[nodiscard]] bool watched() const noexcept { return !watchers_.empty(); }
  /// REQUIRES: watched(), else it is a waste.
  void Tell(const Subject& subject, const WriteFn& write);

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Watcher {
    ConnectionId connection = 0;
    TapFilter filter;
    double per_second = 0;
    double tokens = 0;
    Time filled;
    std::uint64_t skipped = 0;
  };

  [[nodiscard]] static bool MayHave(Watcher& watcher, Time now);

  const std::string stage_;
  LineServer* server_ = nullptr;
  std::vector<Watcher> watchers_;
};

}  // namespace thresh
