#include "fetcher/dispatch/parser_pool.h"

#include <algorithm>
#include <bit>
#include <tuple>
#include <utility>

#include "lib/io/flight_recorder.h"
#include "proto/envelope.h"

namespace thresh {
namespace {

constexpr std::uint64_t kNudgeMs = 250;
constexpr std::size_t kLeastShared = 1024;  // Less goes by the wire: what is saved is the copying.
// A parser that keeps no page waiting for longer is free enough for one that another keeps.
constexpr std::chrono::milliseconds kPrompt{200};

}  // namespace

Result<std::unique_ptr<ParserPool>> ParserPool::Create(uv_loop_t& loop, zmq::context_t& context,
                                                       PoolOptions options, PeerId self,
                                                       PoolEvents events) {
  if (!options.flight_dir.empty()) RemoveDeadFlights(options.flight_dir);
  std::unique_ptr<ParserPool> pool(new ParserPool(std::move(options), self, std::move(events)));
  auto socket = BusSocket::Create(loop, context, BusSocket::Kind::kRouter, "",
                                  [p = pool.get()](Frames& frames) { p->Receive(frames); });
  if (!socket) return socket.error();
  pool->socket_ = std::move(*socket);
  if (Result<> r = pool->socket_->Bind(pool->options_.endpoint); !r) return r.error();
  if (!pool->options_.body_socket.empty()) {
    auto bodies = BodyServer::Listen(loop, pool->options_.body_socket);
    if (!bodies) return bodies.error();
    pool->bodies_ = std::move(*bodies);
  }
  if (auto own = MemoryPlaces::CreatePrivate(pool->options_.body_bytes)) {
    pool->own_ = std::move(*own);
  }
  const auto make_timer = [&](UvOwned<uv_timer_t>& timer) {
    timer = MakeUv<uv_timer_t>(pool.get(), [&](uv_timer_t* t) { return uv_timer_init(&loop, t); });
    return timer != nullptr;
  };
  if (!make_timer(pool->nudge_) || !make_timer(pool->lease_timer_)) {
    return Error{Errc::kInternal, "libuv has no handle left"};
  }
  uv_timer_start(pool->nudge_.get(), &OnNudgeTimer, kNudgeMs, kNudgeMs);
  return pool;
}

ParserPool::ParserPool(PoolOptions options, PeerId self, PoolEvents events)
    : options_(std::move(options)),
      self_(self),
      events_(std::move(events)),
      task_(std::make_unique<wire::Envelope>()) {}

ParserPool::~ParserPool() = default;

Result<> ParserPool::OpenDoor(uv_loop_t& loop, zmq::context_t& context,
                              const TcpDoorOptions& options) {
  auto door = TcpDoor::Open(loop, context, *socket_, options);
  if (!door) return door.error();
  door_ = std::move(*door);
  return Ok{};
}

// ---- Pages ------------------------------------------------------------------------

void ParserPool::Offer(FetchedPage page) {
  const TaskId id = page.id;
  const std::size_t bytes = page.body.size();
  const auto [added, is_new] = held_.emplace(id, HeldPage{.page = std::move(page)});
  if (!is_new) return;
  HeldPage& held = added->second;
  held.blame = BlameRecord::Decode(held.page.blame).value_or(BlameRecord{});
  held.suspected = held.blame.count() > 0;
  held_bytes_ += bytes;
  ++counts_.waiting;
  Queue(held, false);
}

void ParserPool::Forget(TaskId id) {
  const auto found = held_.find(id);
  if (found == held_.end()) return;
  const HeldPage& held = found->second;
  if (held.parsed_by != nullptr) held.parsed_by->awaiting_ack.erase(id);
  --CountOf(held.state);
  held_bytes_ -= held.page.body.size();
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

HeldPage* ParserPool::Find(TaskId id) {
  const auto found = held_.find(id);
  return found == held_.end() ? nullptr : &found->second;
}

std::size_t& ParserPool::CountOf(PageState state) {
  if (state == PageState::kWaiting) return counts_.waiting;
  return state == PageState::kLeased ? counts_.leased : counts_.awaiting_ack;
}

void ParserPool::SetState(HeldPage& held, PageState state) {
  --CountOf(held.state);
  held.state = state;
  ++CountOf(state);
}

void ParserPool::Queue(HeldPage& held, bool in_front) {
  WaitQueue& queue = held.suspected ? alone_ : waiting_;
  if (in_front) {
    queue.PushFront(held.page.recipe, held.page.id);
  } else {
    queue.PushBack(held.page.recipe, held.page.id);
  }
}

void ParserPool::PutBack(std::vector<TaskId> ids) {
  std::sort(ids.rbegin(), ids.rend());  // So that the oldest is in front, before all that wait.
  for (const TaskId id : ids) {
    HeldPage* held = Find(id);
    if (held == nullptr || held->state == PageState::kWaiting) continue;
    held->parsed_by = nullptr;
    held->holders.clear();
    SetState(*held, PageState::kWaiting);
    Queue(*held, true);
  }
}

std::string_view ParserPool::BodyOf(TaskId id) const {
  const auto found = held_.find(id);
  return found == held_.end() ? std::string_view() : found->second.page.body.View();
}

PageState ParserPool::StateOf(TaskId id) const {
  const auto found = held_.find(id);
  return found == held_.end() ? PageState::kNone : found->second.state;
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
    parsers.push_back({.pid = session->pid,
                       .leased = session->leased.size(),
                       .parsed = session->parsed,
                       .blocked = session->blocked,
                       .stalled = session->stalled,
                       .pages_per_s = session->rate.per_second(),
                       .memory_bytes = session->memory_bytes,
                       .last_url = session->last_url});
  }
  return parsers;
}

void ParserPool::Second() {
  const auto now = std::chrono::steady_clock::now();
  for (auto& [routing_id, session] : sessions_) session->rate.Second(session->parsed, now);
  if (bodies_) bodies_->Second();
  if (own_) own_->GiveBackUnused();
}

// ---- Where they go ------------------------------------------------------------------

void ParserPool::Dispatch() {
  if (!overtaking_.empty()) DispatchOvertaking();
  DispatchAlone();
  DispatchWaiting();
  LoseGone();
}

bool ParserPool::AnyCredit() const {
  return std::any_of(sessions_.begin(), sessions_.end(),
                     [](const auto& entry) { return entry.second->HasCredit(); });
}

// Before all others: they have waited longest.
void ParserPool::DispatchOvertaking() {
  for (const TaskId id : std::exchange(overtaking_, {})) {
    HeldPage* held = Find(id);
    if (held == nullptr || !MayOvertake(*held)) continue;
    const std::vector<Session*> slow = held->holders;
    if (!SendToBest(*held, false, &ParserPool::TakesOvertaking)) continue;
    for (Session* holder : slow) TellTaken(*holder, id);
  }
}

void ParserPool::DispatchAlone() {
  reserved_ = nullptr;
  alone_.Drain([this] { return AnyCredit(); },
               [this](TaskId id) {
                 HeldPage* held = Find(id);
                 if (held == nullptr || held->state != PageState::kWaiting) return true;
                 if (SendToBest(*held, true, &ParserPool::TakesAlone)) return true;
                 ReserveFor(*held);
                 return false;
               });
}

void ParserPool::DispatchWaiting() {
  waiting_.Drain([this] { return AnyCredit(); },
                 [this](TaskId id) {
                   HeldPage* held = Find(id);
                   if (held == nullptr || held->state != PageState::kWaiting) return true;
                   if (held->suspected) return true;  // It stands in the other queue.
                   return SendToBest(*held, false, &ParserPool::TakesNext);
                 });
}

bool ParserPool::TakesNext(const Session& session, const HeldPage& held) const {
  return session.HasCredit() && !session.Occupied() && &session != reserved_ &&
         session.Serves(held.page.recipe);
}

bool ParserPool::TakesAlone(const Session& session, const HeldPage& held) const {
  return session.HasCredit() && session.leased.empty() && session.Serves(held.page.recipe) &&
         MayOccupyOneMore();
}

bool ParserPool::TakesOvertaking(const Session& session, const HeldPage& held) const {
  const bool prompt =
      session.leased.empty() || options_.now() - session.leased.front().sent < kPrompt;
  return TakesNext(session, held) && prompt && !session.blocked && !held.IsHeldBy(session);
}

// Where pages crash, one parser is left to those that do not.
bool ParserPool::MayOccupyOneMore() const {
  const auto occupied = std::count_if(sessions_.begin(), sessions_.end(),
                                      [](const auto& entry) { return entry.second->Occupied(); });
  return occupied == 0 || occupied + 1 < static_cast<std::ptrdiff_t>(sessions_.size());
}

// A busy parser is never without a page; one is given none until it is, for the page's sake.
void ParserPool::ReserveFor(const HeldPage& held) {
  if (reserved_ != nullptr || !MayOccupyOneMore()) return;
  for (auto& [routing_id, session] : sessions_) {
    if (session->stalled || session->blocked || session->Occupied()) continue;
    if (!session->Serves(held.page.recipe)) continue;
    if (reserved_ == nullptr || session->leased.size() < reserved_->leased.size()) {
      reserved_ = session.get();
    }
  }
}

bool ParserPool::SendToBest(HeldPage& held, bool alone, MayTake may_take) {
  for (;;) {
    Session* best = nullptr;
    // One without a page before all others; then, among those that have about as many, the one in
    // whose memory the page lies; among equals the one that was sent least, so that none is left
    // out.
    const auto rank = [&held](const Session& s) {
      const bool lies_elsewhere = !s.memory || !s.memory->Has(held.page.body);
      return std::tuple(s.blocked, std::bit_width(s.leased.size()), lies_elsewhere, s.leased.size(),
                        s.sent_total);
    };
    for (auto& [routing_id, session] : sessions_) {
      if (!(this->*may_take)(*session, held)) continue;
      if (best == nullptr || rank(*session) < rank(*best)) best = session.get();
    }
    if (best == nullptr) return false;
    if (SendTask(*best, held, alone)) return true;  // Else it is gone: pick again.
  }
}

PageMemory* ParserPool::MemoryOf(Session& session) {
  if (!bodies_ || !session.maps_bodies) return nullptr;
  if (!session.memory || session.memory->closed()) {
    session.memory = bodies_->MemoryOf(session.routing_id);
  }
  return session.memory.get();
}

// Where the parser reads that is next, as far as is known now: of those that have about as little
// at hand, the one that was meant least often.
std::shared_ptr<char> ParserPool::RoomFor(const std::string& recipe, std::size_t bytes) {
  if (bytes < kLeastShared) return nullptr;
  Session* next = nullptr;
  const auto rank = [](const Session& s) {
    return std::tuple(std::bit_width(s.leased.size()), s.rooms_total);
  };
  for (auto& [routing_id, session] : sessions_) {
    if (session->gone || session->stalled || session->blocked) continue;
    if (!session->Serves(recipe)) continue;
    if (next == nullptr || rank(*session) < rank(*next)) next = session.get();
  }
  std::shared_ptr<char> room;
  if (next != nullptr) {
    ++next->rooms_total;
    if (PageMemory* memory = MemoryOf(*next)) room = memory->Take(bytes);
  }
  return room || !own_ ? room : own_->Take(bytes);
}

bool ParserPool::ShareBody(Session& session, const FetchedPage& page, wire::Task& task) {
  if (page.body.size() < kLeastShared) return false;
  PageMemory* memory = MemoryOf(session);
  const auto place =
      memory != nullptr ? memory->Lend({page.id, task.attempt()}, page.body) : std::nullopt;
  if (!place) return false;
  task.set_body_bytes(page.body.size());
  task.set_body_at(*place);
  return true;
}

bool ParserPool::SendTask(Session& session, HeldPage& held, bool alone) {
  Address(task_.get(), self_, session.peer);
  wire::Task& task = *task_->mutable_task();
  task.Clear();
  const FetchedPage& page = held.page;
  task.set_id(page.id);
  task.set_attempt(held.attempt + 1);
  task.set_page(page.identity);
  task.mutable_recipe_hash()->assign(page.recipe_hash.View());
  task.set_url(page.final_url);
  task.set_status(page.status);
  task.set_meta(page.meta);
  task.set_max_body_bytes(page.max_body_bytes);
  for (const auto& [name, value] : page.headers) {
    wire::Header& header = *task.add_headers();
    header.set_name(name);
    header.set_value(value);
  }
  if (page.spooled) {
    task.set_body_bytes(page.spooled->size());
    task.set_body_passed(bodies_ && bodies_->Pass(session.routing_id, {page.id, task.attempt()},
                                                  page.spooled->fd()));
  }
  const bool is_shared = ShareBody(session, page, task);
  if (!Send(session, *task_, is_shared ? zmq::message_t() : ShareFrame(page.body))) {
    if (is_shared) session.memory->Release({page.id, task.attempt()});
    session.gone = true;  // Lost when no page is in hand here: this one may be charged with it.
    return false;
  }
  Lend(session, held, alone);
  return true;
}

}  // namespace thresh
