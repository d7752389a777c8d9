#include "fetcher/status.h"

#include <unistd.h>

#include "lib/base/time.h"
#include "lib/text/json.h"

namespace thresh {
namespace {

class ObjectWriter {
 public:
  explicit ObjectWriter(std::string* out) : out_(*out) { out_.push_back('{'); }
  ~ObjectWriter() { out_.push_back('}'); }
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;

  std::string* Key(std::string_view name) {
    if (!first_) out_.push_back(',');
    first_ = false;
    AppendJsonString(name, &out_);
    out_.push_back(':');
    return &out_;
  }
  void Number(std::string_view name, std::uint64_t value) { *Key(name) += std::to_string(value); }
  void Text(std::string_view name, std::string_view value) { AppendJsonString(value, Key(name)); }
  void Bool(std::string_view name, bool value) { *Key(name) += value ? "true" : "false"; }
  void Null(std::string_view name) { *Key(name) += "null"; }
  void Counts(std::string_view name, const std::map<std::string, std::uint64_t>& counts) {
    ObjectWriter inner(Key(name));
    for (const auto& [key, count] : counts) inner.Number(key, count);
  }

 private:
  std::string& out_;
  bool first_ = true;
};

void AppendParsers(const std::vector<ParserInfo>& parsers, std::string* out) {
  out->push_back('[');
  for (const ParserInfo& p : parsers) {
    if (out->back() == '}') out->push_back(',');
    ObjectWriter parser(out);
    parser.Number("pid", p.pid);
    parser.Number("leased", p.leased);
    parser.Number("parsed", p.parsed);
    parser.Bool("blocked", p.blocked);
  }
  out->push_back(']');
}

void AppendHops(const std::vector<Hop>& hops, ObjectWriter* task) {
  if (hops.empty()) return;
  std::string* list = task->Key("redirects");
  list->push_back('[');
  for (const Hop& hop : hops) {
    if (list->back() == '}') list->push_back(',');
    ObjectWriter one(list);
    one.Number("status", hop.status);
    one.Text("url", hop.url);
  }
  list->push_back(']');
}

void AppendFate(const TaskFate& f, std::string* out) {
  ObjectWriter task(out);
  task.Text("id", std::to_string(f.fate.id));
  task.Text("recipe", f.recipe);
  task.Text("method", f.method);
  if (f.body_bytes > 0) {
    task.Text("body_start", f.body_start);
    task.Number("body_bytes", f.body_bytes);
  }
  task.Text("state", f.state);
  task.Number("attempts", f.fate.attempts);
  if (f.fate.reason.empty()) {
    task.Null("reason");
  } else {
    task.Text("reason", f.fate.reason);
  }
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
    ObjectWriter out(&json);
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
    AppendParsers(s.parsers, out.Key("parsers"));
    out.Counts("held_back", s.held_back);
  }
  return json;
}

std::string LedgerJson(const Ledger& ledger, std::uint64_t pending) {
  std::string json;
  {
    ObjectWriter out(&json);
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
    ObjectWriter out(&json);
    out.Bool("ok", true);
    out.Text("url", url);
    std::string* tasks = out.Key("tasks");
    tasks->push_back('[');
    for (const TaskFate& f : fates) {
      if (tasks->back() == '}') tasks->push_back(',');
      AppendFate(f, tasks);
    }
    tasks->push_back(']');
  }
  return json;
}

std::string ErrorJson(std::string_view what) {
  return R"({"ok":false,"error":)" + JsonString(what) + "}";
}

}  // namespace thresh
