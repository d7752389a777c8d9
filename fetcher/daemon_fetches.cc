// What is asked for next: the task whose host may be asked now, or what has to be fetched before.

#include <algorithm>
#include <utility>

#include "fetcher/daemon.h"
#include "fetcher/transfer/curl_request.h"

namespace thresh {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLease{60'000};  // Beyond the fetch's own time; extended while held.
constexpr int kUnaskedPerTick = 256;    // Tasks that end without a request.

SteadyTime Now() {
  return std::chrono::steady_clock::now();
}

FetchLimits LimitsOf(const FetchSpec& spec) {
  return {spec.connect_timeout, spec.timeout, spec.max_body_bytes, spec.max_redirects};
}

}  // namespace

HostDeskEvents FetcherDaemon::OnHosts() {
  return {
      .job = [this](const FetchSpec& fetch, const std::string& url) { return JobOf(fetch, url); },
      .fetch = [this](FetchJob job) { return transfers_->Submit(std::move(job)); },
      .wake =
          [this](const std::string& host) {
            frontier_->Wake(host);
            tick_.Request();
          },
      .keep = [this](const std::string& host,
                     std::string bytes) { frontier_->KeepHostState(host, std::move(bytes)); },
      .find =
          [this](const std::string& host, std::function<void(std::string)> found) {
            frontier_->FindHostState(host, std::move(found));
          }};
}

FetchJob FetcherDaemon::JobOf(const FetchSpec& fetch, const std::string& url) const {
  const bool named = !fetch.user_agent.empty();
  return {.url = url,
          .limits = LimitsOf(fetch),
          .user_agent = named ? fetch.user_agent : DefaultUserAgent(options_.contact)};
}

std::size_t FetcherDaemon::Room() const {
  return options_.max_in_flight - std::min(transfers_->in_flight(), options_.max_in_flight);
}

// The answer is kept: a task that is never to be asked for is leased, too, to be ended.
HostVerdict FetcherDaemon::MayStart(const Task& head, SteadyTime now) {
  answer_ = hosts_->Ask(head.seed.url, head.seed.host, RecipeOf(head).fetch, Room(), now);
  if (answer_.kind != HostDesk::Answer::Kind::kWait) return {};
  if (!answer_.why.empty()) refused_by_ = answer_.why;
  return {.may_start = false, .ask_again = answer_.ask_again};
}

bool FetcherDaemon::MayStartMore() const {
  return !draining_ && paused_.empty() && Room() > 0 &&
         pool_->held_bytes() + transfers_->bytes_in_flight() + sink_->unacknowledged_bytes() <
             options_.page_buffer_bytes;
}

std::optional<Task> FetcherDaemon::LeaseNext(SteadyTime now) {
  do {
    auto task =
        frontier_->Lease(now, now + kLease, [&](const Task& head) { return MayStart(head, now); });
    hosts_->FetchWanted();
    if (task) return task;
  } while (MayStartMore() && hosts_->WakeNext(Room(), now));
  return std::nullopt;
}

void FetcherDaemon::StartFetches() {
  const SteadyTime now = Now();
  if (WaitsForSink()) {
    due_.Set(50);
    return;
  }
  int unasked = 0;
  while (MayStartMore()) {
    std::optional<Task> task = LeaseNext(now);
    if (!task) break;
    if (answer_.kind == HostDesk::Answer::Kind::kStart) {
      StartFetch(*task);
      continue;
    }
    EndUnasked(std::move(*task), answer_);
    if (++unasked < kUnaskedPerTick) continue;
    tick_.Request();
    break;
  }
  SetDue(now);
}

void FetcherDaemon::SetDue(SteadyTime now) {
  due_.Clear();
  SteadyTime next = frontier_->NextDue();
  if (next == SteadyTime::min()) return;
  if (MayStartMore()) next = std::min(next, hosts_->NextDue());
  if (next == SteadyTime::max()) return;
  const auto wait = std::chrono::ceil<milliseconds>(next - now);
  due_.Set(static_cast<std::uint64_t>(std::max<std::int64_t>(wait.count(), 0)));
}

void FetcherDaemon::StartFetch(const Task& task) {
  const FetchSpec& fetch = RecipeOf(task).fetch;
  frontier_->Extend(task.id, Now() + fetch.timeout + kLease);
  hosts_->Started(task.id, task.seed.host, fetch, Now());
  tasks_.insert_or_assign(task.id, task);
  if (task.attempts == 1 && ++started_pages_ == options_.max_pages) EnterBudget();
  FetchJob job = JobOf(fetch, task.seed.url);
  job.id = task.id;
  if (Result<> started = transfers_->Submit(std::move(job)); !started) {
    TakeFetched({.id = task.id,
                 .failure = "fetch",
                 .detail = started.error().detail,
                 .may_retry = true,
                 .body = std::make_shared<const std::string>()});
  }
}

// No request was made this time: the lease has counted one.
void FetcherDaemon::EndUnasked(Task task, const HostDesk::Answer& answer) {
  --task.attempts;
  if (answer.kind == HostDesk::Answer::Kind::kDrop) {
    frontier_->Complete(
        KeyOf(task), {.end = TaskEnd::kDropped, .reason = answer.reason, .attempts = task.attempts},
        {}, [this](const std::vector<Published>&) { tick_.Request(); });
    return;
  }
  const std::string reason = answer.reason;
  tasks_.insert_or_assign(task.id, task);
  Bury(task, {.detail = answer.detail, .body = std::make_shared<const std::string>()}, reason);
}

}  // namespace thresh
