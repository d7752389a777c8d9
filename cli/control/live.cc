#include "cli/control/live.h"

#include <simdjson.h>

#include "cli/control/ask.h"

namespace thresh {
namespace {

using simdjson::dom::element;

std::string Text(const element& from, std::string_view key) {
  std::string_view text;
  return from[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::uint64_t Number(const element& from, std::string_view key) {
  std::uint64_t number = 0;
  return from[key].get(number) == simdjson::SUCCESS ? number : 0;
}

double Real(const element& from, std::string_view key) {
  double number = 0;
  return from[key].get(number) == simdjson::SUCCESS ? number : 0;
}

bool Flag(const element& from, std::string_view key) {
  bool flag = false;
  return from[key].get(flag) == simdjson::SUCCESS && flag;
}

// Calls `take` with each element of the list under `key`.
template <typename Take>
void ForEach(const std::string& json, std::string_view key, Take take) {
  simdjson::dom::parser parser;
  simdjson::dom::array list;
  if (parser.parse(json)[key].get(list) != simdjson::SUCCESS) return;
  for (const element& each : list) take(each);
}

void TakeMetrics(const std::string& json, MetricSet* set) {
  simdjson::dom::parser parser;
  element metrics;
  if (parser.parse(json)["metrics"].get(metrics) != simdjson::SUCCESS) return;
  if (auto read = MetricSet::FromJson(std::string(simdjson::minify(metrics)))) set->Take(*read);
}

LiveParser ParserOf(const element& e) {
  return {.pid = Number(e, "pid"),
          .leased = Number(e, "leased"),
          .parsed = Number(e, "parsed"),
          .memory_bytes = Number(e, "memory_bytes"),
          .pages_per_s = Real(e, "pages_per_s"),
          .state = Text(e, "state"),
          .last_url = Text(e, "last_url")};
}

LiveHost HostOf(const element& e) {
  return {.host = Text(e, "host"),
          .in_flight = Number(e, "in_flight"),
          .queued = Number(e, "queued"),
          .delay_ms = Number(e, "delay_ms"),
          .queued_more = Flag(e, "queued_more"),
          .pages_per_s = Real(e, "pages_per_s"),
          .backoff_until = Text(e, "backoff_until"),
          .breaker = Text(e, "breaker"),
          .robots = Text(e, "robots"),
          .paused = Flag(e, "paused")};
}

void LookAtFetcher(const Daemon& fetcher, std::uint64_t most_hosts, Live* live) {
  Result<std::string> status = AskLine(fetcher, R"({"op":"status"})");
  Result<CrawlStatus> read = status ? ParseStatus(*status) : status.error();
  if (!read) {
    live->fetcher_fault = read.error().detail;
    return;
  }
  live->status = std::move(*read);
  if (auto metrics = AskLine(fetcher, R"({"op":"metrics"})")) TakeMetrics(*metrics, &live->metrics);
  if (auto parsers = AskLine(fetcher, R"({"op":"parsers"})")) {
    ForEach(*parsers, "parsers", [&](const element& e) { live->parsers.push_back(ParserOf(e)); });
  }
  const std::string ask_hosts = R"({"op":"hosts","limit":)" + std::to_string(most_hosts) + "}";
  if (auto hosts = AskLine(fetcher, ask_hosts)) {
    ForEach(*hosts, "hosts", [&](const element& e) { live->hosts.push_back(HostOf(e)); });
  }
}

void LookAtSink(const Daemon& sink, Live* live) {
  Result<std::string> status = AskLine(sink, R"({"op":"status"})");
  simdjson::dom::parser parser;
  element root;
  if (!status || parser.parse(*status).get(root) != simdjson::SUCCESS) {
    live->sink_fault = status ? "no status: " + *status : status.error().detail;
    return;
  }
  live->sink_paused = Text(root, "paused");
  live->sink_pid = Number(root, "pid");
  if (auto metrics = AskLine(sink, R"({"op":"metrics"})")) TakeMetrics(*metrics, &live->metrics);
}

double SumOf(const MetricSet& set, Metric metric) {
  double sum = 0;
  for (const auto& [label, value] : set.Values(metric)) sum += value;
  return sum;
}

}  // namespace

Live LookAt(const DaemonPlace& place, std::uint64_t most_hosts) {
  Live live{.at = std::chrono::steady_clock::now()};
  LookAtFetcher({place, "thresh-fetcher", true}, most_hosts, &live);
  LookAtSink({place, "thresh-sink", true}, &live);
  return live;
}

std::optional<double> GrowthOf(Metric metric, const Live& before, const Live& now) {
  const double seconds = std::chrono::duration<double>(now.at - before.at).count();
  if (seconds <= 0 || now.metrics.Values(metric).empty()) return std::nullopt;
  if (before.metrics.Values(metric).empty()) return std::nullopt;
  const double growth = SumOf(now.metrics, metric) - SumOf(before.metrics, metric);
  if (growth < 0) return std::nullopt;
  return growth / seconds;
}

}  // namespace thresh
