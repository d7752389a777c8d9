// ParserPool: what becomes of pages whose parser is gone, hangs, or keeps them waiting.

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "fetcher/dispatch/parser_pool.h"
#include "lib/base/log.h"
#include "lib/io/flight_recorder.h"
#include "proto/envelope.h"

namespace thresh {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kCheckEvery{50};
constexpr milliseconds kOvertakeAfter{200};
// Time in which we did not look, because we were stopped or starved, is no parser's fault.
constexpr milliseconds kLongestStep{1000};

// A dying process's connections and locks go one after another.
std::optional<FlightRecord> ReadFlightOfTheDead(const std::string& path) {
  std::optional<FlightRecord> flight = ReadFlight(path);
  for (int i = 0; flight && flight->alive && i < 20; ++i) {
    ::usleep(50);
    flight = ReadFlight(path);
  }
  return flight;
}

}  // namespace

void ParserPool::Lend(Session& session, HeldPage& held, bool alone) {
  const auto now = options_.now();
  if (uv_is_active(AsHandle(lease_timer_.get())) == 0) {
    last_check_ = now;
    uv_timer_start(lease_timer_.get(), &OnLeaseTimer, kCheckEvery.count(), kCheckEvery.count());
  }
  if (session.leased.empty()) session.head_ran = {};
  ++session.sent_total;
  session.leased.push_back({.id = held.page.id,
                            .attempt = ++held.attempt,
                            .sent = now,
                            .first = session.leased.empty(),
                            .alone = alone,
                            .recipe = held.page.recipe,
                            .url = held.page.final_url});
  held.last_sent = now;
  held.holders.push_back(&session);
  if (held.state != PageState::kLeased) SetState(held, PageState::kLeased);
}

// ---- While the parser lives -------------------------------------------------------

void ParserPool::OnLeaseTimer(uv_timer_t* timer) noexcept {
  static_cast<ParserPool*>(timer->data)->CheckLeases();
}

void ParserPool::CheckLeases() {
  const auto now = options_.now();
  const auto step = std::min<std::chrono::steady_clock::duration>(now - last_check_, kLongestStep);
  last_check_ = now;
  overtaking_.clear();
  bool at_work = false;
  for (auto& [routing_id, session] : sessions_) {
    if (session->leased.empty()) continue;
    at_work = true;
    if (!session->blocked && !session->stalled) session->head_ran += step;
    if (session->head_ran >= options_.lease && !session->stalled) LeaseRanOut(*session);
    FindOvertaking(*session);
  }
  if (!at_work) uv_timer_stop(lease_timer_.get());
  if (!overtaking_.empty()) events_.on_change();
}

// The page goes to another parser as well; should this one end it yet, its result counts if it is
// the first. What it has not begun goes elsewhere, too.
void ParserPool::LeaseRanOut(Session& session) {
  const Lease& oldest = session.leased.front();
  log::Warn("lease.ran_out",
            {{"pid", session.pid}, {"task", oldest.id}, {"attempt", oldest.attempt}});
  session.stalled = true;
  BlameForLease(session);
  TellTaken(session, std::nullopt);
  PutBack(TakeFrom(session));
  events_.on_change();
}

void ParserPool::FindOvertaking(const Session& session) {
  const auto begun = session.blocked ? 0 : 1;
  for (auto lease = session.leased.begin() + begun; lease < session.leased.end(); ++lease) {
    if (options_.now() - lease->sent < kOvertakeAfter) break;  // So are those behind it.
    const HeldPage* held = Find(lease->id);
    if (held != nullptr && MayOvertake(*held)) overtaking_.push_back(lease->id);
  }
}

bool ParserPool::MayOvertake(const HeldPage& held) const {
  return held.state == PageState::kLeased && !held.suspected &&
         options_.now() - held.last_sent >= kOvertakeAfter &&
         std::none_of(held.holders.begin(), held.holders.end(),
                      [&](const Session* holder) { return holder->IsAtWorkOn(held.page.id); });
}

// What a parser has begun it ends all the same. It keeps its lease of the rest until it says that
// it has dropped that: it may have begun meanwhile, or not know of this message.
void ParserPool::TellTaken(Session& session, std::optional<TaskId> id) {
  wire::Envelope envelope = MakeEnvelope(self_, session.peer);
  for (Lease& lease : session.leased) {
    if (lease.taken || (id && lease.id != *id)) continue;
    lease.taken = true;
    wire::Attempt& page = *envelope.mutable_taken()->add_pages();
    page.set_id(lease.id);
    page.set_attempt(lease.attempt);
  }
  if (!envelope.has_taken()) return;
  if (!Send(session, envelope, std::nullopt)) session.gone = true;
}

// Its lease is over. Whoever took the page may be gone by now.
void ParserPool::TakeDropped(Session& session, TaskId id) {
  HeldPage* held = Find(id);
  if (held == nullptr || session.HasLease(id)) return;
  if (std::erase(held->holders, &session) != 0 && held->holders.empty()) PutBack({id});
}

