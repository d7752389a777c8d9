#include "lib/bus/link_watch.h"

#include <cstring>
#include <utility>

#include <zmq.h>

namespace thresh {
namespace {

constexpr int kWatched = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED |
                         ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                         ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

}  // namespace

Result<std::unique_ptr<LinkWatch>> LinkWatch::Create(uv_loop_t& loop, zmq::context_t& context,
                                                     BusSocket& watched, EventFn on_event) {
  std::unique_ptr<LinkWatch> watch(new LinkWatch(std::move(on_event)));
  auto events = BusSocket::Create(loop, context, BusSocket::Kind::kPair, "",
                                  [w = watch.get()](const Frames& frames) { w->Receive(frames); });
  if (!events) return events.error();
  watch->events_ = std::move(*events);
  const Result<std::string> endpoint = watched.Monitor(kWatched);
  if (!endpoint) return endpoint.error();
  if (Result<> connected = watch->events_->ConnectInside(*endpoint); !connected) {
    return connected.error();
  }
  return watch;
}

// zmq_socket_monitor(3): a number of 16 bits, a value of 32, and in another frame the endpoint.
void LinkWatch::Receive(const Frames& frames) {
  std::uint16_t event = 0;
  if (frames.empty() || frames[0].size() < sizeof event) return;
  std::memcpy(&event, frames[0].data(), sizeof event);
  switch (event) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: on_event_(LinkEvent::kUp); break;
    case ZMQ_EVENT_DISCONNECTED: on_event_(LinkEvent::kDown); break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: on_event_(LinkEvent::kHungUp); break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: on_event_(LinkEvent::kRefused); break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: on_event_(LinkEvent::kNotThresh); break;
    default: break;
  }
}

}  // namespace thresh
