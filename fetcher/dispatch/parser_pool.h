#pragma once

// ParserPool: the fetcher's end of the wire to the parsers. Pages offered to it go to
// parsers that have granted credit, are kept until the sink has acknowledged them, and
// go to another parser when theirs is gone.
//
// A page is waiting (no parser has it), leased (a parser has it), or awaiting_ack (the
// parser has passed its result on). proto/README.md has the messages.
//
// Threads: none. Lifetime: borrows the loop and the ZeroMQ context.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <uv.h>
#include <zmq.hpp>

#include "fetcher/dispatch/page.h"
#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "lib/bus/bus_socket.h"
#include "proto/peer_id.h"

namespace thresh {

namespace wire {
class Credit;
class Envelope;
}  // namespace wire

struct PoolEvents {
  /// The text of a recipe that a parser asks for; null if unknown.
  std::function<const std::string*(const Hash128&)> recipe_text;
  /// The page's answer says "ask again later"; the pool has let go of it.
  std::function<void(TaskId, const std::string& why, std::uint32_t after_ms)> on_retry;
  /// The page was the oldest one at a parser that went away kMaxLost times; the pool has let go
  /// of it.
  std::function<void(TaskId)> on_given_up;
  /// Pages came back or credit was granted: Dispatch() may have something to do.
  std::function<void()> on_change;
};

struct ParserInfo {
  std::uint32_t pid = 0;
  std::size_t leased = 0;
  std::uint64_t parsed = 0;  ///< Pages, since it joined.
};

class ParserPool {
 public:
  /// A page that so many parsers were last seen with is taken to kill them.
  static constexpr std::uint32_t kMaxLost = 10;

  /// Errors: kInvalid if the endpoint cannot be bound; kInternal.
  [[nodiscard]] static Result<std::unique_ptr<ParserPool>> Create(uv_loop_t& loop,
                                                                  zmq::context_t& context,
                                                                  const std::string& endpoint,
                                                                  PeerId self, PoolEvents events);

  /// Takes a page; it goes out at the next Dispatch().
  void Offer(FetchedPage page);

  /// Lets go of a page: the sink has acknowledged it.
  void Forget(TaskId id);

  /// Results under way to the sink are lost: every page that is awaiting_ack goes to a parser
  /// again.
  void ResultsLost();

  /// Sends waiting pages as far as there is credit. Call once a tick.
  void Dispatch();

  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }
  [[nodiscard]] std::size_t leased() const noexcept;
  [[nodiscard]] std::size_t awaiting_ack() const noexcept;
  /// Bodies of all pages not forgotten.
  [[nodiscard]] std::size_t held_bytes() const noexcept { return held_bytes_; }
  [[nodiscard]] std::vector<TaskId> HeldIds() const;
  [[nodiscard]] std::vector<ParserInfo> Parsers() const;

 private:
  struct Session {
    std::string routing_id;
    PeerId peer;
    std::uint32_t pid = 0;
    std::unordered_set<std::string> recipes;  // Empty: all.
    std::uint64_t credit_total = 0;
    std::uint64_t sent_total = 0;
    std::uint64_t parsed = 0;
    std::pair<std::uint64_t, std::uint64_t> idle_at;  // Received and sent, at its last HELLO.
    std::vector<TaskId> leased;  // In the order sent, which is that of extraction.
    std::unordered_set<TaskId> awaiting_ack;
  };
  struct Held {
    FetchedPage page;
    std::uint32_t attempt = 0;   // Sends to a parser so far.
    std::uint32_t lost = 0;      // Parsers that went away with it as their oldest page.
    Session* session = nullptr;  // Null while it waits.
  };

  ParserPool(PeerId self, PoolEvents events);

  static void OnNudgeTimer(uv_timer_t* timer) noexcept;

  void Receive(Frames& frames);
  void TakeHello(const std::string& routing_id, const PeerId& from, const wire::Envelope& envelope);
  void TakeIdle(Session& session, std::uint64_t received_total);
  void TakeCredit(Session& session, const wire::Credit& credit);
  void SendRecipe(Session& session, std::string_view raw_hash);
  void NudgeAll();
  [[nodiscard]] bool SendTask(Session& session, Held& held);
  [[nodiscard]] bool AnyCredit() const;
  [[nodiscard]] Session* PickFor(const FetchedPage& page);
  [[nodiscard]] Result<> Send(Session& session, const wire::Envelope& envelope,
                              std::optional<zmq::message_t> second);
  /// Puts the session's pages back to the head of the queue.
  void Lose(Session& session, std::string_view why);
  void PutBack(std::vector<TaskId> ids);

  const PeerId self_;
  const PoolEvents events_;
  std::unique_ptr<BusSocket> socket_;
  UvOwned<uv_timer_t> nudge_;
  std::map<std::string, std::unique_ptr<Session>> sessions_;  // By routing id.
  std::unordered_map<TaskId, Held> held_;
  std::deque<TaskId> waiting_;
  std::size_t held_bytes_ = 0;
};

}  // namespace thresh
