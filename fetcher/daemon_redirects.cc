// Requests as recipes and tasks want them, and what redirects ask for. A hop is checked as if it
// were a link, and waits for its host's turn; it costs the task no attempt.

#include <algorithm>
#include <iterator>
#include <utility>

#include "fetcher/daemon.h"
#include "fetcher/transfer/redirect.h"
#include "lib/base/log.h"
#include "lib/base/time.h"
#include "lib/recipe/url_pattern.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

// Hops that wait for slow hosts; above it no new tasks are begun, which could bring more.
constexpr std::size_t kMostWaitingHops = 10'000;

constexpr const char* kUnverified =
    "verify is false: anybody on the way can read and change what is fetched";

SteadyTime Now() {
  return std::chrono::steady_clock::now();
}

void AskForPlain(HeaderList* headers) {
  const bool said = std::any_of(headers->begin(), headers->end(), [](const auto& header) {
    return header.first == "accept-encoding";
  });
  if (!said) headers->emplace_back("accept-encoding", "identity");
}

std::string JarOfJob(const Root& root) {
  return "job\n" + root.url + "\n" + std::to_string(root.n) + "\n" +
         std::to_string(root.created_at_ms);
}

std::string JarOf(const Task& task, CookieScope scope, std::string_view hostname) {
  if (scope == CookieScope::kJob) return JarOfJob(*task.seed.root);
  return task.seed.recipe + "\n" + std::string(hostname);
}

}  // namespace

// ---- Requests -----------------------------------------------------------------------

void FetcherDaemon::WarnOfRecipes() const {
  for (const auto& recipe : routes_.recipes()) {
    if (recipe->fetch.verify) continue;
    log::Warn("tls.unverified", {{"recipe", recipe->name}, {"why", kUnverified}});
  }
  for (const Recipe& table : terms_.tables().AsRecipes()) {
    if (table.fetch.verify) continue;
    log::Warn("tls.unverified", {{"file", table.file}, {"table", "host"}, {"why", kUnverified}});
  }
}

Result<const RecipeRequests*> FetcherDaemon::RequestsOf(const TermsBook::Terms& terms) {
  const auto known = requests_.find(terms.get());
  if (known != requests_.end()) return &known->second.second;
  Result<RecipeRequests> made =
      RecipeRequests::Of(*terms->recipe, terms->fetch, options_.allow_private, secrets_);
  if (!made) return made.error();
  const auto added = requests_.emplace(terms.get(), std::pair(terms, std::move(*made)));
  return &added.first->second.second;
}

Result<FetchJob> FetcherDaemon::JobOf(const Task& task) {
  const auto requests = RequestsOf(TermsOf(task));
  if (!requests) return requests.error();
  Result<FetchJob> job = (*requests)->JobOf(task.seed.url, task.seed.request.get(), secrets_);
  // Who saves files wants to read them.
  if (job && RecipeOf(task).save.format == SaveFormat::kFile) AskForPlain(&job->headers);
  if (job) AddConditions(task, &*job);
  return job;
}

// ---- Cookies --------------------------------------------------------------------------

// `terms`: on which the job is sent: they have cookies of their own.
void FetcherDaemon::AddCookies(const Task& task, const TermsBook::Terms& terms, FetchJob* job) {
  static const HeaderList kNone;
  const auto requests = RequestsOf(terms);
  const HeaderList& own = requests ? (*requests)->cookies() : kNone;
  const CookieScope scope = TermsOf(task)->fetch.cookie_scope;
  const bool may_have = scope != CookieScope::kNone && cookies_.jars() > 0;
  if (own.empty() && !may_have) return;
  const Result<Url> url = Url::Parse(job->url);
  const bool given = std::any_of(job->headers.begin(), job->headers.end(),
                                 [](const auto& header) { return header.first == "cookie"; });
  if (!url || given) return;
  const std::string jar = may_have ? JarOf(task, scope, url->hostname()) : std::string();
  std::string value = cookies_.HeaderFor(jar, *url, own, WallClockMs() / 1000);
  if (!value.empty()) job->headers.emplace_back("cookie", std::move(value));
}

void FetcherDaemon::TakeCookies(const Task& task, const FetchResult& result) {
  const CookieScope scope = TermsOf(task)->fetch.cookie_scope;
  const bool any = std::any_of(result.headers.begin(), result.headers.end(),
                               [](const auto& header) { return header.first == "set-cookie"; });
  if (!any || scope == CookieScope::kNone) return;
  const Result<Url> url = Url::Parse(result.final_url);
  if (!url) return;
  cookies_.Take(JarOf(task, scope, url->hostname()), *url, result.headers, WallClockMs() / 1000);
}

void FetcherDaemon::ForgetCookies(const Root& root) {
  if (cookies_.jars() > 0) cookies_.Forget(JarOfJob(root));
}

// A server's robots.txt is nobody's secret, and none is shown to it.
Result<FetchJob> FetcherDaemon::RobotsJob(const Recipe& recipe, const std::string& url) {
  const Result<Url> parsed = Url::Parse(url);
  if (!parsed) return parsed.error();
  const auto requests = RequestsOf(terms_.Of(recipe, parsed->host()));
  if (!requests) return requests.error();
  Result<FetchJob> job = (*requests)->JobOf(url, nullptr, secrets_);
  if (!job) return job;
  return FetchJob{.url = url, .limits = job->limits, .route = job->route, .unpack = true};
}

// ---- Redirects ------------------------------------------------------------------------

