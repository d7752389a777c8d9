#pragma once

// The sink: results come in from the parsers, dead letters from the fetcher; lines go to
// the output files; then, and only then, the fetcher is told.
//
//   RESULT, DEAD ──▶ lines of this batch ──▶ append ──▶ ACK
//
// This file is the only one that knows all the stages.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include <uv.h>
#include <zmq.hpp>

#include "lib/base/result.h"
#include "lib/bus/bus_socket.h"
#include "lib/io/signals.h"
#include "lib/io/tick.h"
#include "proto/peer_id.h"
#include "sink/output/output_files.h"

namespace thresh {

struct DeadLetter;
namespace wire {
class Dead;
class Envelope;
class Result;
}  // namespace wire

struct SinkOptions {
  std::string state_dir;          ///< The socket lies here.
  std::string out;                ///< Folder of the output files, or `-`.
  std::uint64_t max_records = 0;  ///< Lines to write in all; 0: no limit.
};

class SinkDaemon {
 public:
  /// Errors: kInvalid for options, kUnavailable, kInternal.
  [[nodiscard]] static Result<std::unique_ptr<SinkDaemon>> Create(uv_loop_t& loop,
                                                                  SinkOptions options);

 private:
  struct ParserSession {
    PeerId peer;
    std::uint64_t received_bytes = 0;
    std::uint64_t granted_bytes = 0;
  };
  /// What a task came to, kept for the fetcher until it has closed the task.
  struct Entry;
  struct Fetcher;

  SinkDaemon(uv_loop_t& loop, SinkOptions options);
  Result<> Open();

  void Receive(Frames& frames);
  void TakeFromFetcher(const std::string& routing_id, const PeerId& from,
                       const wire::Envelope& envelope);
  void TakeResult(const wire::Result& result, std::string_view records);
  void TakeDead(Fetcher& fetcher, const wire::Dead& dead);
  [[nodiscard]] Result<std::uint64_t> AppendRecords(const wire::Result& result,
                                                    std::string_view records);
  void AppendRejected(const wire::Result& result);
  void AppendDead(const DeadLetter& letter);
  [[nodiscard]] Entry* Begin(Fetcher& fetcher, std::uint64_t id, std::uint32_t attempt);

  /// The one place from which ACKs go out: after the lines they speak of.
  void Commit();
  void GrantBytes();
  void SendAcks(Fetcher& fetcher);
  [[nodiscard]] Result<> Send(const std::string& routing_id, const wire::Envelope& envelope);

  uv_loop_t& loop_;
  const SinkOptions options_;
  const PeerId self_;
  OutputFiles files_;
  std::uint64_t records_written_ = 0;
  std::unordered_map<std::string, ParserSession> parsers_;          // By routing id.
  std::unordered_map<Hash128, std::unique_ptr<Fetcher>> fetchers_;  // By uuid.

  zmq::context_t context_;
  Tick commit_;
  Signals signals_;
  std::unique_ptr<BusSocket> socket_;

 public:
  ~SinkDaemon();
  SinkDaemon(const SinkDaemon&) = delete;
  SinkDaemon& operator=(const SinkDaemon&) = delete;
};

}  // namespace thresh
