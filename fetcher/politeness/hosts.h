#pragma once

// Hosts: when the next request may go to a host.
//
//   MayStart() ─▶ Started() ─▶ (the request) ─▶ Ended() ─▶ what the host is like changes
//
// A host has as many requests at once, and as long between their starts, as its limits say; both
// may be counted for all hosts of a registrable domain or of an address together. What its answers
// say makes that less: slow and failing answers (adaptive), 429 and 503 (the whole host waits,
// longer each time), no answers at all (the circuit breaks: one request now and then finds out).
//
// It knows no tasks, no clock but what it is told, and gives back all it has taken by a Slot.
// Hosts that nothing is known of any more are forgotten: memory is for those at work.
//
// Lifetime: lives on the loop; borrows nothing.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>

#include "fetcher/politeness/host_groups.h"
#include "fetcher/politeness/host_health.h"

namespace thresh {

/// Whose requests are counted together.
enum class CountBy : std::uint8_t { kHost, kDomain, kAddress };

struct HostLimits {
  std::int64_t at_once = 8;
  std::chrono::milliseconds delay{0};  ///< Between the starts of two requests.
  CountBy count_by = CountBy::kHost;
  bool adaptive = true;
};

class Hosts {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Verdict {
    enum class Kind : std::uint8_t { kStart, kWait, kGivenUp } kind = Kind::kStart;
    enum class Why : std::uint8_t {
      kNone,
      kAtOnce,   ///< As many requests as the limits allow.
      kDelay,    ///< The time between two starts.
      kSlower,   ///< Fewer at once than the limits allow: it is slow, or fails.
      kBackoff,  ///< It asked to be left alone.
      kBroken,   ///< It does not answer.
    } why = Why::kNone;
    /// Of kWait. max(): when a request to it ends, or TakeReady() names it.
    Time ask_again = Time::max();

    [[nodiscard]] bool may_start() const { return kind == Kind::kStart; }
  };

  /// What a request holds while it is under way.
  struct Slot {
    std::string host, group;
    Time started;
    std::int64_t at_once = 0;
    bool adaptive = false;
    bool is_probe = false;
  };

  explicit Hosts(HealthOptions options = {}, std::uint64_t seed = std::random_device{}())
      : options_(options), random_(seed) {}

  /// Until then an earlier life may have asked any host: each counts as asked at that time.
  void AskedBefore(Time until);

  /// By kAddress: its address is not known, so that it would be counted alone.
  [[nodiscard]] bool NeedsAddress(const std::string& host) const;
  /// Where requests to it will go, until an answer comes from elsewhere; empty: nobody knows.
  void SetAddress(const std::string& host, std::string address);

  /// Whether one more request may go to `host` (name and port). A host that has to wait for
  /// others of its group stands in line from then on.
  [[nodiscard]] Verdict MayStart(const std::string& host, const HostLimits& limits, Time now);

  /// REQUIRES: MayStart() said so, or the caller has its reasons.
  [[nodiscard]] Slot Started(const std::string& host, const HostLimits& limits, Time now);

  /// True if what is worth keeping over a restart changed: see Save().
  bool Ended(const Slot& slot, const HostAnswer& answer, Time now);

  /// Leaves the whole host alone until then, at least. For who was asked to by other ways.
  void HoldUntil(const std::string& host, Time until, Time now);
  /// Until when it is left alone; nullopt: it is not.
  [[nodiscard]] std::optional<Time> HeldUntil(const std::string& host, Time now) const;

  /// A host in line whose group has room: it is to be asked for again. Call until nullopt, with a
  /// MayStart() for it in between.
  [[nodiscard]] std::optional<std::string> TakeReady(Time now) { return groups_.TakeReady(now); }
  /// When TakeReady() may have one, if no request ends before; max(): not before.
  [[nodiscard]] Time NextReady() const { return groups_.NextReady(); }

  /// What is known of a host beyond the moment, for Restore() in a later life; empty: nothing.
  [[nodiscard]] std::string Save(const std::string& host, Time now, std::int64_t wall_ms) const;
  /// Bytes of another version, or broken ones, are nothing known.
  void Restore(const std::string& host, std::string_view bytes, Time now, std::int64_t wall_ms);

  /// It has answered lately: what it is asked for does not take long.
  [[nodiscard]] bool IsQuick(const std::string& host, Time now) const;
  [[nodiscard]] bool Knows(const std::string& host) const { return hosts_.contains(host); }
  [[nodiscard]] std::int64_t in_flight(const std::string& host) const;
  [[nodiscard]] std::size_t size() const noexcept { return hosts_.size(); }

  /// What is known of a host, for people.
  struct View {
    std::int64_t in_flight = 0;
    std::int64_t at_once = 0;            ///< As many as it may get now; 0: it was not asked yet.
    std::chrono::milliseconds delay{0};  ///< Between two starts.
    std::optional<Time> waits_until;     ///< It asked to be left alone, or does not answer.
    bool broken = false, given_up = false;
  };
  [[nodiscard]] std::optional<View> ViewOf(const std::string& name, Time now) const;
  /// Calls `visit(name, in_flight, troubled)` for all.
  template <typename Visit>
  void ForEach(Time now, Visit visit) const {
    for (const auto& [name, host] : hosts_) {
      visit(name, host.in_flight, host.health.is_broken() || host.health.BackoffUntil(now));
    }
  }

 private:
  struct Host {
    std::int64_t in_flight = 0;
    std::int64_t at_once = 0;            // Of the limits that it was asked by last,
    std::chrono::milliseconds delay{0};  // both.
    bool adaptive = true;
    std::optional<Time> last_start;
    Time keep_until{};
    std::optional<Time> last_answer;
    std::string domain;          // Of count_by; empty: not asked yet.
    std::string address;         // Of its last answer, or looked up.
    bool address_asked = false;  // So that if it is empty, it has none.
    HostHealth health;
  };

  [[nodiscard]] std::optional<Time> WaitsForDelay(const Host* host, std::chrono::milliseconds delay,
                                                  Time now) const;
  [[nodiscard]] std::string GroupOf(const std::string& name, Host& host, CountBy by) const;
  void Forget(Time now);

  const HealthOptions options_;
  std::minstd_rand random_;
  std::unordered_map<std::string, Host> hosts_;
  HostGroups groups_;
  std::optional<Time> asked_before_;
  std::size_t forget_at_ = 1024;
};

}  // namespace thresh
