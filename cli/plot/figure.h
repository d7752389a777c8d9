#pragma once

// Figure: panels with axes, drawn as one SVG picture. Numbers in the units that the axes' labels
// name.

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace thresh {

struct Point {
  double x = 0, y = 0;
};

struct Axis {
  std::string label;          ///< With its unit: `time, s`.
  std::optional<double> max;  ///< Else the largest there is. Axes begin at `min`.
  double min = 0;
  std::vector<std::pair<double, std::string>> ticks;  ///< None: round numbers.
};

struct Curve {
  std::string name;  ///< In the legend, if there is more than one.
  std::vector<Point> points;
  bool filled = false;
  bool steps = false;  ///< A value holds until the next point.
};

/// A line along x, as that of a request from its start to its end.
struct Span {
  double from = 0, to = 0, at = 0;
};

/// From one x to the other, as high as y.
struct Bar {
  double from = 0, to = 0, height = 0;
};

struct Panel {
  std::string title;
  Axis x, y;
  std::vector<Curve> curves;
  std::vector<Span> spans;
  std::vector<Bar> bars;
  std::string empty = "nothing to show";  ///< What stands there instead of nothing.
};

struct Figure {
  std::string title, subtitle;
  std::size_t columns = 2;
  std::vector<Panel> panels;

  [[nodiscard]] std::string ToSvg() const;
};

/// Round numbers from `min` to `max`, four to eight of them.
[[nodiscard]] std::vector<double> RoundTicks(double min, double max);
/// `0.25`, `12`, `1,500`, `2.5M`.
[[nodiscard]] std::string TickText(double value);

/// In which unit so long a time is read best.
struct TimeUnit {
  double seconds = 1;
  const char* name = "s";
};
[[nodiscard]] TimeUnit TimeUnitFor(double seconds);

}  // namespace thresh
