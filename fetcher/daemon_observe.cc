// What the fetcher notices of its pages as they pass, and what people see of it.

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

#include "fetcher/control/control_request.h"
#include "fetcher/daemon.h"
#include "fetcher/status.h"
#include "lib/base/time.h"
#include "lib/text/json_object.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr std::size_t kShownHosts = 20;
// Whatever an answer costs, asking for it again and again takes at most this part of the time.
constexpr int kAnswerShare = 200;
constexpr milliseconds kShortestKept{500};

SteadyTime Now() {
  return std::chrono::steady_clock::now();
}

double Milliseconds(SteadyTime::duration took) {
  return static_cast<double>(duration_cast<std::chrono::microseconds>(took).count()) / 1000;
}

// A cursor is bytes; what leaves the process is text.
std::string ToHex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    hex.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
    hex.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
  }
  return hex;
}

std::string FromHex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>((digit(hex[i]) << 4 | digit(hex[i + 1])) & 0xFF));
  }
  return bytes;
}

void AppendFound(const FoundTask& task, std::string_view state, std::string* out) {
  JsonObject one(out);
  one.Text("url", task.url);
  one.Text("id", std::to_string(task.fate.id));
  one.Text("recipe", task.recipe);
  one.Text("state", state);
  one.Number("attempts", task.fate.attempts);
  one.TextOrNull("reason", task.fate.reason);
  const char* when = task.fate.state == Fate::State::kRetry ? "due" : "at";
  one.TextOrNull(when, task.fate.at_ms != 0 ? FormatUtc(task.fate.at_ms) : std::string());
}

void AppendEnded(const EndedTask& task, std::string* out) {
  JsonObject one(out);
  one.Text("url", task.url);
  one.Text("id", std::to_string(task.id));
  one.Text("recipe", task.recipe);
  one.Text("state", task.state);
  one.Number("attempts", task.attempts);
  one.TextOrNull("reason", task.reason);
  one.Number("records", task.records);
  one.Text("at", FormatUtc(task.at_ms));
}

void AppendJob(const OpenJob& job, std::string* out) {
  JsonObject one(out);
  one.Text("id", std::to_string(job.id));
  one.TextOrNull("job", job.root.label);
  one.Text("url", job.root.url);
  one.Number("n", job.root.n);
  one.Text("recipe", job.recipe);
  one.Text("created", FormatUtc(job.root.created_at_ms));
  one.Number("pending", job.pending);
  one.Number("done", job.done);
  one.Number("dead", job.dead);
  one.Number("dropped", job.dropped);
  one.Number("records", job.records);
  if (job.refresh) one.Bool("refresh", true);
}

void AppendParser(const ParserInfo& p, std::string* out) {
  const char* state = p.stalled      ? "stalled"
                      : p.blocked    ? "blocked"
                      : p.leased > 0 ? "parsing"
                                     : "idle";
  JsonObject one(out);
  one.Number("pid", p.pid);
  one.Text("state", state);
  one.Number("leased", p.leased);
  one.Number("parsed", p.parsed);
  one.Real("pages_per_s", p.pages_per_s);
  one.Number("memory_bytes", p.memory_bytes);
  one.TextOrNull("last_url", p.last_url);
}

}  // namespace

// ---- As pages pass --------------------------------------------------------------------

