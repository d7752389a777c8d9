#pragma once

// ParserPool: the fetcher's end of the wire to the parsers. Pages offered to it go to
// parsers that have granted credit, are kept until the sink has acknowledged them, and
// go to another parser when theirs is gone, hangs, or keeps them waiting.
//
// A page is waiting (no parser has it), leased (one parser has it, or several), or
// awaiting_ack (a parser has passed its result on). proto/README.md has the messages,
// docs/parsers.md the rules of leases and blame.
//
// Threads: none. Lifetime: borrows the loop and the ZeroMQ context.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <uv.h>
#include <zmq.hpp>

#include "fetcher/dispatch/body_server.h"
#include "fetcher/dispatch/page.h"
#include "fetcher/dispatch/session.h"
#include "fetcher/dispatch/wait_queue.h"
#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "lib/bus/bus_socket.h"
#include "lib/bus/tcp_door.h"
#include "lib/io/memory_places.h"
#include "proto/peer_id.h"

namespace thresh {

namespace wire {
class BodyWanted;
class Credit;
class Envelope;
class Retry;
class Task;
}  // namespace wire

/// A page that parsers die of, or never end. The pool has let go of it.
struct GivenUpPage {
  FetchedPage page;            ///< With its whole body.
  std::string reason;          ///< `parse_crash` or `parse_timeout`.
  std::string detail;          ///< `signal 11 (SIGSEGV) 3 times`
  std::uint32_t attempts = 0;  ///< To parse it, that counted.
};

/// A parser wants a page asked for again.
struct RetryAsked {
  TaskId id = 0;
  std::string why;
  std::uint32_t after_ms = 0;
  bool whole_host = false;         ///< All of the host is to wait.
  std::uint32_t max_attempts = 0;  ///< Over 0: so many, and the wait doubles with each.
  std::uint32_t status = 0;        ///< Of the answer; 0: not said.
  std::string body_start = {};     ///< How the answer begins.
};

/// A page that a parser has told to be parsed. Its result may have come sooner, by another way:
/// then the pool has forgotten it.
struct ParsedPage {
  TaskId id = 0;
  const std::string& recipe;
  const std::string& url;
  std::uint32_t pid = 0;
  std::chrono::microseconds took{0};  ///< 0: not known.
};

struct PoolEvents {
  /// The text of a recipe that a parser asks for; null if unknown.
  std::function<const std::string*(const Hash128&)> recipe_text;
  /// What parsers are told beside it, as `--set` has it. May be null: nothing.
  std::function<std::vector<std::string>(const Hash128&)> recipe_sets;
  /// The page's answer says "ask again later"; the pool has let go of it.
  std::function<void(const RetryAsked&)> on_retry;
  std::function<void(GivenUpPage)> on_given_up;
  /// What parsers did over the page has changed: to be given back as its `blame` in another life.
  std::function<void(TaskId, std::string blame)> on_blame;
  /// A parser has ended a page.
  std::function<void(const ParsedPage&)> on_parsed;
  /// Pages came back or credit was granted: Dispatch() may have something to do.
  std::function<void()> on_change;
};

struct PoolOptions {
  std::string endpoint;
  /// Where parsers keep their flight recorders; empty: they have none.
  std::string flight_dir;
  /// Where parsers on this machine get large bodies as files; empty: nowhere.
  std::string body_socket;
  /// Of memory for bodies that arrive; only what is used is taken from the system.
  std::size_t body_bytes = 32 << 20;
  /// How long a parser may take for one page. Time in which it is blocked does not count.
  std::chrono::milliseconds lease = std::chrono::seconds(15);
  /// Time for leases. The clock that stands still while the machine sleeps: so do its parsers.
  std::function<std::chrono::steady_clock::time_point()> now = &std::chrono::steady_clock::now;
};

struct ParserInfo {
  std::uint32_t pid = 0;
  std::size_t leased = 0;    ///< Pages it has not told to be parsed.
  std::uint64_t parsed = 0;  ///< Pages, since it joined.
  bool blocked = false;      ///< It may send no results: the sink has granted it no bytes.
  bool stalled = false;      ///< A page of it took too long, and nothing was heard of it since.
  double pages_per_s = 0;    ///< Over the last 5 s.
  std::uint64_t memory_bytes = 0;  ///< As it said last; 0: it did not say.
  std::string last_url;            ///< Of the page it parsed last; or empty.
};

class ParserPool {
 public:
  /// Removes recorders that dead parsers left in flight_dir.
  /// Errors: kInvalid if the endpoint cannot be bound; kInternal.
  [[nodiscard]] static Result<std::unique_ptr<ParserPool>> Create(uv_loop_t& loop,
                                                                  zmq::context_t& context,
                                                                  PoolOptions options, PeerId self,
                                                                  PoolEvents events);
  ~ParserPool();
  ParserPool(const ParserPool&) = delete;
  ParserPool& operator=(const ParserPool&) = delete;

