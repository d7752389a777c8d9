#pragma once

// Step: one transform of a pipe, compiled; and what the transforms that make one text of another
// are given to work with. Private to the room.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parser/json/json_path.h"
#include "parser/transform/pipe.h"
#include "parser/transform/registry.h"

namespace re2 {
class RE2;
}  // namespace re2

namespace thresh {

struct Step;

enum class ArgumentKind : std::uint8_t {
  kNone,
  kText,
  kInteger,
  kNumber,
  kRegex,
  kRewrite,
  kJsonPath
};

/// Makes one text of another; false if nothing is left of it.
using MapText = bool (*)(const Step& step, std::string_view in, PipeMemory& memory,
                         std::string_view* out);
/// Makes several of one, appended.
using SplitText = void (*)(const Step& step, std::string_view in, PipeMemory& memory,
                           std::vector<std::string_view>* out);
/// Makes fewer of several, in place.
using PickTexts = void (*)(const Step& step, PipeMemory& memory,
                           std::vector<std::string_view>* texts);

/// A row of the table. Of the three functions, what it does to texts has one, `slice` two.
struct TransformEntry {
  TransformInfo info;
  std::array<ArgumentKind, 2> arguments{};
  std::uint8_t needed = 0;  ///< Arguments that must be there.
  MapText map = nullptr;
  SplitText split = nullptr;
  PickTexts pick = nullptr;
  bool ends_split = false;  ///< `pick` leaves one text, which stands for what was split.
  bool filters = false;     ///< `map` is there to leave texts out.
};

[[nodiscard]] std::span<const TransformEntry> AllEntries();

struct Step {
  const TransformEntry* entry = nullptr;
  bool on_list = false;  ///< `slice` behind a `split`.
  std::array<std::string, 2> text;
  std::array<std::optional<std::int64_t>, 2> integer;
  double number = 0;
  std::shared_ptr<const re2::RE2> re;
  std::shared_ptr<const json::JsonPath> path;
};

}  // namespace thresh