void FetcherDaemon::NoteFetched(const FetchResult& result) {
  const SteadyTime now = Now();
  const auto ended = hosts_->Ended(result, now);
  if (!ended) return;
  seen_.NoteRequest(ended->host, ended->took, result.status, result.failure);
  if (!seen_.fetch_tap.watched()) return;
  const auto task = tasks_.find(result.id);
  if (task == tasks_.end()) return;
  const TaskSeed& seed = task->second.seed;
  const auto detour = detours_.find(result.id);
  seen_.fetch_tap.Tell({.recipe = seed.recipe, .host = ended->host}, [&](std::string* out) {
    out->append(R"("id":")" + std::to_string(result.id) + R"(","recipe":)");
    AppendJsonString(seed.recipe, out);
    out->append(R"(,"host":)");
    AppendJsonString(ended->host, out);
    out->append(R"(,"url":)");
    AppendJsonString(detour != detours_.end() ? detour->second.shown_url : seed.url, out);
    out->append(R"(,"status":)" + std::to_string(result.status) + R"(,"failure":)");
    AppendJsonString(result.failure, out);
    const std::uint64_t bytes = result.spooled ? result.spooled->size() : result.body.size();
    out->append(R"(,"bytes":)" + std::to_string(bytes) + R"(,"attempt":)" +
                std::to_string(task->second.attempts) + R"(,"ms":)");
    AppendJsonNumber(Milliseconds(ended->took), out);
  });
}

void FetcherDaemon::NoteParsed(const ParsedPage& parsed) {
  if (parsed.took.count() > 0) seen_.parse.Observe(parsed.took);
  if (!seen_.parse_tap.watched()) return;
  const Result<Url> url = Url::Parse(parsed.url);
  const std::string host(url ? url->host() : std::string_view());
  seen_.parse_tap.Tell({.recipe = parsed.recipe, .host = host}, [&](std::string* out) {
    out->append(R"("id":")" + std::to_string(parsed.id) + R"(","recipe":)");
    AppendJsonString(parsed.recipe, out);
    out->append(R"(,"host":)");
    AppendJsonString(host, out);
    out->append(R"(,"url":)");
    AppendJsonString(parsed.url, out);
    out->append(R"(,"pid":)" + std::to_string(parsed.pid) + R"(,"ms":)");
    AppendJsonNumber(Milliseconds(parsed.took), out);
  });
}

void FetcherDaemon::NoteEnded(const Task& task, const Ending& ending) {
  constexpr std::string_view kStates[] = {"done", "dead", "dropped"};
  seen_.ended.Add({.id = task.id,
                   .url = task.seed.url,
                   .recipe = task.seed.recipe,
                   .state = kStates[static_cast<std::size_t>(ending.end) - 1],
                   .reason = ending.reason,
                   .attempts = ending.attempts,
                   .records = ending.records,
                   .at_ms = WallClockMs()});
}

void FetcherDaemon::Second() {
  seen_.Second(pages_, Now());
  pool_->Second();
  if (!drains_.empty()) TellDrains();
}

void FetcherDaemon::NoteStatistics() {
  const std::uint64_t pending = frontier_->pending();
  const Ledger& ledger = frontier_->ledger();
  statistics_->Note({.at_ms = WallClockMs(),
                     .pid = static_cast<std::uint64_t>(::getpid()),
                     .done = ledger.done,
                     .records = ledger.records,
                     .dead = ledger.dead,
                     .pages = pages_,
                     .body_bytes = body_bytes_,
                     .failures = seen_.failures,
                     .latency_us = seen_.fetch.HalfDoublings(),
                     .queued = pending - std::min<std::uint64_t>(tasks_.size(), pending),
                     .in_flight = transfers_->in_flight(),
                     .waiting = pool_->waiting(),
                     .leased = pool_->leased(),
                     .awaiting_ack = pool_->awaiting_ack() + sink_->unacknowledged(),
                     .parsers = pool_->Parsers().size()});
}

// ---- What people see ------------------------------------------------------------------

