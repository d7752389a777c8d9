// `thresh status`: what fetcher and sink are doing.

#include <string>

#include <simdjson.h>

#include "cli/commands.h"
#include "cli/control/ask.h"
#include "cli/control/report.h"
#include "cli/numbers.h"
#include "cli/run/crawl_status.h"
#include "cli/run/summary.h"
#include "lib/base/exit_codes.h"

namespace thresh {
namespace {

using simdjson::dom::element;

constexpr const char* kName = "status";
constexpr std::string_view kStatus = R"({"op":"status"})";

void AddFetcher(const CrawlStatus& s, Columns* out) {
  out->Add("fetcher", "at work, pid " + std::to_string(s.pid) +
                          (s.paused.empty() ? "" : "; paused: " + s.paused));
  out->Add("  pending", WithThousands(s.pending) + "  (" + WithThousands(s.queued) + " queued, " +
                            WithThousands(s.in_flight) + " in flight, " + WithThousands(s.waiting) +
                            " waiting, " + WithThousands(s.leased) + " leased, " +
                            WithThousands(s.awaiting_ack) + " awaiting ack)");
  out->Add("  done", WithThousands(s.done) + ", " + WithThousands(s.records) + " records");
  if (!s.dead.empty()) out->Add("  dead", ReasonList(s.dead));
  if (!s.dropped.empty()) out->Add("  dropped", ReasonList(s.dropped));
  out->Add("parsers", WithThousands(s.parsers));
}

void AddSink(const std::string& line, Columns* out) {
  simdjson::dom::parser parser;
  element sink;
  if (parser.parse(line).get(sink) != simdjson::SUCCESS) return;
  const auto number = [&](const char* key) {
    std::uint64_t value = 0;
    return sink[key].get(value) == simdjson::SUCCESS ? value : 0;
  };
  std::string_view paused;
  if (sink["paused"].get(paused) != simdjson::SUCCESS) paused = {};
  out->Add("sink", "at work, pid " + std::to_string(number("pid")) +
                       (paused.empty() ? "" : "; paused: " + std::string(paused)));
  out->Add("  records", WithThousands(number("records")));
  out->Add("  journal", AsBytes(number("journal_bytes")) + " in " +
                            WithThousands(number("journal_segments")) + " segments, " +
                            WithThousands(number("unclosed")) + " pages not closed");
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

}  // namespace

int StatusCommand(const StatusOptions& options) {
  Result<Place> place = PlaceOf(options.place);
  if (!place) return Complain(kName, kExitUsage, place.error().detail);
  Result<std::string> fetcher = AskLine({*place, "thresh-fetcher"}, kStatus);
  Result<std::string> sink = AskLine({*place, "thresh-sink"}, kStatus);
  int status = kExitDone;
  for (const auto* answer : {&fetcher, &sink}) {
    if (!*answer) status = Complain(kName, AskStatus(answer->error()), answer->error().detail);
  }
  if (!fetcher && !sink) return status;
  if (options.json) {
    const std::string text = "{\"fetcher\":" + (fetcher ? *fetcher : "null") +
                             ",\"sink\":" + (sink ? *sink : "null") + "}\n";
    return PrintData(kName, text, status);
  }
  Columns columns;
  if (fetcher) {
    Result<CrawlStatus> read = ParseStatus(*fetcher);
    if (!read) return Complain(kName, kExitInternal, read.error().detail);
    AddFetcher(*read, &columns);
  }
  if (sink) AddSink(*sink, &columns);
  return PrintData(kName, columns.Text(), status);
}

}  // namespace thresh
