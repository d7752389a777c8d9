#include "fetcher/dispatch/parser_pool.h"

#include <algorithm>
#include <utility>

#include "lib/base/log.h"
#include "proto/envelope.h"

namespace thresh {
namespace {

constexpr std::uint64_t kNudgeMs = 250;

}  // namespace

Result<std::unique_ptr<ParserPool>> ParserPool::Create(uv_loop_t& loop, zmq::context_t& context,
                                                       const std::string& endpoint, PeerId self,
                                                       PoolEvents events) {
  std::unique_ptr<ParserPool> pool(new ParserPool(self, std::move(events)));
  auto socket = BusSocket::Create(loop, context, BusSocket::Kind::kRouter, "",
                                  [p = pool.get()](Frames& frames) { p->Receive(frames); });
  if (!socket) return socket.error();
  pool->socket_ = std::move(*socket);
  if (Result<> bound = pool->socket_->Bind(endpoint); !bound) return bound.error();
  pool->nudge_ =
      MakeUv<uv_timer_t>(pool.get(), [&](uv_timer_t* t) { return uv_timer_init(&loop, t); });
  if (!pool->nudge_) return Error{Errc::kInternal, "libuv has no handle left"};
  uv_timer_start(pool->nudge_.get(), &OnNudgeTimer, kNudgeMs, kNudgeMs);
  return pool;
}

ParserPool::ParserPool(PeerId self, PoolEvents events) : self_(self), events_(std::move(events)) {}

void ParserPool::Offer(FetchedPage page) {
  const TaskId id = page.id;
  const std::size_t bytes = page.body->size();
  if (!held_.emplace(id, Held{.page = std::move(page)}).second) return;
  held_bytes_ += bytes;
  waiting_.push_back(id);
}

void ParserPool::Forget(TaskId id) {
  const auto found = held_.find(id);
  if (found == held_.end()) return;
  if (Session* session = found->second.session) {
    std::erase(session->leased, id);
    session->awaiting_ack.erase(id);
  } else {
    waiting_.erase(std::find(waiting_.begin(), waiting_.end(), id));
  }
  held_bytes_ -= found->second.page.body->size();
  held_.erase(found);
}

void ParserPool::ResultsLost() {
  std::vector<TaskId> lost;
  for (auto& [routing_id, session] : sessions_) {
    lost.insert(lost.end(), session->awaiting_ack.begin(), session->awaiting_ack.end());
    session->awaiting_ack.clear();
  }
  PutBack(std::move(lost));
}

void ParserPool::PutBack(std::vector<TaskId> ids) {
  std::sort(ids.begin(), ids.end());  // Oldest first, before all that wait.
  for (const TaskId id : ids) held_.at(id).session = nullptr;
  waiting_.insert(waiting_.begin(), ids.begin(), ids.end());
}

void ParserPool::Dispatch() {
  std::deque<TaskId> passed_over;  // Nobody with credit serves their recipe.
  while (!waiting_.empty() && AnyCredit()) {
    Held& held = held_.at(waiting_.front());
    Session* session = PickFor(held.page);
    if (session != nullptr && !SendTask(*session, held)) continue;  // It is gone: pick again.
    if (session == nullptr) passed_over.push_back(waiting_.front());
    waiting_.pop_front();
  }
  waiting_.insert(waiting_.begin(), passed_over.begin(), passed_over.end());
}

bool ParserPool::AnyCredit() const {
  return std::any_of(sessions_.begin(), sessions_.end(), [](const auto& entry) {
    return entry.second->sent_total < entry.second->credit_total;
  });
}

ParserPool::Session* ParserPool::PickFor(const FetchedPage& page) {
  Session* best = nullptr;
  for (auto& [routing_id, session] : sessions_) {
    if (session->sent_total >= session->credit_total) continue;
    if (!session->recipes.empty() && !session->recipes.contains(page.recipe)) continue;
    if (best == nullptr || session->leased.size() < best->leased.size()) best = session.get();
  }
  return best;
}

bool ParserPool::SendTask(Session& session, Held& held) {
  wire::Envelope envelope = MakeEnvelope(self_, session.peer);
  wire::Task& task = *envelope.mutable_task();
  const FetchedPage& page = held.page;
  task.set_id(page.id);
  task.set_attempt(++held.attempt);
  task.set_page(page.identity);
  task.set_recipe_hash(std::string(page.recipe_hash.View()));
  task.set_url(page.final_url);
  task.set_status(page.status);
  task.set_meta(page.meta);
  for (const auto& [name, value] : page.headers) {
    wire::Header& header = *task.add_headers();
    header.set_name(name);
    header.set_value(value);
  }
  if (Result<> sent = Send(session, envelope, ShareFrame(page.body)); !sent) {
    Lose(session, sent.error().detail);
    return false;
  }
  ++session.sent_total;
  session.leased.push_back(page.id);
  held.session = &session;
  return true;
}

Result<> ParserPool::Send(Session& session, const wire::Envelope& envelope,
                          std::optional<zmq::message_t> second) {
  Frames frames;
  frames.push_back(CopyFrame(session.routing_id));
  frames.push_back(EncodeEnvelope(envelope));
  if (second) frames.push_back(std::move(*second));
  return socket_->Send(frames);
}

void ParserPool::OnNudgeTimer(uv_timer_t* timer) noexcept {
  static_cast<ParserPool*>(timer->data)->NudgeAll();
}

void ParserPool::NudgeAll() {
  std::vector<Session*> gone;
  for (auto& [routing_id, session] : sessions_) {
    wire::Envelope envelope = MakeEnvelope(self_, session->peer);
    envelope.mutable_nudge();
    if (!Send(*session, envelope, std::nullopt)) gone.push_back(session.get());
  }
  for (Session* session : gone) Lose(*session, "its connection is gone");
}

void ParserPool::Lose(Session& session, std::string_view why) {
  std::vector<TaskId> pages(session.leased.begin(), session.leased.end());
  // A result may have died on its way to the sink; the sink knows it if not.
  pages.insert(pages.end(), session.awaiting_ack.begin(), session.awaiting_ack.end());
  log::Info("parser.left", {{"pid", session.pid},
                            {"pages_back_count", pages.size()},
                            {"parsers_count", sessions_.size() - 1},
                            {"why", why}});
  const std::optional<TaskId> suspect =
      session.leased.empty() ? std::nullopt : std::optional(session.leased.front());
  PutBack(std::move(pages));
  sessions_.erase(std::string(session.routing_id));  // A copy: the key dies with the session.
  if (suspect && ++held_.at(*suspect).lost >= kMaxLost) {
    Forget(*suspect);
    events_.on_given_up(*suspect);
  }
  events_.on_change();
}

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
  switch (envelope.message_case()) {
    case wire::Envelope::kCredit: TakeCredit(session, envelope.credit()); break;
    case wire::Envelope::kNeed: SendRecipe(session, envelope.need().recipe_hash()); break;
    case wire::Envelope::kRetry:
      if (std::find(session.leased.begin(), session.leased.end(), envelope.retry().id()) !=
          session.leased.end()) {
        Forget(envelope.retry().id());
        events_.on_retry(envelope.retry().id(), envelope.retry().why(),
                         envelope.retry().after_ms());
      }
      break;
    default: log::Warn("parser.message_unexpected", {{"pid", session.pid}}); break;
  }
}

