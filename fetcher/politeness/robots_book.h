#pragma once

// RobotsBook: the robots.txt of each origin (scheme, host and port): what it said, until when that
// counts, and what to do while it cannot be had.
//
//   Ask() ─▶ kUnknown: the caller fetches it ─▶ Begin() … TakeAnswer() ─▶ Ask() has the answer
//
// A file that is not there allows everything. While a server fails to say, nothing may be asked
// (RFC 9309, 2.3.1.4): it is asked again after a while, and given up for a longer while after some
// times. What was known before goes on to count meanwhile.
//
// Memory is bounded: those asked for least lately are forgotten, which costs another request, or
// a look at what Save() gave.
//
// Lifetime: lives on the loop; borrows nothing.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fetcher/politeness/robots.h"

namespace thresh {

struct RobotsOptions {
  std::chrono::milliseconds longest_life{86'400'000};  ///< Also without a word on it (2.4).
  std::chrono::milliseconds shortest_life{1'000};
  std::chrono::milliseconds uncached_life{60'000};  ///< Of what is not to be kept.
  std::chrono::milliseconds stale_life{600'000};    ///< Of what was known, when it cannot be had.
  std::int64_t no_answer_tries = 3;                 ///< Until it is given up,
  std::int64_t error_tries = 5;                     ///< if the server at least says something.
  std::chrono::milliseconds first_wait{500};        ///< Between them; doubles.
  std::chrono::milliseconds given_up_for{60'000};   ///< Doubles, up to an hour.
  std::size_t max_bytes = std::size_t{64} << 20;
};

/// What came of a request for it.
struct RobotsAnswer {
  std::string failure;    ///< As in docs/outcomes.md; empty: there is a status.
  std::string detail;     ///< Of a failure.
  bool may_retry = true;  ///< Of a failure.
  long status = 0;
  std::string_view body;
  std::optional<std::chrono::milliseconds> lifetime;
  std::optional<std::chrono::milliseconds> retry_after;
};

class RobotsBook {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Verdict {
    enum class Kind : std::uint8_t {
      kAllowed,
      kDenied,
      kUnknown,      ///< To be fetched.
      kBusy,         ///< Being fetched.
      kWait,         ///< To be fetched, but not before `ask_again`.
      kUnreachable,  ///< Given up, for `reason`.
    } kind = Kind::kUnknown;
    Time ask_again = Time::max();
    std::chrono::milliseconds crawl_delay{0};  ///< Of kAllowed.
    std::string reason, detail;                ///< Of kUnreachable.
  };

  explicit RobotsBook(RobotsOptions options = {}) : options_(options) {}

  /// Where an origin's file is.
  [[nodiscard]] static std::string UrlOf(const std::string& origin) {
    return origin + "/robots.txt";
  }

  /// May `agent` ask `origin` for this path with its query? The file itself it may (2.2.2).
  [[nodiscard]] Verdict Ask(const std::string& origin, std::string_view agent,
                            std::string_view path_and_query, Time now);

  void Begin(const std::string& origin) { pages_[origin].busy = true; }
  /// It is not being fetched any more, and nothing was learnt.
  void Cancel(const std::string& origin) { pages_[origin].busy = false; }
  /// True if what is worth keeping over a restart changed: see Save().
  bool TakeAnswer(const std::string& origin, const RobotsAnswer& answer, Time now);

  /// Origins that were forgotten to make room, since this was called last.
  [[nodiscard]] std::vector<std::string> TakeForgotten() { return std::exchange(forgotten_, {}); }

  [[nodiscard]] bool Knows(const std::string& origin) const { return pages_.contains(origin); }
  /// The text and its lifetime, for Restore() in a later life; empty: nothing worth keeping.
  [[nodiscard]] std::string Save(const std::string& origin, Time now, std::int64_t wall_ms) const;
  /// Bytes of another version, or broken ones, are nothing known.
  void Restore(const std::string& origin, std::string_view bytes, Time now, std::int64_t wall_ms);

  /// For people: `unknown`, `asked`, `known`, `waits` or `unreachable`.
  [[nodiscard]] std::string_view StateOf(const std::string& origin, Time now) const;
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  struct Page {
    bool known = false;  // `text` is what counts, until `expires`.
    bool busy = false;
    std::string text;
    Time expires{};
    std::vector<std::pair<std::string, Robots>> read;  // By agent.
    // While it cannot be had.
    std::int64_t failures = 0;
    Time ask_again{};
    bool given_up = false;
    std::string reason, detail;
    Time last_asked{};
    std::size_t cost = 0;
  };

  [[nodiscard]] const Robots& ReadFor(Page& page, std::string_view agent);
  void Know(Page& page, const std::string& origin, std::string_view text, Time expires);
  void Fail(Page& page, const RobotsAnswer& answer, Time now);
  void Weigh(Page& page, const std::string& origin);
  void MakeRoom();

  const RobotsOptions options_;
  std::unordered_map<std::string, Page> pages_;
  std::vector<std::string> forgotten_;
  std::size_t bytes_ = 0;
};

}  // namespace thresh