std::string FetcherDaemon::MetricsJson() const {
  MetricSet set;
  const Ledger& ledger = frontier_->ledger();
  const auto count = [](auto number) { return static_cast<double>(number); };
  set.Add(Metric::kTasksCreated, "fed", count(ledger.fed));
  set.Add(Metric::kTasksCreated, "followed", count(ledger.followed));
  set.Add(Metric::kTasksCreated, "recrawled", count(ledger.recrawled));
  set.Add(Metric::kTasksCreated, "retried", count(ledger.retried));
  set.Set(Metric::kTasksDone, count(ledger.done));
  set.AddAll(Metric::kTasksDead, ledger.dead);
  set.AddAll(Metric::kTasksDropped, ledger.dropped);
  const std::uint64_t pending = frontier_->pending();
  set.Set(Metric::kTasksPending, count(pending));
  set.Add(Metric::kTasks, "queued",
          count(pending - std::min<std::uint64_t>(tasks_.size(), pending)));
  set.Add(Metric::kTasks, "in_flight", count(transfers_->in_flight()));
  set.Add(Metric::kTasks, "waiting", count(pool_->waiting()));
  set.Add(Metric::kTasks, "leased", count(pool_->leased()));
  set.Add(Metric::kTasks, "awaiting_ack", count(pool_->awaiting_ack() + sink_->unacknowledged()));
  set.Set(Metric::kJobsUnreported, count(frontier_->open_jobs()));
  set.Set(Metric::kPagesFetched, count(pages_));
  set.Set(Metric::kFetchedBytes, count(body_bytes_));
  set.Set(Metric::kFeedDuplicates, count(duplicates_));
  set.Set(Metric::kFeedRefused, count(refused_));
  set.Set(Metric::kBufferBytes, count(pool_->held_bytes() + transfers_->bytes_in_flight()));
  set.Set(Metric::kSpoolBytes, count(transfers_->spooled_bytes()));
  set.Set(Metric::kFetchingPaused, halted_ ? 1 : 0);
  set.Set(Metric::kHostsPaused, count(halted_hosts_.size()));
  set.Add(Metric::kDiskPaused, "fetcher", paused_.empty() && archive_->paused().empty() ? 0 : 1);
  double others = 0;
  for (const Busiest::Entry& host : seen_.hosts.Top(kShownHosts, &others)) {
    set.Add(Metric::kHostPages, host.name, host.per_second);
    const auto report = hosts_->Report(host.name, 1, Now(), {});
    set.Add(Metric::kHostInFlight, host.name, count(report.front().view.in_flight));
  }
  if (others > 0) set.Add(Metric::kHostPages, MetricSet::kOthers, others);
  const std::vector<ParserInfo> parsers = pool_->Parsers();
  set.Set(Metric::kParsers, count(parsers.size()));
  for (const ParserInfo& p : parsers) {
    const std::string pid = std::to_string(p.pid);
    set.Add(Metric::kParserPages, pid, count(p.parsed));
    set.Add(Metric::kParserLeased, pid, count(p.leased));
    set.Add(Metric::kParserMemory, pid, count(p.memory_bytes));
  }
  seen_.AddTo(&set);
  return R"({"ok":true,"metrics":)" + set.ToJson() + "}";
}

std::string FetcherDaemon::ParsersJson() const {
  std::string json;
  {
    JsonObject answer(&json);
    answer.Bool("ok", true);
    answer.List("parsers", pool_->Parsers(), AppendParser);
  }
  return json;
}

void FetcherDaemon::AnswerHosts(ConnectionId connection, const ControlRequest& request) {
  const std::string key = std::to_string(request.limit) + " " + request.host;
  const SteadyTime begin = Now();
  if (kept_hosts_.key != key || kept_hosts_.until <= begin) {
    std::string text = HostsJson(request.host, request.limit);
    const SteadyTime end = Now();
    const SteadyTime until =
        end + std::max<SteadyTime::duration>(kShortestKept, (end - begin) * kAnswerShare);
    kept_hosts_ = {key, std::move(text), until};
  }
  control_->Answer(connection, kept_hosts_.text);
}

