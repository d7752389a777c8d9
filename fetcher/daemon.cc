#include "fetcher/daemon.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fetcher/frontier/memory_frontier.h"
#include "fetcher/status.h"
#include "lib/base/log.h"
#include "lib/io/socket_path.h"
#include "lib/text/json.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLease{60'000};  // Beyond the fetch's own time; extended while held.
constexpr milliseconds kFirstRetry{500};
constexpr std::uint64_t kSampleMs = 100;
constexpr double kLongestNapUs = 10000;
constexpr std::size_t kDeadBodyBytes = 64 << 10;

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

FetchLimits LimitsOf(const FetchSpec& spec) {
  return {spec.connect_timeout, spec.timeout, spec.max_body_bytes, spec.max_redirects};
}

}  // namespace

Result<std::unique_ptr<FetcherDaemon>> FetcherDaemon::Create(uv_loop_t& loop,
                                                             FetcherOptions options) {
  std::unique_ptr<FetcherDaemon> daemon(new FetcherDaemon(loop, std::move(options)));
  if (Result<> opened = daemon->Open(); !opened) return opened.error();
  return daemon;
}

FetcherDaemon::FetcherDaemon(uv_loop_t& loop, FetcherOptions options)
    : loop_(loop),
      options_(std::move(options)),
      self_(NewPeerId()),
      frontier_(std::make_unique<MemoryFrontier>()),
      tick_(loop, [this] { EndOfTick(); }),
      due_(loop, [this] { tick_.Request(); }),
      sample_(loop, kSampleMs, [this] { SampleHeldBack(); }),
      extend_(loop, 10'000, [this] { ExtendLeases(); }),
      watch_(loop, 200, [this] { PushStatus(); }),
      pacer_(loop, [this] { return Nap(); }),
      signals_(loop, {SIGTERM, SIGINT}, [this](int) { uv_stop(&loop_); }) {}

Result<> FetcherDaemon::ReadRecipes() {
  for (const std::string& name : options_.recipes) {
    Result<Recipe> recipe = LoadRecipe(name, options_.overrides);
    if (!recipe) return recipe.error();
    if (Result<> added = routes_.Add(std::move(*recipe)); !added) return added.error();
  }
  return Ok{};
}

Result<> FetcherDaemon::Open() {
  if (Result<> read = ReadRecipes(); !read) return read.error();
  const auto path = [this](const char* name) { return SocketPath(options_.state_dir, name); };

  auto transfers = Transfers::Create(loop_, options_.max_in_flight,
                                     [this](FetchResult r) { TakeFetched(std::move(r)); });
  if (!transfers) return transfers.error();
  transfers_ = std::move(*transfers);

  PoolEvents pool_events{
      .recipe_text =
          [this](const Hash128& hash) {
            const Recipe* recipe = routes_.ByHash(hash);
            return recipe != nullptr ? &recipe->text : nullptr;
          },
      .on_retry = [this](TaskId id, const std::string& why,
                         std::uint32_t after_ms) { TakeRetry(id, why, after_ms); },
      .on_given_up = [this](TaskId id) { TakeGivenUp(id); },
      .on_change = [this] { tick_.Request(); }};
  auto pool = ParserPool::Create(loop_, context_, "ipc://" + path("parsers.ipc"), self_,
                                 std::move(pool_events));
  if (!pool) return pool.error();
  pool_ = std::move(*pool);

  SinkEvents sink_events{
      .on_ack = [this](Acknowledged ack) { return TakeAck(std::move(ack)); },
      .on_results_lost =
          [this] {
            pool_->ResultsLost();
            tick_.Request();
          },
      .awaiting_ack = [this] { return pool_->awaiting_ack(); },
      .ids = [this] { return std::pair(frontier_->next_id(), frontier_->low()); }};
  auto sink =
      SinkLink::Create(loop_, context_, "ipc://" + path("sink.ipc"), self_, std::move(sink_events));
  if (!sink) return sink.error();
  sink_ = std::move(*sink);

  auto feed = LineServer::Listen(loop_, path("feed.sock"), {},
                                 [this](const Line& line) { TakeFeedLine(line); });
  if (!feed) return feed.error();
  feed_ = std::move(*feed);

  // Last: whoever waits for this socket finds all the others.
  auto control = LineServer::Listen(loop_, path("fetcher.sock"), {},
                                    [this](const Line& line) { TakeControlLine(line); });
  if (!control) return control.error();
  control_ = std::move(*control);
  log::Info("fetcher.started", {{"state_dir", options_.state_dir}});
  return Ok{};
}

// ---- Feed ---------------------------------------------------------------------

void FetcherDaemon::TakeFeedLine(const Line& line) {
  FedLine fed{.connection = line.connection, .number = line.number};
  if (Result<TaskSeed> seed = SeedOfFed(line)) {
    fed.seed = std::move(*seed);
  } else {
    fed.error = seed.error().detail;
  }
  fed_.push_back(std::move(fed));
  tick_.Request();
}

Result<TaskSeed> FetcherDaemon::SeedOfFed(const Line& line) const {
  if (line.too_long) {
    return Error{Errc::kTooLarge,
                 "line too long: over " + std::to_string(LineLimits{}.max_line_bytes) + " bytes"};
  }
  Result<FeedRequest> request = ParseFeedLine(line.text);
  if (!request) return request.error();
  Result<Url> url = Url::Parse(request->url);
  if (!url) return url.error();
  if (!url->is_http()) {
    return Error{Errc::kInvalid, "expected an http or https URL, found " + url->href()};
  }
  const Url canonical = url->WithoutFragment();
  if (!canonical.username().empty() || !canonical.password().empty()) {
    return Error{Errc::kInvalid,
                 "expected a URL without user name and password: they would stand in "
                 "every record"};
  }
  Result<const Recipe*> recipe = routes_.OfFed(canonical, request->recipe);
  if (!recipe) return recipe.error();
  TaskSeed seed{.url = canonical.href(),
                .host = std::string(canonical.host()),
                .recipe = (*recipe)->name,
                .root = canonical.href(),
                .n = line.number,
                .meta = std::move(request->meta),
                .priority = request->priority,
                .dont_filter = request->dont_filter};
  if (budget_spent_) seed.drop_reason = "budget";
  return seed;
}

// All lines of this tick are one publication; answers go out in the order of the lines.
void FetcherDaemon::PublishFed() {
  std::vector<TaskSeed> seeds;
  for (const FedLine& line : fed_) {
    if (line.error.empty()) seeds.push_back(line.seed);
  }
  frontier_->Publish(std::move(seeds), [this](const std::vector<Published>& published) {
    std::size_t next = 0;
    for (const FedLine& line : std::exchange(fed_, {})) {
      const Published* answer = line.error.empty() ? &published[next++] : nullptr;
      feed_->Answer(line.connection, CountFed(line, answer));
    }
  });
}

// Counts a line in the ledger and gives the answer to it; `published` is null if it is wrong.
std::string FetcherDaemon::CountFed(const FedLine& line, const Published* published) {
  if (published == nullptr) {
    ++ledger_.refused;
    return "{\"ok\":false,\"error\":" + JsonString(line.error) +
           ",\"line\":" + std::to_string(line.number) + "}";
  }
  if (published->duplicate) {
    ++ledger_.duplicates;
    return R"({"ok":true,"duplicate":true})";
  }
  ++ledger_.fed;
  if (!line.seed.drop_reason.empty()) ++ledger_.dropped[line.seed.drop_reason];
  return R"({"ok":true,"id":")" + std::to_string(published->id) + "\"}";
}

