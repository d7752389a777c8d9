#include "parser/json/json_path_run.h"

#include <algorithm>

namespace thresh::json::path {
namespace {

using simdjson::dom::element_type;

// Levels of documents that may be open at once, those of filters inside filters included. A
// level takes some 400 bytes of stack.
constexpr std::uint32_t kMaxDepth = 8192;

// Leaves nothing of the budget.
void Exhaust(select::WorkBudget& work) {
  if (!work.exhausted()) work.Spend(std::int64_t{1} << 60);
}

std::optional<element> ItemAt(const simdjson::dom::array& array, std::int64_t index,
                              select::WorkBudget& work) noexcept {
  if (index < 0) index += static_cast<std::int64_t>(CountOf(array));
  if (index < 0 || !work.Spend(1 + std::min<std::int64_t>(index, 1 << 24) / 8)) return std::nullopt;
  const auto end = array.end();
  for (auto it = array.begin(); it != end; ++it) {
    if (index-- == 0) return *it;
  }
  return std::nullopt;
}

bool IsContainer(element e) {
  return e.is_array() || e.is_object();
}

}  // namespace

std::optional<element> ChildOf(const Selector& selector, element node,
                               select::WorkBudget& work) noexcept {
  if (selector.kind == SelectorKind::kName) {
    if (!node.is_object()) return std::nullopt;
    const simdjson::dom::object object = ObjectOf(node);
    if (!work.Spend(1 + static_cast<std::int64_t>(object.size() / 8))) return std::nullopt;
    return FindMember(object, selector.name);
  }
  if (!node.is_array()) return std::nullopt;
  return ItemAt(ArrayOf(node), selector.start, work);
}

void PathRun::Run(const Query& query, element current, Found* found) {
  Apply(query.from_root ? root_ : current, query.segments.first, query.segments.end(), found);
}

bool PathRun::Apply(element node, std::uint32_t segment, std::uint32_t end, Found* found) {
  for (; segment < end; ++segment) {  // Names and indices need no level of their own.
    const Segment& s = program_.segments[segment];
    if (s.descendant || s.selectors.count != 1) break;
    const Selector& selector = program_.selectors[s.selectors.first];
    if (selector.kind != SelectorKind::kName && selector.kind != SelectorKind::kIndex) break;
    const auto child = ChildOf(selector, node, work_);
    if (!child) return !work_.exhausted();
    node = *child;
  }
  if (segment == end) return found->Add(node, work_);
  if (!IsContainer(node)) return true;
  if (++depth_ > kMaxDepth) Exhaust(work_);
  const bool go_on = !work_.exhausted() &&
                     (program_.segments[segment].descendant ? Descend(node, segment, end, found)
                                                            : Select(node, segment, end, found));
  --depth_;
  return go_on;
}

// REQUIRES: `node` is a container.
bool PathRun::Descend(element node, std::uint32_t segment, std::uint32_t end, Found* found) {
  if (++depth_ > kMaxDepth) Exhaust(work_);
  const bool go_on = Select(node, segment, end, found) && EachChild(node, [&](element child) {
                       return !IsContainer(child) || Descend(child, segment, end, found);
                     });
  --depth_;
  return go_on;
}

bool PathRun::Select(element node, std::uint32_t segment, std::uint32_t end, Found* found) {
  const Range selectors = program_.segments[segment].selectors;
  for (std::uint32_t i = selectors.first; i < selectors.end(); ++i) {
    if (!SelectOne(program_.selectors[i], node, segment + 1, end, found)) return false;
  }
  return true;
}

template <typename Visit>
bool PathRun::EachChild(element node, Visit visit) {
  if (node.is_array()) {
    for (const element item : ArrayOf(node)) {
      if (!work_.Spend(1) || !visit(item)) return false;
    }
  } else if (node.is_object()) {
    for (const auto member : ObjectOf(node)) {
      if (!work_.Spend(1) || !visit(member.value)) return false;
    }
  }
  return true;
}

bool PathRun::SelectOne(const Selector& selector, element node, std::uint32_t next,
                        std::uint32_t end, Found* found) {
  switch (selector.kind) {
    case SelectorKind::kName:
    case SelectorKind::kIndex: {
      const auto child = ChildOf(selector, node, work_);
      return child ? Apply(*child, next, end, found) : !work_.exhausted();
    }
    case SelectorKind::kWildcard:
      return EachChild(node, [&](element child) { return Apply(child, next, end, found); });
    case SelectorKind::kFilter:
      return EachChild(node, [&](element child) {
        return !Holds(selector.filter, child) || Apply(child, next, end, found);
      });
    case SelectorKind::kSlice:
      return !node.is_array() || Slice(selector, ArrayOf(node), next, end, found);
  }
  return true;
}

// RFC 9535, 2.3.4.2.2.
bool PathRun::Slice(const Selector& selector, const simdjson::dom::array& array, std::uint32_t next,
                    std::uint32_t end, Found* found) {
  const auto length = static_cast<std::int64_t>(CountOf(array));
  const std::int64_t step = selector.step;
  if (step == 0) return true;
  const bool forward = step > 0;
  const std::int64_t lowest = forward ? 0 : -1;
  const std::int64_t highest = forward ? length : length - 1;
  const auto bound = [&](bool given, std::int64_t i, std::int64_t otherwise) {
    if (!given) return otherwise;
    return std::clamp(i < 0 ? i + length : i, lowest, highest);
  };
  const std::int64_t from = bound(selector.has_start, selector.start, forward ? lowest : highest);
  const std::int64_t to = bound(selector.has_end, selector.end, forward ? highest : lowest);
  std::vector<element> backwards;
  std::int64_t index = 0;
  for (const element item : array) {
    if (!work_.Spend(1)) return false;
    const std::int64_t i = index++;
    if (forward) {
      if (i >= to) break;
      if (i >= from && (i - from) % step == 0 && !Apply(item, next, end, found)) return false;
    } else if (i > from) {
      break;
    } else if (i > to && (from - i) % -step == 0) {
      backwards.push_back(item);
    }
  }
  return std::all_of(backwards.rbegin(), backwards.rend(),
                     [&](element item) { return Apply(item, next, end, found); });
}

}  // namespace thresh::json::path
