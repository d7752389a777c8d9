#include "web/api.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

#include <simdjson.h>

#include "lib/io/socket_path.h"
#include "lib/metrics/metric_set.h"
#include "lib/text/json_object.h"
#include "lib/text/utf8.h"
#include "parser/body/content_coding.h"
#include "web/daemon_socket.h"

namespace thresh {
namespace {

using simdjson::dom::element;
using std::chrono::milliseconds;

constexpr milliseconds kPatience{10'000};
constexpr milliseconds kHealthPatience{2'000};
constexpr std::size_t kMostBodyBytes = 1 << 20;  // Of a letter's body, unpacked.
constexpr std::uint64_t kMostLetters = 100;
constexpr std::size_t kLinesAtOnce = 256;
constexpr const char* kServiceFeed = "/run/thresh-feed.sock";  // As in thresh-feed.socket.

std::uint64_t NumberOf(const std::string& text) {
  return std::strtoull(text.c_str(), nullptr, 10);
}

Reply ReplyOf(const Result<std::string>& answer) {
  if (!answer) return Fault(503, answer.error().detail);
  if (answer->starts_with("{\"ok\":false")) return {.status = 400, .text = *answer};
  return {.text = *answer};
}

std::string FromBase64(std::string_view text) {
  std::string bytes;
  unsigned bits = 0;
  int have = 0;
  for (const char c : text) {
    const int digit = c >= 'A' && c <= 'Z'   ? c - 'A'
                      : c >= 'a' && c <= 'z' ? c - 'a' + 26
                      : c >= '0' && c <= '9' ? c - '0' + 52
                      : c == '+'             ? 62
                      : c == '/'             ? 63
                                             : -1;
    if (digit < 0) break;
    bits = (bits << 6 | static_cast<unsigned>(digit)) & 0xFFFFFF;
    have += 6;
    if (have < 8) continue;
    have -= 8;
    bytes.push_back(static_cast<char>(bits >> have & 0xFF));
  }
  return bytes;
}

// The body as people read it. What cannot be unpacked, as it was cut, is shown as it is.
std::string TextOf(const std::string& body, const std::string& coding, std::string* note) {
  if (coding.empty() || coding == "identity") return RepairUtf8(body);
  std::string buffer;
  const Result<std::string_view> unpacked = DecodeContent(coding, body, kMostBodyBytes, &buffer);
  if (unpacked) return RepairUtf8(*unpacked);
  *note = "packed (" + coding + ") and not unpacked: " + unpacked.error().detail;
  return RepairUtf8(body);
}

}  // namespace

Reply Fault(int status, std::string_view why) {
  return {.status = status, .text = "{\"ok\":false,\"error\":" + JsonString(why) + "}"};
}

Api::Api(const std::string& run_dir, std::string feed_socket)
    : fetcher_socket_(SocketPath(run_dir, "fetcher.sock")),
      sink_socket_(SocketPath(run_dir, "sink.sock")),
      feed_socket_(std::move(feed_socket)),
      own_feed_socket_(SocketPath(run_dir, "feed.sock")),
      poller_(fetcher_socket_, sink_socket_) {}

Reply Api::AskFetcher(const std::string& request) const {
  return ReplyOf(DaemonSocket(fetcher_socket_, "thresh-fetcher").Ask(request, kPatience));
}

Reply Api::AskSink(const std::string& request) const {
  return ReplyOf(DaemonSocket(sink_socket_, "thresh-sink").Ask(request, kPatience));
}

Reply Api::Live(const ParameterFn& get) {
  poller_.Look();
  return {.text = poller_.history().Json(NumberOf(get("since")), NumberOf(get("records_since")))};
}

Reply Api::Ledger() const {
  return AskFetcher(R"({"op":"ledger"})");
}

Reply Api::Search(const ParameterFn& get) const {
  std::string request;
  {
    JsonObject asked(&request);
    asked.Text("op", "search");
    asked.Text("url", get("url"));
    asked.Number("limit", 50);
    if (const std::string from = get("from"); !from.empty()) asked.Text("from", from);
  }
  return AskFetcher(request);
}

Reply Api::Why(const ParameterFn& get) const {
  return AskFetcher(R"({"op":"why","url":)" + JsonString(get("url")) + "}");
}

Reply Api::Jobs(const ParameterFn& get) const {
  std::string request;
  {
    JsonObject asked(&request);
    asked.Text("op", "jobs");
    asked.Number("limit", 50);
    if (const std::string job = get("job"); !job.empty()) asked.Text("job", job);
    if (const std::string from = get("from"); !from.empty()) asked.Text("from", from);
  }
  return AskFetcher(request);
}

Reply Api::Letters(const ParameterFn& get) const {
  std::string request;
  {
    JsonObject asked(&request);
    asked.Text("op", "letters");
    const std::uint64_t wanted = NumberOf(get("limit"));
    asked.Number("limit", std::clamp<std::uint64_t>(wanted == 0 ? 25 : wanted, 1, kMostLetters));
    if (const std::string before = get("before"); !before.empty()) {
      asked.Number("before", NumberOf(before));
    }
    if (const std::string reason = get("reason"); !reason.empty()) asked.Text("reason", reason);
    if (const std::string text = get("text"); !text.empty()) asked.Text("text", text);
  }
  return AskSink(request);
}

Reply Api::LetterBody(const ParameterFn& get) const {
  const Reply kept = AskSink(R"({"op":"letter_body","name":)" + JsonString(get("name")) + "}");
  if (kept.status != 200) return kept;
  simdjson::dom::parser parser;
  element root;
  std::string_view packed;
  std::uint64_t bytes = 0;
  bool cut = false;
  if (parser.parse(kept.text).get(root) != simdjson::SUCCESS ||
      root["base64"].get(packed) != simdjson::SUCCESS ||
      root["bytes"].get(bytes) != simdjson::SUCCESS || root["cut"].get(cut) != simdjson::SUCCESS) {
    return Fault(502, "thresh-sink: not a body");
  }
  std::string note, json;
  const std::string text = TextOf(FromBase64(packed), get("coding"), &note);
  {
    JsonObject answer(&json);
    answer.Bool("ok", true);
    answer.Number("bytes", bytes);
    answer.Bool("cut", cut);
    answer.TextOrNull("note", note);
    answer.Text("text", text);
  }
  return {.text = std::move(json)};
}

Reply Api::Prometheus() const {
  MetricSet both;
  const std::pair<const std::string&, const char*> daemons[] = {{fetcher_socket_, "fetcher"},
                                                                {sink_socket_, "sink"}};
  for (const auto& [socket, name] : daemons) {
    const auto answer =
        DaemonSocket(socket, std::string("thresh-") + name).Ask(R"({"op":"metrics"})", kPatience);
    simdjson::dom::parser parser;
    element metrics;
    const bool up = answer && parser.parse(*answer)["metrics"].get(metrics) == simdjson::SUCCESS;
    const auto set = MetricSet::FromJson(up ? std::string(simdjson::minify(metrics)) : "{}");
    if (set) both.Take(*set);
    if (!up) both.Add(Metric::kUp, name, 0);
  }
  both.Add(Metric::kBuildInfo, THRESH_VERSION, 1);
  return {.text = both.ToPrometheus(), .type = "text/plain; version=0.0.4; charset=utf-8"};
}

Reply Api::Health() const {
  const auto state = [](const std::string& socket, const char* name) {
    const auto answer = DaemonSocket(socket, name).Ask(R"({"op":"status"})", kHealthPatience);
    return answer ? std::string("ok") : answer.error().detail;
  };
  const std::string fetcher = state(fetcher_socket_, "thresh-fetcher");
  const std::string sink = state(sink_socket_, "thresh-sink");
  const bool well = fetcher == "ok" && sink == "ok";
  std::string json;
  {
    JsonObject answer(&json);
    answer.Bool("ok", well);
    answer.Text("fetcher", fetcher);
    answer.Text("sink", sink);
  }
  return {.status = well ? 200 : 503, .text = json + "\n"};
}

// Looked for each time: which it is shows when the fetcher comes up.
const char* Api::FeedSocket() const {
  if (!feed_socket_.empty()) return feed_socket_.c_str();
  const char* const own = own_feed_socket_.c_str();
  return ::access(own, F_OK) == 0 || ::access(kServiceFeed, F_OK) != 0 ? own : kServiceFeed;
}

// The feed answers each line in its order. So many at once that neither waits for the other.
Reply Api::Feed(std::string_view lines) const {
  DaemonSocket feed(FeedSocket(), "the feed");
  std::string answers;
  while (!lines.empty()) {
    std::string some;
    std::size_t count = 0;
    for (; !lines.empty() && count < kLinesAtOnce; ++count) {
      const std::size_t end = std::min(lines.find('\n'), lines.size());
      some.append(lines.substr(0, end)).push_back('\n');
      lines.remove_prefix(std::min(end + 1, lines.size()));
    }
    const auto until = std::chrono::steady_clock::now() + kPatience;
    if (Result<> sent = feed.Send(some, until); !sent) return Fault(503, sent.error().detail);
    for (; count > 0; --count) {
      const auto answer = feed.ReadLine(until);
      if (!answer) return Fault(503, answer.error().detail + "; lines may have been fed");
      answers += *answer + "\n";
    }
  }
  return {.text = std::move(answers), .type = "application/x-ndjson"};
}

}  // namespace thresh
