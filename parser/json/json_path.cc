#include "parser/json/json_path.h"

#include "lib/text/utf8.h"
#include "parser/json/json_path_parser.h"
#include "parser/json/json_path_run.h"

namespace thresh::json {
namespace {

std::size_t FirstBrokenByte(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const Utf8Char c = DecodeUtf8(text, at);
    if (!c.valid) break;
    at += c.length;
  }
  return at;
}

}  // namespace

Result<JsonPath> JsonPath::Compile(std::string_view text, std::size_t* error_offset) {
  const std::size_t broken = FirstBrokenByte(text);
  if (broken < text.size()) {
    if (error_offset != nullptr) *error_offset = broken;
    return Error{Errc::kInvalid, "expected UTF-8, found a byte that is none"};
  }
  JsonPath compiled;
  path::PathParser parser(text);
  if (parser.Parse(&compiled.program_)) return compiled;
  if (error_offset != nullptr) *error_offset = parser.scanner().error_offset();
  return Error{Errc::kInvalid, parser.scanner().error_detail()};
}

void JsonPath::Select(simdjson::dom::element root, select::WorkBudget& work,
                      std::vector<simdjson::dom::element>* found) const {
  if (singular()) {
    if (const auto first = SelectFirst(root, work)) found->push_back(*first);
    return;
  }
  path::Found all(found);
  path::PathRun(program_, root, work).Run(program_.main, root, &all);
}

std::optional<simdjson::dom::element> JsonPath::SelectFirst(simdjson::dom::element root,
                                                            select::WorkBudget& work) const {
  if (!singular()) {
    path::Found one(std::size_t{1});
    path::PathRun(program_, root, work).Run(program_.main, root, &one);
    return one.count() > 0 ? std::optional(one.first()) : std::nullopt;
  }
  return FollowSteps(0, root, work);
}

// The steps of a singular query.
std::optional<simdjson::dom::element> JsonPath::FollowSteps(std::uint32_t first,
                                                            simdjson::dom::element node,
                                                            select::WorkBudget& work) const {
  const path::Range segments = program_.main.segments;
  for (std::uint32_t i = segments.first + first; i < segments.end(); ++i) {
    const path::Range selectors = program_.segments[i].selectors;
    const auto child = path::ChildOf(program_.selectors[selectors.first], node, work);
    if (!child) return std::nullopt;
    node = *child;
  }
  return node;
}

std::optional<std::string_view> JsonPath::NameAt(std::uint32_t step) const noexcept {
  if (!singular() || step >= program_.main.segments.count) return std::nullopt;
  const path::Segment& segment = program_.segments[program_.main.segments.first + step];
  const path::Selector& selector = program_.selectors[segment.selectors.first];
  if (selector.kind != path::SelectorKind::kName) return std::nullopt;
  return selector.name;
}

}  // namespace thresh::json
