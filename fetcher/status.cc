#include "fetcher/status.h"

#include <unistd.h>

#include "lib/base/time.h"
#include "lib/text/json.h"
#include "lib/text/json_object.h"

namespace thresh {
namespace {

void AppendParser(const ParserInfo& p, std::string* out) {
  JsonObject parser(out);
  parser.Number("pid", p.pid);
  parser.Number("leased", p.leased);
  parser.Number("parsed", p.parsed);
  parser.Bool("blocked", p.blocked);
}

void AppendHops(const std::vector<Hop>& hops, JsonObject* task) {
  if (hops.empty()) return;
  task->List("redirects", hops, [](const Hop& hop, std::string* out) {
    JsonObject one(out);
    one.Number("status", hop.status);
    one.Text("url", hop.url);
  });
}

void AppendFate(const TaskFate& f, std::string* out) {
  JsonObject task(out);
  task.Text("id", std::to_string(f.fate.id));
  task.Text("recipe", f.recipe);
  task.Text("method", f.method);
  if (f.body_bytes > 0) {
    task.Text("body_start", f.body_start);
    task.Number("body_bytes", f.body_bytes);
  }
  task.Text("state", f.state);
  task.Number("attempts", f.fate.attempts);
  task.TextOrNull("reason", f.fate.reason);
  AppendHops(f.fate.hops, &task);
  const char* when = f.fate.state == Fate::State::kRetry ? "due" : "at";
  if (f.fate.at_ms == 0) {
    task.Null(when);
  } else {
    task.Text(when, FormatUtc(f.fate.at_ms));
  }
}

}  // namespace

std::string StatusJson(const FetcherStatus& s) {
  std::string json;
  {
    JsonObject out(&json);
    out.Number("fed", s.ledger.fed);
    out.Number("followed", s.ledger.followed);
    out.Number("recrawled", s.ledger.recrawled);
    out.Number("retried", s.ledger.retried);
    out.Number("duplicates", s.duplicates);
    out.Number("refused", s.refused);
    out.Number("done", s.ledger.done);
    out.Number("unchanged", s.ledger.unchanged);
    out.Number("redirects", s.ledger.redirects);
    out.Counts("dead", s.ledger.dead);
    out.Counts("dropped", s.ledger.dropped);
    out.Number("pending", s.pending);
    out.Number("jobs_pending", s.jobs_pending);
    out.Number("queued", s.queued);
    out.Number("in_flight", s.in_flight);
    out.Number("waiting", s.waiting);
    out.Number("leased", s.leased);
    out.Number("awaiting_ack", s.awaiting_ack);
    out.Number("records", s.ledger.records);
    out.Number("pages", s.pages);
    out.Number("body_bytes", s.body_bytes);
    out.Number("pid", static_cast<std::uint64_t>(::getpid()));
    out.Number("uptime_ms", s.uptime_ms);
    out.Bool("resumed", s.resumed);
    out.Bool("sink", s.sink_connected);
    out.Text("paused", s.paused);
    out.Text("fetching", s.fetching);
    out.Number("hosts_paused", s.hosts_paused);
    out.Real("pages_per_s", s.pages_per_s);
    out.List("parsers", s.parsers, AppendParser);
    out.Counts("held_back", s.held_back);
  }
  return json;
}

std::string LedgerJson(const Ledger& ledger, std::uint64_t pending) {
  std::string json;
  {
    JsonObject out(&json);
    out.Bool("ok", true);
    out.Number("fed", ledger.fed);
    out.Number("followed", ledger.followed);
    out.Number("recrawled", ledger.recrawled);
    out.Number("retried", ledger.retried);
    out.Number("created", ledger.created());
    out.Number("done", ledger.done);
    out.Number("unchanged", ledger.unchanged);
    out.Number("redirects", ledger.redirects);
    out.Counts("dead", ledger.dead);
    out.Counts("dropped", ledger.dropped);
    out.Number("pending", pending);
    out.Bool("balanced", ledger.pending() == pending);
    out.Number("records", ledger.records);
  }
  return json;
}

std::string WhyJson(std::string_view url, const std::vector<TaskFate>& fates) {
  std::string json;
  {
    JsonObject out(&json);
    out.Bool("ok", true);
    out.Text("url", url);
    out.List("tasks", fates, AppendFate);
  }
  return json;
}

std::string ErrorJson(std::string_view what) {
  return R"({"ok":false,"error":)" + JsonString(what) + "}";
}

}  // namespace thresh
