#include "cli/plot/figure.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "cli/plot/svg.h"
#include "lib/text/numbers.h"

namespace thresh {
namespace {

constexpr double kPanelWidth = 480, kPanelHeight = 250;
constexpr double kLeft = 62, kRight = 16, kTop = 36, kBottom = 44;
constexpr double kHead = 58;  // Of the picture, for its title.
constexpr std::string_view kInk = "#1f2328", kGrid = "#e6e8eb", kFrame = "#afb8c1";
constexpr std::array<std::string_view, 7> kColors{"#1f6feb", "#d9730d", "#2a9d5c", "#c93c37",
                                                  "#8250df", "#0f8b8d", "#6e7781"};

using Anchor = SvgWriter::Anchor;

// Of an axis, as it lies in what is drawn.
double Max(const Panel& panel, double min, double Point::*of_point, double Span::*of_span,
           double Bar::*of_bar) {
  double max = min;
  for (const Curve& curve : panel.curves) {
    for (const Point& p : curve.points) max = std::max(max, p.*of_point);
  }
  for (const Span& span : panel.spans) max = std::max(max, span.*of_span);
  for (const Bar& bar : panel.bars) max = std::max(max, bar.*of_bar);
  return max;
}

double MaxX(const Panel& panel) {
  return Max(panel, panel.x.min, &Point::x, &Span::to, &Bar::to);
}

double MaxY(const Panel& panel) {
  return Max(panel, panel.y.min, &Point::y, &Span::at, &Bar::height);
}

bool HasAny(const Panel& panel) {
  const auto has_points = [](const Curve& curve) { return !curve.points.empty(); };
  return !panel.spans.empty() || !panel.bars.empty() ||
         std::any_of(panel.curves.begin(), panel.curves.end(), has_points);
}

// One panel, with its upper left corner at `origin`.
class PanelDrawing {
 public:
  PanelDrawing(const Panel& panel, SvgPoint origin, SvgWriter& svg)
      : panel_(panel), svg_(svg), origin_(origin) {
    max_x_ = panel.x.max.value_or(MaxX(panel));
    max_y_ = panel.y.max.value_or(MaxY(panel) * 1.05);
    if (!(max_x_ > panel.x.min)) max_x_ = panel.x.min + 1;
    if (!(max_y_ > panel.y.min)) max_y_ = panel.y.min + 1;
  }

  void Draw() {
    svg_.Text({origin_.x + kLeft, origin_.y + 20}, panel_.title,
              {.size = 13, .color = kInk, .bold = true});
    DrawAxes();
    if (!HasAny(panel_)) {
      svg_.Text({(left() + right()) / 2, (top() + bottom()) / 2}, panel_.empty,
                {.anchor = Anchor::kMiddle});
    }
    DrawBars();
    DrawSpans();
    for (std::size_t i = 0; i < panel_.curves.size(); ++i) DrawCurve(i);
    if (panel_.curves.size() > 1) DrawLegend();
  }

 private:
  [[nodiscard]] double left() const { return origin_.x + kLeft; }
  [[nodiscard]] double right() const { return origin_.x + kPanelWidth - kRight; }
  [[nodiscard]] double top() const { return origin_.y + kTop; }
  [[nodiscard]] double bottom() const { return origin_.y + kPanelHeight - kBottom; }

  [[nodiscard]] double X(double x) const {
    const double share = (x - panel_.x.min) / (max_x_ - panel_.x.min);
    return left() + std::clamp(share, 0.0, 1.0) * (right() - left());
  }
  [[nodiscard]] double Y(double y) const {
    const double share = (y - panel_.y.min) / (max_y_ - panel_.y.min);
    return bottom() - std::clamp(share, 0.0, 1.0) * (bottom() - top());
  }

  void DrawAxes() {
    for (const auto& [value, text] : TicksOf(panel_.y, max_y_)) {
      if (!HasAny(panel_)) break;
      svg_.Line({left(), Y(value)}, {right(), Y(value)}, kGrid);
      svg_.Text({left() - 6, Y(value) + 4}, text, {.anchor = Anchor::kEnd});
    }
    for (const auto& [value, text] : TicksOf(panel_.x, max_x_)) {
      svg_.Line({X(value), bottom()}, {X(value), bottom() + 4}, kFrame);
      svg_.Text({X(value), bottom() + 16}, text, {.anchor = Anchor::kMiddle});
    }
    svg_.Lines({{{left(), bottom()}, {right(), bottom()}}, {{left(), top()}, {left(), bottom()}}},
               kFrame, 1);
    svg_.Text({(left() + right()) / 2, bottom() + 33}, panel_.x.label, {.anchor = Anchor::kMiddle});
    svg_.Text({origin_.x + 14, (top() + bottom()) / 2}, panel_.y.label,
              {.anchor = Anchor::kMiddle, .upwards = true});
  }

