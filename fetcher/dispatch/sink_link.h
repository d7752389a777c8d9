#pragma once

// SinkLink: the fetcher's end of the wire to the sink. Tells it what is closed and what
// ended without a result, and hears which tasks' effects are in the output.
//
// A sink that was started anew is noticed by its incarnation: it is asked (SYNC) what it has, and
// told again all that it has not. When ACKs are due and none comes for some seconds it is asked,
// too: messages die with a connection, also if both its ends live.
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
#include <utility>
#include <variant>
#include <vector>

#include <uv.h>
#include <zmq.hpp>

#include "fetcher/job/task.h"
#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "lib/bus/bus_socket.h"
#include "lib/io/tick.h"
#include "proto/peer_id.h"

namespace thresh {

namespace wire {
class Envelope;
}  // namespace wire

/// A task that ends without a result.
struct DeadTask {
  TaskId id = 0;
  std::uint32_t attempts = 0;
  std::string identity;  ///< A serialised wire::Page.
  std::string reason;    ///< As in docs/outcomes.md.
  std::string detail;
  std::uint32_t status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;             ///< What is kept of the answer.
  std::string body_start = {};  ///< How the answer began, if nothing is kept of it.
};

/// kClosed: a result was passed over, as its task had been closed before.
enum class AckOutcome { kDone, kDead, kDropped, kClosed };

/// A link of a page that was parsed.
struct AckLink {
  std::string url;
  std::string recipe;                      ///< Who is to take it; empty: routed by `allow`.
  std::shared_ptr<const Request> request;  ///< Null: a plain GET.
  std::int64_t delay_ms = 0;               ///< Not asked for before it has passed.
  bool root = false;                       ///< It begins a job of its own.
};

struct Acknowledged {
  TaskKey key;
  bool is_job = false;  ///< A job's report is in the output: only `key.id` counts.
  bool is_due = false;  ///< It was reported, and not acknowledged before.
  AckOutcome outcome = AckOutcome::kDone;
  std::string reason;              ///< Of kDead and kDropped.
  std::uint64_t records = 0;       ///< Lines written for it.
  std::int64_t fetched_at_ms = 0;  ///< Of the answer that counted: wall clock.
  std::vector<AckLink> links;
  bool repeats = false;  ///< For who takes it: the page's body came too often already.
};

struct SinkEvents {
  /// A task's effects, or a job's report, are in the output. Told again until Closed().
  std::function<void(Acknowledged)> on_ack;
  /// Results under way to the sink are lost, or may be: hand their pages out again.
  std::function<void()> on_results_lost;
  /// The sink that answers works on the state `uuid`. False: do not work with it.
  std::function<bool(const Hash128& uuid)> on_sink;
  /// The sink will not work with us.
  std::function<void(const std::string& why)> on_refused;
  /// How many pages wait for the sink's ACK.
  std::function<std::size_t()> awaiting_ack;
  /// The frontier's ids: {next_id, low}.
  std::function<std::pair<TaskId, TaskId>()> ids;
};

class SinkLink {
 public:
  /// Errors: kInvalid for what is no endpoint; kInternal.
  [[nodiscard]] static Result<std::unique_ptr<SinkLink>> Create(uv_loop_t& loop,
                                                                zmq::context_t& context,
                                                                const std::string& endpoint,
                                                                PeerId self, SinkEvents events);

  /// Reports a dead task; on_ack follows when it is in the output.
  void Report(DeadTask dead);

  /// Reports a job that has ended; on_ack follows when it is in the output.
  void Report(JobReport job);

  /// The end of these tasks and jobs is durable in the frontier.
  void Closed(const std::vector<TaskId>& ids);

  /// Reported, but not acknowledged.
  [[nodiscard]] std::size_t unacknowledged() const noexcept { return reported_.size(); }
  /// Bodies of what is reported, but not acknowledged.
  [[nodiscard]] std::size_t unacknowledged_bytes() const noexcept { return reported_bytes_; }
  [[nodiscard]] bool connected() const noexcept { return sink_.has_value(); }
  /// The sink has told what it had of our earlier lives.
  [[nodiscard]] bool synced() const noexcept { return synced_; }

 private:
  /// What is reported, and whether it has been sent.
  struct Reported {
    std::variant<DeadTask, JobReport> what;
    std::size_t bytes = 0;
    bool sent = false;
  };

  SinkLink(uv_loop_t& loop, PeerId self, SinkEvents events);

  static void OnTimer(uv_timer_t* timer) noexcept;

  void Receive(Frames& frames);
  void MeetSink(const PeerId& from);
  void TakeAck(const wire::Envelope& envelope);
  void TakeSynced();
  void Tell();
  void SendLow();
  void Ask();
  void Add(TaskId id, Reported reported);
  void SendReports();
  void SendDead(const DeadTask& dead);
  void SendJobs(wire::Envelope* jobs);
  void Send(const wire::Envelope& envelope, std::optional<std::string_view> second);

  const PeerId self_;
  const SinkEvents events_;
  std::unique_ptr<BusSocket> socket_;
  UvOwned<uv_timer_t> timer_;
  std::optional<PeerId> sink_;
  bool refused_ = false;
  bool synced_ = false;
  std::map<TaskId, Reported> reported_;
  std::size_t reported_bytes_ = 0;
  std::deque<TaskId> unsent_;   // Of reported_, in order; some may be gone.
  std::size_t sent_bytes_ = 0;  // Of reported_, what has been sent.
  std::vector<TaskId> closed_;  // Not told yet.
  std::uint32_t idle_ticks_ = 0;
  std::uint32_t quiet_ticks_ = 0;  // Since the last news of the sink, while an ACK is due.
  bool met_anew_ = false;          // The sink was started anew, and has not answered our SYNC.
  bool asked_ = false;             // A quiet sink was asked what became of what is due.
  Tick send_;                      // Reports of one turn go together.
};

}  // namespace thresh
