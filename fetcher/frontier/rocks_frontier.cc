#include "fetcher/frontier/rocks_frontier.h"

#include <algorithm>
#include <chrono>

namespace thresh {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostSeedsAGroup = 8192;
constexpr std::size_t kMostOpsAGroup = 8192;
constexpr std::uint64_t kTryAgainMs = 1000;

// Goes through a queue on disk, which must be as the operations before it leave it.
bool NeedsOwnGroup(const Op& op) {
  return std::holds_alternative<DropOp>(op) || std::holds_alternative<RetryOp>(op) ||
         std::holds_alternative<CancelOp>(op);
}

std::size_t SeedsOf(const Op& op) {
  if (const auto* publish = std::get_if<PublishOp>(&op)) return publish->seeds.size();
  if (const auto* complete = std::get_if<CompleteOp>(&op)) return complete->children.size();
  return 0;
}

}  // namespace

void RocksFrontier::Ask(Op op) {
  if (failed_) return;
  ops_.push_back(std::move(op));
  Nudge();
}

// All that was asked for since the last group was taken is written at once.
void RocksFrontier::StartGroup() {
  if (group_ || failed_) return;
  auto group = std::make_unique<Group>();
  TakeOps(*group);
  windows_.Plan(*group, options_.steady_now());
  delays_.Plan(*group);
  reports_.Plan(*group);
  if (group->ops.empty() && group->host_loads.empty() && !group->scan && !group->delay_load &&
      !group->report_load) {
    return;
  }
  tick_.Acted();
  group->now_ms = options_.wall_now_ms();
  group_ = std::move(group);
  worker_.Start([this] { outcome_ = store_->Run(*group_); }, [this] { StepDone(); });
}

void RocksFrontier::TakeOps(Group& group) {
  std::size_t seeds = 0;
  while (!ops_.empty() && seeds < kMostSeedsAGroup && group.ops.size() < kMostOpsAGroup) {
    const bool alone = NeedsOwnGroup(ops_.front());
    if (alone && !group.ops.empty()) return;
    seeds += SeedsOf(ops_.front());
    if (auto* drop = std::get_if<DropOp>(&ops_.front())) Spare(*drop);
    if (auto* cancel = std::get_if<CancelOp>(&ops_.front())) Spare(*cancel);
    group.ops.push_back(std::move(ops_.front()));
    ops_.pop_front();
    if (alone) return;
  }
}

// Tasks that were asked for, though the disk does not say so, or not yet.
void RocksFrontier::Spare(DropOp& op) {
  op.sweep.spare.clear();
  delays_.ForgetNew();
  leases_.AddIds(op.sweep.spare);
  delays_.AddIds(op.sweep.spare);
  windows_.AddIds(op.sweep.spare);
  for (const auto& [id, count] : busy_) op.sweep.spare.insert(id);
}

void RocksFrontier::StepDone() {
  if (!outcome_.ok()) {
    if (outcome_.error().code == Errc::kBusy) {
      Pause(outcome_.error());
    } else if (outcome_.error().code == Errc::kUnavailable) {
      failed_ = true;
      if (events_.on_reopen) events_.on_reopen();
    } else {
      failed_ = true;
      if (events_.on_failed) events_.on_failed(outcome_.error());
    }
    return;
  }
  if (!std::exchange(paused_, {}).empty() && events_.on_paused) events_.on_paused({});
  const std::unique_ptr<Group> group = std::move(group_);
  tick_.Request();
  TakeAnswers(*group);
}

void RocksFrontier::Pause(const Error& error) {
  again_.Set(kTryAgainMs);
  if (std::exchange(paused_, error.detail) == error.detail) return;
  if (events_.on_paused) events_.on_paused(error.detail);
}

void RocksFrontier::TryAgain() {
  if (!group_ || worker_.busy() || failed_) return;
  worker_.Start([this] { outcome_ = store_->GoOn(*group_); }, [this] { StepDone(); });
}

void RocksFrontier::Finish() {
  while (!failed_) {
    if (worker_.busy()) {
      worker_.Finish();
    } else if (group_) {  // There was no room a second ago.
      TryAgain();
      worker_.Finish();
      if (group_) return;
    } else if (!ops_.empty()) {
      StartGroup();
    } else {
      return;
    }
  }
}

// ---- Answers ------------------------------------------------------------------

void RocksFrontier::TakeAnswers(Group& group) {
  facts_ = std::move(group.facts);
  for (Op& op : group.ops) {
    std::visit([this](auto& each) { TakeAnswer(each); }, op);
  }
  TakeLoads(group);
  TellEvents(group);
}

