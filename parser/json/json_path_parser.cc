#include "parser/json/json_path_parser.h"

#include <utility>

namespace thresh::json::path {

bool PathParser::Parse(Program* program) {
  program_ = program;
  if (!in_.Take("$")) return in_.Expected("\"$\"");
  bool ignored = false;
  if (!ParseSegments(&program->main, &ignored)) return false;
  return in_.done() || in_.Expected("\".\", \"..\", \"[\" or the end");
}

// segments = *(S segment). Blanks that no segment follows are left alone.
bool PathParser::ParseSegments(Query* query, bool* blank_in_brackets) {
  std::vector<Segment> segments;
  for (;;) {
    const std::size_t before = in_.offset();
    in_.SkipBlanks();
    if (in_.Peek() != '.' && in_.Peek() != '[') {
      in_.GoBackTo(before);
      break;
    }
    Segment segment;
    if (!ParseSegment(&segment, blank_in_brackets)) return false;
    const SelectorKind kind = program_->selectors[segment.selectors.first].kind;
    query->singular = query->singular && !segment.descendant && segment.selectors.count == 1 &&
                      (kind == SelectorKind::kName || kind == SelectorKind::kIndex);
    segments.push_back(segment);
  }
  query->segments = {static_cast<std::uint32_t>(program_->segments.size()),
                     static_cast<std::uint32_t>(segments.size())};
  program_->segments.insert(program_->segments.end(), segments.begin(), segments.end());
  return true;
}

bool PathParser::ParseSegment(Segment* segment, bool* blank_in_brackets) {
  segment->descendant = in_.Take("..");
  const bool dot = !segment->descendant && in_.Take(".");
  std::vector<Selector> selectors(1);
  if (!dot && in_.Peek() == '[') {
    selectors.clear();
    if (!ParseBrackets(&selectors, blank_in_brackets)) return false;
  } else if (in_.Take("*")) {
    selectors[0].kind = SelectorKind::kWildcard;
  } else if (in_.AtName()) {
    selectors[0].kind = SelectorKind::kName;
    selectors[0].name = in_.Name();
  } else {
    return in_.Expected(dot ? "a name or \"*\" after \".\""
                            : "a name, \"*\" or \"[\" after \"..\"");
  }
  segment->selectors = Store(std::move(selectors));
  return true;
}

Range PathParser::Store(std::vector<Selector> selectors) {
  const Range range{static_cast<std::uint32_t>(program_->selectors.size()),
                    static_cast<std::uint32_t>(selectors.size())};
  for (Selector& selector : selectors) program_->selectors.push_back(std::move(selector));
  return range;
}

// "[" S selector *(S "," S selector) S "]"
bool PathParser::ParseBrackets(std::vector<Selector>* selectors, bool* blanks) {
  in_.Take("[");
  do {
    *blanks |= in_.SkipBlanks();
    if (!ParseSelector(&selectors->emplace_back())) return false;
    *blanks |= in_.SkipBlanks();
  } while (in_.Take(","));
  return in_.Take("]") || in_.Expected("\",\" or \"]\"");
}

bool PathParser::ParseSelector(Selector* selector) {
  const char c = in_.Peek();
  if (c == '\'' || c == '"') {
    selector->kind = SelectorKind::kName;
    auto name = in_.String();
    if (name) selector->name = std::move(*name);
    return name.has_value();
  }
  if (in_.Take("*")) {
    selector->kind = SelectorKind::kWildcard;
    return true;
  }
  if (in_.Take("?")) {
    selector->kind = SelectorKind::kFilter;
    return ParseFilter(&selector->filter);
  }
  if (c == '-' || c == ':' || (c >= '0' && c <= '9')) return ParseIndexOrSlice(selector);
  return in_.Expected("a name in quotes, \"*\", an index, a slice or \"?\"");
}

// slice-selector = [start S] ":" S [end S] [":" [S step ]]
bool PathParser::ParseIndexOrSlice(Selector* selector) {
  if (in_.Peek() != ':') {
    const auto start = in_.Integer();
    if (!start) return false;
    selector->start = *start;
    selector->has_start = true;
  }
  const std::size_t before = in_.offset();
  in_.SkipBlanks();
  if (in_.Take(":")) {
    selector->kind = SelectorKind::kSlice;
    return ParseSliceTail(selector);
  }
  in_.GoBackTo(before);
  selector->kind = SelectorKind::kIndex;
  return true;
}

bool PathParser::ParseSliceTail(Selector* selector) {
  const auto at_integer = [this] {
    return in_.Peek() == '-' || (in_.Peek() >= '0' && in_.Peek() <= '9');
  };
  in_.SkipBlanks();
  if (at_integer()) {
    const auto end = in_.Integer();
    if (!end) return false;
    selector->end = *end;
    selector->has_end = true;
    in_.SkipBlanks();
  }
  if (!in_.Take(":")) return true;
  in_.SkipBlanks();
  if (!at_integer()) return true;
  const auto step = in_.Integer();
  if (step) selector->step = *step;
  return step.has_value();
}

}  // namespace thresh::json::path