// ---- Fetch --------------------------------------------------------------------

HostVerdict FetcherDaemon::MayStart(const Task& head, SteadyTime now) {
  const FetchSpec& fetch = routes_.ByName(head.seed.recipe)->fetch;
  const Hosts::Verdict verdict = hosts_.MayStart(head.seed.host, fetch.per_host, fetch.delay, now);
  if (!verdict.may_start) {
    const bool by_delay = verdict.ask_again != SteadyTime::max();
    refused_by_ = (by_delay ? "delay_ms=" + std::to_string(fetch.delay.count())
                            : "per_host=" + std::to_string(fetch.per_host)) +
                  " on " + head.seed.host;
  }
  return {verdict.may_start, verdict.ask_again};
}

void FetcherDaemon::StartFetches() {
  const SteadyTime now = Now();
  while (transfers_->in_flight() < options_.max_in_flight &&
         pool_->held_bytes() + transfers_->bytes_in_flight() + sink_->unacknowledged_bytes() <
             options_.page_buffer_bytes) {
    const auto task =
        frontier_->Lease(now, now + kLease, [&](const Task& head) { return MayStart(head, now); });
    if (!task) break;
    StartFetch(*task);
  }
  due_.Clear();
  const SteadyTime next = frontier_->NextDue();
  if (next != SteadyTime::max() && next != SteadyTime::min()) {
    const auto wait = std::chrono::ceil<milliseconds>(next - now);
    due_.Set(static_cast<std::uint64_t>(std::max<std::int64_t>(wait.count(), 0)));
  }
}

