#pragma once

// HostDesk: the daemon's part that decides whether a URL may be asked for at this moment. It has
// robots.txt fetched before a host's first page, keeps the hosts' limits, and what has to outlive
// the process.
//
//   Ask() ─▶ kStart ─▶ Started() … Ended()          a request of a task
//     └────▶ kWait: a robots.txt is fetched meanwhile, or it is not the host's turn
//
// Lifetime: lives on the loop; what its events do must not call back before they return.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "fetcher/frontier/frontier.h"
#include "fetcher/politeness/hosts.h"
#include "fetcher/politeness/robots_book.h"
#include "fetcher/transfer/fetch_job.h"
#include "lib/recipe/recipe.h"

namespace thresh {

struct HostDeskEvents {
  /// How a recipe's pages of a host are fetched; lives until the desk is asked again.
  std::function<const FetchSpec&(const Recipe& recipe, const std::string& host)> fetch_at;
  /// A job for a robots.txt, on the recipe's ways; the id is the desk's.
  std::function<Result<FetchJob>(const Recipe& recipe, const std::string& url)> job;
  std::function<Result<>(FetchJob)> fetch;
  /// Asks about the tasks of this host again.
  std::function<void(const std::string& host)> wake;
  std::function<void(const std::string& host, std::string bytes)> keep;
  std::function<void(const std::string& host, std::function<void(std::string)> found)> find;
  /// Where requests of this recipe to a host would go: at once, or told later; empty: nowhere.
  std::function<std::optional<std::string>(std::string_view hostname, const FetchSpec& fetch,
                                           std::function<void(std::string)> found)>
      address;
};

class HostDesk {
 public:
  struct Answer {
    enum class Kind : std::uint8_t {
      kStart,
      kWait,
      kDrop,  ///< Never, for `reason`.
      kBury,  ///< The host cannot be asked, for `reason`.
    } kind = Kind::kStart;
    SteadyTime ask_again = SteadyTime::max();  ///< Of kWait; max(): when it is woken.
    std::string reason, detail;
    std::string why;  ///< Of kWait: what it waits for, for people.
  };

  /// `places`: requests at once, of all hosts. `has_past`: there may be something to find of hosts
  /// from earlier lives, which may have asked any of them a moment ago.
  HostDesk(HealthOptions options, std::size_t places, bool has_past, HostDeskEvents events);

  /// May a request for `url` of `host` start, if there is room for so many more requests?
  [[nodiscard]] Answer Ask(const std::string& url, const std::string& host, const Recipe& recipe,
                           std::size_t room, SteadyTime now);

  /// REQUIRES: the last Ask() was for it, and said kStart.
  void Started(std::uint64_t id, const std::string& host, const FetchSpec& fetch, SteadyTime now);
  /// Has its connection closed behind it, if that will have been idle for too long when the host
  /// may be asked again. REQUIRES: the last Ask() was for it, and said kStart.
  void SetHangUp(FetchJob* job) const;
  /// A request that has ended: whose it was, and how long it took.
  struct EndedRequest {
    std::string host;
    SteadyTime::duration took{};
  };
  /// The request of this id has ended; nothing happens for an id that is not known.
  std::optional<EndedRequest> Ended(const FetchResult& result, SteadyTime now);
  [[nodiscard]] bool IsUnderWay(std::uint64_t id) const { return slots_.contains(id); }

  /// Ids of the desk's own requests; no task has them.
  [[nodiscard]] static bool IsOwn(std::uint64_t id) { return (id & kOwnIds) != 0; }
  void TakeOwn(const FetchResult& result, SteadyTime now);
  /// Submits what Ask() found to be fetched first. To be called after it, outside of it.
  void FetchWanted();

  /// Wakes a host that waited for room; false: there is none. To be called until then.
  bool WakeNext(std::size_t room, SteadyTime now);
  /// When WakeNext() may have one, if no request ends before.
  [[nodiscard]] SteadyTime NextDue() const { return hosts_.NextReady(); }

  /// Leaves the whole host alone until then.
  void Hold(const std::string& host, SteadyTime until, SteadyTime now);
  /// What people are told of a host.
  struct HostReport {
    std::string host;
    Hosts::View view;
    std::string_view robots;  ///< Of both schemes the one that is further: see RobotsBook.
  };
  /// That host; or, if it is empty, the `most` that have most requests under way, a high rate by
  /// `rate`, or trouble.
  [[nodiscard]] std::vector<HostReport> Report(
      const std::string& host, std::size_t most, SteadyTime now,
      const std::function<double(const std::string&)>& rate) const;

  /// A wait made longer by a random part.
  [[nodiscard]] std::chrono::milliseconds WithJitter(std::chrono::milliseconds wait);

 private:
  static constexpr std::uint64_t kOwnIds = std::uint64_t{1} << 63;

  // A robots.txt on its way, or redirected.
  struct Errand {
    std::string origin, host;  // Whose file it is, and who waits for it.
    std::string url;           // Where it is to be had.
    int hops = 0;
    Hosts::Slot slot;
  };

  [[nodiscard]] std::optional<Answer> AskRobots(const std::string& url, const std::string& host,
                                                const std::string& origin, const FetchSpec& fetch,
                                                SteadyTime now, HostLimits* limits);
  [[nodiscard]] bool IsCrowdedFor(const std::string& host, std::size_t room, SteadyTime now) const;
  [[nodiscard]] Answer AskHost(const std::string& host, const HostLimits& limits, SteadyTime now);
  [[nodiscard]] Answer SendForRobots(const std::string& origin, const std::string& host,
                                     const Recipe& recipe, std::size_t room, SteadyTime now);
  [[nodiscard]] HostReport ReportOf(const std::string& host, SteadyTime now) const;
  [[nodiscard]] bool MustLookUp(const std::string& host);
  [[nodiscard]] bool MustFindAddress(const std::string& host, const FetchSpec& fetch);
  void TakeFound(const std::string& host, const std::string& bytes);
  bool TakeText(const Errand& errand, const FetchResult& result, SteadyTime now);
  bool Redirect(Errand& errand, const FetchResult& result);
  void Keep(const std::string& host, SteadyTime now);
  void ForgetLookUps();

  const std::size_t places_;
  const HostDeskEvents events_;
  Hosts hosts_;
  RobotsBook robots_;
  std::minstd_rand random_{std::random_device{}()};
  std::unordered_map<std::uint64_t, Hosts::Slot> slots_;  // Of tasks under way.
  std::unordered_map<std::uint64_t, Errand> errands_;     // Under way.
  std::unordered_map<std::string, Errand> redirected_;    // By origin: to go on.
  std::vector<FetchJob> wanted_;
  std::deque<std::string> no_room_;  // Hosts that wait for a place among all requests.
  std::uint64_t next_id_ = kOwnIds;
  bool look_up_;                                // Some hosts may have a past.
  std::unordered_set<std::string> known_;       // Hosts that were looked up.
  std::unordered_set<std::string> asked_for_;   // Being looked up.
  std::unordered_set<std::string> resolving_;   // Whose address is being looked up.
  std::chrono::milliseconds granted_delay_{0};  // Between two starts, where Ask() said kStart last.
};

}  // namespace thresh