// Those that are paused come along, whatever they do.
std::string FetcherDaemon::HostsJson(const std::string& host, std::size_t most) const {
  const SteadyTime now = Now();
  const auto rate = [this](const std::string& name) { return seen_.hosts.PerSecond(name); };
  std::vector<HostDesk::HostReport> hosts = hosts_->Report(host, most, now, rate);
  for (const std::string& halted : halted_hosts_) {
    const auto same = [&](const HostDesk::HostReport& h) { return h.host == halted; };
    if (!host.empty() || hosts.size() >= 2 * most) break;
    if (std::none_of(hosts.begin(), hosts.end(), same)) {
      hosts.push_back(hosts_->Report(halted, 1, now, rate).front());
    }
  }
  std::string json;
  {
    JsonObject answer(&json);
    answer.Bool("ok", true);
    answer.List("hosts", hosts, [&](const HostDesk::HostReport& h, std::string* out) {
      AppendHost(h, rate(h.host), now, out);
    });
  }
  return json;
}

void FetcherDaemon::AppendHost(const HostDesk::HostReport& h, double per_s, SteadyTime now,
                               std::string* out) const {
  const bool waits = h.view.waits_until && *h.view.waits_until != SteadyTime::max();
  const auto left = waits ? duration_cast<milliseconds>(*h.view.waits_until - now).count() : 0;
  const auto [queued, more] = frontier_->QueuedOf(h.host);
  JsonObject one(out);
  one.Text("host", h.host);
  one.Number("in_flight", h.view.in_flight);
  one.Number("at_once", h.view.at_once);
  one.Real("pages_per_s", per_s);
  one.Number("queued", queued);
  one.Bool("queued_more", more);
  one.Number("delay_ms", h.view.delay.count());
  one.TextOrNull("backoff_until", waits ? FormatUtc(WallClockMs() + left) : std::string());
  one.Text("breaker", h.view.given_up ? "given_up" : h.view.broken ? "open" : "closed");
  one.Text("robots", h.robots);
  one.Bool("paused", halted_hosts_.contains(h.host));
}

// Of what has ended only what ended lately has its URL in memory; what it was exactly `why` knows.
void FetcherDaemon::AnswerSearch(ConnectionId connection, const ControlRequest& request) {
  std::vector<EndedTask> ended;
  if (request.from.empty()) ended = seen_.ended.Find(request.url, request.limit);
  frontier_->Search(request.url, FromHex(request.from), request.limit,
                    [this, connection, ended = std::move(ended)](const FoundTasks& found) {
                      std::string json;
                      {
                        JsonObject answer(&json);
                        answer.Bool("ok", true);
                        answer.List("tasks", found.tasks, [this](const auto& task, auto* out) {
                          const bool held = tasks_.contains(task.fate.id);
                          Fate fate = task.fate;
                          if (held) fate.state = Fate::State::kLeased;
                          AppendFound(task, StateOf(fate), out);
                        });
                        answer.List("ended", ended, AppendEnded);
                        answer.TextOrNull("next", ToHex(found.next));
                      }
                      control_->Answer(connection, json);
                    });
}

void FetcherDaemon::AnswerJobs(ConnectionId connection, const ControlRequest& request) {
  frontier_->ListJobs(request.job, FromHex(request.from), request.limit,
                      [this, connection](const OpenJobs& listed) {
                        std::string json;
                        {
                          JsonObject answer(&json);
                          answer.Bool("ok", true);
                          answer.List("jobs", listed.jobs, AppendJob);
                          answer.TextOrNull("next", ToHex(listed.next));
                        }
                        control_->Answer(connection, json);
                      });
}

void FetcherDaemon::AnswerTap(ConnectionId connection, const ControlRequest& request) {
  Tap& tap = request.stage == "fetch" ? seen_.fetch_tap : seen_.parse_tap;
  const bool watches =
      tap.Watch(*control_, connection, {request.recipe, request.host}, request.per_s);
  control_->Answer(connection,
                   watches ? R"({"ok":true})" : ErrorJson("as many watch as may: try again later"));
}

}  // namespace thresh
