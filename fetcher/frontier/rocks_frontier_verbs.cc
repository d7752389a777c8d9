// RocksFrontier: its verbs. What becomes of them stands in rocks_frontier.cc.

#include <algorithm>
#include <chrono>

#include "fetcher/frontier/rocks_frontier.h"

namespace thresh {
namespace {

using std::chrono::milliseconds;

constexpr int kMostDropsALease = 1000;

std::int64_t MillisecondsUntil(SteadyTime due, SteadyTime now) {
  return std::max<std::int64_t>(0, std::chrono::ceil<milliseconds>(due - now).count());
}

}  // namespace

Result<std::unique_ptr<RocksFrontier>> RocksFrontier::Open(uv_loop_t& loop, FrontierOptions options,
                                                           FrontierEvents events) {
  auto store = Store::Open(options);
  if (!store) return store.error();
  return std::unique_ptr<RocksFrontier>(
      new RocksFrontier(loop, std::move(options), std::move(events), std::move(*store)));
}

RocksFrontier::RocksFrontier(uv_loop_t& loop, FrontierOptions options, FrontierEvents events,
                             std::unique_ptr<Store> store)
    : options_(std::move(options)),
      events_(std::move(events)),
      store_(std::move(store)),
      uuid_(store_->book().uuid),
      kept_recipes_(store_->book().kept),
      notes_(store_->book().notes),
      facts_(store_->book().ToFacts()),
      begun_(facts_.retrying - facts_.postponed),
      windows_({options_.window_hosts, options_.window_tasks, options_.window_bytes},
               facts_.ledger.pending() == facts_.retrying,
               [this](Held held, SteadyTime until) { delays_.Put(std::move(held), until); }),
      delays_(options_.window_tasks / 2 + 1, options_.window_bytes / 2 + 1, facts_.retrying == 0),
      reports_(facts_.reports == 0),
      tick_(loop, options_.group_every_ms, [this] { StartGroup(); }),
      again_(loop, [this] { TryAgain(); }),
      worker_(loop) {
  RestoreHolds(store_->book());
  for (const auto& [name, value] : notes_) {
    if (name.starts_with("cancel:")) cancels_.Restore(name, value);
  }
  tick_.Request();
}

void RocksFrontier::RestoreHolds(const Book& book) {
  const std::int64_t now_ms = options_.wall_now_ms();
  for (const auto& [host, hold] : book.holds) {
    const milliseconds left(RemainingMs(hold.due_ms, hold.delay_ms, now_ms));
    const SteadyTime due = options_.steady_now() + left;
    holds_[host] = due;
    hold_ends_.emplace(due, host);
    windows_.Hold(HostHash(host), due);
  }
}

void RocksFrontier::KeepRecipe(KeptRecipe recipe) {
  Ask(KeepOp{std::move(recipe)});
}

void RocksFrontier::Publish(std::vector<TaskSeed> seeds, PublishedFn done) {
  Ask(PublishOp{.seeds = std::move(seeds), .done = std::move(done)});
}

std::optional<Task> RocksFrontier::Lease(SteadyTime now, SteadyTime until, const HostGate& gate) {
  TakeDue(now);
  const std::int64_t now_ms = options_.wall_now_ms();
  HostGate guarded;
  if (cancels_.any_waits()) guarded = GateOf(gate, now);
  const HostGate& may_start = guarded ? guarded : gate;
  auto held = windows_.Take(now, now_ms, may_start);
  for (int dropped = 0; held && dropped <= kMostDropsALease; ++dropped) {
    if (IsCancelled(held->task)) {
      DropCancelled(std::move(*held));
    } else if (IsExpired(*held, now_ms)) {
      DropUnasked(std::move(*held), "expires", {});
    } else {
      break;
    }
    // That these are dropped brings the caller back.
    held = dropped < kMostDropsALease ? windows_.Take(now, now_ms, may_start) : std::nullopt;
  }
  (void)windows_.TakeNews();  // The caller is here.
  if (windows_.wants_load(now) || delays_.wants_load()) Nudge();
  if (!held) return std::nullopt;
  if (held->task.attempts++ != 0) --begun_;
  const Task task = held->task;
  leases_.Add(std::move(*held), until);
  return task;
}

// No request is to be made for it (any more).
void RocksFrontier::DropUnasked(Held held, std::string reason, std::function<void()> ended) {
  const TaskKey key = KeyOf(held.task);
  const std::uint32_t attempts = held.task.attempts;
  if (attempts != 0) --begun_;
  SetBusy(key.id);
  Ask(CompleteOp{
      .key = key,
      .ending = {.end = TaskEnd::kDropped, .reason = std::move(reason), .attempts = attempts},
      .done =
          [this, ended = std::move(ended)](const auto&) {
            if (ended) ended();
            if (events_.on_ready) events_.on_ready();
          },
      .held = std::move(held)});
}

void RocksFrontier::KeepBlame(TaskId id, std::string blame) {
  Held* held = leases_.Find(id);
  if (held == nullptr) return;
  held->task.blame = std::move(blame);
  Ask(BlameOp{*held});
}

void RocksFrontier::Release(TaskId id, SteadyTime due, std::string why) {
  auto held = leases_.Remove(id);
  if (!held) return;
  ++begun_;
  if (IsCancelled(held->task)) {
    DropCancelled(std::move(*held));
    return;
  }
  const std::int64_t delay_ms = MillisecondsUntil(due, options_.steady_now());
  const Place from = held->place;
  held->place = {.delayed = true,
                 .due_ms = options_.wall_now_ms() + delay_ms,
                 .delay_ms = delay_ms,
                 .attempts = held->task.attempts};
  SetBusy(id);
  delays_.Put(*held, due);
  Ask(ReleaseOp{.held = std::move(*held), .from = from, .why = std::move(why)});
}

void RocksFrontier::Complete(const TaskKey& key, Ending ending, std::vector<TaskSeed> children,
                             CompletedFn done) {
  auto held = TakeHeld(key.id);
  SetBusy(key.id);
  Ask(CompleteOp{.key = key,
                 .ending = std::move(ending),
                 .children = std::move(children),
                 .done = std::move(done),
                 .held = std::move(held)});
}

void RocksFrontier::CompleteJob(TaskId id) {
  reports_.Close(id);
  Ask(CloseJobOp{id});
}

void RocksFrontier::Find(const TaskKey& key, FoundFn found) {
  const Held* held = leases_.Find(key.id);
  if (held == nullptr) held = windows_.Find(key.id);
  if (held == nullptr) held = delays_.Find(key.id);
  finding_.insert(key.id);
  FindOp op{.key = key, .found = std::move(found)};
  if (held != nullptr) op.task = held->task;
  Ask(std::move(op));
}

void RocksFrontier::HoldHost(const std::string& host, SteadyTime due) {
  const std::int64_t delay_ms = MillisecondsUntil(due, options_.steady_now());
  if (const auto old = holds_.find(host); old != holds_.end())
    hold_ends_.erase({old->second, host});
  holds_[host] = due;
  hold_ends_.emplace(due, host);
  windows_.Hold(HostHash(host), due);
  Ask(HoldOp{
      .host = host,
      .hold = HoldRecord{.due_ms = options_.wall_now_ms() + delay_ms, .delay_ms = delay_ms}});
}

void RocksFrontier::KeepHostState(const std::string& host, std::string bytes) {
  Ask(HostStateOp{.host = host, .bytes = std::move(bytes)});
}

void RocksFrontier::FindHostState(const std::string& host, StateFn found) {
  Ask(FindHostStateOp{.host = host, .found = std::move(found)});
}

void RocksFrontier::DropNew(std::string reason, CountFn done) {
  if (drops_++ == 0) {
    for (Held& held : windows_.Freeze()) delays_.Put(std::move(held), SteadyTime::min());
  }
  Ask(DropOp{.reason = std::move(reason), .done = std::move(done)});
}

void RocksFrontier::Why(const Hash128& fingerprint, FatesFn fates) {
  Ask(WhyOp{.fingerprint = fingerprint, .done = std::move(fates)});
}

void RocksFrontier::WhyRequests(const std::string& url, RequestsFn requests) {
  Ask(RequestsOp{.url = url, .done = std::move(requests)});
}

void RocksFrontier::RetryDead(DeadFilter filter, CountFn done) {
  Ask(RetryOp{.filter = std::move(filter), .done = std::move(done)});
}

void RocksFrontier::RetriedIds(std::function<void(std::vector<TaskId>)> ids) {
  Ask(RetriedOp{.done = std::move(ids)});
}

SteadyTime RocksFrontier::NextDue() const {
  SteadyTime next = std::min(windows_.NextDue(), leases_.NextEnd());
  if (drops_ == 0 && !windows_.is_full()) next = std::min(next, delays_.NextDue());
  if (!hold_ends_.empty()) next = std::min(next, hold_ends_.begin()->first);
  return next;
}

Result<> RocksFrontier::SetNote(const std::string& name, const std::string& value) {
  if (Result<> set = store_->SetNote(name, value); !set) return set;
  notes_[name] = value;
  return Ok{};
}

std::string RocksFrontier::Note(const std::string& name) const {
  const auto found = notes_.find(name);
  return found == notes_.end() ? std::string() : found->second;
}

}  // namespace thresh
