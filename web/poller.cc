#include "web/poller.h"

#include <poll.h>

#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "lib/base/time.h"
#include "lib/metrics/metric_set.h"
#include "lib/text/json.h"

namespace thresh {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kEvery{1};
constexpr seconds kLookLasts{10};
constexpr milliseconds kPatience{2000};
constexpr milliseconds kNap{50};
constexpr std::string_view kTapRequest = "{\"op\":\"tap\",\"per_s\":4}\n";

// An answer as it goes into the page's: itself, or why there is none.
std::string AnswerOr(const Result<std::string>& answer) {
  return answer ? *answer : "{\"ok\":false,\"error\":" + JsonString(answer.error().detail) + "}";
}

// The value under `key`, as JSON text; empty if there is none.
std::string Part(const Result<std::string>& answer, std::string_view key) {
  if (!answer) return {};
  simdjson::dom::parser parser;
  simdjson::dom::element value;
  if (parser.parse(*answer)[key].get(value) != simdjson::SUCCESS) return {};
  return simdjson::minify(value);
}

}  // namespace

Poller::Poller(std::string fetcher_socket, std::string sink_socket)
    : fetcher_(std::move(fetcher_socket), "thresh-fetcher"),
      sink_(sink_socket, "thresh-sink"),
      tap_(std::move(sink_socket), "thresh-sink"),
      thread_([this] { Run(); }) {}

Poller::~Poller() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Poller::Look() {
  {
    const std::lock_guard lock(mutex_);
    looked_at_ = Clock::now().time_since_epoch().count();
  }
  changed_.notify_one();
}

bool Poller::wanted() const {
  const Clock::time_point looked{Clock::duration(looked_at_.load())};
  return looked_at_ != 0 && Clock::now() - looked < kLookLasts;
}

void Poller::Sleep(Clock::time_point until) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, until, [this] { return stopping_.load(); });
}

void Poller::SleepUntilWanted() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopping_ || wanted(); });
}

void Poller::Run() {
  auto due = Clock::now();
  while (!stopping_) {
    if (!wanted()) {
      fetcher_.Close();
      sink_.Close();
      tap_.Close();
      taps_ = false;
      SleepUntilWanted();
      due = Clock::now();
      continue;
    }
    AskBoth();
    due = std::max(due + kEvery, Clock::now());
    ReadTap(due);
  }
}

void Poller::AskBoth() {
  const auto status = fetcher_.Ask(R"({"op":"status"})", kPatience);
  const auto none = Result<std::string>(Error{Errc::kUnavailable, ""});
  const auto ask = [&](const char* request) {
    return status ? fetcher_.Ask(request, kPatience) : none;
  };
  const auto metrics = ask(R"({"op":"metrics"})");
  const auto hosts = ask(R"({"op":"hosts","limit":25})");
  const auto parsers = ask(R"({"op":"parsers"})");
  const auto sink = sink_.Ask(R"({"op":"status"})", kPatience);
  const auto sink_metrics = sink ? sink_.Ask(R"({"op":"metrics"})", kPatience) : none;
  MetricSet both;
  for (const auto* answer : {&metrics, &sink_metrics}) {
    if (auto set = MetricSet::FromJson(Part(*answer, "metrics"))) both.Take(*set);
  }
  std::string host_list = Part(hosts, "hosts"), parser_list = Part(parsers, "parsers");
  std::string live = "\"fetcher\":" + AnswerOr(status) + ",\"sink\":" + AnswerOr(sink) +
                     ",\"metrics\":" + both.ToJson() +
                     ",\"hosts\":" + (host_list.empty() ? "[]" : host_list) +
                     ",\"parsers\":" + (parser_list.empty() ? "[]" : parser_list);
  history_.Take(WallClockMs(), both, static_cast<bool>(metrics), static_cast<bool>(sink_metrics),
                std::move(live));
}

// What the sink tells meanwhile.
void Poller::ReadTap(Clock::time_point until) {
  if (!taps_) {
    taps_ = tap_.Send(kTapRequest, until).ok();
    if (!taps_) return Sleep(until);
  }
  while (!stopping_ && Clock::now() < until) {
    const auto line = tap_.ReadLine(std::min(until, Clock::now() + kNap));
    if (line && line->starts_with("{\"tap\"")) history_.TakeRecord(*line);
    if (line || line.error().code == Errc::kTimeout) continue;
    taps_ = false;
    return Sleep(until);
  }
}

}  // namespace thresh
