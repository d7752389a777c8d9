// What is asked for next: the task whose host may be asked now, or what has to be fetched before.

#include <algorithm>
#include <utility>

#include "fetcher/daemon.h"

namespace thresh {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLease{60'000};    // Beyond the fetch's own time; extended while held.
constexpr std::chrono::hours kHalted{1};  // Unless it is resumed, which wakes it.
constexpr int kUnaskedPerTick = 256;      // Tasks that end without a request.

SteadyTime Now() {
  return std::chrono::steady_clock::now();
}

// Why a request was not even sent.
FetchResult FailureOf(TaskId id, const Error& error) {
  const bool named = *error.reason != '\0';
  return {.id = id,
          .failure = named ? error.reason : "fetch",
          .detail = error.detail,
          .may_retry = !named || error.code == Errc::kTransient};
}

}  // namespace

HostDeskEvents FetcherDaemon::OnHosts() {
  return {.fetch_at = [this](const Recipe& recipe, const std::string& host) -> const FetchSpec& {
            return FetchAt(recipe, host);
          },
          .job = [this](const Recipe& recipe,
                        const std::string& url) { return RobotsJob(recipe, url); },
          .fetch = [this](FetchJob job) { return transfers_->Submit(std::move(job)); },
          .wake =
              [this](const std::string& host) {
                frontier_->Wake(host);
                AskHopsAt(host, SteadyTime::min());
                tick_.Request();
              },
          .keep = [this](const std::string& host,
                         std::string bytes) { frontier_->KeepHostState(host, std::move(bytes)); },
          .find =
              [this](const std::string& host, std::function<void(std::string)> found) {
                frontier_->FindHostState(host, std::move(found));
              },
          .address =
              [this](std::string_view name, const FetchSpec& fetch,
                     std::function<void(std::string)> found) {
                return transfers_->FindAddress(std::string(name), IpOf(fetch.ip), std::move(found));
              }};
}

std::size_t FetcherDaemon::Room() const {
  return options_.max_in_flight - std::min(transfers_->in_flight(), options_.max_in_flight);
}

HostDesk::Answer FetcherDaemon::Ask(const std::string& url, const std::string& host,
                                    const Recipe& recipe, SteadyTime now) {
  const bool halted = !halted_hosts_.empty() && halted_hosts_.contains(host);
  HostDesk::Answer answer = halted ? HostDesk::Answer{.kind = HostDesk::Answer::Kind::kWait,
                                                      .ask_again = now + kHalted,
                                                      .why = host + " is paused"}
                                   : hosts_->Ask(url, host, recipe, Room(), now);
  if (!answer.why.empty()) refused_by_ = answer.why;
  return answer;
}

// The answer is kept: a task that is never to be asked for is leased, too, to be ended.
HostVerdict FetcherDaemon::MayStart(const Task& head, SteadyTime now) {
  answer_ = Ask(head.seed.url, head.seed.host, RecipeOf(head), now);
  return {.may_start = answer_.kind != HostDesk::Answer::Kind::kWait,
          .ask_again = answer_.ask_again};
}

bool FetcherDaemon::MayFetchMore() const {
  return !draining_ && !halted_ && paused_.empty() && Room() > 0 &&
         pool_->held_bytes() + transfers_->bytes_in_flight() + sink_->unacknowledged_bytes() <
             options_.page_buffer_bytes &&
         DiskHasRoom();
}

std::optional<Task> FetcherDaemon::LeaseNext(SteadyTime now) {
  do {
    auto task =
        frontier_->Lease(now, now + kLease, [&](const Task& head) { return MayStart(head, now); });
    hosts_->FetchWanted();
    if (task) return task;
  } while (MayFetchMore() && hosts_->WakeNext(Room(), now));
  return std::nullopt;
}

void FetcherDaemon::StartFetches() {
  const SteadyTime now = Now();
  if (WaitsForSink()) {
    due_.Set(50);
    return;
  }
  const SteadyTime next = StartDetours(now);
  hosts_->FetchWanted();
  int unasked = 0;
  while (MayFetchMore() && HopsMayGrow()) {
    std::optional<Task> task = LeaseNext(now);
    if (!task) break;
    if (answer_.kind == HostDesk::Answer::Kind::kStart) {
      StartFetch(std::move(*task));
      continue;
    }
    EndUnasked(std::move(*task), answer_);
    if (++unasked < kUnaskedPerTick) continue;
    tick_.Request();
    break;
  }
  SetDue(now, next);
}

// `next`: when a hop may go on.
void FetcherDaemon::SetDue(SteadyTime now, SteadyTime next) {
  due_.Clear();
  if (const SteadyTime due = frontier_->NextDue(); due != SteadyTime::min()) {
    next = std::min(next, due);
  }
  if (MayFetchMore()) next = std::min(next, hosts_->NextDue());
  if (next == SteadyTime::max()) return;
  const auto wait = std::chrono::ceil<milliseconds>(next - now);
  due_.Set(static_cast<std::uint64_t>(std::max<std::int64_t>(wait.count(), 0)));
}

// From here on the task goes by these terms, whatever new settings say.
void FetcherDaemon::StartFetch(Task leased) {
  leased.terms = terms_.Of(RecipeOf(leased), leased.seed.host);
  const TaskId id = leased.id;
  const Task& task = tasks_.insert_or_assign(id, std::move(leased)).first->second;
  const FetchSpec& fetch = task.terms->fetch;
  frontier_->Extend(task.id, Now() + fetch.timeout + kLease);
  hosts_->Started(task.id, task.seed.host, fetch, Now());
  detours_.erase(task.id);
  if (task.attempts == 1 && ++started_pages_ == options_.max_pages) EnterBudget();
  if (Result<FetchJob> job = JobOf(task)) {
    AddCookies(task, task.terms, &*job);
    hosts_->SetHangUp(&*job);
    Submit(task.id, std::move(*job));
  } else {
    TakeFetched(FailureOf(task.id, job.error()));
  }
}

void FetcherDaemon::Submit(TaskId id, FetchJob job) {
  job.id = id;
  if (Result<> started = transfers_->Submit(std::move(job)); !started) {
    TakeFetched(FailureOf(id, started.error()));
  }
}

// No request was made this time: the lease has counted one.
void FetcherDaemon::EndUnasked(Task task, const HostDesk::Answer& answer) {
  --task.attempts;
  if (answer.kind == HostDesk::Answer::Kind::kDrop) {
    DropTask(task, answer.reason);
    return;
  }
  const std::string reason = answer.reason;
  tasks_.insert_or_assign(task.id, task);
  Bury(task, {.detail = answer.detail}, reason);
}

}  // namespace thresh
