#pragma once

// SinkLink: the fetcher's end of the wire to the sink. Tells it what is closed and what
// ended without a result, and hears which tasks' effects are in the output.
//
// A sink that was started anew is noticed by its incarnation; it is then told again all
// that it has not acknowledged. When ACKs are due and none comes for some seconds it is asked,
// and told again what it does not know: messages die with a connection, also if both its
// ends live.
//
// Threads: none. Lifetime: borrows the loop and the ZeroMQ context.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <uv.h>
#include <zmq.hpp>

#include "fetcher/job/task.h"
#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "lib/bus/bus_socket.h"
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
  std::string body;  ///< Up to 64 KiB of the answer.
};

enum class AckOutcome { kDone, kDead, kDropped };

struct Acknowledged {
  TaskId id = 0;
  AckOutcome outcome = AckOutcome::kDone;
  std::string reason;         ///< Of kDead and kDropped.
  std::uint64_t records = 0;  ///< Lines written for it.
  std::vector<std::string> links;
};

struct SinkEvents {
  /// Returns false if that was known already.
  std::function<bool(Acknowledged)> on_ack;
  /// Results under way to the sink are lost, or may be: hand their pages out again.
  std::function<void()> on_results_lost;
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

  /// Reported, but not acknowledged.
  [[nodiscard]] std::size_t unacknowledged() const noexcept { return reported_.size(); }
  /// Bodies of what is reported, but not acknowledged.
  [[nodiscard]] std::size_t unacknowledged_bytes() const noexcept { return reported_bytes_; }
  [[nodiscard]] bool connected() const noexcept { return sink_.has_value(); }

 private:
  SinkLink(PeerId self, SinkEvents events);

  static void OnTimer(uv_timer_t* timer) noexcept;

  void Receive(Frames& frames);
  void TakeAck(const wire::Envelope& envelope);
  void Tell();
  void TellAllAgain();
  void SendSync();
  void SendDead(const DeadTask& dead);
  void Send(const wire::Envelope& envelope, std::optional<std::string_view> second);

  const PeerId self_;
  const SinkEvents events_;
  std::unique_ptr<BusSocket> socket_;
  UvOwned<uv_timer_t> timer_;
  std::optional<PeerId> sink_;
  std::map<TaskId, DeadTask> reported_;
  std::size_t reported_bytes_ = 0;
  std::uint32_t quiet_ticks_ = 0;  // Since the last news of the sink, while an ACK is due.
  bool asked_ = false;             // By SYNC, what became of what is due; no answer yet.
};

}  // namespace thresh
