#include "sink/daemon.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "lib/base/log.h"
#include "lib/config/daemon_main.h"
#include "lib/io/file.h"
#include "lib/text/numbers.h"
#include "proto/envelope.h"
#include "sink/ack_frame.h"

namespace thresh {
namespace {

constexpr std::uint64_t kRetryMs = 1000;
constexpr const char* kRecovering = "completing the files after a crash";

std::int64_t NowMs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// `page`: a serialised wire::Page.
EffectOrigin OriginOf(const std::string& page, std::string outcome) {
  wire::Page known;
  known.ParseFromString(page);
  return {known.url(), known.recipe(), std::move(outcome)};
}

}  // namespace

// ---- What arrives -----------------------------------------------------------------------------

void SinkDaemon::Receive(Frames& frames) {
  if (frames.size() < 2) return;
  Result<Inbox::Message> received = inbox_.Read(frames[1]);
  if (!received) {
    log::Warn("bus.message_refused", {{"why", received.error().detail}});
    return;
  }
  turn_.Request();
  const std::string routing_id = frames[0].to_string();
  const wire::Envelope& envelope = received->envelope;
  const PeerId& from = received->from;
  const std::string_view second = frames.size() > 2 ? View(frames[2]) : std::string_view{};
  switch (envelope.message_case()) {
    case wire::Envelope::kSync:
      // Older than this life of ours: so may be what it says.
      if (FromWire(envelope.to()) != self_) {
        fetchers_.Greet(routing_id, from);
        break;
      }
      fetchers_.TakeSync(routing_id, from, envelope.sync().next_id(), envelope.sync().low(),
                         &batch_);
      break;
    case wire::Envelope::kLow:
      fetchers_.TakeLow(routing_id, from, envelope.low().low(),
                        {envelope.low().closed().begin(), envelope.low().closed().end()}, &batch_);
      break;
    case wire::Envelope::kDead: TakeDead(from, envelope.dead(), second); break;
    case wire::Envelope::kJobs: TakeJobs(from, envelope.jobs()); break;
    case wire::Envelope::kHello: parsers_.Hear(routing_id, from, 0); break;
    case wire::Envelope::kResult:
      parsers_.Hear(routing_id, from, frames[1].size() + second.size());
      TakeResult(envelope, second);
      break;
    default: log::Warn("bus.message_unexpected"); break;
  }
}

void SinkDaemon::TakeResult(const wire::Envelope& envelope, std::string_view records) {
  const wire::Result& result = envelope.result();
  const auto source = FromWire(result.source());
  if (!source || !Begin(*source, result.id(), result.page())) return;
  std::optional<std::uint64_t> room;
  if (options_.max_records != 0) {
    room = options_.max_records - std::min(options_.max_records, records_count_);
  }
  Effect effect = effects_.Of(source->uuid, result, records, room);
  const bool done = result.outcome() == wire::OUTCOME_DONE;
  if (seen_.tap().watched())
    effect.origin = OriginOf(result.page(), done ? "done" : result.reason());
  Add(std::move(effect), done ? EffectKind::kPage : EffectKind::kDead);
}

void SinkDaemon::TakeDead(const PeerId& source, const wire::Dead& dead, std::string_view body) {
  if (!Begin(source, dead.id(), dead.page())) return;
  Effect effect = effects_.Of(source.uuid, dead, body);
  if (seen_.tap().watched()) effect.origin = OriginOf(dead.page(), dead.reason());
  Add(std::move(effect), EffectKind::kDead);
}

void SinkDaemon::TakeJobs(const PeerId& source, const wire::Jobs& jobs) {
  for (const wire::Job& job : jobs.jobs()) {
    if (Begin(source, job.id(), {})) Add(effects_.Of(source.uuid, job), EffectKind::kJob);
  }
}

// True for the first result of a task. A fetcher that waits for one that is closed has lost its
// memory: it is told.
bool SinkDaemon::Begin(const PeerId& source, std::uint64_t id, const std::string& page) {
  const std::optional<Source::Begun> begun = fetchers_.Begin(source, id);
  if (begun == Source::Begun::kLate) {
    ++late_dropped_count_;
    fetchers_.AnswerLate(source.uuid, Effects::LateAck(id, page));
  }
  return begun == Source::Begun::kNew;
}

void SinkDaemon::Add(Effect effect, EffectKind kind) {
  seen_.Added(kind);
  records_count_ += effect.records;
  batch_.effects.push_back(std::move(effect));
}

// ---- What is written --------------------------------------------------------------------------

void SinkDaemon::Turn() {
  if (!recovered_ || stopping_) return;
  SendAcks();
  const bool idle = !worker_.busy() && paused_.empty();
  if (idle && batch_.wanted_acks.empty()) batch_.wanted_acks = fetchers_.TakeWanted();
  if (idle && batch_.is_urgent()) {
    commit_.Request();
  } else if (idle) {
    parsers_.AllWritten();  // What is not in the batch was dropped.
  }
  GrantBytes();
  Rest();
}

// What comes before the next commit may begin can wait for it, and be taken in together.
void SinkDaemon::Rest() {
  std::uint64_t rest_ms = commit_.due_in_ms();
  if (rest_ms == 0 && worker_.busy()) rest_ms = kCommitEveryMs;
  if (rest_ms == 0) return;
  socket_->Rest();
  wake_.Set(rest_ms);
}

void SinkDaemon::CommitIfIdle() {
  const bool idle = !worker_.busy() && paused_.empty() && !stopping_;
  if (!idle) return;
  socket_->Drain();
  if (batch_.is_urgent()) StartCommit();
}

void SinkDaemon::StartCommit() {
  commit_.Acted();
  batch_.memory = effects_.TakeMemory();
  in_flight_ = std::exchange(batch_, {});
  if (in_flight_.reopen) control_->RotationBegun();
  parsers_.BeginWriting();
  seen_.CommitBegun();
  RunCommit();
}

void SinkDaemon::RunCommit() {
  worker_.Start([this] { outcome_ = committer_->Run(in_flight_); },
                [this] { TakeCommitted(std::exchange(outcome_, Committed{})); });
}

void SinkDaemon::TakeCommitted(Result<Committed> result) {
  if (!result && result.error().code == Errc::kBusy) {
    Pause(result.error().detail);
  } else if (!result) {
    // The reader of a pipe may go when it likes; that is no fault of ours to log.
    if (result.error().code != Errc::kUnavailable) {
      log::Error("output.failed", {{"why", result.error().detail}});
    }
    return StopLoop(loop_, to_stdout() ? kExitCannotWrite : kExitInternal);
  } else {
    Resume();
    seen_.Committed(in_flight_.effects);
    report_ = std::move(result->report);
    if (compressor_ && (!recovered_ || result->put_aside)) compressor_->Look();
    recovered_ = true;
    patience_.reset();
    service_.Ready();
    if (in_flight_.reopen) {
      control_->Rotated();
      service_.Reloaded();
    }
    fetchers_.Commit(&in_flight_, std::move(*result));
    effects_.GiveBack(std::exchange(in_flight_, {}).memory);
    parsers_.Written();
    SendAcks();
  }
  if (stopping_) return Stop();
  turn_.Request();
}

// Files that were moved away are left, new ones begun.
void SinkDaemon::Reopen() {
  service_.Reloading();
  batch_.reopen = true;
  turn_.Request();
}

void SinkDaemon::Pause(const std::string& why) {
  if (paused_.empty()) log::Error("disk.full", {{"why", why}, {"out", options_.out}});
  paused_ = why;
  patience_.reset();
  service_.Ready();  // It is at work, and says what it waits for.
  if (!stopping_) retry_.Set(kRetryMs);
}

void SinkDaemon::Resume() {
  if (!paused_.empty()) log::Info("disk.has_room", {{"out", options_.out}});
  paused_.clear();
}

// What is not committed now is sent again by those that hold it.
void SinkDaemon::Stop() {
  if (!stopping_) service_.Stopping();
  stopping_ = true;
  retry_.Clear();
  if (worker_.busy()) return;  // Then again.
  if (paused_.empty() && recovered_) committer_->Close();
  StopLoop(loop_, kExitDone);
}

void SinkDaemon::SendAcks() {
  for (const ToFetcher& message : fetchers_.TakeMessages(NowMs())) {
    // A fetcher that is gone asks when it is back.
    if (message.refused.empty()) {
      (void)Send(message.routing_id, AckFrame(self_, message.to, message.acks, message.synced));
    } else {
      wire::Envelope envelope = MakeEnvelope(self_, message.to);
      envelope.mutable_refused()->set_why(message.refused);
      (void)Send(message.routing_id, EncodeEnvelope(envelope));
    }
  }
}

void SinkDaemon::GrantBytes() {
  if (!paused_.empty()) return;
  parsers_.Grant([this](const std::string& routing_id, const PeerId& to, std::uint64_t total) {
    wire::Envelope envelope = MakeEnvelope(self_, to);
    envelope.mutable_byte_credit()->set_bytes_total(total);
    return Send(routing_id, EncodeEnvelope(envelope));
  });
}

bool SinkDaemon::Send(const std::string& routing_id, zmq::message_t envelope) {
  Frames frames;
  frames.push_back(CopyFrame(routing_id));
  frames.push_back(std::move(envelope));
  return socket_->Send(frames).ok();
}

SinkStatus SinkDaemon::Status() const {
  return {.report = report_,
          .unclosed_count = fetchers_.unclosed_count(),
          .late_dropped_count = late_dropped_count_,
          .records_count = records_count_,
          .fills = effects_.fills(),
          .paused = !recovered_ && paused_.empty() ? kRecovering : paused_,
          .out = to_stdout() ? options_.out : AbsolutePath(options_.out)};
}

std::string SinkDaemon::Metrics() const {
  MetricSet set;
  const auto count = [](auto number) { return static_cast<double>(number); };
  set.Set(Metric::kRecords, count(records_count_));
  set.Set(Metric::kResultsLate, count(late_dropped_count_));
  set.Set(Metric::kTasksUnclosed, count(fetchers_.unclosed_count()));
  set.Set(Metric::kJournalBytes, count(report_.journal_bytes));
  set.Set(Metric::kJournalSegments, count(report_.journal_segments));
  for (const auto& [path, bytes] : report_.files) {
    set.Add(Metric::kFileBytes, path.substr(path.rfind('/') + 1), count(bytes));
  }
  set.Add(Metric::kDiskPaused, "sink", paused_.empty() ? 0 : 1);
  seen_.AddTo(&set);
  return set.ToJson();
}

// For people who look at the service: `5,120 records/s, 81,236 records, 12 pages not closed`.
std::string SinkDaemon::StatusLine() {
  const double records_per_s = records_rate_.Look(records_count_, std::chrono::steady_clock::now());
  const std::string line = RateText(records_per_s) + " records/s, " +
                           WithThousands(records_count_) + " records, " +
                           WithThousands(fetchers_.unclosed_count()) + " pages not closed";
  return paused_.empty() ? line : "paused: " + paused_ + "; " + line;
}

}  // namespace thresh