  /// Who we are, if that was not known yet when parsers could already connect. Before the loop
  /// turns: what they say is read then.
  void SetSelf(PeerId self) { self_ = self; }
  /// Lets in parsers on other machines. Their keys are looked at as the loop turns: not to be
  /// called long before it does.
  Result<> OpenDoor(uv_loop_t& loop, zmq::context_t& context, const TcpDoorOptions& options);

  /// Room for the body of a page that is arriving: if there is some, where a parser that serves
  /// this recipe may read it. Null: it may arrive anywhere.
  [[nodiscard]] std::shared_ptr<char> RoomFor(const std::string& recipe, std::size_t bytes);

  /// Takes a page; it goes out at the next Dispatch(). Nothing happens if it is held already.
  void Offer(FetchedPage page);

  /// Lets go of a page: the sink has acknowledged it.
  void Forget(TaskId id);

  /// Results under way to the sink are lost: every page that is awaiting_ack goes to a parser
  /// again.
  void ResultsLost();

  /// Sends waiting pages as far as there is credit. Call once a tick.
  void Dispatch();
  /// Takes in what parsers have said by now, credit for instance: for who keeps the loop from doing
  /// so for long. Not to be called by a PoolEvents.
  void TakeMessages() { socket_->Drain(); }

  /// To be called once a second: parsers' rates are counted then.
  void Second();

  /// Looks after leases: what its timer does every 50 ms. For tests with a clock of their own.
  void CheckLeases();

  [[nodiscard]] std::size_t waiting() const noexcept { return counts_.waiting; }
  [[nodiscard]] std::size_t leased() const noexcept { return counts_.leased; }
  [[nodiscard]] std::size_t awaiting_ack() const noexcept { return counts_.awaiting_ack; }
  /// Bodies in memory of all pages not forgotten.
  [[nodiscard]] std::size_t held_bytes() const noexcept { return held_bytes_; }
  [[nodiscard]] PageState StateOf(TaskId id) const;
  /// What is in memory of the body; nothing if it is not held.
  [[nodiscard]] std::string_view BodyOf(TaskId id) const;
  [[nodiscard]] std::vector<TaskId> HeldIds() const;
  [[nodiscard]] std::vector<ParserInfo> Parsers() const;

 private:
  struct Counts {
    std::size_t waiting = 0, leased = 0, awaiting_ack = 0;
  };

  ParserPool(PoolOptions options, PeerId self, PoolEvents events);

  static void OnNudgeTimer(uv_timer_t* timer) noexcept;
  static void OnLeaseTimer(uv_timer_t* timer) noexcept;

