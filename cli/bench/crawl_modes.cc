#include "cli/bench/crawl_modes.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <string_view>
#include <utility>

#include "cli/bench/thresh_process.h"
#include "fetcher/transfer/fetch_once.h"
#include "lib/base/exit_codes.h"
#include "lib/base/handles.h"
#include "lib/base/time.h"
#include "lib/metrics/statistics.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

void Fill(std::string_view name, const std::string& value, std::string* text) {
  for (std::size_t at = 0; (at = text->find(name, at)) != std::string::npos; at += value.size()) {
    text->replace(at, name.size(), value);
  }
}

std::vector<std::string> UrlsOf(const BenchCrawlOptions& options, const BenchMode& mode,
                                const std::string& server) {
  std::vector<std::string> urls;
  urls.reserve(options.requests);
  for (std::uint64_t n = 0; n < options.requests; ++n) {
    std::string query = options.query.empty() ? kBenchQuery : options.query;
    Fill("{mode}", mode.name, &query);
    Fill("{delay}", std::to_string(options.delay_ms), &query);
    Fill("{n}", std::to_string(n), &query);
    urls.push_back(server + "/add?" + query);
  }
  return urls;
}

Result<> WriteText(const std::string& path, const std::string& text) {
  const UniqueFile file(std::fopen(path.c_str(), "we"));
  if (file && std::fwrite(text.data(), 1, text.size(), file.get()) == text.size() &&
      std::fflush(file.get()) == 0) {
    return Ok{};
  }
  return Error{Errc::kInvalid, "cannot write " + path};
}

