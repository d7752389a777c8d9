// What becomes of a page in the fetcher: fetched, offered to the parsers, ended.

#include <algorithm>
#include <utility>

#include "fetcher/daemon.h"
#include "lib/base/log.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstRetry{500};
constexpr milliseconds kLongestRetry{24 * 3'600'000};
constexpr std::uint64_t kDispatchNs =
    1'000'000;  // A turn of many answers is longer than parsers should wait.
constexpr std::size_t kDeadBodyBytes = 64 << 10;
constexpr std::size_t kMaxPageBytes = 64 << 20;  // Of a page that is kept whole: a frame's.

SteadyTime Now() {
  return std::chrono::steady_clock::now();
}

// Statuses that say "not now" rather than "never" (RFC 9110, 15.5 and 15.6; RFC 6585, 4).
bool IsTransientStatus(long status) {
  return status == 408 || status == 425 || status == 429 || status == 500 || status == 502 ||
         status == 503 || status == 504;
}

FetchFacts FactsOf(const FetchResult& result) {
  return {result.fetched_at_ms, static_cast<std::uint32_t>(result.status)};
}

// The rule that names this status; rules about values in the body are the parsers'.
const AnswerRule* RuleFor(const std::vector<AnswerRule>& rules, long status) {
  const auto found = std::find_if(rules.begin(), rules.end(), [status](const AnswerRule& rule) {
    return std::find(rule.status.begin(), rule.status.end(), status) != rule.status.end();
  });
  return found != rules.end() ? &*found : nullptr;
}

}  // namespace

const Recipe& FetcherDaemon::RecipeOf(const Task& task) const {
  return *routes_.ByHash(task.seed.recipe_hash);
}

// ---- Fetched ------------------------------------------------------------------------

// Where a parser may read it; not if it is for none.
std::shared_ptr<char> FetcherDaemon::RoomForBody(TaskId id, std::size_t bytes) {
  const auto found = HostDesk::IsOwn(id) ? tasks_.end() : tasks_.find(id);
  if (found == tasks_.end()) return nullptr;
  const TermsBook::Terms terms = TermsOf(found->second);
  return terms->IsDownloadOnly() ? nullptr : pool_->RoomFor(terms->recipe->name, bytes);
}

// The shortest lately: our own naps are in the others.
void FetcherDaemon::NoteLatency(double first_byte_us) {
  if (first_byte_us == 0) return;
  latency_us_ = latency_us_ == 0 ? first_byte_us : std::min(first_byte_us, latency_us_ * 1.02);
}

void FetcherDaemon::TakeFetched(FetchResult result) {
  tick_.Request();
  if (HostDesk::IsOwn(result.id)) {
    hosts_->TakeOwn(result, Now());
    return;
  }
  NoteFetched(result);
  NoteLatency(static_cast<double>(result.first_byte.count()));
  const auto found = tasks_.find(result.id);
  if (found == tasks_.end()) {  // It ended meanwhile: an earlier life of ours had it.
    detours_.erase(result.id);
    return;
  }
  const Task& task = found->second;
  if (!result.failure.empty()) {
    const std::string reason = result.failure;
    RetryOrBury(task, std::move(result), reason);
    return;
  }
  TakeCookies(task, result);
  if (TakeRedirect(task, &result)) return;
  // What was sent may have secrets in it: records have the URL as it was written.
  const auto detour = detours_.find(task.id);
  result.final_url = detour != detours_.end() ? detour->second.shown_url : task.seed.url;
  if (IsUnchanged(task, result)) {
    EndUnchanged(task, result);
    return;
  }
  ++pages_;
  body_bytes_ += result.spooled ? result.spooled->size() : result.body.size();
  TakeStatus(task, std::move(result));
}

void FetcherDaemon::TakeStatus(const Task& task, FetchResult result) {
  const TermsBook::Terms terms = TermsOf(task);
  const FetchSpec& fetch = terms->fetch;
  if (const AnswerRule* rule = RuleFor(fetch.retry_when, result.status)) {
    RetryByRule(task, *rule, std::move(result));
    return;
  }
  if (RuleFor(fetch.fail_when, result.status) != nullptr) {
    const std::string reason = "http_" + std::to_string(result.status);
    result.detail = "fetch.fail_when";
    Bury(task, std::move(result), reason);
    return;
  }
  if (result.status < 200 || result.status >= 300) {
    result.may_retry = IsTransientStatus(result.status);
    const std::string reason = "http_" + std::to_string(result.status);
    RetryOrBury(task, std::move(result), reason);
    return;
  }
  OfferPage(task, std::move(result));
}

// What is to be saved is offered when it is.
void FetcherDaemon::OfferPage(const Task& task, FetchResult result) {
  if (RecipeOf(task).save.format != SaveFormat::kNone) {
    SavePage(task, std::move(result));
  } else {
    PassOn(task, std::move(result));
  }
}