void RocksFrontier::TakeLoads(Group& group) {
  const auto elsewhere = [this](TaskId id) { return IsElsewhere(id); };
  for (HostLoad& load : group.host_loads) windows_.TakeLoaded(std::move(load), elsewhere);
  if (group.scan) windows_.TakeScanned(std::move(*group.scan), elsewhere);
  if (group.delay_load) {
    delays_.TakeLoaded(
        std::move(*group.delay_load), options_.wall_now_ms(), options_.steady_now(),
        [this](TaskId id) { return IsElsewhere(id) || windows_.Find(id) != nullptr; });
  }
}

void RocksFrontier::TellEvents(Group& group) {
  std::vector<JobReport> reports = reports_.Take(group);
  if (!group.closed.empty() && events_.on_closed) events_.on_closed(group.closed);
  for (JobReport& report : reports) {
    if (events_.on_job) events_.on_job(std::move(report));
  }
  const bool due = group.delay_load && delays_.NextDue() != SteadyTime::max();
  const bool nothing_left = facts_.open == 0;
  if ((windows_.TakeNews() || due || nothing_left) && events_.on_ready) events_.on_ready();
}

void RocksFrontier::Offer(std::vector<Held>& fresh) {
  for (Held& held : fresh) {
    if (held.place.delayed) {
      const milliseconds wait(held.place.delay_ms);
      delays_.Put(std::move(held), options_.steady_now() + wait);
    } else {
      windows_.Offer(std::move(held));
    }
  }
}

void RocksFrontier::TakeAnswer(PublishOp& op) {
  Offer(op.fresh);
  if (op.done) op.done(op.answers);
}

void RocksFrontier::TakeAnswer(CompleteOp& op) {
  EndBusy(op.key.id);
  if (op.ended) {
    if (op.was_begun) --begun_;
    Offer(op.fresh);
    if (op.done) op.done(op.answers);
  }
  cancels_.Ended(op.key.id);
  EndCancels();
}

void RocksFrontier::TakeAnswer(ReleaseOp& op) {
  EndBusy(op.held.task.id);
}

void RocksFrontier::TakeAnswer(FindOp& op) {
  if (op.found) op.found(std::move(op.task));
  finding_.erase(finding_.find(op.key.id));
}

// Leases are in memory only.
void RocksFrontier::MarkLeased(std::vector<Fate>& fates) const {
  for (Fate& fate : fates) {
    const Held* held = leases_.Find(fate.id);
    if (held == nullptr) continue;
    fate.state = Fate::State::kLeased;
    fate.attempts = held->task.attempts;
  }
}

void RocksFrontier::TakeAnswer(WhyOp& op) {
  MarkLeased(op.fates);
  if (op.done) op.done(std::move(op.fates));
}

void RocksFrontier::TakeAnswer(RequestsOp& op) {
  for (AskedRequest& request : op.requests) MarkLeased(request.fates);
  if (op.done) op.done(std::move(op.requests));
}

void RocksFrontier::TakeAnswer(RetriedOp& op) {
  if (op.done) op.done(std::move(op.ids));
}

void RocksFrontier::TakeAnswer(DropOp& op) {
  if (!op.sweep.finished) {
    Ask(std::move(op));
    return;
  }
  if (--drops_ == 0) windows_.Thaw();
  if (op.done) op.done(op.count);
}

void RocksFrontier::TakeAnswer(RetryOp& op) {
  Offer(op.fresh);
  op.fresh.clear();
  if (!op.finished) {
    Ask(std::move(op));
    return;
  }
  if (op.done) op.done(op.count);
}

// ---- Where a task is ----------------------------------------------------------

bool RocksFrontier::IsElsewhere(TaskId id) const {
  return busy_.contains(id) || leases_.Find(id) != nullptr || delays_.Contains(id);
}

void RocksFrontier::EndBusy(TaskId id) {
  const auto found = busy_.find(id);
  if (found != busy_.end() && --found->second == 0) busy_.erase(found);
}

std::optional<Held> RocksFrontier::TakeHeld(TaskId id) {
  if (auto held = leases_.Remove(id)) return held;
  auto held = windows_.Remove(id);
  if (!held) held = delays_.Remove(id);
  if (held && held->task.attempts != 0) --begun_;
  return held;
}

void RocksFrontier::TakeDue(SteadyTime now) {
  while (auto held = leases_.TakeRunOut(now)) {
    ++begun_;
    windows_.Return(std::move(*held));
  }
  while (drops_ == 0 && !windows_.is_full()) {
    auto held = delays_.TakeDue(now);
    if (!held) break;
    windows_.Return(std::move(*held));
  }
  while (!hold_ends_.empty() && hold_ends_.begin()->first <= now) {
    const std::string host = hold_ends_.begin()->second;
    hold_ends_.erase(hold_ends_.begin());
    holds_.erase(host);
    windows_.EndHold(HostHash(host));
    Ask(HoldOp{.host = host});
  }
}

}  // namespace thresh