  // parser_pool.cc: pages, and where they go.
  [[nodiscard]] HeldPage* Find(TaskId id);
  void SetState(HeldPage& held, PageState state);
  [[nodiscard]] std::size_t& CountOf(PageState state);
  /// Adds a page to those that wait for a parser.
  void Queue(HeldPage& held, bool in_front);
  void PutBack(std::vector<TaskId> ids);
  [[nodiscard]] bool AnyCredit() const;
  void DispatchOvertaking();
  void DispatchAlone();
  void DispatchWaiting();
  using MayTake = bool (ParserPool::*)(const Session& session, const HeldPage& held) const;
  [[nodiscard]] bool TakesNext(const Session& session, const HeldPage& held) const;
  [[nodiscard]] bool TakesAlone(const Session& session, const HeldPage& held) const;
  [[nodiscard]] bool TakesOvertaking(const Session& session, const HeldPage& held) const;
  /// Sends the page to the best of those that may take it. False if there is none.
  bool SendToBest(HeldPage& held, bool alone, MayTake may_take);
  void ReserveFor(const HeldPage& held);
  [[nodiscard]] bool MayOccupyOneMore() const;
  [[nodiscard]] bool SendTask(Session& session, HeldPage& held, bool alone);
  /// Its memory, also if it has joined anew since that was lent to it; null: it has none.
  [[nodiscard]] PageMemory* MemoryOf(Session& session);
  [[nodiscard]] bool ShareBody(Session& session, const FetchedPage& page, wire::Task& task);

  // pool_leases.cc: what becomes of pages whose parser is gone, hangs, or keeps them waiting.
  void Lend(Session& session, HeldPage& held, bool alone);
  void LeaseRanOut(Session& session);
  void FindOvertaking(const Session& session);
  [[nodiscard]] bool MayOvertake(const HeldPage& held) const;
  /// Others have the page, or all of the session's: it is to drop what it has not begun.
  void TellTaken(Session& session, std::optional<TaskId> id);
  void TakeDropped(Session& session, TaskId id);
  /// Puts the session's pages back to the head of the queue.
  void Lose(Session& session, std::string_view why);
  /// The same without blame: it ends in order.
  void LetGo(Session& session, std::string_view why);
  void LoseGone();
  void BlameForLoss(const Session& session);
  void BlameForLease(Session& session);
  void Accuse(const Session& session, TaskId id, Cause cause, bool certain);
  void Charge(HeldPage& held, Cause cause);
  /// The session holds none of its pages any more, though it may still be at work on them.
  [[nodiscard]] std::vector<TaskId> TakeFrom(Session& session);

  // pool_messages.cc: what parsers say.
  void Receive(Frames& frames);
  void TakeHello(const std::string& routing_id, const PeerId& from, const wire::Envelope& envelope);
  [[nodiscard]] Session* Join(const std::string& routing_id, const PeerId& from,
                              const wire::Envelope& envelope);
  void TakeIdle(Session& session, std::uint64_t received_total);
  void TakeCredit(Session& session, const wire::Credit& credit);
  void TakeRetry(Session& session, const wire::Retry& retry);
  void TakeParsed(Session& session, const Lease& lease, std::uint64_t took_us);
  void SendPart(Session& session, const wire::BodyWanted& wanted);
  void SendRecipe(Session& session, std::string_view raw_hash);
  void NudgeAll();
  [[nodiscard]] Result<> Send(Session& session, const wire::Envelope& envelope,
                              std::optional<zmq::message_t> second);

  const PoolOptions options_;
  PeerId self_;
  const PoolEvents events_;
  std::unique_ptr<BusSocket> socket_;
  std::unique_ptr<TcpDoor> door_;
  std::unique_ptr<BodyServer> bodies_;
  std::shared_ptr<MemoryPlaces> own_;  // For bodies that no parser can read where they arrive.
  UvOwned<uv_timer_t> nudge_, lease_timer_;
  std::uint32_t nudges_ = 0;
  std::map<std::string, std::unique_ptr<Session>> sessions_;  // By routing id.
  std::unordered_map<TaskId, HeldPage> held_;
  Counts counts_;
  WaitQueue waiting_;
  WaitQueue alone_;                 // Pages that a parser died of: sent where nothing else is.
  std::vector<TaskId> overtaking_;  // Leased, but kept waiting by others: due to go out again.
  Session* reserved_ = nullptr;     // Gets nothing until it is free for a page of alone_.
  std::size_t held_bytes_ = 0;
  const std::unique_ptr<wire::Envelope> task_;  // What was sent last: its memory is used again.
  std::chrono::steady_clock::time_point last_check_;  // Of leases.
};

}  // namespace thresh
