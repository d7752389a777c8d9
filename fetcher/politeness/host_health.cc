#include "fetcher/politeness/host_health.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace thresh {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

namespace {

constexpr double kLately = 1.0 / 8;    // The weight of the newest answer.
constexpr double kDriftMs = 600'000;   // What is usual changes in such a time.
constexpr double kManyFailures = 0.3;  // Of the answers.
constexpr double kSlowTimes = 3;       // The usual latency,
constexpr double kSlowMs = 300;        // and so much more than it.
constexpr double kNoBetter = 0.75;     // After a cut: it was not we who made it slow.
constexpr int kAnswersToJudge = 8;
constexpr milliseconds kFirstDelay{200};
constexpr milliseconds kLongestDelay{30'000};
constexpr milliseconds kLeastDelay{20};
constexpr const char* kVersion = "1";

milliseconds Doubled(milliseconds first, std::int64_t times, milliseconds most) {
  const std::int64_t factor = std::int64_t{1} << std::clamp<std::int64_t>(times, 0, 20);
  return std::min(first * factor, most);
}

// Up to half as much again: hosts that failed together do not come back together.
milliseconds WithJitter(milliseconds wait, HostHealth::Random& random) {
  std::uniform_int_distribution<std::int64_t> more(0, wait.count() / 2);
  return wait + milliseconds(more(random));
}

bool IsRefusal(const HostAnswer& answer) {
  if (answer.status == 429 || answer.status == 503) return true;
  return answer.retry_after && answer.status >= 400;
}

bool IsFailure(const HostAnswer& answer) {
  return answer.no_answer || answer.cut_short || answer.status >= 500 || answer.status == 429;
}

std::int64_t WallOf(HostHealth::Time time, HostHealth::Time now, std::int64_t wall_ms) {
  return time <= now ? 0 : wall_ms + duration_cast<milliseconds>(time - now).count();
}

// What is left of waits that were saved. A clock that was set back makes nobody wait longer than
// was left when they were saved.
struct Waits {
  std::int64_t saved_ms = 0, wall_ms = 0;
  HostHealth::Time now;

  [[nodiscard]] HostHealth::Time Until(std::int64_t then_ms) const {
    const std::int64_t since_ms = std::max(saved_ms, wall_ms);
    if (then_ms <= since_ms) return {};
    const milliseconds most = HealthOptions{}.longest_retry_after;
    return now + std::min(milliseconds(then_ms - since_ms), most);
  }
};

}  // namespace

std::optional<HostHealth::Time> HostHealth::BackoffUntil(Time now) const {
  return held_until_ > now ? std::optional(held_until_) : std::nullopt;
}

std::optional<HostHealth::Time> HostHealth::WaitsUntil(Time now) const {
  if (broken_ && probing_) return Time::max();
  const Time until = broken_ ? std::max(held_until_, probe_at_) : held_until_;
  return until > now ? std::optional(until) : std::nullopt;
}

std::int64_t HostHealth::AtOnce(std::int64_t at_once) const {
  if (window_ == 0) return at_once;
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(window_), 1, at_once);
}

bool HostHealth::Ended(const HostAnswer& answer, const HealthOptions& options, Time started,
                       Time now, std::int64_t at_once, bool adaptive, bool was_probe,
                       Random& random) {
  if (was_probe) probing_ = false;
  const bool changed = answer.no_answer
                           ? NoteNoAnswer(options, now, was_probe, random)
                           : NoteAnswer(answer, options, started, now, adaptive, random);
  if (adaptive) Adapt(answer, started, now, at_once);
  return changed;
}

// ---- It asks to be left alone --------------------------------------------------------

// Requests that were under way when the host first said so tell nothing new.
bool HostHealth::NoteRefusal(const HostAnswer& answer, const HealthOptions& options, Time started,
                             Time now, bool adaptive, Random& random) {
  Time until{};
  if (started > held_at_) {
    until = now +
            WithJitter(Doubled(options.first_backoff, refusals_, options.longest_backoff), random);
    ++refusals_;
    held_at_ = now;
    if (adaptive) delay_ = std::clamp(2 * delay_, kFirstDelay, kLongestDelay);
  }
  if (answer.retry_after) {
    until = std::max(until, now + std::min(*answer.retry_after, options.longest_retry_after));
  }
  if (until <= held_until_) return false;
  held_until_ = until;
  return true;
}

void HostHealth::HoldUntil(Time until, Time now) {
  if (until <= held_until_) return;
  held_until_ = until;
  held_at_ = now;
}

// ---- It does not answer ----------------------------------------------------------------

bool HostHealth::NoteNoAnswer(const HealthOptions& options, Time now, bool was_probe,
                              Random& random) {
  ++failures_;
  if (!broken_) {
    if (failures_ < options.breaker_failures) return false;
    broken_ = true;
    probes_ = 0;
  } else {
    if (!was_probe) return false;
    ++probes_;
  }
  probe_at_ =
      now + WithJitter(Doubled(options.first_probe, probes_, options.longest_probe), random);
  if (probes_ >= options.breaker_probes) {
    given_up_until_ = now + options.given_up_for;
    probe_at_ = given_up_until_;
  }
  return true;
}