void FetcherDaemon::PassOn(const Task& task, FetchResult result) {
  KeepValidators(task, result);
  const TermsBook::Terms terms = TermsOf(task);
  pool_->Offer({.id = task.id,
                .identity = SerializeIdentity(task, FactsOf(result)),
                .recipe_hash = terms->parser_hash,
                .recipe = terms->recipe->name,
                .final_url = std::move(result.final_url),
                .status = static_cast<std::uint32_t>(result.status),
                .headers = std::move(result.headers),
                .meta = task.seed.root->meta,
                .body = std::move(result.body),
                .spooled = std::move(result.spooled),
                .blame = task.blame,
                .max_body_bytes = static_cast<std::uint64_t>(terms->fetch.max_body_bytes)});
  if (uv_hrtime() - dispatched_at_ns_ <= kDispatchNs) return;
  pool_->TakeMessages();
  Dispatch();
}

void FetcherDaemon::Dispatch() {
  pool_->Dispatch();
  dispatched_at_ns_ = uv_hrtime();
}

void FetcherDaemon::RetryOrBury(const Task& task, FetchResult result, const std::string& reason) {
  const bool exhausted = !result.may_retry || task.attempts >= MostAttempts(task, 0);
  // A disk of ours that is full kills no page.
  if (exhausted && reason != kSpoolFailure) {
    Bury(task, std::move(result), reason);
    return;
  }
  const milliseconds wait =
      hosts_->WithJitter(kFirstRetry * (1 << std::min(task.attempts - 1, 10U)));
  log::Debug("fetch.retry", {{"url", task.seed.url}, {"why", reason}, {"after_ms", wait.count()}});
  frontier_->Release(task.id, Now() + wait, reason);
  detours_.erase(task.id);
  tasks_.erase(task.id);
}

// The wait doubles with each attempt.
void FetcherDaemon::RetryByRule(const Task& task, const AnswerRule& rule, FetchResult result) {
  const std::string reason = "http_" + std::to_string(result.status);
  if (task.attempts >= MostAttempts(task, rule.attempts)) {
    Bury(task, std::move(result), reason);
    return;
  }
  const SteadyTime due = Now() + rule.delay * (1 << std::min(task.attempts - 1, 10U));
  if (rule.whole_host) hosts_->Hold(task.seed.host, due, Now());
  frontier_->Release(task.id, due, reason);
  detours_.erase(task.id);
  tasks_.erase(task.id);
}

// A rule's own number goes over the recipe's, and that over the fetcher's.
std::uint32_t FetcherDaemon::MostAttempts(const Task& task, std::int64_t of_rule) const {
  const std::int64_t of_recipe = TermsOf(task)->fetch.attempts;
  return static_cast<std::uint32_t>(of_rule > 0     ? of_rule
                                    : of_recipe > 0 ? of_recipe
                                                    : options_.max_attempts);
}

void FetcherDaemon::Bury(const Task& task, FetchResult result, const std::string& reason) {
  sink_->Report(DeadTask{.id = task.id,
                         .attempts = task.attempts,
                         .identity = SerializeIdentity(task, FactsOf(result)),
                         .reason = reason,
                         .detail = std::move(result.detail),
                         .status = static_cast<std::uint32_t>(result.status),
                         .headers = std::move(result.headers),
                         .body = BodyStart(result.body, result.spooled, kDeadBodyBytes)});
}

// ---- What the parsers say of it ----------------------------------------------------

void FetcherDaemon::TakeRetry(const RetryAsked& asked) {
  tick_.Request();
  const auto found = tasks_.find(asked.id);
  if (found == tasks_.end()) return;
  const Task& task = found->second;
  const bool own_rule = asked.max_attempts > 0;
  if (task.attempts >= MostAttempts(task, asked.max_attempts)) {
    sink_->Report(DeadTask{.id = task.id,
                           .attempts = task.attempts,
                           .identity = SerializeIdentity(task, {0, asked.status}),
                           .reason = "retries",
                           .detail = asked.why,
                           .status = asked.status,
                           .headers = {},
                           .body = {},
                           .body_start = asked.body_start});
    return;
  }
  milliseconds wait(asked.after_ms);
  if (own_rule) wait = std::min(wait * (1 << std::min(task.attempts - 1, 20U)), kLongestRetry);
  const SteadyTime due = Now() + wait;
  if (asked.whole_host) hosts_->Hold(task.seed.host, due, Now());
  frontier_->Release(asked.id, due, asked.why);
  detours_.erase(asked.id);
  tasks_.erase(found);
}

// The page that parsers cannot get over is kept whole, so that its fault can be found.
void FetcherDaemon::TakeGivenUp(GivenUpPage given_up) {
  const FetchedPage& page = given_up.page;
  if (!tasks_.contains(page.id)) return;
  sink_->Report(DeadTask{.id = page.id,
                         .attempts = given_up.attempts,
                         .identity = page.identity,
                         .reason = given_up.reason,
                         .detail = std::move(given_up.detail),
                         .status = page.status,
                         .headers = page.headers,
                         .body = BodyStart(page.body, page.spooled, kMaxPageBytes)});
}

}  // namespace thresh
