#include "fetcher/dispatch/sink_link.h"

#include <algorithm>
#include <utility>

#include "lib/base/log.h"
#include "proto/envelope.h"

namespace thresh {
namespace {

constexpr std::uint64_t kTellMs = 250;
constexpr std::uint32_t kAskAgainTicks = 5000 / kTellMs;
constexpr std::uint32_t kIdleTicks = 1000 / kTellMs;  // With nothing to tell.
constexpr std::size_t kMaxToldIds = 4096;
// Of reports: what may be on its way before the first of them is acknowledged.
constexpr std::size_t kReportWindowBytes = 8 << 20;
constexpr std::size_t kReportBytes = 512;  // What a report takes besides its body, about.
constexpr int kMostJobs = 256;             // In a message.

AckOutcome OutcomeOf(wire::Outcome outcome) {
  switch (outcome) {
    case wire::OUTCOME_DEAD: return AckOutcome::kDead;
    case wire::OUTCOME_DROPPED: return AckOutcome::kDropped;
    case wire::OUTCOME_DONE: return AckOutcome::kDone;
    default: return AckOutcome::kClosed;
  }
}

constexpr std::uint64_t kLongestDelayMs = std::uint64_t{3653} * 86'400'000;

void AddJob(const JobReport& job, wire::Jobs* jobs) {
  wire::Job& out = *jobs->add_jobs();
  out.set_id(job.id);
  out.set_label(job.root->label);
  out.set_url(job.root->url);
  out.set_recipe(job.recipe);
  out.set_n(job.root->n);
  out.set_created_at_ms(job.root->created_at_ms);
  out.set_ended_at_ms(job.ended_at_ms);
  out.set_done(job.done);
  out.set_dead(job.dead);
  out.set_dropped(job.dropped);
  out.set_records(job.records);
}

AckLink FromWire(const wire::Link& link) {
  AckLink from{.url = link.url(),
               .recipe = link.recipe(),
               .delay_ms = static_cast<std::int64_t>(std::min(link.delay_ms(), kLongestDelayMs)),
               .root = link.root()};
  const bool plain = (link.method().empty() || link.method() == "GET") && link.headers().empty() &&
                     link.body().empty() && !link.templated();
  if (plain) return from;
  Request request{.body = link.body(), .templated = link.templated()};
  if (!link.method().empty()) request.method = link.method();
  for (const wire::Header& h : link.headers()) request.headers.emplace_back(h.name(), h.value());
  from.request = std::make_shared<const Request>(std::move(request));
  return from;
}

Acknowledged FromWire(const wire::Ack::Entry& entry) {
  const auto fingerprint = HashFromBytes(entry.fingerprint());
  Acknowledged ack{.key = {entry.id(), fingerprint.value_or(Hash128{}), entry.dont_filter()},
                   .is_job = !fingerprint,
                   .outcome = OutcomeOf(entry.outcome()),
                   .reason = entry.reason(),
                   .records = entry.records(),
                   .fetched_at_ms = entry.fetched_at_ms()};
  for (const wire::Link& link : entry.links()) ack.links.push_back(FromWire(link));
  return ack;
}

}  // namespace

Result<std::unique_ptr<SinkLink>> SinkLink::Create(uv_loop_t& loop, zmq::context_t& context,
                                                   const std::string& endpoint, PeerId self,
                                                   SinkEvents events) {
  std::unique_ptr<SinkLink> link(new SinkLink(loop, self, std::move(events)));
  auto socket = BusSocket::Create(loop, context, BusSocket::Kind::kDealer, RoutingId(self),
                                  [l = link.get()](Frames& frames) { l->Receive(frames); });
  if (!socket) return socket.error();
  link->socket_ = std::move(*socket);
  if (Result<> connected = link->socket_->Connect(endpoint); !connected) return connected.error();
  link->timer_ =
      MakeUv<uv_timer_t>(link.get(), [&](uv_timer_t* t) { return uv_timer_init(&loop, t); });
  if (!link->timer_) return Error{Errc::kInternal, "libuv has no handle left"};
  uv_timer_start(link->timer_.get(), &OnTimer, kTellMs, kTellMs);
  link->Ask();
  return link;
}

SinkLink::SinkLink(uv_loop_t& loop, PeerId self, SinkEvents events)
    : self_(self), events_(std::move(events)), send_(loop, [this] { SendReports(); }) {}

// ---- What is reported -------------------------------------------------------------

void SinkLink::Report(DeadTask dead) {
  const TaskId id = dead.id;
  const std::size_t bytes = dead.body.size() + kReportBytes;
  Add(id, {.what = std::move(dead), .bytes = bytes});
}

void SinkLink::Report(JobReport job) {
  const TaskId id = job.id;
  const std::size_t bytes = job.root->label.size() + job.root->url.size() + kReportBytes;
  Add(id, {.what = std::move(job), .bytes = bytes});
}

void SinkLink::Add(TaskId id, Reported reported) {
  const std::size_t bytes = reported.bytes;
  if (!reported_.emplace(id, std::move(reported)).second) return;
  reported_bytes_ += bytes;
  unsent_.push_back(id);
  send_.Request();
}

// As far as the window lets them; one report may overdraw it. Jobs go together.
void SinkLink::SendReports() {
  if (unsent_.empty()) return;
  wire::Envelope jobs = MakeEnvelope(self_, sink_);
  while (!unsent_.empty() && sent_bytes_ < kReportWindowBytes) {
    const auto found = reported_.find(unsent_.front());
    unsent_.pop_front();
    if (found == reported_.end()) continue;
    Reported& report = found->second;
    report.sent = true;
    sent_bytes_ += report.bytes;
    if (const auto* dead = std::get_if<DeadTask>(&report.what)) {
      SendDead(*dead);
    } else {
      AddJob(std::get<JobReport>(report.what), jobs.mutable_jobs());
      if (jobs.jobs().jobs_size() == kMostJobs) SendJobs(&jobs);
    }
  }
  if (jobs.has_jobs()) SendJobs(&jobs);
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
  if (!dead.body_start.empty()) out.set_body_start(dead.body_start);
  Send(envelope, dead.body);
}

void SinkLink::SendJobs(wire::Envelope* jobs) {
  Send(*jobs, std::nullopt);
  jobs->clear_jobs();
}

// ---- What is told ------------------------------------------------------------------

void SinkLink::Closed(const std::vector<TaskId>& ids) {
  if (!sink_) return;  // It asks again: an ACK for a closed task is answered.
  closed_.insert(closed_.end(), ids.begin(), ids.end());
  if (closed_.size() >= kMaxToldIds) SendLow();
}

void SinkLink::OnTimer(uv_timer_t* timer) noexcept {
  static_cast<SinkLink*>(timer->data)->Tell();
}

// LOW doubles as the question "are you still the same?": a sink that does not know us answers
// with an empty ACK.
void SinkLink::Tell() {
  const bool idle = reported_.empty() && events_.awaiting_ack() == 0;
  if (!idle || !closed_.empty() || ++idle_ticks_ % kIdleTicks == 0) SendLow();
  if (idle) {
    quiet_ticks_ = 0;
    asked_ = false;
  } else if (sink_ && ++quiet_ticks_ % kAskAgainTicks == 0) {
    asked_ = true;
    Ask();
  }
}

void SinkLink::SendLow() {
  wire::Envelope envelope = MakeEnvelope(self_, sink_);
  wire::Low& low = *envelope.mutable_low();
  low.set_low(events_.ids().second);
  for (const TaskId id : std::exchange(closed_, {})) {
    if (id >= low.low()) low.add_closed(id);
  }
  Send(envelope, std::nullopt);
}

// The sink answers a SYNC with all that is not closed.
void SinkLink::Ask() {
  wire::Envelope envelope = MakeEnvelope(self_, sink_);
  const auto [next_id, low] = events_.ids();
  envelope.mutable_sync()->set_next_id(next_id);
  envelope.mutable_sync()->set_low(low);
  Send(envelope, std::nullopt);
}

void SinkLink::Send(const wire::Envelope& envelope, std::optional<std::string_view> second) {
  if (refused_) return;
  Frames frames;
  frames.reserve(2);
  frames.push_back(EncodeEnvelope(envelope));
  if (second) frames.push_back(CopyFrame(*second));
  // What is not sent is told again: when the sink shows itself, or stays quiet.
  (void)socket_->Send(frames).ok();
}

// ---- What arrives -------------------------------------------------------------------

void SinkLink::Receive(Frames& frames) {
  if (frames.empty() || refused_) return;
  Result<Received> received = DecodeEnvelope(frames[0]);
  if (!received) {
    log::Warn("sink.message_refused", {{"why", received.error().detail}});
    return;
  }
  // What is for another life of ours speaks of a session that is over.
  if (thresh::FromWire(received->envelope.to()) != self_) return;
  if (received->envelope.has_refused()) {
    refused_ = true;
    events_.on_refused(received->envelope.refused().why());
    return;
  }
  MeetSink(received->from);
  if (!refused_ && received->envelope.has_ack()) TakeAck(received->envelope);
}

void SinkLink::MeetSink(const PeerId& from) {
  if (sink_ == from) return;
  refused_ = !events_.on_sink(from.uuid);
  if (refused_) return;
  const bool restarted = sink_.has_value();
  sink_ = from;
  met_anew_ = true;
  closed_.clear();
  log::Info(restarted ? "sink.restarted" : "sink.found");
  Ask();
}

void SinkLink::TakeAck(const wire::Envelope& envelope) {
  if (envelope.ack().entries_size() > 0) {
    quiet_ticks_ = 0;
    asked_ = false;
  }
  for (const wire::Ack::Entry& entry : envelope.ack().entries()) {
    Acknowledged ack = FromWire(entry);
    if (const auto report = reported_.find(entry.id()); report != reported_.end()) {
      ack.is_due = true;
      reported_bytes_ -= report->second.bytes;
      if (report->second.sent) sent_bytes_ -= report->second.bytes;
      reported_.erase(report);
    }
    events_.on_ack(std::move(ack));
  }
  if (envelope.ack().synced()) TakeSynced();
  SendReports();
}

// The sink has told all that it has: what is still due never reached it.
void SinkLink::TakeSynced() {
  synced_ = true;
  const bool met_anew = std::exchange(met_anew_, false);
  if (!met_anew && !std::exchange(asked_, false)) return;
  quiet_ticks_ = 0;
  if (!met_anew) log::Warn("sink.messages_lost", {{"pages_count", events_.awaiting_ack()}});
  unsent_.clear();
  for (auto& [id, report] : reported_) {
    report.sent = false;
    unsent_.push_back(id);
  }
  sent_bytes_ = 0;
  events_.on_results_lost();
}

}  // namespace thresh
