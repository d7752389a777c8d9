#pragma once

// What ParserPool knows of a parser that has joined, and of a page that it holds.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "fetcher/dispatch/blame.h"
#include "fetcher/dispatch/page.h"
#include "fetcher/dispatch/page_memory.h"
#include "lib/metrics/growth_rate.h"
#include "proto/peer_id.h"

namespace thresh {

enum class PageState { kNone, kWaiting, kLeased, kAwaitingAck };

/// A page at a parser, which has not told that it is parsed. It may be a mere echo: the page is
/// forgotten, parsed elsewhere or taken from this parser, which cannot know that.
struct Lease {
  TaskId id = 0;
  std::uint32_t attempt = 0;
  std::chrono::steady_clock::time_point sent;
  bool first = false;   ///< The parser had nothing else when it was sent,
  bool alone = false;   ///< and gets nothing else before it is parsed.
  bool blamed = false;  ///< It ran out, and the page was charged with that.
  bool taken = false;   ///< The parser was told that others have the page as well.
  std::string recipe, url;
};

struct Session {
  std::string routing_id;
  PeerId peer;
  std::uint32_t pid = 0;
  std::unordered_set<std::string> recipes;  // Empty: all.
  std::uint64_t credit_total = 0;
  std::uint64_t sent_total = 0;
  std::uint64_t rooms_total = 0;  // Pages that were to arrive where it reads.
  std::uint64_t parsed = 0;
  std::uint64_t memory_bytes = 0;                    // As it said last; 0: never.
  GrowthRate rate;                                   // Of parsed.
  std::string last_url;                              // Of what it parsed last.
  std::pair<std::uint64_t, std::uint64_t> idle_at;   // Received and sent, at its last HELLO,
  std::chrono::steady_clock::time_point idle_since;  // and at the first that said the same.
  std::deque<Lease> leased;  // In the order sent, which is that of extraction.
  std::unordered_set<TaskId> awaiting_ack;
  std::chrono::steady_clock::duration head_ran{};  // The lease clock of leased.front().
  bool maps_bodies = false;                        // It reads them in shared memory,
  std::shared_ptr<PageMemory> memory;              // once there was one to read.
  bool blocked = false;                            // It starts no page: the sink grants no bytes.
  bool stalled = false;                            // A lease ran out; not heard of since.
  bool gone = false;                               // Its connection is; about to be lost.

  [[nodiscard]] bool HasCredit() const noexcept {
    return !stalled && !gone && sent_total < credit_total;
  }
  [[nodiscard]] bool Serves(const std::string& recipe) const {
    return recipes.empty() || recipes.contains(recipe);
  }
  /// It is to get nothing besides what it has.
  [[nodiscard]] bool Occupied() const noexcept { return !leased.empty() && leased.front().alone; }
  /// Nothing that happens to it now can be due to another page.
  [[nodiscard]] bool HasOnly(TaskId id) const noexcept {
    return leased.size() == 1 && leased.front().id == id && leased.front().first;
  }
  [[nodiscard]] bool IsAtWorkOn(TaskId id) const noexcept {
    return !blocked && !leased.empty() && leased.front().id == id;
  }
  /// Some attempt of it.
  [[nodiscard]] bool HasLease(TaskId id) const {
    return std::any_of(leased.begin(), leased.end(), [&](const Lease& l) { return l.id == id; });
  }
  [[nodiscard]] auto FindLease(TaskId id, std::uint32_t attempt) {
    return std::find_if(leased.begin(), leased.end(),
                        [&](const Lease& l) { return l.id == id && l.attempt == attempt; });
  }
};

struct HeldPage {
  FetchedPage page;
  PageState state = PageState::kWaiting;
  std::uint32_t attempt = 0;  // Sends to a parser so far.
  std::chrono::steady_clock::time_point last_sent;
  bool suspected = false;  // A parser died of it, perhaps: it goes out alone.
  BlameRecord blame;
  std::vector<Session*> holders;  // Of a lease that counts.
  Session* parsed_by = nullptr;   // While awaiting_ack.

  [[nodiscard]] bool IsHeldBy(const Session& session) const {
    return std::find(holders.begin(), holders.end(), &session) != holders.end();
  }
};

}  // namespace thresh