  [[nodiscard]] static std::vector<std::pair<double, std::string>> TicksOf(const Axis& axis,
                                                                           double max) {
    if (!axis.ticks.empty()) return axis.ticks;
    std::vector<std::pair<double, std::string>> ticks;
    for (const double value : RoundTicks(axis.min, max)) ticks.emplace_back(value, TickText(value));
    return ticks;
  }

  void DrawBars() {
    for (const Bar& bar : panel_.bars) {
      if (bar.height <= 0) continue;
      const double x = X(bar.from) + 0.5;
      const double width = std::max(1.0, X(bar.to) - x - 0.5);
      svg_.Rect({x, Y(bar.height)}, width, bottom() - Y(bar.height), kColors[0]);
    }
  }

  void DrawSpans() {
    if (panel_.spans.empty()) return;
    std::vector<std::pair<SvgPoint, SvgPoint>> lines;
    for (const Span& span : panel_.spans) {
      const double end = std::max(X(span.to), X(span.from) + 0.6);  // To be seen at all.
      lines.push_back({{X(span.from), Y(span.at)}, {end, Y(span.at)}});
    }
    const double room = (bottom() - top()) / static_cast<double>(lines.size());
    svg_.Lines(lines, kColors[0], std::clamp(room, 0.9, 3.0));
  }

  void DrawCurve(std::size_t index) {
    const Curve& curve = panel_.curves[index];
    std::vector<SvgPoint> points;
    for (const Point& p : curve.points) {
      if (curve.steps && !points.empty()) points.push_back({X(p.x), points.back().y});
      points.push_back({X(p.x), Y(p.y)});
    }
    const std::string_view color = kColors[index % kColors.size()];
    if (curve.filled) svg_.Area(points, bottom(), color);
    svg_.Polyline(points, color);
  }

  // On the title's line at its right end, or where that is too short, one below the other.
  void DrawLegend() {
    double all = 0, widest = 0;
    for (const Curve& curve : panel_.curves) {
      all += WidthOf(curve.name) + 34;
      widest = std::max(widest, WidthOf(curve.name) + 20);
    }
    const bool fits = all < right() - left() - WidthOf(panel_.title) * 1.25;
    double x = right() - (fits ? all - 14 : widest), y = origin_.y + 20;
    for (std::size_t i = 0; i < panel_.curves.size(); ++i) {
      if (!fits) y = top() + 14 + 15 * static_cast<double>(i);
      svg_.Line({x, y - 4}, {x + 14, y - 4}, kColors[i % kColors.size()], 3);
      svg_.Text({x + 20, y}, panel_.curves[i].name, {});
      if (fits) x += WidthOf(panel_.curves[i].name) + 34;
    }
  }

  // About: fonts differ.
  [[nodiscard]] static double WidthOf(std::string_view text) {
    return static_cast<double>(text.size()) * 6.2;
  }

  const Panel& panel_;
  SvgWriter& svg_;
  const SvgPoint origin_;
  double max_x_ = 1, max_y_ = 1;
};

}  // namespace

std::string Figure::ToSvg() const {
  const std::size_t rows = (panels.size() + columns - 1) / columns;
  SvgWriter svg(kPanelWidth * static_cast<double>(columns),
                kHead + kPanelHeight * static_cast<double>(rows) + 8);
  svg.Text({20, 28}, title, {.size = 18, .color = kInk, .bold = true});
  svg.Text({20, 47}, subtitle, {.size = 12});
  for (std::size_t i = 0; i < panels.size(); ++i) {
    const SvgPoint origin{kPanelWidth * static_cast<double>(i % columns),
                          kHead + kPanelHeight * static_cast<double>(i / columns)};
    PanelDrawing(panels[i], origin, svg).Draw();
  }
  return svg.Finish();
}

std::vector<double> RoundTicks(double min, double max) {
  if (!(max > min) || !std::isfinite(max - min)) return {min};
  const double rough = (max - min) / 5;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = power * 10;
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (power * factor >= rough) {
      step = power * factor;
      break;
    }
  }
  std::vector<double> ticks;
  const double first = std::ceil(min / step - 1e-9);
  for (int i = 0; i < 12; ++i) {
    const double value = (first + i) * step;
    if (value > max + step * 1e-9) break;
    ticks.push_back(value);
  }
  return ticks;
}

std::string TickText(double value) {
  const double size = std::fabs(value);
  const char* unit = "";
  if (size >= 1e6) {
    unit = size >= 1e9 ? "G" : "M";
    value /= size >= 1e9 ? 1e9 : 1e6;
  } else if (size >= 1000) {
    return (value < 0 ? "-" : "") + WithThousands(static_cast<std::uint64_t>(std::llround(size)));
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g%s", value, unit);
  return text.data();
}

TimeUnit TimeUnitFor(double seconds) {
  if (seconds >= 3 * 86400) return {86400, "days"};
  if (seconds >= 3 * 3600) return {3600, "h"};
  if (seconds >= 300) return {60, "min"};
  if (seconds >= 0.5) return {1, "s"};
  return {1e-3, "ms"};
}

}  // namespace thresh