bool HostHealth::NoteAnswer(const HostAnswer& answer, const HealthOptions& options, Time started,
                            Time now, bool adaptive, Random& random) {
  bool changed = broken_;
  failures_ = 0;
  broken_ = false;
  probes_ = 0;
  given_up_until_ = {};
  if (IsRefusal(answer)) {
    return NoteRefusal(answer, options, started, now, adaptive, random) || changed;
  }
  if (answer.status >= 500) return changed;
  if (refusals_ > 0 && started > held_at_) {
    refusals_ = 0;
    changed = true;
  }
  if (delay_.count() > 0) {
    delay_ = delay_ * 19 / 20;
    if (delay_ < kLeastDelay) delay_ = milliseconds(0);
    changed |= delay_.count() == 0;
  }
  return changed;
}

// ---- It is slow, or fails --------------------------------------------------------------

// As many at once as the host bears: half as many when it fails or gets slow, one more with each
// round of good answers. Requests that began before the last change tell nothing of it.
void HostHealth::Adapt(const HostAnswer& answer, Time started, Time now, std::int64_t at_once) {
  const bool failed = IsFailure(answer);
  trouble_ += ((failed ? 1.0 : 0.0) - trouble_) * kLately;
  if (started <= cut_at_) return;
  const double window = static_cast<double>(AtOnce(at_once));
  if (IsRefusal(answer) || (failed && trouble_ > kManyFailures)) {
    judged_ms_ = 0;
    Cut(window / 2, now);
    return;
  }
  if (failed) return;
  if (answer.latency.count() > 0) {
    sum_ms_ += static_cast<double>(answer.latency.count());
    if (++answers_ == kAnswersToJudge) {
      const double mean_ms = sum_ms_ / kAnswersToJudge;
      sum_ms_ = 0;
      answers_ = 0;
      Judge(mean_ms, window, now, at_once);
      return;
    }
  }
  if (window_ == 0 || judged_ms_ > 0) return;
  window_ += 1 / window_;
  if (window_ >= static_cast<double>(at_once)) window_ = 0;
}

// If fewer at once are no quicker, it is not our doing: this is how the host is.
void HostHealth::Judge(double mean_ms, double window, Time now, std::int64_t at_once) {
  if (judged_ms_ > 0 && mean_ms > kNoBetter * judged_ms_) {
    usual_ms_ = mean_ms;
    window_ = judged_window_ >= static_cast<double>(at_once) ? 0 : judged_window_;
  }
  judged_ms_ = 0;
  const Time before = std::exchange(judged_at_, now);
  const auto passed = static_cast<double>(duration_cast<milliseconds>(now - before).count());
  const bool is_first = usual_ms_ == 0 || mean_ms < usual_ms_;
  usual_ms_ += (mean_ms - usual_ms_) * (is_first ? 1 : std::min(1.0, passed / kDriftMs));
  if (window <= 1 || mean_ms < kSlowTimes * usual_ms_ || mean_ms < usual_ms_ + kSlowMs) return;
  judged_ms_ = mean_ms;
  judged_window_ = window;
  Cut(window / 2, now);
}

void HostHealth::Cut(double to, Time now) {
  window_ = std::max(1.0, to);
  cut_at_ = now;
  sum_ms_ = 0;
  answers_ = 0;
}

// ---- Over a restart --------------------------------------------------------------------

bool HostHealth::IsPlain(Time now) const {
  return !broken_ && held_until_ <= now && refusals_ == 0 && delay_.count() == 0 && window_ == 0;
}

// `1 REFUSALS HELD DELAY BROKEN PROBES PROBE_AT GIVEN_UP SAVED`, times in ms of the wall clock.
std::string HostHealth::Save(Time now, std::int64_t wall_ms) const {
  if (!broken_ && held_until_ <= now && delay_.count() == 0) return {};
  char text[220];
  std::snprintf(
      text, sizeof text, "%s %lld %lld %lld %d %lld %lld %lld %lld", kVersion,
      static_cast<long long>(refusals_), static_cast<long long>(WallOf(held_until_, now, wall_ms)),
      static_cast<long long>(delay_.count()), broken_ ? 1 : 0, static_cast<long long>(probes_),
      static_cast<long long>(WallOf(probe_at_, now, wall_ms)),
      static_cast<long long>(WallOf(given_up_until_, now, wall_ms)),
      static_cast<long long>(wall_ms));
  return text;
}

void HostHealth::Restore(std::string_view bytes, Time now, std::int64_t wall_ms) {
  const std::string text(bytes);
  long long refusals = 0, held = 0, delay = 0, probes = 0, probe_at = 0, given_up = 0, saved = 0;
  int version = 0, broken = 0;
  const int read =
      std::sscanf(text.c_str(), "%d %lld %lld %lld %d %lld %lld %lld %lld", &version, &refusals,
                  &held, &delay, &broken, &probes, &probe_at, &given_up, &saved);
  if (read != 9 || version != 1) return;
  const Waits waits{saved, wall_ms, now};
  refusals_ = std::clamp<std::int64_t>(refusals, 0, 64);
  held_until_ = waits.Until(held);
  if (held_until_ > now) held_at_ = now;
  delay_ = std::clamp(milliseconds(delay), milliseconds(0), kLongestDelay);
  broken_ = broken == 1;
  probes_ = std::clamp<std::int64_t>(probes, 0, 1000);
  probe_at_ = waits.Until(probe_at);
  given_up_until_ = waits.Until(given_up);
}

}  // namespace thresh
