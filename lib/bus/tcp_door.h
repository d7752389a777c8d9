#pragma once

// TcpDoor: lets processes on other machines connect to a ROUTER that others on this machine use
// already. Only those whose public keys are in a list come in, and all is encrypted (CurveZMQ, with
// an answerer of its own for ZAP, ZeroMQ's RFC 27). Without keys it opens on loopback only.
//
// Threads: none of ours. Lifetime: borrows the loop, the context and the socket. One door a
// context.

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "lib/bus/bus_socket.h"
#include "lib/bus/curve_keys.h"
#include "lib/bus/link_watch.h"
#include "lib/bus/tcp_door_options.h"

namespace thresh {

class TcpDoor {
 public:
  /// Null if there is to be none. REQUIRES: the socket's other endpoints are bound already.
  /// Errors: kInvalid for an endpoint, or keys, that are missing or wrong.
  [[nodiscard]] static Result<std::unique_ptr<TcpDoor>> Open(uv_loop_t& loop,
                                                             zmq::context_t& context,
                                                             BusSocket& socket,
                                                             const TcpDoorOptions& options);

 private:
  explicit TcpDoor(TcpDoorOptions options) : options_(std::move(options)) {}
  Result<> UseKeys(uv_loop_t& loop, zmq::context_t& context, BusSocket& socket);
  void TakeEvent(LinkEvent event);
  void AnswerZap(Frames& frames);
  [[nodiscard]] const std::string* NameOf(const std::string& public_key);
  void LogRefused(std::string_view from, std::string_view key, std::string_view why);

  const TcpDoorOptions options_;
  std::map<std::string, std::string> clients_;  // Names by public key.
  std::string clients_version_;                 // Of the file they were read from.
  std::uint64_t refused_count_ = 0;             // Since the last that was logged.
  std::uint64_t logged_at_ms_ = 0;
  std::unique_ptr<BusSocket> zap_;
  std::unique_ptr<LinkWatch> watch_;
};

}  // namespace thresh