// The host was typed, or is our own server's.
std::string RecipeFor(const BenchCrawlOptions& options, const BenchMode& mode,
                      const std::string& server) {
  return "name = \"bench\"\nallow = [\"" + server +
         "/*\"]\n\n[fetch]\nrespect_robots_txt = false\nallow_private = [\"127.0.0.0/8\", "
         "\"::1/128\"]\n"
         "adaptive = false\nattempts = 1\nper_host = " +
         std::to_string(mode.at_once) +
         "\nfirst_byte_timeout_ms = " + std::to_string(options.delay_ms + 60'000) +
         "\ntimeout_ms = " + std::to_string(options.delay_ms + 120'000) +
         "\n\n[[items]]\nname = \"page\"\n[items.fields]\ntext = \"body\"\n";
}

std::uint64_t Sum(const std::map<std::string, std::uint64_t>& counts) {
  std::uint64_t sum = 0;
  for (const auto& [reason, count] : counts) sum += count;
  return sum;
}

Result<LoadResult> RunPipeline(const BenchCrawlOptions& options, const BenchMode& mode,
                               const std::string& server) {
  const std::string base = options.out + "/" + mode.name;
  std::string urls;
  for (const std::string& url : UrlsOf(options, mode, server)) urls += url + "\n";
  if (Result<> r = WriteText(base + ".toml", RecipeFor(options, mode, server)); !r)
    return r.error();
  if (Result<> r = WriteText(base + ".txt", urls); !r) return r.error();
  std::vector<std::string> words{"run",         "-r", base + ".toml", "-f",
                                 base + ".txt", "-o", base,           "--fresh"};
  if (mode.parsers > 0) words.insert(words.end(), {"-j", std::to_string(mode.parsers)});
  if (options.cpu_ms > 0) words.insert(words.end(), {"--cpu-ms", std::to_string(options.cpu_ms)});
  const auto began = std::chrono::steady_clock::now();
  Result<ThreshProcess> run = ThreshProcess::Start(words, base + ".log");
  if (!run) return run.error();
  const int status = run->Wait();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  if (status != kExitDone && status != kExitSomeDead) {
    return Error{Errc::kInternal, "thresh run ended with status " + std::to_string(status) +
                                      "; what it said is in " + base + ".log"};
  }
  const auto lines = ReadStatistics(base + "/.thresh/" + std::string(kStatisticsName));
  if (!lines) return lines.error();
  const StatisticsLine& last = lines->back();
  LoadResult result{.requests = last.done + Sum(last.dead),  // Each is asked for once.
                    .errors = Sum(last.dead),
                    .body_bytes = last.body_bytes,
                    .wall_s = took.count()};
  if (!last.dead.empty()) result.first_error = last.dead.begin()->first;
  return result;
}

// Nobody is asked for it if the server is none of that kind: then there is no graph.
void Flush(const std::string& server) {
  const Result<Url> url = Url::Parse(server + "/add?flush=1");
  if (!url) return;
  FetchRoute route;
  static_cast<void>(route.guard.Allow(url->hostname()));
  FetchJob job{.url = url->href(), .route = std::make_shared<const FetchRoute>(std::move(route))};
  static_cast<void>(FetchOnce(std::move(job)));
}

Result<RequestSpans> SpansOf(const std::string& path, const std::string& name, double since_s) {
  Result<RequestSpans> spans = ReadMetricData(path, name);
  if (!spans) return spans;
  std::erase_if(*spans, [since_s](const RequestSpan& span) { return span.start < since_s; });
  std::sort(spans->begin(), spans->end(),
            [](const RequestSpan& a, const RequestSpan& b) { return a.start < b.start; });
  return spans;
}

}  // namespace

double ModeResult::served_s() const {
  double last = 0;
  for (const RequestSpan& span : spans) last = std::max(last, span.end);
  return spans.empty() ? 0 : last - spans.front().start;
}

std::uint64_t ModeResult::most_at_once() const {
  std::uint64_t most = 0;
  for (const OpenCount& count : OpenCounts(spans)) most = std::max(most, count.open);
  return most;
}

std::vector<OpenCount> OpenCounts(const RequestSpans& spans) {
  std::vector<std::pair<double, int>> events;  // Of the same moment ends come first.
  for (const RequestSpan& span : spans) {
    events.emplace_back(span.start - spans.front().start, +1);
    events.emplace_back(span.end - spans.front().start, -1);
  }
  std::sort(events.begin(), events.end());
  std::vector<OpenCount> counts;
  std::int64_t open = 0;
  for (const auto& [at, change] : events) {
    open = std::max<std::int64_t>(0, open + change);
    counts.push_back({at, static_cast<std::uint64_t>(open)});
  }
  return counts;
}

std::vector<BenchMode> ModesFor(const BenchCrawlOptions& options) {
  std::vector<BenchMode> modes{{.name = "serial"},
                               {.name = "concurrent", .at_once = options.at_once},
                               {.name = "pipeline", .pipeline = true, .at_once = options.at_once}};
  if (options.cpu_ms > 0) {
    modes = {{.name = "one-process", .at_once = options.at_once}};
    for (const std::uint64_t parsers : {1, 2, 4}) {
      modes.push_back({.name = "parsers-" + std::to_string(parsers),
                       .pipeline = true,
                       .at_once = options.at_once,
                       .parsers = parsers});
    }
  }
  if (options.modes.empty()) return modes;
  std::erase_if(modes, [&options](const BenchMode& mode) {
    return std::find(options.modes.begin(), options.modes.end(), mode.name) == options.modes.end();
  });
  return modes;
}

double IdealSeconds(const BenchCrawlOptions& options, std::uint64_t cores) {
  const std::uint64_t rounds = (options.requests + options.at_once - 1) / options.at_once;
  const double waiting = static_cast<double>(rounds * options.delay_ms);
  const double computing =
      static_cast<double>(options.requests * options.cpu_ms) / static_cast<double>(cores);
  return std::max(waiting, computing) / 1000;
}

Result<ModeResult> RunMode(const BenchCrawlOptions& options, const BenchMode& mode,
                           const std::string& server) {
  const double began_s = static_cast<double>(WallClockMs() - 1) / 1000;
  ModeResult result{.mode = mode};
  if (mode.pipeline) {
    Result<LoadResult> load = RunPipeline(options, mode, server);
    if (!load) return load.error();
    result.load = std::move(*load);
  } else {
    result.load = RunLoad(UrlsOf(options, mode, server), mode.at_once, options.cpu_ms);
  }
  Flush(server);
  Result<RequestSpans> spans = SpansOf(options.metrics_path, mode.name, began_s);
  if (!spans) return spans.error();
  result.spans = std::move(*spans);
  return result;
}

}  // namespace thresh