void ParserPool::TakeHello(const std::string& routing_id, const PeerId& from,
                           const wire::Envelope& envelope) {
  const wire::Hello& hello = envelope.hello();
  if (const auto old = sessions_.find(routing_id);
      old != sessions_.end() && old->second->peer != from) {
    Lose(*old->second, "it was started anew");
  }
  auto& slot = sessions_[routing_id];
  if (!slot) {
    slot = std::make_unique<Session>();
    slot->routing_id = routing_id;
    slot->peer = from;
    slot->pid = hello.pid();
    if (FromWire(envelope.to()) == self_) slot->sent_total = hello.received_total();
    for (const std::string& name : hello.recipes()) {
      if (name != "*") slot->recipes.insert(name);
    }
    log::Info("parser.joined", {{"pid", hello.pid()}, {"parsers_count", sessions_.size()}});
    // An answer, so that the parser knows whom its credit is for.
    wire::Envelope greeting = MakeEnvelope(self_, from);
    greeting.mutable_nudge();
    if (!Send(*slot, greeting, std::nullopt)) {
      Lose(*slot, "its connection is gone");
      return;
    }
  }
  // What it says to an earlier life of ours says nothing about this one.
  if (envelope.has_to() && FromWire(envelope.to()) != self_) return;
  if (hello.has_received_total() && !hello.blocked()) TakeIdle(*slot, hello.received_total());
  slot->credit_total = std::max(slot->credit_total, hello.credit_total());
  events_.on_change();
}

// The parser has no page left. So what it received is parsed, even if its CREDIT did not come;
// and if it received less than was sent, and nothing came since its last HELLO, the rest died with
// a connection that was cut while both ends lived.
void ParserPool::TakeIdle(Session& session, std::uint64_t received_total) {
  if (received_total == session.sent_total) {
    session.awaiting_ack.insert(session.leased.begin(), session.leased.end());
    session.leased.clear();
  } else if (session.idle_at == std::pair(received_total, session.sent_total)) {
    log::Warn("pages.lost", {{"pid", session.pid}, {"pages_back_count", session.leased.size()}});
    PutBack(std::exchange(session.leased, {}));
    session.sent_total = received_total;
  }
  session.idle_at = {received_total, session.sent_total};
}

void ParserPool::TakeCredit(Session& session, const wire::Credit& credit) {
  session.credit_total = std::max(session.credit_total, credit.credit_total());
  for (const wire::Attempt& done : credit.parsed()) {
    if (std::erase(session.leased, done.id()) == 0) continue;  // Acknowledged already.
    session.awaiting_ack.insert(done.id());
    ++session.parsed;
  }
  events_.on_change();
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
  if (Result<> sent = Send(session, envelope, CopyFrame(*text)); !sent) {
    Lose(session, sent.error().detail);
  }
}

std::size_t ParserPool::leased() const noexcept {
  std::size_t count = 0;
  for (const auto& [routing_id, session] : sessions_) count += session->leased.size();
  return count;
}

std::size_t ParserPool::awaiting_ack() const noexcept {
  return held_.size() - waiting_.size() - leased();
}

std::vector<TaskId> ParserPool::HeldIds() const {
  std::vector<TaskId> ids;
  ids.reserve(held_.size());
  for (const auto& [id, held] : held_) ids.push_back(id);
  return ids;
}

std::vector<ParserInfo> ParserPool::Parsers() const {
  std::vector<ParserInfo> parsers;
  for (const auto& [routing_id, session] : sessions_) {
    parsers.push_back({session->pid, session->leased.size(), session->parsed});
  }
  return parsers;
}

}  // namespace thresh
