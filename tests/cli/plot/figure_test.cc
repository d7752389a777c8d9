#include "cli/plot/figure.h"

#include <doctest/doctest.h>

#include "cli/plot/run_figure.h"
#include "cli/plot/svg.h"

using namespace thresh;

namespace {

StatisticsLine LineAt(std::int64_t at_ms, std::uint64_t pages) {
  return {.at_ms = 1'700'000'000'000 + at_ms, .pid = 1, .pages = pages, .latency_us = {}};
}

const Panel& PanelOf(const Figure& figure, std::string_view title) {
  for (const Panel& panel : figure.panels) {
    if (panel.title.starts_with(title)) return panel;
  }
  FAIL("no panel " << title);
  return figure.panels.front();
}

}  // namespace

TEST_CASE("ticks are round numbers within the axis") {
  CHECK(RoundTicks(0, 1.02) == std::vector<double>{0, 0.5, 1});
  CHECK(RoundTicks(0, 1000) == std::vector<double>{0, 200, 400, 600, 800, 1000});
  CHECK(RoundTicks(5, 5) == std::vector<double>{5});
  for (const double max : {1e-6, 0.3, 7.0, 12345.0, 9e12}) {
    CAPTURE(max);
    const auto ticks = RoundTicks(0, max);
    CHECK(ticks.size() >= 3);
    CHECK(ticks.size() <= 8);
    CHECK(ticks.back() <= max * 1.0001);
  }
  CHECK(TickText(1500) == "1,500");
  CHECK(TickText(2.5e6) == "2.5M");
  CHECK(TickText(0.25) == "0.25");
  CHECK(TickText(0) == "0");
}

TEST_CASE("whatever a text has in it, the picture is XML") {
  SvgWriter svg(10, 10);
  svg.Text({1, 1}, "<&\"\x01\xff\xef\xbf\xbf>\xc3\xa9", {});
  const std::string text = svg.Finish();
  CHECK(text.find("&lt;&amp;&quot;   &gt;\xc3\xa9</text>") != std::string::npos);
}

TEST_CASE("a number that is none does not break a picture") {
  std::string text;
  for (const double value : {0.0, -0.04, 12.34, -1.25, 1.0 / 0.0, 0.0 / 0.0}) {
    AppendTenths(value, &text);
    text += ' ';
  }
  CHECK(text == "0 0 12.3 -1.3 0 0 ");
}

TEST_CASE("a panel without anything says so") {
  const std::string svg = Figure{.panels = {{.title = "t", .empty = "none at all"}}}.ToSvg();
  CHECK(svg.find(">none at all<") != std::string::npos);
}

TEST_CASE("rates of a run are those of its counts") {
  std::vector<StatisticsLine> lines;
  for (int s = 0; s <= 20; ++s)
    lines.push_back(LineAt(s * 1000, 50 * static_cast<std::uint64_t>(s)));
  const Figure figure = RunFigure("run", lines);
  const Panel& pages = PanelOf(figure, "Pages");
  CHECK(pages.x.label == "time, s");
  CHECK(*pages.x.max == doctest::Approx(20));
  CHECK(pages.curves[0].points.back().y == doctest::Approx(50));
  CHECK(figure.subtitle.find("1,000 pages, 0 records") != std::string::npos);  // No bytes counted.
}

TEST_CASE("a process that is started again begins its counts anew, and nothing is lost or twice") {
  std::vector<StatisticsLine> lines{LineAt(0, 0), LineAt(1000, 70), LineAt(2000, 30)};
  lines[1].latency_us = {{131072, 70}};
  lines[2].latency_us = {{131072, 30}};
  lines[2].pid = 2;
  const Figure figure = RunFigure("run", lines);
  CHECK(figure.subtitle.find("100 pages") != std::string::npos);
  double bars = 0;
  for (const Bar& bar : PanelOf(figure, "Requests").bars) bars += bar.height;
  CHECK(bars == 100);
}

TEST_CASE("the most frequent errors are shown, and a request that failed counts once") {
  std::vector<StatisticsLine> lines{LineAt(0, 0), LineAt(1000, 10)};
  for (int i = 0; i < 40; ++i) lines[1].failures["f" + std::to_string(i)] = 1;
  lines[1].failures["http_503"] = 9;
  lines[1].dead = {{"http_503", 3}, {"parse_crash", 2}};
  const Figure figure = RunFigure("run", lines);
  const Panel& errors = PanelOf(figure, "Errors");
  REQUIRE(errors.curves.size() == 5);
  CHECK(errors.curves[0].name == "http_503 (9)");
  CHECK(errors.curves[1].name == "parse_crash (2)");
  CHECK(errors.title == "Errors so far, and 37 more reasons (37)");
  lines[1].failures = {{"f", 2}};
  CHECK(PanelOf(RunFigure("run", lines), "Errors").title == "Errors so far");
}

TEST_CASE("any lines at all can be drawn") {
  std::vector<StatisticsLine> same(3, LineAt(0, 5));  // No time has passed.
  CHECK(!RunFigure("run", same).ToSvg().empty());
  std::vector<StatisticsLine> backwards{LineAt(5000, 5), LineAt(0, 3), LineAt(-1000, 9)};
  CHECK(!RunFigure("run", backwards).ToSvg().empty());
  std::vector<StatisticsLine> odd{LineAt(0, UINT64_MAX), LineAt(INT32_MAX, 0)};
  odd[1].latency_us = {{0, 1}, {7, 2}, {UINT64_MAX, 3}};
  odd[1].queued = UINT64_MAX;
  CHECK(!RunFigure("run", odd).ToSvg().empty());
}

TEST_CASE("a long run's picture is not larger than a short one's") {
  std::vector<StatisticsLine> lines;
  for (int i = 0; i < 4096; ++i) lines.push_back(LineAt(i * 200, static_cast<std::uint64_t>(i)));
  CHECK(RunFigure("run", lines).ToSvg().size() < 60'000);
}
