#include "cli/plot/run_figure.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <utility>

#include "cli/numbers.h"
#include "lib/base/time.h"
#include "lib/metrics/histogram.h"

namespace thresh {
namespace {

using Counts = std::map<std::string, std::uint64_t>;
using Buckets = std::map<std::size_t, std::uint64_t>;  // Of Histogram's half doublings.

constexpr std::size_t kMostPoints = 400;  // Of a curve: what its panel is wide.
constexpr std::size_t kMostReasons = 5;

// One look, with what all processes did until then; counts never fall.
struct Moment {
  double at_s = 0;
  double every_s = 0;  // Since the look before, at most.
  std::uint64_t pages = 0, records = 0, body_bytes = 0;
  Counts errors;
  Buckets latency;
  StatisticsLine now;
};

// What a count has grown by: with another process it began anew at 0.
std::uint64_t Growth(std::uint64_t before, std::uint64_t now, bool same_process) {
  return same_process && now >= before ? now - before : now;
}

Counts GrowthOf(const Counts& before, const Counts& now, bool same_process) {
  Counts grown;
  for (const auto& [reason, count] : now) {
    const auto was = before.find(reason);
    const std::uint64_t earlier = was != before.end() ? was->second : 0;
    if (const auto more = Growth(earlier, count, same_process); more > 0) grown[reason] = more;
  }
  return grown;
}

Buckets BucketsOf(const StatisticsLine& line) {
  Buckets buckets;
  for (const auto& [bound, count] : line.latency_us) {
    buckets[Histogram::HalfDoublingOf(bound)] += count;
  }
  return buckets;
}

Buckets GrowthOf(const Buckets& before, const Buckets& now, bool same_process) {
  Buckets grown;
  for (const auto& [bound, count] : now) {
    const auto was = before.find(bound);
    const std::uint64_t earlier = was != before.end() ? was->second : 0;
    if (const auto more = Growth(earlier, count, same_process); more > 0) grown[bound] = more;
  }
  return grown;
}

// Records of the state go on; what was there before the first line is not this picture's.
std::vector<Moment> MomentsOf(const std::vector<StatisticsLine>& lines) {
  std::vector<Moment> moments;
  Moment sum;
  StatisticsLine before;
  before.records = lines.front().records;
  for (const StatisticsLine& line : lines) {
    const bool same = line.pid == before.pid;
    sum.at_s = std::max(sum.at_s, static_cast<double>(line.at_ms - lines.front().at_ms) / 1000);
    sum.pages += Growth(before.pages, line.pages, same);
    sum.body_bytes += Growth(before.body_bytes, line.body_bytes, same);
    sum.records += Growth(before.records, line.records, true);
    for (const auto& [reason, n] : GrowthOf(before.failures, line.failures, same)) {
      sum.errors[reason] += n;
    }
    for (const auto& [reason, n] : GrowthOf(before.dead, line.dead, true)) {
      if (!line.failures.contains(reason)) sum.errors[reason] += n;  // Else it is counted there.
    }
    for (const auto& [bound, n] : GrowthOf(BucketsOf(before), BucketsOf(line), same)) {
      sum.latency[bound] += n;
    }
    sum.now = line;
    moments.push_back(sum);
    before = line;
  }
  return moments;
}

// Of looks that would share a point, the last: counts grow, so none is lost.
std::vector<Moment> Thinned(std::vector<Moment> moments) {
  if (moments.size() <= kMostPoints) return moments;
  const double width = moments.back().at_s / kMostPoints;
  std::vector<Moment> thin{moments.front()};
  for (std::size_t i = 1; i < moments.size(); ++i) {
    const bool is_last = i + 1 == moments.size();
    if (is_last || moments[i].at_s - thin.back().at_s >= width) thin.push_back(moments[i]);
  }
  return thin;
}

// Looks are at least this far apart, so that a rate is one, and not noise.
constexpr double kRateOver_s = 1.0;

Curve RateCurve(std::string name, const std::vector<Moment>& moments, double seconds,
                const std::function<std::uint64_t(const Moment&)>& count) {
  Curve curve{.name = std::move(name), .filled = true};
  const double over = std::min(kRateOver_s, moments.back().at_s / 10);
  std::size_t from = 0;
  curve.points.push_back({0, 0});
  for (std::size_t i = 1; i < moments.size(); ++i) {
    while (from + 1 < i && moments[i].at_s - moments[from + 1].at_s >= over) ++from;
    const double took = moments[i].at_s - moments[from].at_s;
    if (took <= 0) continue;
    const double grown = static_cast<double>(count(moments[i]) - count(moments[from]));
    curve.points.push_back({moments[i].at_s / seconds, grown / took});
  }
  return curve;
}

Curve NowCurve(std::string name, const std::vector<Moment>& moments, double seconds,
               std::uint64_t StatisticsLine::*member) {
  Curve curve{.name = std::move(name)};
  for (const Moment& m : moments) {
    curve.points.push_back({m.at_s / seconds, static_cast<double>(m.now.*member)});
  }
  return curve;
}

std::string DurationText(double us) {
  std::array<char, 32> text{};
  const char* unit = us < 1000 ? "µs" : us < 1e6 ? "ms" : "s";
  const double value = us < 1000 ? us : us < 1e6 ? us / 1000 : us / 1e6;
  std::snprintf(text.data(), text.size(), "%.3g %s", value, unit);
  return text.data();
}

// Each bar a bucket; buckets are of the same width on the axis, as each is half a doubling. There
// are some empty ones on both sides, so that there is something to compare with.
Panel LatencyPanel(const Buckets& latency) {
  constexpr std::size_t kAround = 3;
  Panel panel{.title = "Requests by how long they took",
              .x = {.label = "from a request's start to its end"},
              .y = {.label = "requests"},
              .empty = "no request has ended"};
  if (latency.empty()) return panel;
  const std::size_t first = latency.begin()->first - std::min(latency.begin()->first, kAround);
  const std::size_t end =
      std::min(latency.rbegin()->first + 1 + kAround, Histogram::kHalfDoublings);
  const auto edge = [first](std::size_t at) { return static_cast<double>(at - first); };
  for (const auto& [at, count] : latency) {
    panel.bars.push_back(
        {.from = edge(at), .to = edge(at + 1), .height = static_cast<double>(count)});
  }
  panel.x.max = edge(end);
  const std::size_t each = (end - first + 7) / 8;
  for (std::size_t at = first; at < end; at += each) {
    const std::uint64_t below = at > 0 ? Histogram::HalfDoublingBound(at - 1) : 0;
    panel.x.ticks.emplace_back(edge(at), DurationText(static_cast<double>(below)));
  }
  return panel;
}

Panel ErrorPanel(const std::vector<Moment>& moments, double seconds, const std::string& x_label) {
  Panel panel{
      .title = "Errors so far", .x = {.label = x_label}, .y = {.label = "errors"}, .empty = "none"};
  std::vector<std::pair<std::uint64_t, std::string>> reasons;
  for (const auto& [reason, count] : moments.back().errors) reasons.emplace_back(count, reason);
  std::stable_sort(reasons.begin(), reasons.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::uint64_t others = 0;
  for (std::size_t i = kMostReasons; i < reasons.size(); ++i) others += reasons[i].first;
  const std::size_t left_out = reasons.size() - std::min(reasons.size(), kMostReasons);
  reasons.resize(reasons.size() - left_out);
  for (const auto& [count, reason] : reasons) {
    Curve curve{.name = reason + " (" + WithThousands(count) + ")", .steps = true};
    for (const Moment& m : moments) {
      const auto found = m.errors.find(reason);
      const std::uint64_t so_far = found != m.errors.end() ? found->second : 0;
      curve.points.push_back({m.at_s / seconds, static_cast<double>(so_far)});
    }
    panel.curves.push_back(std::move(curve));
  }
  if (panel.curves.size() == 1) panel.title += ": " + panel.curves[0].name;
  if (left_out > 0) {
    panel.title += ", and " + Amount(left_out, "more reason") + " (" + WithThousands(others) + ")";
  }
  return panel;
}

std::string SubtitleOf(const Moment& last, std::int64_t began_ms) {
  std::array<char, 64> took{};
  const TimeUnit unit = TimeUnitFor(last.at_s);
  std::snprintf(took.data(), took.size(), "%.1f %s", last.at_s / unit.seconds, unit.name);
  std::uint64_t dead = 0;
  for (const auto& [reason, count] : last.now.dead) dead += count;
  std::string text = "From " + FormatUtc(began_ms).substr(0, 19) + "Z, " + took.data() + ": " +
                     Amount(last.pages, "page");
  if (last.body_bytes > 0) text += " (" + AsBytes(last.body_bytes) + ")";
  return text + ", " + Amount(last.records, "record") + ", " + WithThousands(dead) + " dead";
}

}  // namespace

Figure RunFigure(const std::string& name, const std::vector<StatisticsLine>& lines) {
  const std::vector<Moment> moments = Thinned(MomentsOf(lines));
  const TimeUnit unit = TimeUnitFor(moments.back().at_s);
  const std::string time = std::string("time, ") + unit.name;
  const double s = unit.seconds;
  Figure figure{.title = name, .subtitle = SubtitleOf(moments.back(), lines.front().at_ms)};
  const auto over_time = [&](const char* title, const char* y, std::vector<Curve> curves) {
    figure.panels.push_back({.title = title,
                             .x = {.label = time, .max = std::max(moments.back().at_s / s, 1e-3)},
                             .y = {.label = y},
                             .curves = std::move(curves)});
  };
  over_time("Pages fetched", "pages/s",
            {RateCurve("pages", moments, s, [](const Moment& m) { return m.pages; })});
  over_time("Records written", "records/s",
            {RateCurve("records", moments, s, [](const Moment& m) { return m.records; })});
  over_time("Under way", "pages",
            {NowCurve("fetching", moments, s, &StatisticsLine::in_flight),
             NowCurve("waiting", moments, s, &StatisticsLine::waiting),
             NowCurve("parsing", moments, s, &StatisticsLine::leased)});
  over_time("Queue", "URLs", {NowCurve("queued", moments, s, &StatisticsLine::queued)});
  figure.panels.back().curves[0].filled = true;
  figure.panels.push_back(LatencyPanel(moments.back().latency));
  figure.panels.push_back(ErrorPanel(moments, s, time));
  figure.panels.back().x.max = figure.panels.front().x.max;
  return figure;
}

}  // namespace thresh
