// `thresh status`: what fetcher and sink are doing.

#include <algorithm>
#include <cstdio>
#include <string>

#include <simdjson.h>

#include "cli/commands.h"
#include "cli/control/ask.h"
#include "cli/control/live.h"
#include "cli/control/report.h"
#include "cli/control/top_screen.h"
#include "cli/numbers.h"
#include "cli/run/crawl_status.h"
#include "cli/run/summary.h"
#include "lib/base/exit_codes.h"

namespace thresh {
namespace {

using simdjson::dom::element;

constexpr const char* kName = "status";
constexpr std::string_view kStatus = R"({"op":"status"})";
constexpr std::size_t kShown = 8;  // Parsers, and hosts: it is to fit on a screen.

std::string Speed(double per_s) {
  char text[32];
  std::snprintf(text, sizeof text, per_s < 100 ? "%.1f" : "%.0f", per_s);
  return text;
}

std::string TimesText(const MetricSet& metrics, Metric metric) {
  const auto* times = metrics.Times(metric);
  if (times == nullptr) return "-";
  return AsLatency(times->p50) + " / " + AsLatency(times->p99);
}

void AddParsers(const Live& live, Columns* out) {
  out->Add("parsers", WithThousands(live.status.parsers));
  for (std::size_t i = 0; i < std::min(live.parsers.size(), kShown); ++i) {
    const LiveParser& p = live.parsers[i];
    out->Add("  parser", "pid " + std::to_string(p.pid) + ", " + p.state + ", " +
                             Speed(p.pages_per_s) + " pages/s, " + WithThousands(p.parsed) +
                             " parsed" +
                             (p.memory_bytes > 0 ? ", " + AsBytes(p.memory_bytes) : ""));
  }
}

void AddHosts(const Live& live, Columns* out) {
  for (std::size_t i = 0; i < std::min(live.hosts.size(), kShown); ++i) {
    const LiveHost& h = live.hosts[i];
    std::string text = h.host + ", " + std::to_string(h.in_flight) + " in flight, " +
                       Speed(h.pages_per_s) + " pages/s, " + WithThousands(h.queued) +
                       (h.queued_more ? "+" : "") + " queued";
    if (h.paused) text += ", paused";
    if (h.breaker != "closed") text += ", does not answer";
    if (!h.backoff_until.empty()) text += ", left alone until " + h.backoff_until;
    out->Add("  host", text);
  }
}

std::string HowItEnded(const CrawlStatus& s) {
  if (s.pending == 0) return "ended, with nothing left to do; below is how it was left";
  return "broken off with " + Amount(s.pending, "URL") +
         " left: the same thresh run command goes on; below is how it was left";
}

void AddFetcher(const Live& live, bool is_at_work, Columns* out) {
  const CrawlStatus& s = live.status;
  std::string at_work = is_at_work ? "at work, pid " + std::to_string(s.pid) : "not at work";
  if (s.fetching != "on") at_work += "; fetching " + s.fetching;
  if (s.hosts_paused > 0) at_work += "; " + Amount(s.hosts_paused, "host") + " paused";
  out->Add("fetcher", at_work + (s.paused.empty() ? "" : "; paused: " + s.paused));
  if (is_at_work) {
    out->Add("  speed", Speed(s.pages_per_s) + " pages/s");
    out->Add("  p50/p99", "fetch " + TimesText(live.metrics, Metric::kFetchSeconds) + ", parse " +
                              TimesText(live.metrics, Metric::kParseSeconds) + ", commit " +
                              TimesText(live.metrics, Metric::kCommitSeconds));
  }
  out->Add("  pending", WithThousands(s.pending) + "  (" + WithThousands(s.queued) + " queued, " +
                            WithThousands(s.in_flight) + " in flight, " + WithThousands(s.waiting) +
                            " waiting, " + WithThousands(s.leased) + " leased, " +
                            WithThousands(s.awaiting_ack) + " awaiting ack)");
  out->Add("  done", WithThousands(s.done) + ", " + Amount(s.records, "record"));
  if (!s.dead.empty()) out->Add("  dead", ReasonList(s.dead));
  if (!s.dropped.empty()) out->Add("  dropped", ReasonList(s.dropped));
  AddHosts(live, out);
  if (is_at_work) AddParsers(live, out);
}

void AddSink(const std::string& line, bool is_at_work, Columns* out) {
  simdjson::dom::parser parser;
  element sink;
  if (parser.parse(line).get(sink) != simdjson::SUCCESS) return;
  const auto number = [&](const char* key) {
    std::uint64_t value = 0;
    return sink[key].get(value) == simdjson::SUCCESS ? value : 0;
  };
  std::string_view paused;
  if (sink["paused"].get(paused) != simdjson::SUCCESS) paused = {};
  out->Add("sink", (is_at_work ? "at work, pid " + std::to_string(number("pid")) : "not at work") +
                       (paused.empty() ? "" : "; paused: " + std::string(paused)));
  out->Add("  records", WithThousands(number("records")));
  out->Add("  journal", AsBytes(number("journal_bytes")) + " in " +
                            Amount(number("journal_segments"), "segment") + ", " +
                            Amount(number("unclosed"), "page") + " not closed");
  simdjson::dom::array files;
  if (sink["files"].get(files) != simdjson::SUCCESS) return;
  for (const element& file : files) {
    std::string_view path;
    std::uint64_t bytes = 0;
    if (file["path"].get(path) != simdjson::SUCCESS) continue;
    if (file["bytes"].get(bytes) != simdjson::SUCCESS) bytes = 0;
    out->Add("  file", std::string(path) + "  " + AsBytes(bytes));
  }
}

struct Answer {
  Result<std::string> line;
  bool is_at_work;  // Else it was started to answer: its run has ended.
};

Answer Ask(const DaemonPlace& place, const char* program) {
  Result<std::string> line = AskLine({place, program, true}, kStatus);
  if (line || line.error().code != Errc::kUnavailable) return {std::move(line), true};
  return {AskLine({place, program}, kStatus), false};
}

}  // namespace

int StatusCommand(const StatusOptions& options) {
  Result<DaemonPlace> place = PlaceOf(options.place);
  if (!place) return Complain(kName, kExitUsage, place.error().detail);
  const auto [fetcher, fetcher_at_work] = Ask(*place, "thresh-fetcher");
  const auto [sink, sink_at_work] = Ask(*place, "thresh-sink");
  int status = kExitDone;
  for (const auto* answer : {&fetcher, &sink}) {
    if (!*answer) status = Complain(kName, AskStatus(answer->error()), answer->error().detail);
  }
  if (!fetcher && !sink) return status;
  Live live = LookAt(*place, kShown);
  if (options.json) {
    const std::string text = "{\"fetcher\":" + (fetcher ? *fetcher : "null") +
                             ",\"sink\":" + (sink ? *sink : "null") +
                             ",\"metrics\":" + live.metrics.ToJson() + "}\n";
    return PrintData(kName, text, status);
  }
  Columns columns;
  if (fetcher) {
    Result<CrawlStatus> read = ParseStatus(*fetcher);
    if (!read) return Complain(kName, kExitInternal, read.error().detail);
    live.status = std::move(*read);
    if (!fetcher_at_work) columns.Add("run", HowItEnded(live.status));
    AddFetcher(live, fetcher_at_work, &columns);
  }
  if (sink) AddSink(*sink, sink_at_work, &columns);
  return PrintData(kName, columns.Text(), status);
}

}  // namespace thresh