void FetcherDaemon::StartFetch(const Task& task) {
  const FetchSpec& fetch = routes_.ByName(task.seed.recipe)->fetch;
  frontier_->Extend(task.id, Now() + fetch.timeout + kLease);
  hosts_.Started(task.seed.host, Now());
  tasks_.insert_or_assign(task.id, task);
  if (task.attempts == 1 && ++started_pages_ == options_.max_pages) EnterBudget();
  if (Result<> started = transfers_->Submit({task.id, task.seed.url, LimitsOf(fetch)}); !started) {
    TakeFetched({.id = task.id,
                 .failure = "fetch",
                 .detail = started.error().detail,
                 .may_retry = true,
                 .body = std::make_shared<const std::string>()});
  }
}

void FetcherDaemon::TakeFetched(FetchResult result) {
  tick_.Request();
  const auto found = tasks_.find(result.id);
  if (found == tasks_.end()) return;
  const Task& task = found->second;
  hosts_.Ended(task.seed.host);
  frontier_->Wake(task.seed.host);
  if (!result.failure.empty()) {
    const std::string reason = result.failure;
    RetryOrBury(task, std::move(result), reason);
    return;
  }
  ++ledger_.pages;
  ledger_.body_bytes += result.body->size();
  if (result.status < 200 || result.status >= 300) {
    result.may_retry = IsTransientStatus(result.status);
    const std::string reason = "http_" + std::to_string(result.status);
    RetryOrBury(task, std::move(result), reason);
    return;
  }
  OfferPage(task, std::move(result));
}

void FetcherDaemon::OfferPage(const Task& task, FetchResult result) {
  const Recipe& recipe = *routes_.ByName(task.seed.recipe);
  pool_->Offer({.id = task.id,
                .identity = SerializeIdentity(task, FactsOf(result)),
                .recipe_hash = recipe.hash,
                .recipe = recipe.name,
                .final_url = std::move(result.final_url),
                .status = static_cast<std::uint32_t>(result.status),
                .headers = std::move(result.headers),
                .meta = task.seed.meta,
                .body = std::move(result.body)});
}

void FetcherDaemon::RetryOrBury(const Task& task, FetchResult result, const std::string& reason) {
  if (!result.may_retry || task.attempts >= static_cast<std::uint32_t>(options_.max_attempts)) {
    Bury(task, std::move(result), reason);
    return;
  }
  const milliseconds wait = kFirstRetry * (1 << std::min(task.attempts - 1, 10U));
  log::Debug("fetch.retry", {{"url", task.seed.url}, {"why", reason}, {"after_ms", wait.count()}});
  frontier_->Release(task.id, Now() + wait);
  tasks_.erase(task.id);
}