// ---- When it is gone ----------------------------------------------------------------

std::vector<TaskId> ParserPool::TakeFrom(Session& session) {
  std::vector<TaskId> free;
  for (const Lease& lease : session.leased) {
    HeldPage* held = Find(lease.id);
    if (held == nullptr || std::erase(held->holders, &session) == 0) continue;
    if (held->holders.empty()) free.push_back(lease.id);
  }
  return free;
}

void ParserPool::Lose(Session& session, std::string_view why) {
  BlameForLoss(session);
  LetGo(session, why);
}

void ParserPool::LetGo(Session& session, std::string_view why) {
  std::vector<TaskId> pages = TakeFrom(session);
  // A result may have died on its way to the sink; the sink knows it if not.
  pages.insert(pages.end(), session.awaiting_ack.begin(), session.awaiting_ack.end());
  log::Info("parser.left", {{"pid", session.pid},
                            {"pages_back_count", pages.size()},
                            {"parsers_count", sessions_.size() - 1},
                            {"why", why}});
  PutBack(std::move(pages));
  if (reserved_ == &session) reserved_ = nullptr;
  sessions_.erase(std::string(session.routing_id));  // A copy: the key dies with the session.
  events_.on_change();
}

// What they said last is heard first: it may be goodbye, or that their pages are parsed.
void ParserPool::LoseGone() {
  const auto is_gone = [](const auto& entry) { return entry.second->gone; };
  if (std::none_of(sessions_.begin(), sessions_.end(), is_gone)) return;
  socket_->Drain();
  std::vector<Session*> gone;
  for (auto& entry : sessions_) {
    if (is_gone(entry)) gone.push_back(entry.second.get());
  }
  for (Session* session : gone) Lose(*session, "its connection is gone");
}

// ---- Blame ----------------------------------------------------------------------------

// The recorder knows the page that was in progress. Without one it is the oldest that was not
// told to be parsed; but of some that may be parsed, which is only certain if there is one.
void ParserPool::BlameForLoss(const Session& session) {
  std::optional<FlightRecord> flight;
  const std::string path = FlightPath(options_.flight_dir, session.peer.uuid);
  if (!options_.flight_dir.empty()) flight = ReadFlightOfTheDead(path);
  if (flight && flight->incarnation == session.peer.incarnation) {
    if (flight->alive) return;  // Only its connection is gone.
    ::unlink(path.c_str());
    if (!flight->busy || flight->source != self_.incarnation) return;
    const Cause cause = CauseOfMark(flight->mark);
    Accuse(session, flight->task, cause, cause.kind != Cause::Kind::kUnmarked);
  } else if (!session.leased.empty()) {
    Accuse(session, session.leased.front().id, {Cause::Kind::kUnmarked}, false);
  }
}

// The recorder knows better which page it is, or that there is none: the parser may have been
// stopped before it began.
void ParserPool::BlameForLease(Session& session) {
  auto lease = session.leased.begin();
  std::optional<FlightRecord> flight;
  if (!options_.flight_dir.empty()) {
    flight = ReadFlight(FlightPath(options_.flight_dir, session.peer.uuid));
  }
  const bool known = flight && flight->incarnation == session.peer.incarnation;
  if (known) {
    if (!flight->busy || flight->source != self_.incarnation) return;
    lease = session.FindLease(flight->task, flight->attempt);
    if (lease == session.leased.end()) return;
  }
  lease->blamed = true;
  Accuse(session, lease->id, {Cause::Kind::kLease}, known);
}

// Suspected pages go out alone from now on, so that the next time it is certain whose fault it is.
void ParserPool::Accuse(const Session& session, TaskId id, Cause cause, bool certain) {
  HeldPage* held = Find(id);
  if (held == nullptr || held->state == PageState::kAwaitingAck) return;
  const auto lease = std::find_if(session.leased.begin(), session.leased.end(),
                                  [&](const Lease& l) { return l.id == id; });
  const bool charged = lease != session.leased.end() && lease->blamed &&
                       cause.kind != Cause::Kind::kLease;  // When its lease ran out.
  if (charged) return;
  const bool counts = certain || session.HasOnly(id);
  log::Warn("page.suspected", {{"task", id},
                               {"pid", session.pid},
                               {"why", Words(cause)},
                               {"counts", counts ? "yes" : "no"}});
  if (!std::exchange(held->suspected, true) && held->state == PageState::kWaiting) {
    Queue(*held, true);
  }
  if (counts) Charge(*held, cause);
}

void ParserPool::Charge(HeldPage& held, Cause cause) {
  held.blame.Add(cause);
  if (!held.blame.exhausted()) {
    if (events_.on_blame) events_.on_blame(held.page.id, held.blame.Encode());
    return;
  }
  GivenUpPage given_up{.page = held.page,
                       .reason = held.blame.Reason(),
                       .detail = held.blame.Detail(),
                       .attempts = held.blame.count()};
  Forget(given_up.page.id);
  events_.on_given_up(std::move(given_up));
}

}  // namespace thresh
