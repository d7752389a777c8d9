#pragma once

// Hosts: how many requests each host has under way, and when it may be asked again.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace thresh {

class Hosts {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Verdict {
    bool may_start = true;
    Time ask_again = Time::max();  ///< If not; max(): when a request to it ends.
  };

  /// Whether one more request may go to `host`, with at most `per_host` at once and
  /// `delay` between their starts.
  [[nodiscard]] Verdict MayStart(const std::string& host, std::int64_t per_host,
                                 std::chrono::milliseconds delay, Time now) const {
    const auto found = hosts_.find(host);
    if (found == hosts_.end()) return {};
    if (found->second.in_flight >= per_host) return {.may_start = false};
    const Time next = found->second.last_start + delay;
    if (delay.count() > 0 && next > now) return {.may_start = false, .ask_again = next};
    return {};
  }

  void Started(const std::string& host, Time now) {
    Host& h = hosts_[host];
    ++h.in_flight;
    h.last_start = now;
  }

  void Ended(const std::string& host) { --hosts_.at(host).in_flight; }

 private:
  struct Host {
    std::int64_t in_flight = 0;
    Time last_start;
  };
  std::unordered_map<std::string, Host> hosts_;
};

}  // namespace thresh
