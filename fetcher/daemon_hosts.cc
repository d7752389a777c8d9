#include "fetcher/daemon_hosts.h"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

#include "fetcher/dispatch/page.h"
#include "fetcher/politeness/host_record.h"
#include "fetcher/politeness/http_date.h"
#include "fetcher/politeness/registrable_domain.h"
#include "lib/base/log.h"
#include "lib/base/time.h"
#include "lib/url/url.h"

namespace thresh {

using std::chrono::milliseconds;

namespace {

constexpr int kMaxHops = 5;  // RFC 9309, 2.3.1.2.
constexpr milliseconds kRobotsTimeout{60'000};
// libcurl uses none again that was idle for longer (CURLOPT_MAXAGE_CONN), but looks through all it
// keeps.
constexpr std::chrono::seconds kConnectionAge{118};
constexpr milliseconds kSoon{100};
constexpr milliseconds kNotSoSoon{1'000};
constexpr std::size_t kMaxKnown = 200'000;
constexpr const char* kHealth = "health";
constexpr const char* kSchemes[] = {"http", "https"};

// Whether nothing will use its connection again. One to a proxy serves all hosts; what goes through
// a tunnel has one of its own.
bool IsLastUse(const FetchJob& job, milliseconds delay) {
  const bool is_proxys =
      job.route && job.route->proxy.starts_with("http") && job.url.starts_with("http:");
  return delay > kConnectionAge && !is_proxys;
}

SteadyTime Now() {
  return std::chrono::steady_clock::now();
}

std::string OriginOf(const std::string& url, const std::string& host) {
  return url.substr(0, url.find("://")) + "://" + host;
}

std::string_view HeaderOf(const FetchResult& result, std::string_view name) {
  for (const auto& [key, value] : result.headers) {
    if (key == name) return value;
  }
  return {};
}

HostLimits CountLimits(const FetchSpec& fetch) {
  return {.at_once = fetch.per_host,
          .delay = fetch.delay,
          .count_by = fetch.limit_by == LimitBy::kDomain ? CountBy::kDomain
                      : fetch.limit_by == LimitBy::kIp   ? CountBy::kAddress
                                                         : CountBy::kHost,
          .adaptive = fetch.adaptive};
}

HostAnswer AnswerOf(const FetchResult& result) {
  const bool is_theirs = result.failure != "spool";  // That is our disk's.
  const bool failed = !result.failure.empty() && result.may_retry && is_theirs;
  const auto latency = std::chrono::ceil<milliseconds>(result.first_byte);
  return {.no_answer = failed && result.status == 0,
          .cut_short = failed && result.status != 0,
          .status = result.status,
          .latency = result.failure.empty() ? latency : milliseconds(0),
          .retry_after = ParseRetryAfter(HeaderOf(result, "retry-after"), WallClockMs()),
          .address = result.address};
}

bool IsRedirect(long status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// `text` is its beginning.
RobotsAnswer RobotsAnswerOf(const FetchResult& result, std::string_view text) {
  return {.failure = result.failure,
          .detail = result.detail,
          .may_retry = result.may_retry,
          .status = result.status,
          .body = text,
          .lifetime = ParseLifetime(HeaderOf(result, "cache-control"), HeaderOf(result, "expires"),
                                    WallClockMs()),
          .retry_after = ParseRetryAfter(HeaderOf(result, "retry-after"), WallClockMs())};
}

std::string WhyText(const Hosts::Verdict& verdict, const std::string& host,
                    const HostLimits& limits) {
  using Why = Hosts::Verdict::Why;
  switch (verdict.why) {
    case Why::kNone: break;
    case Why::kAtOnce: return "per_host=" + std::to_string(limits.at_once) + " on " + host;
    case Why::kDelay: return "delay_ms=" + std::to_string(limits.delay.count()) + " on " + host;
    case Why::kSlower: return host + " is slow or fails: fewer requests at once";
    case Why::kBackoff: return host + " asked to be left alone";
    case Why::kBroken: return host + " does not answer";
  }
  return {};
}

}  // namespace

HostDesk::HostDesk(HealthOptions options, std::size_t places, bool has_past, HostDeskEvents events)
    : places_(places), events_(std::move(events)), hosts_(options), look_up_(has_past) {
  if (has_past) hosts_.AskedBefore(Now());
}

milliseconds HostDesk::WithJitter(milliseconds wait) {
  std::uniform_int_distribution<std::int64_t> more(0, wait.count() / 2);
  return wait + milliseconds(more(random_));
}

// ---- May it start? ------------------------------------------------------------------

HostDesk::Answer HostDesk::Ask(const std::string& url, const std::string& host,
                               const Recipe& recipe, std::size_t room, SteadyTime now) {
  const FetchSpec& fetch = events_.fetch_at(recipe, host);
  if (MustLookUp(host)) return {.kind = Answer::Kind::kWait};
  if (MustFindAddress(host, fetch)) {
    return {.kind = Answer::Kind::kWait, .why = "the address of " + host};
  }
  HostLimits limits = CountLimits(fetch);
  if (fetch.respect_robots_txt) {
    const std::string origin = OriginOf(url, host);
    if (auto answer = AskRobots(url, host, origin, fetch, now, &limits)) return *answer;
    if (limits.at_once == 0) {  // Not known yet.
      return SendForRobots(origin, host, recipe, room, now);
    }
  }
  if (IsCrowdedFor(host, room, now)) {
    return {.kind = Answer::Kind::kWait,
            .ask_again = now + kNotSoSoon,
            .why = host + " is slow, and leaves places to others"};
  }
  granted_delay_ = limits.delay;
  return AskHost(host, limits, now);
}

// Half of all places are for hosts that give theirs back soon: of the others each has one then.
bool HostDesk::IsCrowdedFor(const std::string& host, std::size_t room, SteadyTime now) const {
  return room < places_ / 2 && hosts_.in_flight(host) > 0 && !hosts_.IsQuick(host, now);
}

// Nullopt: nothing speaks against it, and `limits` has the Crawl-delay; or the file is to be
// fetched first, and `at_once` is 0.
std::optional<HostDesk::Answer> HostDesk::AskRobots(const std::string& url, const std::string& host,
                                                    const std::string& origin,
                                                    const FetchSpec& fetch, SteadyTime now,
                                                    HostLimits* limits) {
  using Said = RobotsBook::Verdict::Kind;
  using Kind = Answer::Kind;
  RobotsBook::Verdict verdict = robots_.Ask(origin, fetch.robots_agent, RobotsPathOf(url), now);
  switch (verdict.kind) {
    case Said::kAllowed:
      limits->delay = std::max(limits->delay, std::min(verdict.crawl_delay, fetch.max_crawl_delay));
      return std::nullopt;
    case Said::kUnknown: limits->at_once = 0; return std::nullopt;
    case Said::kDenied: return Answer{.kind = Kind::kDrop, .reason = "robots"};
    case Said::kUnreachable:
      return Answer{.kind = Kind::kBury,
                    .reason = std::move(verdict.reason),
                    .detail = std::move(verdict.detail)};
    case Said::kBusy:
    case Said::kWait: break;
  }
  return Answer{
      .kind = Kind::kWait, .ask_again = verdict.ask_again, .why = "robots.txt of " + host};
}

HostDesk::Answer HostDesk::AskHost(const std::string& host, const HostLimits& limits,
                                   SteadyTime now) {
  using Kind = Answer::Kind;
  const Hosts::Verdict verdict = hosts_.MayStart(host, limits, now);
  if (verdict.may_start()) return {};
  if (verdict.kind == Hosts::Verdict::Kind::kGivenUp) {
    return {.kind = Kind::kBury,
            .reason = "host_down",
            .detail = "nothing came from " + host + " for a long time, so it was given up"};
  }
  return {
      .kind = Kind::kWait, .ask_again = verdict.ask_again, .why = WhyText(verdict, host, limits)};
}

void HostDesk::Started(std::uint64_t id, const std::string& host, const FetchSpec& fetch,
                       SteadyTime now) {
  HostLimits limits = CountLimits(fetch);
  limits.delay = std::max(limits.delay, granted_delay_);  // The Crawl-delay, too.
  slots_.insert_or_assign(id, hosts_.Started(host, limits, now));
}

void HostDesk::SetHangUp(FetchJob* job) const {
  job->hang_up = IsLastUse(*job, granted_delay_);
}

std::optional<HostDesk::EndedRequest> HostDesk::Ended(const FetchResult& result, SteadyTime now) {
  auto slot = slots_.extract(result.id);
  if (!slot) return std::nullopt;
  const std::string& host = slot.mapped().host;
  if (hosts_.Ended(slot.mapped(), AnswerOf(result), now)) Keep(host, now);
  events_.wake(host);
  return EndedRequest{std::move(slot.mapped().host), now - slot.mapped().started};
}

// ---- For people ---------------------------------------------------------------------

HostDesk::HostReport HostDesk::ReportOf(const std::string& host, SteadyTime now) const {
  HostReport report{.host = host, .view = hosts_.ViewOf(host, now).value_or(Hosts::View{})};
  report.robots = robots_.StateOf("https://" + host, now);
  if (report.robots == "unknown") report.robots = robots_.StateOf("http://" + host, now);
  return report;
}

std::vector<HostDesk::HostReport> HostDesk::Report(
    const std::string& host, std::size_t most, SteadyTime now,
    const std::function<double(const std::string&)>& rate) const {
  struct Rank {
    bool troubled = false;
    std::int64_t in_flight = 0;
    double rate = 0;
    const std::string* name = nullptr;
  };
  if (!host.empty()) return {ReportOf(host, now)};
  std::vector<Rank> ranks;
  hosts_.ForEach(now, [&](const std::string& name, std::int64_t in_flight, bool troubled) {
    ranks.push_back({troubled, in_flight, rate(name), &name});
  });
  const auto before = [](const Rank& a, const Rank& b) {
    return std::tuple(b.in_flight, b.rate, b.troubled, *a.name) <
           std::tuple(a.in_flight, a.rate, a.troubled, *b.name);
  };
  const auto end = ranks.begin() + static_cast<std::ptrdiff_t>(std::min(most, ranks.size()));
  std::partial_sort(ranks.begin(), end, ranks.end(), before);
  std::vector<HostReport> reports;
  for (auto at = ranks.begin(); at != end; ++at) reports.push_back(ReportOf(*at->name, now));
  return reports;
}

bool HostDesk::WakeNext(std::size_t room, SteadyTime now) {
  if (room > 0 && !no_room_.empty()) {
    events_.wake(no_room_.front());
    no_room_.pop_front();
    return true;
  }
  const std::optional<std::string> ready = hosts_.TakeReady(now);
  if (ready) events_.wake(*ready);
  return ready.has_value();
}

void HostDesk::Hold(const std::string& host, SteadyTime until, SteadyTime now) {
  hosts_.HoldUntil(host, until, now);
  Keep(host, now);
}

// Counted by address, nothing is asked of a host before its address is known. What a proxy makes of
// a name is not: there the host is counted alone.
bool HostDesk::MustFindAddress(const std::string& host, const FetchSpec& fetch) {
  if (fetch.limit_by != LimitBy::kIp || !hosts_.NeedsAddress(host)) return false;
  if (!fetch.proxy.empty()) {
    hosts_.SetAddress(host, {});
    return false;
  }
  if (!resolving_.insert(host).second) return true;
  std::optional<std::string> known =
      events_.address(NameOfHost(host), fetch, [this, host](std::string address) {
        resolving_.erase(host);
        hosts_.SetAddress(host, std::move(address));
        events_.wake(host);
      });
  if (!known) return true;
  resolving_.erase(host);
  hosts_.SetAddress(host, std::move(*known));
  return false;
}

// ---- robots.txt -----------------------------------------------------------------------

// The request takes its turn among those of the host that it goes to.
HostDesk::Answer HostDesk::SendForRobots(const std::string& origin, const std::string& host,
                                         const Recipe& recipe, std::size_t room, SteadyTime now) {
  using Kind = Answer::Kind;
  const auto redirected = redirected_.find(origin);
  Errand errand{.origin = origin, .host = host, .url = RobotsBook::UrlOf(origin)};
  std::string asked = host;
  if (redirected != redirected_.end()) {
    errand = redirected->second;
    if (const Result<Url> url = Url::Parse(errand.url)) asked = url->host();
  }
  const FetchSpec& fetch = events_.fetch_at(recipe, asked);
  if (asked != host && MustFindAddress(asked, fetch)) {
    return {.kind = Kind::kWait, .ask_again = now + kSoon, .why = "the address of " + asked};
  }
  const HostLimits limits = CountLimits(fetch);
  Answer answer = AskHost(asked, limits, now);
  if (answer.kind != Kind::kStart) {
    // Nobody wakes this host for another one's sake.
    if (asked != host && answer.kind == Kind::kWait) {
      answer.ask_again = std::min(answer.ask_again, now + kSoon);
    }
    return answer;
  }
  if (wanted_.size() >= room) {
    no_room_.push_back(host);
    return {.kind = Kind::kWait, .why = "the number of requests at once"};
  }
  Result<FetchJob> made = events_.job(recipe, errand.url);
  if (!made) {
    const bool named = *made.error().reason != '\0';
    return {.kind = Kind::kBury,
            .reason = named ? made.error().reason : "fetch",
            .detail = made.error().detail};
  }
  if (redirected != redirected_.end()) redirected_.erase(redirected);
  FetchJob job = std::move(*made);
  job.id = next_id_++;
  job.limits.timeout = std::min(job.limits.timeout, kRobotsTimeout);
  job.limits.max_body_bytes = Robots::kMaxBytes + 1;
  job.limits.cut_body = true;
  job.hang_up = IsLastUse(job, limits.delay);
  errand.slot = hosts_.Started(asked, limits, now);
  robots_.Begin(origin);
  errands_.emplace(job.id, std::move(errand));
  wanted_.push_back(std::move(job));
  return {.kind = Kind::kWait, .why = "robots.txt of " + host};
}

void HostDesk::FetchWanted() {
  for (FetchJob& job : std::exchange(wanted_, {})) {
    const std::uint64_t id = job.id;
    Result<> started = events_.fetch(std::move(job));
    if (started) continue;
    TakeOwn({.id = id,
             .failure = *started.error().reason != '\0' ? started.error().reason : "fetch",
             .detail = started.error().detail,
             .may_retry = started.error().code != Errc::kInvalid},
            Now());
  }
}

void HostDesk::TakeOwn(const FetchResult& result, SteadyTime now) {
  auto node = errands_.extract(result.id);
  if (!node) return;
  Errand& errand = node.mapped();
  const bool changed = hosts_.Ended(errand.slot, AnswerOf(result), now);
  if (errand.slot.host != errand.host) events_.wake(errand.slot.host);
  if (result.failure.empty() && IsRedirect(result.status) && Redirect(errand, result)) {
    robots_.Cancel(errand.origin);
    redirected_.insert_or_assign(errand.origin, errand);
  } else if (TakeText(errand, result, now) || changed) {
    Keep(errand.host, now);
    ForgetLookUps();
  }
  if (!result.failure.empty()) {
    log::Debug("robots.failed", {{"url", errand.url}, {"why", result.failure}});
  }
  events_.wake(errand.host);
}

bool HostDesk::TakeText(const Errand& errand, const FetchResult& result, SteadyTime now) {
  const std::string text = BodyStart(result.body, result.spooled, Robots::kMaxBytes + 1);
  return robots_.TakeAnswer(errand.origin, RobotsAnswerOf(result, text), now);
}

// False: it leads nowhere, so there is no file.
bool HostDesk::Redirect(Errand& errand, const FetchResult& result) {
  const Result<Url> base = Url::Parse(errand.url);
  if (!base || ++errand.hops > kMaxHops) return false;
  const Result<Url> next = Url::Parse(HeaderOf(result, "location"), *base);
  if (!next || !next->is_http() || !next->username().empty()) return false;
  errand.url = next->WithoutFragment().href();
  return true;
}

// ---- Over a restart --------------------------------------------------------------------

// Known hosts are remembered while there may be others that are not.
bool HostDesk::MustLookUp(const std::string& host) {
  if (!look_up_ || known_.contains(host)) return false;
  if (!asked_for_.insert(host).second) return true;
  events_.find(host, [this, host](const std::string& bytes) { TakeFound(host, bytes); });
  return true;
}

void HostDesk::TakeFound(const std::string& host, const std::string& bytes) {
  asked_for_.erase(host);
  if (known_.size() >= kMaxKnown) known_.clear();
  known_.insert(host);
  const SteadyTime now = Now();
  for (const auto& [name, value] : DecodeHostRecord(bytes)) {
    if (name == kHealth && !hosts_.Knows(host)) hosts_.Restore(host, value, now, WallClockMs());
    for (const std::string scheme : kSchemes) {
      const std::string origin = scheme + "://" + host;
      if (name == scheme && !robots_.Knows(origin)) {
        robots_.Restore(origin, value, now, WallClockMs());
      }
    }
  }
  ForgetLookUps();
  events_.wake(host);
}

void HostDesk::Keep(const std::string& host, SteadyTime now) {
  HostRecord record{{kHealth, hosts_.Save(host, now, WallClockMs())}};
  for (const std::string scheme : kSchemes) {
    record.emplace_back(scheme, robots_.Save(scheme + "://" + host, now, WallClockMs()));
  }
  events_.keep(host, EncodeHostRecord(record));
}

// Whose robots.txt had to make room is looked up again.
void HostDesk::ForgetLookUps() {
  for (const std::string& origin : robots_.TakeForgotten()) {
    look_up_ = true;
    known_.erase(origin.substr(origin.find("://") + 3));
  }
}

}  // namespace thresh
