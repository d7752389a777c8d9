// ParserPool: what parsers say, and what they are told besides pages.

#include <algorithm>
#include <utility>

#include "fetcher/dispatch/parser_pool.h"
#include "lib/base/log.h"
#include "proto/envelope.h"

namespace thresh {
namespace {

constexpr std::uint32_t kIdleNudges = 4;  // A parser without pages is nudged every so many times.
constexpr std::size_t kMostBodyStartBytes = 1024;     // A parser may say anything.
constexpr std::chrono::milliseconds kLostAfter{250};  // Half of the time between two HELLOs.

// Nothing behind the body's end.
Result<std::string> PartOf(const FetchedPage& page, std::uint64_t offset) {
  constexpr std::size_t kPartBytes = 1 << 20;
  if (page.spooled) return page.spooled->ReadAt(offset, kPartBytes);
  return std::string(
      page.body.View().substr(std::min<std::uint64_t>(offset, page.body.size()), kPartBytes));
}

bool OnlyDrops(const wire::Credit& credit) {
  return credit.parsed_size() > 0 &&
         std::all_of(credit.parsed().begin(), credit.parsed().end(),
                     [](const wire::Attempt& page) { return page.dropped(); });
}

}  // namespace

void ParserPool::Receive(Frames& frames) {
  if (frames.size() < 2) return;
  Result<Received> received = DecodeEnvelope(frames[1]);
  if (!received) {
    log::Warn("parser.message_refused", {{"why", received.error().detail}});
    return;
  }
  const std::string routing_id = frames[0].to_string();
  const wire::Envelope& envelope = received->envelope;
  if (envelope.has_hello()) {
    TakeHello(routing_id, received->from, envelope);
    return;
  }
  const auto found = sessions_.find(routing_id);
  // What was meant for another life of ours, or comes from one we gave up, is void.
  if (found == sessions_.end() || FromWire(envelope.to()) != self_) return;
  Session& session = *found->second;
  if (session.peer != received->from) return;  // A life that is over.
  switch (envelope.message_case()) {
    case wire::Envelope::kCredit: TakeCredit(session, envelope.credit()); break;
    case wire::Envelope::kNeed: SendRecipe(session, envelope.need().recipe_hash()); break;
    case wire::Envelope::kBodyWanted: SendPart(session, envelope.body_wanted()); break;
    case wire::Envelope::kGoodbye: LetGo(session, "it said goodbye"); break;
    case wire::Envelope::kRetry: TakeRetry(session, envelope.retry()); break;
    default: log::Warn("parser.message_unexpected", {{"pid", session.pid}}); break;
  }
}

void ParserPool::TakeHello(const std::string& routing_id, const PeerId& from,
                           const wire::Envelope& envelope) {
  const wire::Hello& hello = envelope.hello();
  Session* session = Join(routing_id, from, envelope);
  if (session == nullptr) return;
  // What it says to an earlier life of ours says nothing about this one.
  if (envelope.has_to() && FromWire(envelope.to()) != self_) return;
  session->blocked = hello.blocked();
  if (hello.memory_bytes() > 0) session->memory_bytes = hello.memory_bytes();
  if (std::exchange(session->stalled, false)) session->head_ran = {};
  if (hello.has_received_total() && !hello.blocked() && hello.waiting_count() == 0) {
    TakeIdle(*session, hello.received_total());
  }
  session->credit_total = std::max(session->credit_total, hello.credit_total());
  events_.on_change();
}

Session* ParserPool::Join(const std::string& routing_id, const PeerId& from,
                          const wire::Envelope& envelope) {
  if (const auto old = sessions_.find(routing_id); old != sessions_.end()) {
    if (old->second->peer == from) return old->second.get();
    Lose(*old->second, "it was started anew");
  }
  const wire::Hello& hello = envelope.hello();
  auto session = std::make_unique<Session>();
  session->routing_id = routing_id;
  session->peer = from;
  session->pid = hello.pid();
  session->maps_bodies = hello.maps_bodies();
  if (FromWire(envelope.to()) == self_) session->sent_total = hello.received_total();
  for (const std::string& name : hello.recipes()) {
    if (name != "*") session->recipes.insert(name);
  }
  // An answer, so that the parser knows whom its credit is for.
  wire::Envelope greeting = MakeEnvelope(self_, from);
  greeting.mutable_nudge();
  if (!Send(*session, greeting, std::nullopt)) return nullptr;
  log::Info("parser.joined", {{"pid", hello.pid()}, {"parsers_count", sessions_.size() + 1}});
  return sessions_.emplace(routing_id, std::move(session)).first->second.get();
}

// The parser has no page left. So what it received is parsed, even if its CREDIT did not come;
// and if it received less than was sent, and nothing came for a while, the rest died with a
// connection that was cut while both ends lived. No lease need run out for them, and the credit
// that they cost is had back. One HELLO may follow upon another while a page is on its way.
void ParserPool::TakeIdle(Session& session, std::uint64_t received_total) {
  const auto now = options_.now();
  const std::pair said(received_total, session.sent_total);
  const bool is_news = std::exchange(session.idle_at, said) != said;
  if (is_news) session.idle_since = now;
  if (received_total == session.sent_total) {
    for (const Lease& lease : std::exchange(session.leased, {})) {
      if (lease.taken) {  // Parsed or dropped: that it was parsed, the sink knows.
        TakeDropped(session, lease.id);
      } else {
        TakeParsed(session, lease, 0);
      }
    }
    if (PageMemory* memory = MemoryOf(session)) memory->ReleaseAll();
  } else if (!is_news && now - session.idle_since >= kLostAfter) {
    log::Warn("pages.lost", {{"pid", session.pid}, {"pages_back_count", session.leased.size()}});
    PutBack(TakeFrom(session));
    session.leased.clear();
    session.sent_total = received_total;
    if (PageMemory* memory = MemoryOf(session)) memory->ReleaseAll();
  }
}

void ParserPool::TakeCredit(Session& session, const wire::Credit& credit) {
  session.credit_total = std::max(session.credit_total, credit.credit_total());
  if (credit.memory_bytes() > 0) session.memory_bytes = credit.memory_bytes();
  if (!OnlyDrops(credit)) {  // That says nothing of the page at work.
    session.blocked = false;
    if (std::exchange(session.stalled, false)) session.head_ran = {};
  }
  PageMemory* memory = MemoryOf(session);
  for (const wire::Attempt& parsed : credit.parsed()) {
    if (memory != nullptr) memory->Release({parsed.id(), parsed.attempt()});
    const auto found = session.FindLease(parsed.id(), parsed.attempt());
    if (found == session.leased.end()) continue;
    if (found == session.leased.begin()) session.head_ran = {};
    const Lease lease = std::move(*found);
    session.leased.erase(found);
    if (parsed.dropped()) {
      TakeDropped(session, lease.id);
      continue;
    }
    TakeParsed(session, lease, parsed.parse_us());
  }
  events_.on_change();
}

// The first parser to end a page ends it for all.
void ParserPool::TakeParsed(Session& session, const Lease& lease, std::uint64_t took_us) {
  ++session.parsed;
  session.last_url = lease.url;
  if (events_.on_parsed) {
    events_.on_parsed({.id = lease.id,
                       .recipe = lease.recipe,
                       .url = lease.url,
                       .pid = session.pid,
                       .took = std::chrono::microseconds(took_us)});
  }
  HeldPage* held = Find(lease.id);
  if (held == nullptr || held->state == PageState::kAwaitingAck) return;
  for (Session* holder : std::exchange(held->holders, {})) {
    if (holder != &session) TellTaken(*holder, lease.id);
  }
  held->parsed_by = &session;
  session.awaiting_ack.insert(lease.id);
  SetState(*held, PageState::kAwaitingAck);
}

// Stale unless the parser has a lease of the page that counts: of this very attempt.
void ParserPool::TakeRetry(Session& session, const wire::Retry& retry) {
  const auto found = session.FindLease(retry.id(), retry.attempt());
  if (found == session.leased.end()) return;
  if (found == session.leased.begin()) session.head_ran = {};
  session.leased.erase(found);
  const HeldPage* held = Find(retry.id());
  if (held == nullptr || !held->IsHeldBy(session)) return;
  Forget(retry.id());
  events_.on_retry({.id = retry.id(),
                    .why = retry.why(),
                    .after_ms = retry.after_ms(),
                    .whole_host = retry.whole_host(),
                    .max_attempts = retry.max_attempts(),
                    .status = retry.status(),
                    .body_start = retry.body_start().substr(0, kMostBodyStartBytes)});
}

// A part for each that is asked for: what is under way to a parser is bounded by what it asks. Who
// asks for a page that was taken from it would wait for ever, and is told.
void ParserPool::SendPart(Session& session, const wire::BodyWanted& wanted) {
  const HeldPage* held = Find(wanted.id());
  const bool is_theirs = session.FindLease(wanted.id(), wanted.attempt()) != session.leased.end();
  wire::Envelope envelope = MakeEnvelope(self_, session.peer);
  wire::BodyPart& answer = *envelope.mutable_body_part();
  answer.set_id(wanted.id());
  answer.set_attempt(wanted.attempt());
  answer.set_offset(wanted.offset());
  Result<std::string> bytes = std::string();
  if (is_theirs && held != nullptr) {
    bytes = PartOf(held->page, wanted.offset());
  } else {
    answer.set_gone(true);
  }
  if (!bytes) {
    log::Error("spool.unreadable", {{"task", wanted.id()}, {"why", bytes.error().detail}});
    return;
  }
  if (!Send(session, envelope, ShareFrame(SharedBytes(std::move(*bytes))))) session.gone = true;
}

void ParserPool::SendRecipe(Session& session, std::string_view raw_hash) {
  const auto hash = HashFromBytes(raw_hash);
  const std::string* text = hash ? events_.recipe_text(*hash) : nullptr;
  if (text == nullptr) {
    log::Warn("recipe.unknown", {{"pid", session.pid}});
    return;
  }
  wire::Envelope envelope = MakeEnvelope(self_, session.peer);
  envelope.mutable_recipe()->set_hash(std::string(raw_hash));
  if (events_.recipe_sets) {
    for (std::string& set : events_.recipe_sets(*hash)) {
      envelope.mutable_recipe()->add_set(std::move(set));
    }
  }
  if (Result<> sent = Send(session, envelope, CopyFrame(*text)); !sent) session.gone = true;
}

void ParserPool::OnNudgeTimer(uv_timer_t* timer) noexcept {
  static_cast<ParserPool*>(timer->data)->NudgeAll();
}

// Who is gone is found by it: soon where pages are waiting for that.
void ParserPool::NudgeAll() {
  const bool all = ++nudges_ % kIdleNudges == 0;
  for (auto& [routing_id, session] : sessions_) {
    if (!all && session->leased.empty() && session->awaiting_ack.empty()) continue;
    wire::Envelope envelope = MakeEnvelope(self_, session->peer);
    envelope.mutable_nudge();
    if (!Send(*session, envelope, std::nullopt)) session->gone = true;
  }
  LoseGone();
}

Result<> ParserPool::Send(Session& session, const wire::Envelope& envelope,
                          std::optional<zmq::message_t> second) {
  Frames frames;
  frames.reserve(3);
  frames.push_back(CopyFrame(session.routing_id));
  frames.push_back(EncodeEnvelope(envelope));
  if (second) frames.push_back(std::move(*second));
  return socket_->Send(frames);
}

}  // namespace thresh
