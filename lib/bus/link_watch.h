#pragma once

// LinkWatch: what becomes of the connections of a BusSocket, which hides that they come and go.
//
// Threads: none of ours. Lifetime: borrows the loop and the context; REQUIRES: gone before the
// context is.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "lib/bus/bus_socket.h"

namespace thresh {

enum class LinkEvent {
  kUp,         ///< Connected, and both ends have shown who they are.
  kDown,       ///< A connection that was up is gone; ZeroMQ connects again by itself.
  kHungUp,     ///< The other end hung up before it said anything; ZeroMQ tries again.
  kRefused,    ///< The other end will not have us. ZeroMQ does not try again.
  kNotThresh,  ///< What the other end said makes no sense, or is for another key. Nor then.
};

class LinkWatch {
 public:
  using EventFn = std::function<void(LinkEvent)>;

  /// Errors: kInternal when ZeroMQ or libuv has no socket or handle left.
  [[nodiscard]] static Result<std::unique_ptr<LinkWatch>> Create(uv_loop_t& loop,
                                                                 zmq::context_t& context,
                                                                 BusSocket& watched,
                                                                 EventFn on_event);

 private:
  explicit LinkWatch(EventFn on_event) : on_event_(std::move(on_event)) {}
  void Receive(const Frames& frames);

  const EventFn on_event_;
  std::unique_ptr<BusSocket> events_;
};

}  // namespace thresh