void FetcherDaemon::Bury(const Task& task, FetchResult result, const std::string& reason) {
  sink_->Report({.id = task.id,
                 .attempts = task.attempts,
                 .identity = SerializeIdentity(task, FactsOf(result)),
                 .reason = reason,
                 .detail = std::move(result.detail),
                 .status = static_cast<std::uint32_t>(result.status),
                 .headers = std::move(result.headers),
                 .body = result.body->substr(0, kDeadBodyBytes)});
}

void FetcherDaemon::TakeRetry(TaskId id, const std::string& why, std::uint32_t after_ms) {
  tick_.Request();
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) return;
  if (found->second.attempts >= static_cast<std::uint32_t>(options_.max_attempts)) {
    Bury(found->second, {.detail = why, .body = std::make_shared<const std::string>()}, "retries");
    return;
  }
  frontier_->Release(id, Now() + milliseconds(after_ms));
  tasks_.erase(found);
}

void FetcherDaemon::TakeGivenUp(TaskId id) {
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) return;
  Bury(found->second,
       {.detail = std::to_string(ParserPool::kMaxLost) + " parsers went away while they had it",
        .body = std::make_shared<const std::string>()},
       "parse_crash");
}

// ---- Acknowledged: the task ends, its links begin -----------------------------

bool FetcherDaemon::TakeAck(Acknowledged ack) {
  tick_.Request();
  pool_->Forget(ack.id);
  auto node = tasks_.extract(ack.id);
  if (node.empty()) return false;  // Told before.
  if (ack.outcome == AckOutcome::kDropped) EnterBudget();
  const TaskEnd end = ack.outcome == AckOutcome::kDone   ? TaskEnd::kDone
                      : ack.outcome == AckOutcome::kDead ? TaskEnd::kDead
                                                         : TaskEnd::kDropped;
  std::vector<TaskSeed> seeds = SeedsOfLinks(node.mapped(), ack.links);
  frontier_->Complete(ack.id, end, seeds,
                      [this, &ack, &seeds](const std::vector<Published>& children) {
                        ledger_.records += ack.records;
                        if (ack.outcome == AckOutcome::kDone) ++ledger_.done;
                        if (ack.outcome == AckOutcome::kDead) ++ledger_.dead[ack.reason];
                        if (ack.outcome == AckOutcome::kDropped) ++ledger_.dropped[ack.reason];
                        CountChildren(seeds, children);
                      });
  return true;
}

std::vector<TaskSeed> FetcherDaemon::SeedsOfLinks(const Task& parent,
                                                  const std::vector<std::string>& links) const {
  const Recipe& current = *routes_.ByName(parent.seed.recipe);
  std::vector<TaskSeed> seeds;
  for (const std::string& link : links) {
    Result<Url> url = Url::Parse(link);
    // The parser sends what it resolved; be sure. Credentials must not get into records.
    if (!url || !url->is_http() || !url->username().empty() || !url->password().empty()) continue;
    const Url canonical = url->WithoutFragment();
    const Recipe* recipe = routes_.OfLink(canonical, current, parent.seed.root);
    TaskSeed seed{.url = canonical.href(),
                  .host = std::string(canonical.host()),
                  .recipe = recipe != nullptr ? recipe->name : current.name,
                  .root = parent.seed.root,
                  .n = parent.seed.n,
                  .meta = parent.seed.meta,
                  .priority = parent.seed.priority,
                  .followed = true};
    if (recipe == nullptr) {
      seed.drop_reason = "offsite";
    } else if (budget_spent_) {
      seed.drop_reason = "budget";
    }
    seeds.push_back(std::move(seed));
  }
  return seeds;
}

void FetcherDaemon::CountChildren(const std::vector<TaskSeed>& seeds,
                                  const std::vector<Published>& children) {
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (children[i].duplicate) continue;
    ++ledger_.followed;
    if (!seeds[i].drop_reason.empty()) ++ledger_.dropped[seeds[i].drop_reason];
  }
}

