#pragma once

// HostGroups: hosts whose requests are counted together, and the lines in which they wait for each
// other. In a line the first comes first; whoever comes later stands behind it. Inside
// fetcher/politeness only.

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace thresh {

class HostGroups {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Groups count as asked at that time until something starts in them.
  void AskedBefore(Time until) { asked_before_ = until; }

  /// Nullopt: a request of `host` may start. Else it stands in line; the value is true if it waits
  /// for the time between two starts, false if for a request to end.
  [[nodiscard]] std::optional<bool> MustWait(const std::string& group, const std::string& host,
                                             std::int64_t at_once, std::chrono::milliseconds delay,
                                             Time now);
  void Started(const std::string& group, const std::string& host, Time now);
  void Ended(const std::string& group, Time now);

  /// The first of a line that may go on.
  [[nodiscard]] std::optional<std::string> TakeReady(Time now);
  [[nodiscard]] Time NextReady() const {
    return ready_.empty() ? Time::max() : ready_.begin()->first;
  }

  /// Forgets groups with nothing under way, nobody in line, and no time to wait.
  void Forget(Time now);
  [[nodiscard]] std::size_t size() const noexcept { return groups_.size(); }

 private:
  struct Group {
    std::int64_t in_flight = 0;
    std::optional<Time> last_start;
    // Of who asked last.
    std::int64_t at_once = 1;
    std::chrono::milliseconds delay{0};
    std::deque<std::string> line;
    std::unordered_set<std::string> in_line;
    std::string called;           // From the line, by TakeReady().
    Time ready_at = Time::max();  // In ready_, unless max().
  };

  void Settle(const std::string& name, Group& group, Time now);

  [[nodiscard]] Group& Of(const std::string& name);

  std::optional<Time> asked_before_;
  std::unordered_map<std::string, Group> groups_;
  std::set<std::pair<Time, std::string>> ready_;  // Groups with a line, by when they have room.
};

}  // namespace thresh