bool FetcherDaemon::TakeRedirect(const Task& task, FetchResult* result) {
  const auto known = detours_.find(task.id);
  const std::string& url = known != detours_.end() ? known->second.job.url : result->final_url;
  const auto redirect = RedirectOf(url, *result);
  if (!redirect) {
    result->detail = redirect.error().detail;
    Bury(task, std::move(*result), redirect.error().reason);
    return true;
  }
  if (!*redirect) return false;
  const Recipe& recipe = RecipeOf(task);
  const TermsBook::Terms terms = TermsOf(task);
  const std::string host_before = known != detours_.end() ? known->second.host : task.seed.host;
  Detour& detour = detours_[task.id];
  if (detour.hops.size() >= static_cast<std::size_t>(terms->fetch.max_redirects)) {
    const Error error = TooManyRedirects({.max_redirects = terms->fetch.max_redirects});
    result->detail = error.detail;
    Bury(task, std::move(*result), error.reason);
    return true;
  }
  if (detour.hops.empty()) {
    if (Result<FetchJob> job = JobOf(task)) detour.job = std::move(*job);
  }
  Follow(**redirect, result->status, &detour.job);
  detour.foreign = detour.foreign || !(*redirect)->same_origin;
  detour.host = (*redirect)->host;
  detour.shown_url = detour.job.url;
  if (const auto requests = RequestsOf(terms)) {
    detour.shown_url = (*requests)->WithoutSecrets(detour.job.url, secrets_);
  }
  detour.hops.emplace_back(static_cast<std::uint32_t>(result->status), detour.shown_url);
  if (MatchesAny(recipe.deny, detour.shown_url)) {
    DropTask(task, "offsite");
    return true;
  }
  if (Result<> adopted = Adopt(task, host_before, &detour); !adopted) {
    result->detail = adopted.error().detail;
    Bury(task, std::move(*result), adopted.error().reason);
    return true;
  }
  waiting_hops_[detour.host].tasks.push_back(task.id);
  ++waiting_hops_count_;
  AskHopsAt(detour.host, SteadyTime::min());
  return true;
}

// Another host may have a table of its own: how it is asked is for that to say, and what was for
// the host before is not for it.
Result<> FetcherDaemon::Adopt(const Task& task, const std::string& host_before, Detour* detour) {
  if (detour->host == host_before) return Ok{};
  const Recipe& recipe = RecipeOf(task);
  const TermsBook::Terms terms = terms_.Of(recipe, detour->host, true);
  if (!terms->of_host && !terms_.Of(recipe, host_before)->of_host) return Ok{};
  const auto requests = RequestsOf(terms);
  if (!requests) return requests.error();
  (*requests)->Adopt(task.seed.request.get(), &detour->job);
  return Ok{};
}

void FetcherDaemon::DropTask(const Task& task, const std::string& reason) {
  EndHere(task, {.end = TaskEnd::kDropped, .reason = reason});
}

bool FetcherDaemon::HopsMayGrow() const {
  return waiting_hops_count_ < kMostWaitingHops;
}

// The hosts that wait are not looked at before their time, however many there are.
void FetcherDaemon::AskHopsAt(const std::string& host, SteadyTime when) {
  const auto line = waiting_hops_.find(host);
  if (line == waiting_hops_.end() || line->second.ask_again == when) return;
  if (line->second.ask_again != SteadyTime::max()) {
    hop_turns_.erase({line->second.ask_again, host});
  }
  line->second.ask_again = when;
  if (when != SteadyTime::max()) hop_turns_.emplace(when, host);
}

// As many as may; the time at which to look again.
SteadyTime FetcherDaemon::StartDetours(SteadyTime now) {
  while (!hop_turns_.empty() && hop_turns_.begin()->first <= now && MayFetchMore()) {
    const std::string host = hop_turns_.begin()->second;
    HopLine& line = waiting_hops_.at(host);
    const SteadyTime ask_again = StartHopsOf(host, line, now);
    if (line.tasks.empty()) {
      AskHopsAt(host, SteadyTime::max());
      waiting_hops_.erase(host);
    } else {
      AskHopsAt(host, std::max(ask_again, now + SteadyTime::duration(1)));
    }
  }
  return hop_turns_.empty() || !MayFetchMore() ? SteadyTime::max() : hop_turns_.begin()->first;
}

// Those of one host in their order; the time at which to ask for the next one.
SteadyTime FetcherDaemon::StartHopsOf(const std::string& host, HopLine& line, SteadyTime now) {
  for (; !line.tasks.empty() && MayFetchMore(); line.tasks.pop_front(), --waiting_hops_count_) {
    const auto task = tasks_.find(line.tasks.front());
    const auto detour = detours_.find(line.tasks.front());
    if (task == tasks_.end() || detour == detours_.end()) continue;
    if (frontier_->IsCancelled(task->second)) {
      DropTask(task->second, std::string(kCancelled));
      continue;
    }
    const HostDesk::Answer answer = Ask(detour->second.job.url, host, RecipeOf(task->second), now);
    switch (answer.kind) {
      case HostDesk::Answer::Kind::kWait: return answer.ask_again;
      case HostDesk::Answer::Kind::kStart: StartDetour(task->second, detour->second); break;
      case HostDesk::Answer::Kind::kDrop: DropTask(task->second, answer.reason); break;
      case HostDesk::Answer::Kind::kBury:
        Bury(task->second, {.detail = answer.detail}, answer.reason);
        break;
    }
  }
  return now;
}

void FetcherDaemon::StartDetour(const Task& task, const Detour& detour) {
  const Recipe& recipe = RecipeOf(task);
  hosts_->Started(task.id, detour.host, FetchAt(recipe, detour.host), Now());
  FetchJob job = detour.job;
  AddCookies(task, terms_.Of(recipe, detour.host, detour.foreign), &job);
  hosts_->SetHangUp(&job);
  Submit(task.id, std::move(job));
}

}  // namespace thresh