// ---- The loop's turns -----------------------------------------------------------

void FetcherDaemon::EndOfTick() {
  if (!fed_.empty()) PublishFed();
  StartFetches();
  pool_->Dispatch();
  const bool idle = frontier_->queued() + frontier_->leased() == 0;
  if (idle && !std::exchange(idle_told_, true)) PushStatus();
  if (!idle) idle_told_ = false;
}

// A limit of --max-pages or --max-records is reached: what has not begun never will.
void FetcherDaemon::EnterBudget() {
  if (std::exchange(budget_spent_, true)) return;
  if (const std::uint64_t dropped = frontier_->DropNew()) ledger_.dropped["budget"] += dropped;
}

void FetcherDaemon::ExtendLeases() {
  for (const auto& [id, task] : tasks_) frontier_->Extend(id, Now() + kLease * 3);
}

void FetcherDaemon::SampleHeldBack() {
  const std::uint64_t acks = ledger_.done + Ledger::Sum(ledger_.dead);
  const auto lately = static_cast<double>(acks - std::exchange(acks_at_sample_, acks));
  acks_per_s_ += (lately * 1000 / kSampleMs - acks_per_s_) / 2;
  if (pool_->waiting() > 0 || pool_->held_bytes() >= options_.page_buffer_bytes) {
    ++held_back_[pool_->Parsers().empty() ? "no parser has joined" : "parsers: all are busy"];
  } else if (frontier_->queued() == 0) {
    if (transfers_->in_flight() > 0) ++held_back_["the server: all that is known is being fetched"];
  } else if (transfers_->in_flight() >= options_.max_in_flight) {
    ++held_back_["concurrency=" + std::to_string(options_.max_in_flight)];
  } else if (!refused_by_.empty()) {
    ++held_back_[refused_by_];
  }
}

// While more pages wait for the parsers than they have in hand, nothing that we did sooner
// would make the crawl quicker; waking up for each event would only take CPU time from them.
// A nap is a quarter of what they have in hand at most.
std::chrono::microseconds FetcherDaemon::Nap() const {
  const std::size_t in_hand = pool_ ? pool_->leased() : 0;
  if (in_hand == 0 || pool_->waiting() < in_hand || acks_per_s_ < 1) return {};
  const double work_us = static_cast<double>(in_hand) * 1e6 / acks_per_s_;
  return std::chrono::microseconds(static_cast<std::int64_t>(std::min(work_us / 4, kLongestNapUs)));
}

// ---- Control: JSON lines ----------------------------------------------------------

void FetcherDaemon::TakeControlLine(const Line& line) {
  if (line.text == R"({"op":"status"})") {
    control_->Answer(line.connection, Status());
  } else if (line.text == R"({"op":"watch"})") {
    watchers_.push_back(line.connection);
    control_->Answer(line.connection, Status());
  } else {
    control_->Answer(
        line.connection,
        R"({"ok":false,"error":"expected {\"op\":\"status\"} or {\"op\":\"watch\"}"})");
  }
}

void FetcherDaemon::PushStatus() {
  std::erase_if(watchers_, [this](ConnectionId c) { return !control_->IsOpen(c); });
  if (watchers_.empty()) return;
  const std::string status = Status();
  for (const ConnectionId watcher : watchers_) control_->Push(watcher, status);
}

std::string FetcherDaemon::Status() const {
  return StatusJson({.ledger = ledger_,
                     .queued = frontier_->queued(),
                     .in_flight = transfers_->in_flight(),
                     .waiting = pool_->waiting(),
                     .leased = pool_->leased(),
                     .awaiting_ack = pool_->awaiting_ack() + sink_->unacknowledged(),
                     .pending = frontier_->queued() + frontier_->leased(),
                     .sink_connected = sink_->connected(),
                     .parsers = pool_->Parsers(),
                     .held_back = held_back_});
}

}  // namespace thresh
