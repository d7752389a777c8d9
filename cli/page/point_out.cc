#include "cli/page/point_out.h"

#include <algorithm>
#include <vector>

#include "lib/text/utf8.h"

namespace thresh {
namespace {

constexpr std::size_t kBefore = 60, kAfter = 30;  // Characters shown around the place.

bool IsControl(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

}  // namespace

std::string PointOut(std::string_view expression, std::size_t offset) {
  std::vector<std::uint32_t> characters;
  std::size_t mark = 0;
  for (std::size_t at = 0; at < expression.size();) {
    const Utf8Char c = DecodeUtf8(expression, at);
    if (at < offset) mark = characters.size() + 1;
    characters.push_back(IsControl(c.code_point) ? ' ' : c.code_point);
    at += c.length;
  }
  const std::size_t begin = mark > kBefore ? mark - kBefore : 0;
  const std::size_t end = std::min(characters.size(), mark + kAfter);
  std::string shown = begin > 0 ? "  …" : "  ";
  for (std::size_t i = begin; i < end; ++i) AppendUtf8(characters[i], &shown);
  if (end < characters.size()) shown += "…";
  const std::size_t indent = 2 + (begin > 0 ? 1 : 0) + mark - begin;
  return shown + "\n" + std::string(indent, ' ') + "^\n";
}

std::string CutLine(std::string_view text, std::size_t width) {
  std::string line;
  std::size_t used = 0, cut = 0;  // `cut`: where the mark goes if there is more than fits.
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Char c = DecodeUtf8(text, at);
    if (used + 1 == width) cut = line.size();
    if (used == width) return line.substr(0, cut) + "…";
    AppendUtf8(IsControl(c.code_point) ? 0xFFFD : c.code_point, &line);
    ++used;
    at += c.length;
  }
  return line;
}

}  // namespace thresh
