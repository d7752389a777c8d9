#include "fetcher/dispatch/sink_link.h"

#include <utility>

#include "lib/base/log.h"
#include "proto/envelope.h"

namespace thresh {
namespace {

constexpr std::uint64_t kTellMs = 250;
constexpr std::uint32_t kAskAgainTicks = 5000 / kTellMs;

AckOutcome OutcomeOf(wire::Outcome outcome) {
  switch (outcome) {
    case wire::OUTCOME_DEAD: return AckOutcome::kDead;
    case wire::OUTCOME_DROPPED: return AckOutcome::kDropped;
    default: return AckOutcome::kDone;
  }
}

}  // namespace

Result<std::unique_ptr<SinkLink>> SinkLink::Create(uv_loop_t& loop, zmq::context_t& context,
                                                   const std::string& endpoint, PeerId self,
                                                   SinkEvents events) {
  std::unique_ptr<SinkLink> link(new SinkLink(self, std::move(events)));
  auto socket = BusSocket::Create(loop, context, BusSocket::Kind::kDealer, RoutingId(self),
                                  [l = link.get()](Frames& frames) { l->Receive(frames); });
  if (!socket) return socket.error();
  link->socket_ = std::move(*socket);
  if (Result<> connected = link->socket_->Connect(endpoint); !connected) return connected.error();
  link->timer_ =
      MakeUv<uv_timer_t>(link.get(), [&](uv_timer_t* t) { return uv_timer_init(&loop, t); });
  if (!link->timer_) return Error{Errc::kInternal, "libuv has no handle left"};
  uv_timer_start(link->timer_.get(), &OnTimer, kTellMs, kTellMs);
  link->SendSync();
  return link;
}

SinkLink::SinkLink(PeerId self, SinkEvents events) : self_(self), events_(std::move(events)) {}

void SinkLink::Report(DeadTask dead) {
  const auto [entry, added] = reported_.emplace(dead.id, std::move(dead));
  if (!added) return;
  reported_bytes_ += entry->second.body.size();
  SendDead(entry->second);
}

void SinkLink::OnTimer(uv_timer_t* timer) noexcept {
  static_cast<SinkLink*>(timer->data)->Tell();
}

// Doubles as the question "are you still the same?": a sink that does not know us answers
// with an empty ACK.
void SinkLink::Tell() {
  wire::Envelope envelope = MakeEnvelope(self_, sink_);
  envelope.mutable_low()->set_low(events_.ids().second);
  Send(envelope, std::nullopt);

  if (reported_.empty() && events_.awaiting_ack() == 0) {
    quiet_ticks_ = 0;
    asked_ = false;
  } else if (sink_ && ++quiet_ticks_ % kAskAgainTicks == 0) {
    asked_ = true;
    SendSync();
  }
}

// The sink answers a SYNC with all that is not closed.
void SinkLink::TellAllAgain() {
  SendSync();
  for (const auto& [id, dead] : reported_) SendDead(dead);
}

void SinkLink::SendSync() {
  wire::Envelope envelope = MakeEnvelope(self_, sink_);
  const auto [next_id, low] = events_.ids();
  envelope.mutable_sync()->set_next_id(next_id);
  envelope.mutable_sync()->set_low(low);
  Send(envelope, std::nullopt);
}

void SinkLink::SendDead(const DeadTask& dead) {
  wire::Envelope envelope = MakeEnvelope(self_, sink_);
  wire::Dead& out = *envelope.mutable_dead();
  out.set_id(dead.id);
  out.set_attempts(dead.attempts);
  out.set_page(dead.identity);
  out.set_reason(dead.reason);
  out.set_detail(dead.detail);
  out.set_status(dead.status);
  for (const auto& [name, value] : dead.headers) {
    wire::Header& header = *out.add_headers();
    header.set_name(name);
    header.set_value(value);
  }
  Send(envelope, dead.body);
}

void SinkLink::Send(const wire::Envelope& envelope, std::optional<std::string_view> second) {
  Frames frames;
  frames.push_back(EncodeEnvelope(envelope));
  if (second) frames.push_back(CopyFrame(*second));
  // What is not sent is told again: when the sink shows itself, or stays quiet.
  (void)socket_->Send(frames).ok();
}

void SinkLink::Receive(Frames& frames) {
  if (frames.empty()) return;
  Result<Received> received = DecodeEnvelope(frames[0]);
  if (!received) {
    log::Warn("sink.message_refused", {{"why", received.error().detail}});
    return;
  }
  if (!sink_ || *sink_ != received->from) {
    const bool restarted = sink_.has_value();
    sink_ = received->from;
    log::Info(restarted ? "sink.restarted" : "sink.found");
    TellAllAgain();
    if (restarted) events_.on_results_lost();
  }
  // An ACK for another life of ours speaks of ids that are not ours.
  if (FromWire(received->envelope.to()) != self_) return;
  if (received->envelope.has_ack()) TakeAck(received->envelope);
}

void SinkLink::TakeAck(const wire::Envelope& envelope) {
  bool news = false;
  for (const wire::Ack::Entry& entry : envelope.ack().entries()) {
    if (const auto dead = reported_.find(entry.id()); dead != reported_.end()) {
      reported_bytes_ -= dead->second.body.size();
      reported_.erase(dead);
    }
    Acknowledged ack{.id = entry.id(),
                     .outcome = OutcomeOf(entry.outcome()),
                     .reason = entry.reason(),
                     .records = entry.records()};
    for (const wire::Link& link : entry.links()) ack.links.push_back(link.url());
    news = events_.on_ack(std::move(ack)) || news;
  }
  if (news) {
    quiet_ticks_ = 0;
    asked_ = false;
  } else if (std::exchange(asked_, false)) {  // It was asked, and does not know them.
    log::Warn("sink.messages_lost", {{"pages_count", events_.awaiting_ack()}});
    quiet_ticks_ = 0;
    for (const auto& [id, dead] : reported_) SendDead(dead);
    events_.on_results_lost();
  }
}

}  // namespace thresh
