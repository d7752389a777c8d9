#pragma once

// SvgWriter: the few shapes that our pictures are made of, as SVG 1.1 text. Coordinates are pixels
// from the upper left corner, written to a tenth.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thresh {

struct SvgPoint {
  double x = 0, y = 0;
};

class SvgWriter {
 public:
  SvgWriter(double width, double height);

  enum class Anchor { kStart, kMiddle, kEnd };
  struct TextStyle {
    double size = 11;
    std::string_view color = "#57606a";
    Anchor anchor = Anchor::kStart;
    bool bold = false;
    bool upwards = false;  ///< Turned by a quarter, to be read from below.
  };
  void Text(SvgPoint at, std::string_view text, const TextStyle& style);
  void Rect(SvgPoint corner, double width, double height, std::string_view color);
  void Line(SvgPoint from, SvgPoint to, std::string_view color, double width = 1);
  void Polyline(const std::vector<SvgPoint>& points, std::string_view color, double width = 1.5);
  /// What lies between the points and `base`, lightly.
  void Area(const std::vector<SvgPoint>& points, double base, std::string_view color);
  /// One element for many lines, each from its first to its second point.
  void Lines(const std::vector<std::pair<SvgPoint, SvgPoint>>& lines, std::string_view color,
             double width);

  /// The whole picture.
  [[nodiscard]] std::string Finish();

 private:
  void AppendPoints(const std::vector<SvgPoint>& points);
  std::string out_;
};

/// A number to a tenth, without a trailing zero: `12.3`, `12`.
void AppendTenths(double value, std::string* out);

}  // namespace thresh
