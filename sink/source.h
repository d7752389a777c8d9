#pragma once

// Source: what the sink knows of one fetcher's tasks, and which of their ACKs are to be sent.
//
//   Begin ──▶ in a batch ──▶ Commit ──▶ waiting ──▶ sent ──▶ closed: known by its id alone
//                                          ▲─ again ─┘
//
// An ACK's bytes stay in memory as far as the budget goes; else they are read back from the
// journal when their turn comes. What is sent and not closed is bounded, so that a fetcher that
// closes slowly is not flooded.
//
// Threads: none. Time is the caller's.

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sink/journal/closed_ids.h"
#include "sink/journal/journal_state.h"
#include "sink/journal/records.h"

namespace thresh {

/// Of the ACKs in memory, of all fetchers together.
struct AckMemory {
  std::size_t limit_bytes = 16 << 20;
  std::size_t used_bytes = 0;
};

class Source {
 public:
  /// `memory` must outlive it.
  explicit Source(AckMemory& memory) : memory_(memory) {}
  ~Source();
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  /// Takes over what the journal knows.
  void Restore(const JournalState::Source& known);

  enum class Begun {
    kNew,    ///< The first result for this task: it is to be committed.
    kAgain,  ///< There was one: its ACK is sent, or sent again.
    kLate,   ///< The task is closed.
  };
  /// `life`: the incarnation of the fetcher that handed the page out.
  [[nodiscard]] Begun Begin(std::uint64_t id, std::uint64_t life);

  /// What was begun is durable and visible. REQUIRES: in the order of Begin().
  void Commit(std::uint64_t id, std::string ack, Location at);

  /// True if this was news.
  bool Close(std::uint64_t low, const std::vector<std::uint64_t>& ids);

  /// All that is not closed is to be sent, from the beginning.
  void Ask();
  /// What was sent `before` and is not closed is to be sent again.
  void Remind(std::int64_t sent_before_ms);

  struct Outgoing {
    std::vector<std::string> acks;
    bool synced = false;  ///< They are the last that answer Ask().
  };
  /// What may be sent now; it counts as sent.
  [[nodiscard]] Outgoing TakeOutgoing(std::int64_t now_ms);

  /// ACKs whose turn has come and that are not in memory; each is named once.
  [[nodiscard]] std::vector<Location> TakeWanted();
  /// The bytes of one of them; nothing if there is no such task any more.
  void Load(Location at, std::string ack);

  [[nodiscard]] std::uint64_t highest() const noexcept { return highest_; }
  /// The highest id that a life of the fetcher before `life` is known to have given out.
  [[nodiscard]] std::uint64_t HighestBefore(std::uint64_t life) const;
  [[nodiscard]] std::size_t unclosed_count() const noexcept { return entries_.size(); }

 private:
  enum class State { kInBatch, kWaiting, kSent };
  struct Entry {
    State state = State::kInBatch;
    std::uint64_t order = 0;
    Location at;
    std::optional<std::string> ack;  // None: not in memory.
    std::size_t ack_bytes = 0;       // Once known.
    bool wanted = false;
    std::int64_t sent_ms = 0;
  };

  using IdsByOrder = std::map<std::uint64_t, std::uint64_t>;

  void Wait(Entry& entry);
  static void Move(const Entry& entry, IdsByOrder& from, IdsByOrder& to);
  [[nodiscard]] IdsByOrder& Holder(const Entry& entry);
  void Erase(std::map<std::uint64_t, Entry>::iterator entry);
  void KeepAck(Entry& entry, std::string ack);
  void DropAck(Entry& entry);
  [[nodiscard]] bool HasRoom(const Entry& entry) const;

  AckMemory& memory_;
  ClosedIds closed_;
  std::uint64_t highest_ = 0;
  std::uint64_t restored_highest_ = 0;
  std::map<std::uint64_t, std::uint64_t> highest_by_life_;
  std::uint64_t next_order_ = 1;
  std::map<std::uint64_t, Entry> entries_;  // By id: not closed.
  IdsByOrder in_batch_;                     // Each entry is in one of the three, as its state
  IdsByOrder waiting_;                      // says.
  IdsByOrder sent_;
  std::size_t sent_bytes_ = 0;
  std::int64_t none_sent_before_ms_ = std::numeric_limits<std::int64_t>::max();
  std::optional<std::uint64_t> asked_up_to_;  // An order.
};

}  // namespace thresh
