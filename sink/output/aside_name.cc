#include "sink/output/aside_name.h"

#include "lib/base/time.h"

namespace thresh {
namespace {

constexpr std::string_view kEnding = ".ndjson";
constexpr std::string_view kShape =
    "-dddddddd"
    "Tdddddd.dddZ";

bool HasShape(std::string_view text) {
  if (text.size() != kShape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == 'd' ? !digit : text[i] != kShape[i]) return false;
  }
  return true;
}

}  // namespace

std::string AsideName(std::string_view name, std::int64_t wall_clock_ms) {
  std::string time;
  for (const char c : FormatUtc(wall_clock_ms)) {
    if (c != '-' && c != ':') time += c;
  }
  name.remove_suffix(name.ends_with(kEnding) ? kEnding.size() : 0);
  return std::string(name) + "-" + time + std::string(kEnding);
}

std::optional<std::string> NameBeforeAside(std::string_view name) {
  if (name.ends_with(".zst")) name.remove_suffix(4);
  if (!name.ends_with(kEnding)) return std::nullopt;
  name.remove_suffix(kEnding.size());
  if (name.size() <= kShape.size() || !HasShape(name.substr(name.size() - kShape.size()))) {
    return std::nullopt;
  }
  return std::string(name.substr(0, name.size() - kShape.size())) + std::string(kEnding);
}

}  // namespace thresh
