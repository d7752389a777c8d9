#include "cli/plot/svg.h"

#include <cmath>
#include <cstdint>

#include "lib/text/utf8.h"

namespace thresh {
namespace {

std::string Tenths(double value) {
  std::string text;
  AppendTenths(value, &text);
  return text;
}

void AppendPoint(SvgPoint p, char between, std::string* out) {
  AppendTenths(p.x, out);
  out->push_back(between);
  AppendTenths(p.y, out);
}

// XML 1.0, 2.2 and 2.4: some characters cannot be said in it at all.
std::string Escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Char c = DecodeUtf8(text, i);
    const std::string_view bytes = text.substr(i, c.length);
    i += c.length;
    switch (c.code_point) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      default: {
        const bool is_xml = c.valid && c.code_point >= 0x20 && (c.code_point | 1) != 0xFFFF;
        out += is_xml ? bytes : " ";
      }
    }
  }
  return out;
}

}  // namespace

void AppendTenths(double value, std::string* out) {
  if (!std::isfinite(value)) value = 0;
  const auto tenths = static_cast<std::int64_t>(std::llround(value * 10));
  if (tenths < 0) out->push_back('-');
  const std::uint64_t positive = static_cast<std::uint64_t>(tenths < 0 ? -tenths : tenths);
  *out += std::to_string(positive / 10);
  if (positive % 10 != 0) *out += '.' + std::to_string(positive % 10);
}

SvgWriter::SvgWriter(double width, double height) {
  const std::string w = Tenths(width), h = Tenths(height);
  out_ =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
      "width=\"" +
      w + "\" height=\"" + h + "\" viewBox=\"0 0 " + w + ' ' + h +
      "\" font-family=\"system-ui, 'DejaVu Sans', sans-serif\">\n";
  Rect({0, 0}, width, height, "#ffffff");
}

void SvgWriter::Text(SvgPoint at, std::string_view text, const TextStyle& style) {
  constexpr const char* kAnchors[] = {"start", "middle", "end"};
  out_ += "<text x=\"" + Tenths(at.x) + "\" y=\"" + Tenths(at.y) + "\" font-size=\"" +
          Tenths(style.size) + "\" fill=\"" + std::string(style.color) + '"';
  if (style.anchor != Anchor::kStart) {
    out_ += std::string(" text-anchor=\"") + kAnchors[static_cast<int>(style.anchor)] + '"';
  }
  if (style.bold) out_ += " font-weight=\"600\"";
  if (style.upwards) {
    out_ += " transform=\"rotate(-90 " + Tenths(at.x) + ' ' + Tenths(at.y) + ")\"";
  }
  out_ += '>' + Escaped(text) + "</text>\n";
}

void SvgWriter::Rect(SvgPoint corner, double width, double height, std::string_view color) {
  out_ += "<rect x=\"" + Tenths(corner.x) + "\" y=\"" + Tenths(corner.y) + "\" width=\"" +
          Tenths(width) + "\" height=\"" + Tenths(height) + "\" fill=\"" + std::string(color) +
          "\"/>\n";
}

void SvgWriter::Line(SvgPoint from, SvgPoint to, std::string_view color, double width) {
  Lines({{from, to}}, color, width);
}

void SvgWriter::Lines(const std::vector<std::pair<SvgPoint, SvgPoint>>& lines,
                      std::string_view color, double width) {
  out_ += "<path fill=\"none\" stroke=\"" + std::string(color) + "\" stroke-width=\"" +
          Tenths(width) + "\" d=\"";
  for (const auto& [from, to] : lines) {
    out_.push_back('M');
    AppendPoint(from, ' ', &out_);
    if (from.y == to.y) {
      out_.push_back('H');
      AppendTenths(to.x, &out_);
    } else {
      out_.push_back('L');
      AppendPoint(to, ' ', &out_);
    }
  }
  out_ += "\"/>\n";
}

void SvgWriter::AppendPoints(const std::vector<SvgPoint>& points) {
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (i > 0) out_.push_back(' ');
    AppendPoint(points[i], ',', &out_);
  }
}

void SvgWriter::Polyline(const std::vector<SvgPoint>& points, std::string_view color,
                         double width) {
  if (points.empty()) return;
  out_ += "<polyline fill=\"none\" stroke=\"" + std::string(color) + "\" stroke-width=\"" +
          Tenths(width) + "\" stroke-linejoin=\"round\" points=\"";
  AppendPoints(points);
  out_ += "\"/>\n";
}

void SvgWriter::Area(const std::vector<SvgPoint>& points, double base, std::string_view color) {
  if (points.empty()) return;
  std::vector<SvgPoint> closed = points;
  closed.push_back({points.back().x, base});
  closed.push_back({points.front().x, base});
  out_ += "<polygon stroke=\"none\" fill=\"" + std::string(color) +
          "\" fill-opacity=\"0.12\" points=\"";
  AppendPoints(closed);
  out_ += "\"/>\n";
}

std::string SvgWriter::Finish() {
  return out_ + "</svg>\n";
}

}  // namespace thresh
