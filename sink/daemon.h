#pragma once

// The sink: results come in from the parsers, dead letters and job reports from the fetcher;
// each one's whole effect is written at once; then, and only then, the fetcher is told.
//
//   RESULT, DEAD, JOBS ─▶ effects of this batch ──▶ Committer ──▶ ACK
//                                (on the loop)       (on libuv's pool)
//
// While a batch is committed the next one is built. This file is the only one that knows all the
// stages.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <uv.h>
#include <zmq.hpp>

#include "lib/base/result.h"
#include "lib/bus/bus_socket.h"
#include "lib/bus/tcp_door.h"
#include "lib/config/daemon_main.h"
#include "lib/io/signals.h"
#include "lib/io/state_lock.h"
#include "lib/io/tick.h"
#include "lib/io/worker.h"
#include "lib/service/patience.h"
#include "lib/service/rate.h"
#include "lib/service/service.h"
#include "proto/peer_id.h"
#include "settings/sink_options.h"
#include "sink/batch.h"
#include "sink/committer.h"
#include "sink/compressor.h"
#include "sink/control/control.h"
#include "sink/control/sink_observation.h"
#include "sink/effects.h"
#include "sink/fetchers.h"
#include "sink/inbox.h"
#include "sink/parsers.h"
#include "sink/root_list.h"

namespace thresh {

namespace wire {
class Dead;
class Envelope;
class Jobs;
}  // namespace wire

class SinkDaemon {
 public:
  /// Errors: kInvalid for options or a damaged journal, kUnavailable if another sink is at work
  /// there, kInternal.
  [[nodiscard]] static Result<std::unique_ptr<SinkDaemon>> Create(
      uv_loop_t& loop, SinkOptions options, Rereader<SinkOptions> reread = {});

 private:
  // Each commit costs a sync and two changes of threads, however small it is.
  static constexpr std::uint64_t kCommitEveryMs = 5;

  SinkDaemon(uv_loop_t& loop, SinkOptions options, Rereader<SinkOptions> reread);
  Result<> Open();
  Result<> OpenJournal();
  Result<> OpenSockets();
  void Start();
  void HangUp();
  void Reload();

  // What arrives.
  void Receive(Frames& frames);
  void TakeResult(const wire::Envelope& envelope, std::string_view records);
  void TakeDead(const PeerId& source, const wire::Dead& dead, std::string_view body);
  void TakeJobs(const PeerId& source, const wire::Jobs& jobs);
  [[nodiscard]] bool Begin(const PeerId& source, std::uint64_t id, const std::string& page);
  void Add(Effect effect, EffectKind kind);

  // What is written.
  void Turn();
  void Rest();
  void CommitIfIdle();
  void StartCommit();
  void RunCommit();
  void TakeCommitted(Result<Committed> result);
  void Pause(const std::string& why);
  void Resume();
  void Stop();

  /// The one place from which ACKs go out: what they speak of is durable and visible.
  void SendAcks();
  void GrantBytes();
  [[nodiscard]] bool Send(const std::string& routing_id, zmq::message_t envelope);

  void Reopen();
  [[nodiscard]] SinkStatus Status() const;
  [[nodiscard]] std::string Metrics() const;
  [[nodiscard]] std::string StatusLine();
  [[nodiscard]] bool to_stdout() const { return options_.out == "-"; }

  uv_loop_t& loop_;
  SinkOptions told_;  // As read; what is at work of them:
  SinkOptions options_;
  const Rereader<SinkOptions> reread_;
  PeerId self_;
  std::vector<StateLock> locks_;  // Of the state, and of the sockets.
  std::atomic<bool> stopping_ = false;

  std::optional<RootList> roots_;  // Before what borrows it.
  Effects effects_;
  Inbox inbox_;
  Fetchers fetchers_;
  Parsers parsers_;
  std::uint64_t records_count_ = 0;  // Written, or about to be.
  std::uint64_t late_dropped_count_ = 0;
  SinkObservation seen_;

  std::unique_ptr<Committer> committer_;
  Batch batch_;                              // Being built,
  Batch in_flight_;                          // being committed.
  Result<Committed> outcome_ = Committed{};  // The worker's, until it has ended.
  bool recovered_ = false;                   // The first commit has ended.
  std::string paused_;                       // Why; or empty.
  FileReport report_;
  Rate records_rate_;

  zmq::context_t context_;
  Tick turn_;
  PacedTick commit_;
  Alarm wake_;
  Alarm retry_;
  Every second_;
  Signals signals_;
  Service service_;
  std::unique_ptr<Patience> patience_;  // Until the first commit has ended.
  std::unique_ptr<Compressor> compressor_;
  std::unique_ptr<BusSocket> socket_;
  std::unique_ptr<TcpDoor> door_;
  std::unique_ptr<SinkControl> control_;
  Worker worker_;  // Ends first: it works on the committer.

 public:
  ~SinkDaemon();
  SinkDaemon(const SinkDaemon&) = delete;
  SinkDaemon& operator=(const SinkDaemon&) = delete;
};

}  // namespace thresh
