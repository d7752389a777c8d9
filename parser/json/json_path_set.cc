#include "parser/json/json_path_set.h"

#include <cstring>

#include "parser/json/elements.h"

namespace thresh::json {
namespace {

template <typename Word>
bool SameEnds(const char* a, const char* b, std::size_t size) noexcept {
  Word first[2], last[2];
  std::memcpy(&first[0], a, sizeof(Word));
  std::memcpy(&first[1], b, sizeof(Word));
  std::memcpy(&last[0], a + size - sizeof(Word), sizeof(Word));
  std::memcpy(&last[1], b + size - sizeof(Word), sizeof(Word));
  return first[0] == first[1] && last[0] == last[1];
}

// Names are short: a call of memcmp() would cost more than the comparison.
bool IsSame(std::string_view a, std::string_view b) noexcept {
  const std::size_t size = a.size();
  if (size != b.size()) return false;
  if (size > 16) return std::memcmp(a.data(), b.data(), size) == 0;
  if (size >= 8) return SameEnds<std::uint64_t>(a.data(), b.data(), size);
  if (size >= 4) return SameEnds<std::uint32_t>(a.data(), b.data(), size);
  if (size >= 2) return SameEnds<std::uint16_t>(a.data(), b.data(), size);
  return size == 0 || a.front() == b.front();
}

}  // namespace

// By length and the two ends: enough to part the names of one object.
std::size_t JsonPathSet::SlotOf(std::string_view name) noexcept {
  if (name.empty()) return 0;
  const auto first = static_cast<unsigned char>(name.front());
  const auto last = static_cast<unsigned char>(name.back());
  return (name.size() * 7 + first * 3u + last) % kSlots;
}

JsonPathSet::Index JsonPathSet::AddLevel() {
  levels_.emplace_back().slots.fill(kNone);
  return static_cast<Index>(levels_.size() - 1);
}

JsonPathSet::Index JsonPathSet::AddName(Index level, std::string_view name) {
  Index& slot = levels_[level].slots[SlotOf(name)];
  for (Index i = slot; i != kNone; i = named_[i].next) {
    if (named_[i].name == name) return i;
  }
  named_.push_back({.name = name, .next = slot});
  return slot = static_cast<Index>(named_.size() - 1);
}

std::size_t JsonPathSet::Add(const JsonPath& path) {
  const auto index = static_cast<Index>(paths_.size());
  paths_.push_back(&path);
  if (!path.NameAt(0)) {
    others_.push_back(index);
    return index;
  }
  if (levels_.empty()) (void)AddLevel();
  Index level = 0;
  for (std::uint32_t step = 0;; ++step) {
    levels_[level].paths.push_back(index);
    const Index at = AddName(level, *path.NameAt(step));
    if (step + 1 == kMaxLevels || !path.NameAt(step + 1)) {
      ends_.push_back({index, named_[at].end, step + 1, step + 1 == path.steps()});
      named_[at].end = static_cast<Index>(ends_.size() - 1);
      return index;
    }
    if (named_[at].level == kNone) named_[at].level = AddLevel();
    level = named_[at].level;
  }
}

// Flat: simdjson's accessors, a few instructions each, would be calls.
[[gnu::flatten]] void JsonPathSet::Walk(const Level& level, element node, select::WorkBudget& work,
                                        std::vector<std::optional<element>>* found) const {
  if (!node.is_object()) return;
  const simdjson::dom::object object = ObjectOf(node);
  if (!work.Spend(1 + static_cast<std::int64_t>(object.size()))) return;
  const auto end = object.end();
  for (auto it = object.begin(); it != end; ++it) {
    const std::string_view key = it.key();
    for (Index i = level.slots[SlotOf(key)]; i != kNone; i = named_[i].next) {
      if (!IsSame(named_[i].name, key)) continue;
      Take(named_[i], it.value(), work, found);
      break;
    }
  }
}

// Of members named twice the last comes out, as in FindMember().
void JsonPathSet::Take(const Named& named, element value, select::WorkBudget& work,
                       std::vector<std::optional<element>>* found) const {
  for (Index i = named.end; i != kNone; i = ends_[i].next) {
    const End& end = ends_[i];
    if (end.whole) {
      (*found)[end.path] = value;
    } else {
      (*found)[end.path] = paths_[end.path]->FollowSteps(end.steps, value, work);
    }
  }
  if (named.level == kNone) return;
  const Level& inside = levels_[named.level];
  for (const Index path : inside.paths) (*found)[path].reset();
  Walk(inside, value, work, found);
}

void JsonPathSet::SelectFirsts(element root, select::WorkBudget& work,
                               std::vector<std::optional<element>>* found) const {
  found->resize(paths_.size());
  for (auto& value : *found) value.reset();
  if (!levels_.empty()) Walk(levels_.front(), root, work, found);
  for (const Index path : others_) (*found)[path] = paths_[path]->SelectFirst(root, work);
}

}  // namespace thresh::json
