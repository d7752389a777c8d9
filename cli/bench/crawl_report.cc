#include "cli/bench/crawl_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "cli/plot/figure.h"
#include "lib/text/json_object.h"
#include "lib/text/numbers.h"

namespace thresh {
namespace {

constexpr std::size_t kMostLines = 2000;   // Of a call graph; more could not be told apart.
constexpr std::size_t kMostColumns = 800;  // Of a curve.

std::string Seconds(double s) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), s < 10 ? "%.2f s" : "%.1f s", s);
  return text.data();
}

std::string Row(const std::array<std::string, 8>& cells) {
  std::array<char, 256> text{};
  std::snprintf(text.data(), text.size(), "%-12s %9s %7s %11s %9s %8s %13s %13s\n",
                cells[0].c_str(), cells[1].c_str(), cells[2].c_str(), cells[3].c_str(),
                cells[4].c_str(), cells[5].c_str(), cells[6].c_str(), cells[7].c_str());
  return text.data();
}

std::string Ratio(double wall_s, double ideal_s) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", ideal_s > 0 ? wall_s / ideal_s : 0);
  return text.data();
}

Panel CallGraph(const ModeResult& result, double seconds, const TimeUnit& unit) {
  const std::size_t each = (result.spans.size() + kMostLines - 1) / kMostLines;
  Panel panel{.title = result.mode.name + ": " + Seconds(result.load.wall_s),
              .x = {.label = std::string("time since the first request, ") + unit.name,
                    .max = seconds / unit.seconds},
              .y = {.label = "request"},
              .empty = "the server noted no request"};
  if (each > 1) panel.y.label += " (each " + std::to_string(each) + "th)";
  for (std::size_t i = 0; i < result.spans.size(); i += each) {
    const double zero = result.spans.front().start;
    panel.spans.push_back({.from = (result.spans[i].start - zero) / unit.seconds,
                           .to = (result.spans[i].end - zero) / unit.seconds,
                           .at = static_cast<double>(i + 1)});
  }
  return panel;
}

// At most one value for each column: the largest.
std::vector<Point> Columns(const std::vector<OpenCount>& counts, const TimeUnit& unit) {
  std::vector<Point> points{{0, 0}};
  const double width = counts.empty() ? 0 : counts.back().at_s / static_cast<double>(kMostColumns);
  double column_ends = -1;
  for (const OpenCount& count : counts) {
    const Point point{count.at_s / unit.seconds, static_cast<double>(count.open)};
    if (counts.size() > kMostColumns * 2 && count.at_s < column_ends) {
      points.back().y = std::max(points.back().y, point.y);
    } else {
      points.push_back(point);
      column_ends = count.at_s + width;
    }
  }
  if (!counts.empty()) points.push_back({counts.back().at_s / unit.seconds, 0});
  return points;
}

Panel OpenGraph(const ModeResult& result, double seconds, const TimeUnit& unit, double most) {
  Panel panel{
      .title = result.mode.name + ": " + WithThousands(result.most_at_once()) + " at once at most",
      .x = {.label = std::string("time since the first request, ") + unit.name,
            .max = seconds / unit.seconds},
      .y = {.label = "open requests", .max = most * 1.1},
      .empty = "the server noted no request"};
  if (result.spans.empty()) return panel;
  panel.curves.push_back({.name = "open",
                          .points = Columns(OpenCounts(result.spans), unit),
                          .filled = true,
                          .steps = true});
  return panel;
}

}  // namespace

std::string CrawlTable(const std::vector<ModeResult>& results, double ideal_s) {
  std::string table = Row(
      {"", "requests", "errors", "body bytes", "wall", "x ideal", "first to last", "most at once"});
  std::string notes;
  for (const ModeResult& r : results) {
    const bool is_noted = !r.spans.empty();
    table += Row({r.mode.name, WithThousands(r.load.requests), WithThousands(r.load.errors),
                  WithThousands(r.load.body_bytes), Seconds(r.load.wall_s),
                  Ratio(r.load.wall_s, ideal_s), is_noted ? Seconds(r.served_s()) : "-",
                  is_noted ? WithThousands(r.most_at_once()) : "-"});
    if (r.load.errors == 0) continue;
    notes += r.mode.name + ": " + WithThousands(r.load.errors) + " of " +
             WithThousands(r.load.requests) + " requests failed (" + r.load.first_error +
             "): its time says nothing\n";
  }
  return table + Row({"ideal", "", "", "", Seconds(ideal_s), "1.00", "", ""}) + notes;
}

std::string CrawlLines(const std::vector<ModeResult>& results, double ideal_s) {
  std::string lines;
  for (const ModeResult& r : results) {
    {
      JsonObject out(&lines);
      out.Text("mode", r.mode.name);
      out.Number("requests", r.load.requests);
      out.Number("errors", r.load.errors);
      out.TextOrNull("first_error", r.load.first_error);
      out.Number("body_bytes", r.load.body_bytes);
      out.Real("wall_s", r.load.wall_s);
      out.Real("first_to_last_s", r.served_s());
      out.Real("ideal_s", ideal_s);
      out.Number("most_at_once", r.most_at_once());
    }
    lines += '\n';
  }
  return lines;
}

std::string CrawlPicture(const BenchCrawlOptions& options, const std::vector<ModeResult>& results,
                         double ideal_s) {
  Figure figure{.title = WithThousands(options.requests) + " requests, each answered after " +
                         WithThousands(options.delay_ms) + " ms",
                .subtitle = "At most " + WithThousands(options.at_once) +
                            " at once; as the server noted them. The ideal is " + Seconds(ideal_s)};
  if (options.cpu_ms > 0) {
    figure.subtitle += ", with " + WithThousands(options.cpu_ms) + " ms of computing for each";
  }
  for (const ModeResult& result : results) {
    const double seconds = std::max(result.served_s(), 1e-3);
    const TimeUnit unit = TimeUnitFor(seconds);
    figure.panels.push_back(CallGraph(result, seconds, unit));
    figure.panels.push_back(
        OpenGraph(result, seconds, unit,
                  static_cast<double>(std::max<std::uint64_t>(1, result.most_at_once()))));
  }
  return figure.ToSvg();
}

}  // namespace thresh
