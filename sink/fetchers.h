#pragma once

// Fetchers: the fetchers whose tasks the sink knows, and those that speak to it. Says whom to
// work with, and what each is to be told.
//
// Threads: none. Time is the caller's.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/base/hash.h"
#include "lib/base/result.h"
#include "proto/peer_id.h"
#include "sink/batch.h"
#include "sink/source.h"

namespace thresh {

/// What a fetcher is to be sent.
struct ToFetcher {
  std::string routing_id;
  PeerId to;
  std::vector<std::string> acks;
  bool synced = false;
  std::string refused;  ///< Why; all else is empty then.
};

class Fetchers {
 public:
  /// `accept_new`: a fetcher takes the place of all those known.
  Fetchers(std::size_t ack_memory_bytes, bool accept_new)
      : memory_{.limit_bytes = ack_memory_bytes}, accept_new_(accept_new) {}

  /// Takes over what the journal knows.
  void Restore(const JournalState& known);

  /// A fetcher speaks that may not know us yet: it is greeted, and then sends SYNC.
  void Greet(const std::string& routing_id, const PeerId& from);

  // What a fetcher says to this life of the sink; what is to be written of it goes into `batch`.
  void TakeSync(const std::string& routing_id, const PeerId& from, std::uint64_t next_id,
                std::uint64_t low, Batch* batch);
  void TakeLow(const std::string& routing_id, const PeerId& from, std::uint64_t low,
               const std::vector<std::uint64_t>& ids, Batch* batch);

  /// A result has come for this task. Nullopt: of a fetcher that is not ours.
  [[nodiscard]] std::optional<Source::Begun> Begin(const PeerId& source, std::uint64_t id);

  /// A result came for a task that is closed; `ack` tells its fetcher so.
  void AnswerLate(const Hash128& source, std::string ack);

  /// The batch is durable and visible. Its ACKs are moved from.
  void Commit(Batch* batch, Committed&& done);

  [[nodiscard]] std::vector<Location> TakeWanted();
  /// What may be said now. REQUIRES: all that was committed is visible.
  [[nodiscard]] std::vector<ToFetcher> TakeMessages(std::int64_t now_ms);

  [[nodiscard]] std::size_t unclosed_count() const;

 private:
  struct Session {
    PeerId peer;
    std::string routing_id;
    bool synced = false;  // It has said what it is, and was accepted.
    bool greet = false;   // Answer even if there is nothing to say, so that it knows us.
    std::string refused;
    std::vector<std::string> late;  // ACKs of closed tasks.
  };

  Session& SessionOf(const std::string& routing_id, const PeerId& from);
  /// Why the sink will not work with it; empty if it will.
  [[nodiscard]] std::string WhyNot(const PeerId& from, std::uint64_t next_id) const;
  [[nodiscard]] const Hash128* AnotherKnown(const Hash128& uuid) const;
  Source& Admit(const Hash128& uuid, Batch* batch);

  AckMemory memory_;
  const bool accept_new_;
  std::unordered_map<Hash128, std::unique_ptr<Source>> sources_;
  std::unordered_map<Hash128, Session> sessions_;
};

}  // namespace thresh
