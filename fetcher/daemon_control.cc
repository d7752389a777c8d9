// What people and programs ask the fetcher on its control socket, as lines of JSON.

#include <algorithm>
#include <memory>
#include <utility>

#include "fetcher/control/control_request.h"
#include "fetcher/daemon.h"
#include "fetcher/status.h"
#include "lib/base/time.h"
#include "lib/recipe/secrets.h"
#include "lib/text/json.h"
#include "lib/text/numbers.h"
#include "lib/url/url.h"

namespace thresh {

struct FetcherDaemon::WhyAnswer {
  std::string url;
  std::size_t due = 0;  // Look-ups still to come.
  std::vector<TaskFate> fates;
};

void FetcherDaemon::TakeControlLine(const Line& line) {
  using Op = ControlRequest::Op;
  const ConnectionId connection = line.connection;
  Result<ControlRequest> request = ParseControlLine(line.text);
  if (!request) {
    control_->Answer(connection, ErrorJson(request.error().detail));
    return;
  }
  switch (request->op) {
    case Op::kWatch: watchers_.push_back(connection); [[fallthrough]];
    case Op::kStatus: control_->Answer(connection, Status()); break;
    case Op::kLedger:
      control_->Answer(connection, LedgerJson(frontier_->ledger(), frontier_->pending()));
      break;
    case Op::kWhy: AnswerWhy(connection, *request); break;
    case Op::kDeadRetry:
      AnswerDeadRetry(connection, {std::move(request->reason), std::move(request->urls)});
      break;
    case Op::kRetried: AnswerRetried(connection); break;
    case Op::kMetrics: control_->Answer(connection, MetricsJson()); break;
    case Op::kHosts: AnswerHosts(connection, *request); break;
    case Op::kParsers: control_->Answer(connection, ParsersJson()); break;
    case Op::kPause: AnswerPause(connection, request->host, true); break;
    case Op::kResume: AnswerPause(connection, request->host, false); break;
    case Op::kDrain: AnswerDrain(connection); break;
    case Op::kCancel: AnswerCancel(connection, *request); break;
    case Op::kJobs: AnswerJobs(connection, *request); break;
    case Op::kSearch: AnswerSearch(connection, *request); break;
    case Op::kTap: AnswerTap(connection, *request); break;
  }
}

// A URL is a task for each recipe that was ever asked to read it, and for each request but GET.
void FetcherDaemon::AnswerWhy(ConnectionId connection, const ControlRequest& asked) {
  const std::string& text = asked.url;
  Result<Url> url = Url::Parse(text);
  if (!url) {
    control_->Answer(connection, ErrorJson(url.error().detail));
    return;
  }
  auto answer = std::make_shared<WhyAnswer>();
  answer->url = url->WithoutFragment().href();
  std::vector<std::string> urls{answer->url};
  // A URL with a secret's place in it is not written as others are.
  const Result<std::string> made = CanonicalTemplate(text);
  if (made && *made != answer->url) urls.push_back(*made);
  std::set<std::string> recipes = routes_.Names();
  recipes.insert(asked.recipes.begin(), asked.recipes.end());
  answer->due = recipes.size() + urls.size();
  const auto told = [this, connection, answer] {
    if (--answer->due > 0) return;
    control_->Answer(connection, WhyJson(answer->url, answer->fates));
  };
  for (const std::string& recipe : recipes) {
    const TaskSeed seed{.url = answer->url, .recipe = recipe};
    frontier_->Why(Fingerprint(seed), [=, this](const std::vector<Fate>& fates) {
      for (const Fate& fate : fates) answer->fates.push_back({recipe, StateOf(fate), fate});
      told();
    });
  }
  for (const std::string& each : urls) {
    frontier_->WhyRequests(each, [=, this](const std::vector<AskedRequest>& requests) {
      for (const AskedRequest& request : requests) AddFates(request, answer.get());
      told();
    });
  }
}

void FetcherDaemon::AddFates(const AskedRequest& request, WhyAnswer* answer) const {
  for (const Fate& fate : request.fates) {
    answer->fates.push_back({.recipe = request.recipe,
                             .state = StateOf(fate),
                             .fate = fate,
                             .method = request.method,
                             .body_bytes = request.body_bytes,
                             .body_start = request.body_start});
  }
}

// What the frontier calls leased is with one of our stages.
std::string FetcherDaemon::StateOf(const Fate& fate) const {
  switch (fate.state) {
    case Fate::State::kQueued: return "queued";
    case Fate::State::kRetry: return fate.attempts == 0 ? "delayed" : "retry";
    case Fate::State::kDone: return "done";
    case Fate::State::kDead: return "dead";
    case Fate::State::kDropped: return "dropped";
    case Fate::State::kLeased: break;
  }
  switch (pool_->StateOf(fate.id)) {
    case PageState::kWaiting: return "waiting";
    case PageState::kLeased: return "leased";
    case PageState::kAwaitingAck: return "awaiting_ack";
    case PageState::kNone: break;
  }
  return hosts_->IsUnderWay(fate.id) ? "in_flight" : "awaiting_ack";
}

void FetcherDaemon::AnswerDeadRetry(ConnectionId connection, DeadFilter filter) {
  for (std::string& text : filter.urls) {
    Result<Url> url = Url::Parse(text);
    if (!url) {
      control_->Answer(connection, ErrorJson(url.error().detail));
      return;
    }
    text = url->WithoutFragment().href();
  }
  frontier_->RetryDead(std::move(filter), [this, connection](std::uint64_t count) {
    control_->Answer(connection, "{\"ok\":true,\"retried\":" + std::to_string(count) + "}");
    tick_.Request();
  });
}

void FetcherDaemon::AnswerRetried(ConnectionId connection) {
  frontier_->RetriedIds([this, connection](const std::vector<TaskId>& ids) {
    std::string json = R"({"ok":true,"ids":[)";
    for (const TaskId id : ids) {
      if (json.back() != '[') json += ',';
      json += '"' + std::to_string(id) + '"';
    }
    control_->Answer(connection, json + "]}");
  });
}

void FetcherDaemon::PushStatus() {
  std::erase_if(watchers_, [this](ConnectionId c) { return !control_->IsOpen(c); });
  if (watchers_.empty()) return;
  const std::string status = Status();
  for (const ConnectionId watcher : watchers_) {
    if (control_->HasRoom(watcher)) control_->Push(watcher, status);
  }
}

std::string FetcherDaemon::Status() const {
  const std::uint64_t pending = frontier_->pending();
  const auto uptime = std::chrono::steady_clock::now() - started_at_;
  return StatusJson({.ledger = frontier_->ledger(),
                     .pending = pending,
                     .duplicates = duplicates_,
                     .refused = refused_,
                     .pages = pages_,
                     .body_bytes = body_bytes_,
                     .queued = pending - std::min<std::uint64_t>(tasks_.size(), pending),
                     .in_flight = transfers_->in_flight(),
                     .waiting = pool_->waiting(),
                     .leased = pool_->leased(),
                     .awaiting_ack = pool_->awaiting_ack() + sink_->unacknowledged(),
                     .jobs_pending = frontier_->open_jobs(),
                     .uptime_ms = static_cast<std::uint64_t>(
                         std::chrono::duration_cast<std::chrono::milliseconds>(uptime).count()),
                     .resumed = resumed_,
                     .sink_connected = sink_->connected(),
                     .paused = paused_.empty() ? archive_->paused() : paused_,
                     .fetching = Fetching(),
                     .hosts_paused = halted_hosts_.size(),
                     .pages_per_s = seen_.pages_rate.per_second(),
                     .parsers = pool_->Parsers(),
                     .held_back = held_back_});
}

// For people who look at the service: `312 pages/s, 8 parsers, 12,403 queued`.
std::string FetcherDaemon::StatusLine() {
  const double pages_per_s = pages_rate_.Look(pages_, std::chrono::steady_clock::now());
  const std::uint64_t pending = frontier_->pending();
  const std::size_t parsers = pool_->Parsers().size();
  std::string line = RateText(pages_per_s) + " pages/s, " + WithThousands(parsers) +
                     (parsers == 1 ? " parser, " : " parsers, ") +
                     WithThousands(pending - std::min<std::uint64_t>(tasks_.size(), pending)) +
                     " queued";
  const std::string& paused = paused_.empty() ? archive_->paused() : paused_;
  if (!paused.empty()) return "paused: " + paused + "; " + line;
  return sink_->connected() ? line : line + "; waiting for the sink";
}

}  // namespace thresh
