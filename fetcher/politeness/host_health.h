#pragma once

// HostHealth: what a host's answers say of how it is to be treated. Inside fetcher/politeness
// only, but for the options and the answer.

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace thresh {

struct HealthOptions {
  std::chrono::milliseconds first_backoff{1'000};  ///< Doubles each time.
  std::chrono::milliseconds longest_backoff{300'000};
  std::chrono::milliseconds longest_retry_after{86'400'000};  ///< A longer one counts as this.
  int breaker_failures = 10;                     ///< In a row, until the circuit breaks.
  std::chrono::milliseconds first_probe{5'000};  ///< Doubles with each probe that fails.
  std::chrono::milliseconds longest_probe{300'000};
  int breaker_probes = 5;                           ///< So many fail: the host is given up.
  std::chrono::milliseconds given_up_for{600'000};  ///< Then one probe decides.
};

/// What came of a request, as far as its host goes.
struct HostAnswer {
  bool no_answer = false;                ///< Not connected, broken off, timed out, name unknown …
  bool cut_short = false;                ///< It answered, but not to the end.
  long status = 0;                       ///< Of an answer.
  std::chrono::milliseconds latency{0};  ///< To the first byte; 0: not to be counted.
  std::optional<std::chrono::milliseconds> retry_after;
  std::string address;  ///< Where it came from; empty: unknown.
};

class HostHealth {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Random = std::minstd_rand;

  /// Until when nothing may be asked; nullopt: it may. While the circuit is broken and a probe is
  /// under way: max().
  [[nodiscard]] std::optional<Time> WaitsUntil(Time now) const;
  [[nodiscard]] std::optional<Time> BackoffUntil(Time now) const;
  [[nodiscard]] bool is_broken() const { return broken_; }
  [[nodiscard]] bool IsGivenUp(Time now) const { return broken_ && given_up_until_ > now; }
  /// Fewer at once than `at_once`, or as many.
  [[nodiscard]] std::int64_t AtOnce(std::int64_t at_once) const;
  /// Between two starts, beside what the limits say.
  [[nodiscard]] std::chrono::milliseconds delay() const { return delay_; }

  void ProbeStarted() { probing_ = true; }
  /// True if what Save() gives has changed.
  bool Ended(const HostAnswer& answer, const HealthOptions& options, Time started, Time now,
             std::int64_t at_once, bool adaptive, bool was_probe, Random& random);
  void HoldUntil(Time until, Time now);

  /// True if there is nothing to remember.
  [[nodiscard]] bool IsPlain(Time now) const;
  [[nodiscard]] std::string Save(Time now, std::int64_t wall_ms) const;
  void Restore(std::string_view bytes, Time now, std::int64_t wall_ms);

 private:
  bool NoteRefusal(const HostAnswer& answer, const HealthOptions& options, Time started, Time now,
                   bool adaptive, Random& random);
  bool NoteNoAnswer(const HealthOptions& options, Time now, bool was_probe, Random& random);
  bool NoteAnswer(const HostAnswer& answer, const HealthOptions& options, Time started, Time now,
                  bool adaptive, Random& random);
  void Adapt(const HostAnswer& answer, Time started, Time now, std::int64_t at_once);
  void Judge(double mean_ms, double window, Time now, std::int64_t at_once);
  void Cut(double to, Time now);

  // Told to wait: 429, 503, Retry-After.
  std::int64_t refusals_ = 0;  // In a row.
  Time held_until_{}, held_at_{};
  std::chrono::milliseconds delay_{0};  // Learnt; shrinks with each good answer.

  // No answers.
  std::int64_t failures_ = 0;  // In a row.
  bool broken_ = false, probing_ = false;
  std::int64_t probes_ = 0;  // That failed.
  Time probe_at_{}, given_up_until_{};

  // Slow, or failing: how many at once; 0: as the limits say.
  double window_ = 0;
  Time cut_at_{};
  double trouble_ = 0;   // The share of failed answers, lately.
  double sum_ms_ = 0;    // Of the latencies since the last judgement,
  int answers_ = 0;      // and how many these are.
  double usual_ms_ = 0;  // When the host is at ease.
  Time judged_at_{};
  double judged_ms_ = 0, judged_window_ = 0;  // What led to the last cut; 0: it is judged.
};

}  // namespace thresh
