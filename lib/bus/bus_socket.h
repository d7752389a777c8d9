#pragma once

// BusSocket: one ZeroMQ socket, a ROUTER or DEALER mostly, on a libuv loop. Each message that
// arrives is given to `on_message`; Send() never blocks.
//
// Threads: none of ours; every call comes from the loop's thread.
// Lifetime: borrows the loop and the ZeroMQ context, which must outlive it; the loop
// must turn once more after it is gone.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <uv.h>
#include <zmq.hpp>

#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "lib/base/shared_bytes.h"
#include "lib/bus/curve_keys.h"

namespace thresh {

/// Frames of one message, in order. On a ROUTER the first is the peer's routing id.
using Frames = std::vector<zmq::message_t>;

class BusSocket {
 public:
  enum class Kind { kRouter, kDealer, kPair };
  using MessageFn = std::function<void(Frames&)>;

  /// `routing_id`: what a ROUTER at the other end will know a DEALER by; at most 255
  /// bytes; empty lets the ROUTER choose.
  /// Errors: kInternal when ZeroMQ or libuv has no socket or handle left.
  [[nodiscard]] static Result<std::unique_ptr<BusSocket>> Create(uv_loop_t& loop,
                                                                 zmq::context_t& context, Kind kind,
                                                                 std::string_view routing_id,
                                                                 MessageFn on_message);

  BusSocket(const BusSocket&) = delete;
  BusSocket& operator=(const BusSocket&) = delete;

  /// Errors: kInvalid for an endpoint that is not `ipc://PATH` or `tcp://HOST:PORT`, or
  /// cannot be bound.
  Result<> Bind(const std::string& endpoint);
  /// The endpoint with the port that was taken for port 0.
  [[nodiscard]] Result<std::string> BindAnyPort(const std::string& endpoint);

  /// The peer need not be there yet: ZeroMQ connects, and connects again, by itself.
  /// Errors: kInvalid as Bind().
  Result<> Connect(const std::string& endpoint);

  // `inproc://NAME`: what ZeroMQ itself tells or asks, within the process.
  Result<> BindInside(const std::string& endpoint);
  Result<> ConnectInside(const std::string& endpoint);

  // For what is bound or connected from then on:

  /// Who connects needs our public key, and the approval of a TcpDoor.
  Result<> ServeKeys(const CurveKeys& own);
  /// We are `own`, and connect to nobody but the owner of `server_public_key`.
  Result<> UseKeys(const CurveKeys& own, const std::string& server_public_key);
  void AllowIpv6(bool allowed);

  /// What was sent may take so long to leave when this goes; else it is dropped.
  void LingerFor(std::chrono::milliseconds longest);

  /// Has ZeroMQ report these events of connections (zmq_socket_monitor(3)) at an endpoint, to one
  /// kPair; LinkWatch does.
  [[nodiscard]] Result<std::string> Monitor(int events);

  /// Sends all the frames as one message, or none. The frames are moved from.
  /// Errors: kUnavailable when a ROUTER has no such peer (it is gone); kBusy when the
  /// peer's queue is full; kInternal otherwise.
  Result<> Send(Frames& frames);

  /// Takes in all messages there are; returns how many. The loop does so by itself; but what a peer
  /// said last may still lie here when Send() finds it gone. Not to be called by a MessageFn.
  std::size_t Drain();

  /// What arrives lies where it is until Wake(), or until Drain() asks for it: one who will do
  /// nothing about it before then need not be woken by each message.
  void Rest();
  void Wake();

 private:
  BusSocket(MessageFn on_message, zmq::socket_t socket);

  static void OnReadable(uv_poll_t* poll, int status, int events) noexcept;
  static void OnPrepare(uv_prepare_t* prepare) noexcept;

  // ZeroMQ's descriptor is edge-triggered, and sending may swallow the edge. So the socket is
  // drained when the descriptor is readable, and before the loop next sleeps after a Send().
  void DrainBeforeSleep();

  MessageFn on_message_;
  zmq::socket_t socket_;
  Frames frames_;
  bool resting_ = false;
  UvOwned<uv_poll_t> poll_;
  UvOwned<uv_prepare_t> prepare_;
  UvOwned<uv_idle_t> idle_;
};

/// A frame that holds a copy of `bytes`.
[[nodiscard]] zmq::message_t CopyFrame(std::string_view bytes);

/// A frame that shares `bytes` with their other owners: nothing is copied, and ZeroMQ gives
/// its share up, from a thread of its own, when they are sent.
[[nodiscard]] zmq::message_t ShareFrame(SharedBytes bytes);

[[nodiscard]] inline std::string_view View(const zmq::message_t& frame) noexcept {
  return {frame.data<char>(), frame.size()};
}

}  // namespace thresh
