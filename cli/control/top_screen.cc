#include "cli/control/top_screen.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "cli/numbers.h"
#include "cli/run/summary.h"
#include "lib/text/utf8.h"

namespace thresh {
namespace {

constexpr std::chrono::milliseconds kRateOver{5'500};
constexpr const char* kBold = "\x1b[1m";
constexpr const char* kRed = "\x1b[31m";
constexpr const char* kInverse = "\x1b[7m";
constexpr const char* kPlain = "\x1b[0m";

std::size_t LettersIn(std::string_view text) {
  std::size_t letters = 0;
  for (const char c : text) letters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return letters;
}

std::string Left(std::string_view text, std::size_t width) {
  std::string fitted = FitText(text, width);
  return fitted + std::string(width - std::min(width, LettersIn(fitted)), ' ');
}

std::string Right(std::string_view text, std::size_t width) {
  std::string fitted = FitText(text, width);
  return std::string(width - std::min(width, LettersIn(fitted)), ' ') + fitted;
}

std::string Number(double number) {
  char text[32];
  if (number >= 100 || number == std::floor(number)) {
    return WithThousands(static_cast<std::uint64_t>(std::llround(number)));
  }
  std::snprintf(text, sizeof text, "%.1f", number);
  return text;
}

std::string Styled(const char* style, const std::string& line, const TopView& view) {
  return view.color ? style + line + kPlain : line;
}

}  // namespace

std::string FitText(std::string_view text, std::size_t letters) {
  std::string fitted;
  std::size_t have = 0;
  for (std::size_t at = 0; at < text.size() && have < letters; ++have) {
    const Utf8Char c = DecodeUtf8(text, at);
    const bool control = c.code_point < 0x20 || (c.code_point >= 0x7F && c.code_point < 0xA0) ||
                         (c.code_point >= 0x200B && c.code_point <= 0x200F) ||
                         (c.code_point >= 0x2028 && c.code_point <= 0x202E);
    AppendUtf8(control ? 0xFFFD : c.code_point, &fitted);
    at += c.length;
  }
  return fitted;
}

std::string AsLatency(std::optional<double> seconds) {
  if (!seconds) return "-";
  char text[32];
  const double ms = *seconds * 1000;
  if (ms >= 1000) {
    std::snprintf(text, sizeof text, "%.2f s", *seconds);
  } else {
    std::snprintf(text, sizeof text, ms >= 100 ? "%.0f ms" : "%.1f ms", ms);
  }
  return text;
}

void TopScreen::Take(Live live) {
  looks_.push_back(std::move(live));
  while (looks_.size() > 2 && looks_.back().at - looks_.front().at > kRateOver) {
    looks_.pop_front();
  }
}

// ---- Numbers --------------------------------------------------------------------------

std::string TopScreen::Rate(Metric metric) const {
  const auto growth = GrowthOf(metric, looks_.front(), looks_.back());
  return growth ? Number(*growth) : "-";
}

std::string TopScreen::RateLine() const {
  const auto bytes = GrowthOf(Metric::kFetchedBytes, looks_.front(), looks_.back());
  return Rate(Metric::kPagesFetched) + " pages/s   " + Rate(Metric::kRecords) + " records/s   " +
         (bytes ? AsBytes(static_cast<std::uint64_t>(*bytes)) : "-") + "/s   ETA " + EtaText();
}

// What is pending now, at the speed at which tasks end; new ones that will be found are not known.
std::string TopScreen::EtaText() const {
  const Live& now = looks_.back();
  if (now.status.pending == 0) return "done";
  double ended = 0;
  for (const Metric metric : {Metric::kTasksDone, Metric::kTasksDead, Metric::kTasksDropped}) {
    ended += GrowthOf(metric, looks_.front(), now).value_or(0);
  }
  return ended > 0 ? AsDuration(static_cast<double>(now.status.pending) / ended) : "-";
}

std::string TopScreen::Times(Metric metric) const {
  const auto* times = looks_.back().metrics.Times(metric);
  if (times == nullptr) return "- / -";
  return AsLatency(times->p50) + " / " + AsLatency(times->p99);
}

// ---- Lines ----------------------------------------------------------------------------

std::vector<std::string> TopScreen::Head(const TopView& view) const {
  const Live& now = looks_.back();
  const CrawlStatus& s = now.status;
  std::vector<std::string> lines;
  std::string title = "thresh top  " + title_;
  if (now.fetcher_fault.empty()) {
    title += "  up " + AsDuration(static_cast<double>(s.uptime_ms) / 1000);
    if (s.fetching != "on") title += "  fetching " + s.fetching;
    if (s.hosts_paused > 0) title += "  " + Amount(s.hosts_paused, "host") + " paused";
  }
  if (view.stopped) title += "  (stopped: space goes on)";
  lines.push_back(Styled(kBold, FitText(title, view.columns), view));
  const auto fault = [&](const std::string& what) {
    lines.push_back(Styled(kRed, FitText(what, view.columns), view));
  };
  if (!now.fetcher_fault.empty()) fault(now.fetcher_fault);
  if (!now.sink_fault.empty()) fault(now.sink_fault);
  if (!s.paused.empty()) fault("fetcher paused: " + s.paused);
  if (!now.sink_paused.empty()) fault("sink paused: " + now.sink_paused);
  const auto line = [&](const char* label, const std::string& text) {
    lines.push_back(FitText(Left(label, 9) + text, view.columns));
  };
  line("rates", RateLine());
  line("queue", WithThousands(s.queued) + " queued   " + WithThousands(s.in_flight) +
                    " in flight   " + WithThousands(s.waiting) + " waiting   " +
                    WithThousands(s.leased) + " leased   " + WithThousands(s.awaiting_ack) +
                    " at sink");
  line("ended", WithThousands(s.done) + " done   " + WithThousands(s.dead_count()) + " dead   " +
                    WithThousands(s.dropped_count()) + " dropped   " +
                    Number(now.metrics.Value(Metric::kRecords)) + " records");
  line("p50/p99", "fetch " + Times(Metric::kFetchSeconds) + "   parse " +
                      Times(Metric::kParseSeconds) + "   commit " + Times(Metric::kCommitSeconds));
  if (!s.dead.empty()) line("dead", ReasonList(s.dead));
  lines.emplace_back();
  return lines;
}

std::vector<std::string> TopScreen::Parsers(const TopView& view) const {
  using Sort = TopView::ParserSort;
  std::vector<LiveParser> parsers = looks_.back().parsers;
  std::stable_sort(parsers.begin(), parsers.end(), [&](const LiveParser& a, const LiveParser& b) {
    switch (view.parsers) {
      case Sort::kRate: return a.pages_per_s > b.pages_per_s;
      case Sort::kMemory: return a.memory_bytes > b.memory_bytes;
      case Sort::kParsed: return a.parsed > b.parsed;
      case Sort::kPid: break;
    }
    return a.pid < b.pid;
  });
  const auto mark = [&](Sort sort, const char* name) {
    return std::string(view.parsers == sort ? "*" : "") + name;
  };
  constexpr std::size_t kFixed = 8 + 9 + 10 + 11 + 8 + 11;
  const std::size_t rest = view.columns > kFixed ? view.columns - kFixed : 0;
  const std::string head = Right(mark(Sort::kPid, "PARSER"), 8) + Right("STATE", 9) +
                           Right(mark(Sort::kRate, "PAGES/S"), 10) +
                           Right(mark(Sort::kParsed, "PARSED"), 11) + Right("LEASED", 8) +
                           Right(mark(Sort::kMemory, "MEMORY"), 10) + " " + Left("LAST PAGE", rest);
  std::vector<std::string> lines{Styled(kInverse, Left(head, view.columns), view)};
  for (const LiveParser& p : parsers) {
    lines.push_back(FitText(
        Right(std::to_string(p.pid), 8) + Right(p.state, 9) + Right(Number(p.pages_per_s), 10) +
            Right(WithThousands(p.parsed), 11) + Right(std::to_string(p.leased), 8) +
            Right(p.memory_bytes > 0 ? AsBytes(p.memory_bytes) : "-", 10) + " " +
            Left(p.last_url, rest),
        view.columns));
  }
  if (parsers.empty()) lines.emplace_back("  no parser has joined");
  return lines;
}

std::vector<std::string> TopScreen::Hosts(const TopView& view) const {
  using Sort = TopView::HostSort;
  std::vector<LiveHost> hosts = looks_.back().hosts;
  std::stable_sort(hosts.begin(), hosts.end(), [&](const LiveHost& a, const LiveHost& b) {
    switch (view.hosts) {
      case Sort::kInFlight: return a.in_flight > b.in_flight;
      case Sort::kRate: return a.pages_per_s > b.pages_per_s;
      case Sort::kQueued: return a.queued > b.queued;
      case Sort::kName: break;
    }
    return a.host < b.host;
  });
  const auto mark = [&](Sort sort, const char* name) {
    return std::string(view.hosts == sort ? "*" : "") + name;
  };
  constexpr std::size_t kFixed = 11 + 10 + 9 + 8 + 14;
  const std::size_t rest = view.columns > kFixed + 8 ? view.columns - kFixed : 8;
  const std::string head =
      Left(mark(Sort::kName, "HOST"), rest) + Right(mark(Sort::kInFlight, "IN FLIGHT"), 11) +
      Right(mark(Sort::kRate, "PAGES/S"), 10) + Right(mark(Sort::kQueued, "QUEUED"), 9) +
      Right("DELAY", 8) + Right("STATE", 14);
  std::vector<std::string> lines{Styled(kInverse, Left(head, view.columns), view)};
  for (const LiveHost& h : hosts) {
    const std::string state = h.paused                   ? "paused"
                              : h.breaker != "closed"    ? "no answer"
                              : !h.backoff_until.empty() ? "till " + h.backoff_until.substr(11, 8)
                              : h.robots == "waits" || h.robots == "unreachable" ? "robots.txt"
                                                                                 : "";
    lines.push_back(FitText(
        Left(h.host, rest) + Right(std::to_string(h.in_flight), 11) +
            Right(Number(h.pages_per_s), 10) +
            Right(WithThousands(h.queued) + (h.queued_more ? "+" : ""), 9) +
            Right(h.delay_ms > 0 ? AsLatency(static_cast<double>(h.delay_ms) / 1000) : "-", 8) +
            Right(state, 14),
        view.columns));
  }
  return lines;
}

std::vector<std::string> TopScreen::Metrics() const {
  std::vector<std::string> lines;
  const Live& now = looks_.back();
  for (std::size_t i = 0; i < kMetrics.size(); ++i) {
    const auto metric = static_cast<Metric>(i);
    const MetricInfo& info = kMetrics[i];
    if (now.metrics.Times(metric) != nullptr) {
      lines.push_back(Left(info.name, 42) + Right(Times(metric), 20) + "  p50 / p99");
    }
    for (const auto& [label, value] : now.metrics.Values(metric)) {
      const bool alone = now.metrics.Values(metric).size() == 1;
      std::string line = Left(info.name, 42) + Right(Number(value), 14);
      if (!label.empty()) line += "  " + std::string(info.label) + "=" + label;
      if (alone && info.kind == MetricKind::kCounter) line += "  " + Rate(metric) + "/s";
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

// The lower part: parsers have at most half of what there is if hosts need the rest.
std::vector<std::string> TopScreen::Body(const TopView& view) const {
  std::vector<std::string> lines;
  if (view.metrics) {
    for (const std::string& line : Metrics()) lines.push_back(FitText(line, view.columns));
    return lines;
  }
  lines = Parsers(view);
  lines.emplace_back();
  for (std::string& line : Hosts(view)) lines.push_back(std::move(line));
  return lines;
}

std::size_t TopScreen::MostScroll(const TopView& view) const {
  const std::size_t head = Head(view).size(), body = Body(view).size();
  const std::size_t room = view.rows > head + 1 ? view.rows - head - 1 : 1;
  return body > room ? body - room : 0;
}

std::vector<std::string> TopScreen::Lines(const TopView& view) const {
  std::vector<std::string> lines = Head(view);
  const std::vector<std::string> body = Body(view);
  const std::size_t last = view.rows > 0 ? view.rows - 1 : 0;  // For the keys.
  const std::size_t scroll = std::min(view.scroll, MostScroll(view));
  for (std::size_t i = scroll; i < body.size() && lines.size() < last; ++i) {
    lines.push_back(body[i]);
  }
  lines.resize(last);
  std::string keys = "q quit  p/h sort  m metrics  space stop";
  if (MostScroll(view) > 0) keys += "  up/down scroll";
  if (view.rows > 0) lines.push_back(Styled(kBold, FitText(keys, view.columns), view));
  return lines;
}

}  // namespace thresh
