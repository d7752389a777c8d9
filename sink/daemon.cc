#include "sink/daemon.h"

#include <utility>
#include <vector>

#include "lib/base/log.h"
#include "lib/base/time.h"
#include "lib/config/daemon_main.h"
#include "lib/io/file.h"
#include "lib/io/socket_path.h"
#include "proto/envelope.h"
#include "sink/format/dead_line.h"
#include "sink/format/record_line.h"

namespace thresh {

struct SinkDaemon::Entry {
  wire::Ack::Entry ack;
};

struct SinkDaemon::Fetcher {
  std::optional<PeerId> peer;  // Once it has spoken to us itself.
  std::string routing_id;
  std::uint64_t low = 0;                   // All below is closed.
  std::map<std::uint64_t, Entry> entries;  // Written or being written, not closed.
  std::vector<std::uint64_t> to_acknowledge;
  bool greet = false;  // Answer even if there is nothing to say, so that it knows us.
};

namespace {

constexpr std::size_t kAckBytes = 8 << 20;
constexpr std::uint64_t kByteWindow = 8 << 20;  // Results under way from one parser.

PageIdentity IdentityOf(const wire::Page& page) {
  return {.task_id = page.id(),
          .fingerprint = HashFromBytes(page.fingerprint()).value_or(Hash128{}),
          .dont_filter = page.dont_filter(),
          .url = page.url(),
          .root = page.root(),
          .n = page.n(),
          .fetched_at_ms = page.fetched_at_ms(),
          .meta = page.meta()};
}

// An item's name becomes a file's: nothing that could lead elsewhere.
bool IsSafeName(std::string_view name) {
  if (name.empty() || name.size() > 64 || name == "dead" || name == "jobs") return false;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-';
    if (!plain) return false;
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<SinkDaemon>> SinkDaemon::Create(uv_loop_t& loop, SinkOptions options) {
  std::unique_ptr<SinkDaemon> daemon(new SinkDaemon(loop, std::move(options)));
  if (Result<> opened = daemon->Open(); !opened) return opened.error();
  return daemon;
}

SinkDaemon::SinkDaemon(uv_loop_t& loop, SinkOptions options)
    : loop_(loop),
      options_(std::move(options)),
      self_(NewPeerId()),
      files_(options_.out, options_.state_dir),
      commit_(loop, [this] { Commit(); }),
      signals_(loop, {SIGTERM, SIGINT}, [this](int) { uv_stop(&loop_); }) {}

SinkDaemon::~SinkDaemon() = default;

Result<> SinkDaemon::Open() {
  if (!files_.to_stdout()) {
    if (Result<> made = MakeFolder(options_.out); !made) return made.error();
  }
  auto socket = BusSocket::Create(loop_, context_, BusSocket::Kind::kRouter, "",
                                  [this](Frames& frames) { Receive(frames); });
  if (!socket) return socket.error();
  socket_ = std::move(*socket);
  if (Result<> bound = socket_->Bind("ipc://" + SocketPath(options_.state_dir, "sink.ipc"));
      !bound) {
    return bound.error();
  }
  log::Info("sink.started", {{"out", options_.out}});
  return Ok{};
}

void SinkDaemon::Receive(Frames& frames) {
  if (frames.size() < 2) return;
  Result<Received> received = DecodeEnvelope(frames[1]);
  if (!received) {
    log::Warn("bus.message_refused", {{"why", received.error().detail}});
    return;
  }
  commit_.Request();
  const std::string routing_id = frames[0].to_string();
  const wire::Envelope& envelope = received->envelope;
  switch (envelope.message_case()) {
    case wire::Envelope::kSync:
    case wire::Envelope::kLow:
    case wire::Envelope::kDead: TakeFromFetcher(routing_id, received->from, envelope); break;
    case wire::Envelope::kHello:
    case wire::Envelope::kResult: {
      ParserSession& session = parsers_[routing_id];
      session.peer = received->from;
      if (!envelope.has_result()) break;
      const std::string_view records = frames.size() > 2 ? View(frames[2]) : std::string_view{};
      session.received_bytes += frames[1].size() + records.size();
      TakeResult(envelope.result(), records);
      break;
    }
    default: log::Warn("bus.message_unexpected"); break;
  }
}

void SinkDaemon::TakeFromFetcher(const std::string& routing_id, const PeerId& from,
                                 const wire::Envelope& envelope) {
  auto& slot = fetchers_[from.uuid];
  if (!slot) slot = std::make_unique<Fetcher>();
  Fetcher& fetcher = *slot;
  const bool new_here = fetcher.peer != from;
  fetcher.peer = from;
  fetcher.routing_id = routing_id;
  std::uint64_t low = fetcher.low;
  if (envelope.has_sync()) low = std::max(low, envelope.sync().low());
  if (envelope.has_low()) low = std::max(low, envelope.low().low());
  fetcher.low = low;
  fetcher.entries.erase(fetcher.entries.begin(), fetcher.entries.lower_bound(low));
  if (envelope.has_sync() || new_here) {
    for (const auto& [id, entry] : fetcher.entries) fetcher.to_acknowledge.push_back(id);
  }
  fetcher.greet = fetcher.greet || new_here || envelope.has_sync();
  if (envelope.has_dead()) TakeDead(fetcher, envelope.dead());
}

// The entry to fill in for a task's first result; null for a later one, which is
// acknowledged again as it was.
SinkDaemon::Entry* SinkDaemon::Begin(Fetcher& fetcher, std::uint64_t id, std::uint32_t attempt) {
  if (id < fetcher.low) return nullptr;
  fetcher.to_acknowledge.push_back(id);
  const auto [entry, first] = fetcher.entries.try_emplace(id);
  if (!first) return nullptr;
  entry->second.ack.set_id(id);
  entry->second.ack.set_attempt(attempt);
  return &entry->second;
}

void SinkDaemon::TakeResult(const wire::Result& result, std::string_view records) {
  const auto source = FromWire(result.source());
  if (!source) return;
  auto& slot = fetchers_[source->uuid];
  if (!slot) slot = std::make_unique<Fetcher>();
  Entry* entry = Begin(*slot, result.id(), result.attempt());
  if (entry == nullptr) return;
  wire::Ack::Entry& ack = entry->ack;
  if (options_.max_records != 0 && records_written_ >= options_.max_records) {
    ack.set_outcome(wire::OUTCOME_DROPPED);
    ack.set_reason("budget");
    return;
  }
  std::string reason = result.reason();
  std::string detail = result.detail();
  if (result.outcome() == wire::OUTCOME_DONE) {
    Result<std::uint64_t> written = AppendRecords(result, records);
    if (written) {
      ack.set_outcome(wire::OUTCOME_DONE);
      ack.set_records(*written);
      *ack.mutable_links() = result.links();
      records_written_ += *written;
      AppendRejected(result);
      return;
    }
    reason = "bad_result";
    detail = written.error().detail;
  }
  wire::Page page;
  page.ParseFromString(result.page());
  AppendDead({.url = page.url(),
              .id = result.id(),
              .recipe = page.recipe(),
              .reason = reason,
              .attempts = page.attempts(),
              .status = page.status(),
              .detail = detail});
  ack.set_outcome(wire::OUTCOME_DEAD);
  ack.set_reason(reason);
}

// All of the page's lines, or none: how many they are.
Result<std::uint64_t> SinkDaemon::AppendRecords(const wire::Result& result,
                                                std::string_view records) {
  wire::Page page;
  if (!page.ParseFromString(result.page())) {
    return Error{Errc::kInvalid, "the page of the TASK did not come back whole"};
  }
  const PageIdentity identity = IdentityOf(page);
  std::map<std::string, std::string> lines;
  std::uint64_t count = 0;
  std::size_t offset = 0;
  for (const wire::Rows& rows : result.rows()) {
    if (!IsSafeName(rows.item())) {
      return Error{Errc::kInvalid, "not an item's name: \"" + rows.item() + "\""};
    }
    const RecordLines form{identity, rows.item(), files_.to_stdout()};
    std::string& out = lines[rows.item()];
    for (const std::uint32_t row : rows.row()) {
      if (options_.max_records != 0 && records_written_ + count >= options_.max_records) break;
      Result<std::size_t> next = AppendRecordLine(form, row, records, offset, &out);
      if (!next) return next.error();
      offset = *next;
      ++count;
    }
  }
  for (const auto& [item, text] : lines) files_.Lines(item) += text;
  return count;
}

void SinkDaemon::AppendRejected(const wire::Result& result) {
  wire::Page page;
  if (result.rejected().empty() || !page.ParseFromString(result.page())) return;
  for (const wire::Rejected& row : result.rejected()) {
    AppendDead({.url = page.url(),
                .id = result.id(),
                .recipe = page.recipe(),
                .reason = "required_field",
                .attempts = page.attempts(),
                .status = page.status(),
                .detail = "field \"" + row.field() + "\" found nothing",
                .row = std::pair(row.item(), row.row())});
  }
}

void SinkDaemon::TakeDead(Fetcher& fetcher, const wire::Dead& dead) {
  Entry* entry = Begin(fetcher, dead.id(), dead.attempts());
  if (entry == nullptr) return;
  wire::Page page;
  page.ParseFromString(dead.page());
  DeadLetter letter{.url = page.url(),
                    .id = dead.id(),
                    .recipe = page.recipe(),
                    .reason = dead.reason(),
                    .attempts = dead.attempts(),
                    .status = dead.status(),
                    .detail = dead.detail()};
  for (const wire::Header& h : dead.headers()) letter.headers.emplace_back(h.name(), h.value());
  AppendDead(letter);
  entry->ack.set_outcome(wire::OUTCOME_DEAD);
  entry->ack.set_reason(dead.reason());
}

void SinkDaemon::AppendDead(const DeadLetter& letter) {
  AppendDeadLine(letter, WallClockMs(), &files_.Lines("dead"));
}

void SinkDaemon::Commit() {
  if (Result<> appended = files_.Append(); !appended) {
    // The reader of a pipe may go when it likes; that is no fault of ours to log.
    if (appended.error().code != Errc::kUnavailable) {
      log::Error("output.failed", {{"why", appended.error().detail}});
    }
    StopLoop(loop_, kExitCannotWrite);
    return;
  }
  for (auto& [uuid, fetcher] : fetchers_) {
    if (!fetcher->peer || (!fetcher->greet && fetcher->to_acknowledge.empty())) continue;
    fetcher->greet = false;
    SendAcks(*fetcher);
  }
  GrantBytes();
}

// In batches of at most kAckBytes, or of one entry.
void SinkDaemon::SendAcks(Fetcher& fetcher) {
  const std::vector<std::uint64_t> ids = std::exchange(fetcher.to_acknowledge, {});
  std::size_t next = 0;
  do {
    wire::Envelope envelope = MakeEnvelope(self_, fetcher.peer);
    wire::Ack& ack = *envelope.mutable_ack();
    for (std::size_t bytes = 0; next < ids.size() && bytes < kAckBytes; ++next) {
      const auto found = fetcher.entries.find(ids[next]);
      if (found == fetcher.entries.end()) continue;
      *ack.add_entries() = found->second.ack;
      bytes += found->second.ack.ByteSizeLong();
    }
    // A fetcher that is gone asks again when it is back.
    (void)Send(fetcher.routing_id, envelope).ok();
  } while (next < ids.size());
}

void SinkDaemon::GrantBytes() {
  std::vector<std::string> gone;
  for (auto& [routing_id, session] : parsers_) {
    const std::uint64_t total = session.received_bytes + kByteWindow;
    if (total - session.granted_bytes < kByteWindow / 4) continue;
    wire::Envelope envelope = MakeEnvelope(self_, session.peer);
    envelope.mutable_byte_credit()->set_bytes_total(total);
    if (Send(routing_id, envelope)) {
      session.granted_bytes = total;
    } else {
      gone.push_back(routing_id);
    }
  }
  for (const std::string& routing_id : gone) parsers_.erase(routing_id);
}

Result<> SinkDaemon::Send(const std::string& routing_id, const wire::Envelope& envelope) {
  Frames frames;
  frames.push_back(CopyFrame(routing_id));
  frames.push_back(EncodeEnvelope(envelope));
  return socket_->Send(frames);
}

}  // namespace thresh
