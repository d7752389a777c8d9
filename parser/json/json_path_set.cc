#include "parser/json/json_path_set.h"

#include <cstring>

#include "parser/json/elements.h"

namespace thresh::json {

// By length and the two ends: enough to part the names of one object.
std::size_t JsonPathSet::SlotOf(std::string_view name) noexcept {
  if (name.empty()) return 0;
  const auto first = static_cast<unsigned char>(name.front());
  const auto last = static_cast<unsigned char>(name.back());
  return (name.size() * 7 + first * 3u + last) % kSlots;
}

std::size_t JsonPathSet::Add(const JsonPath& path) {
  const auto index = static_cast<std::uint16_t>(paths_.size());
  paths_.push_back(&path);
  const auto name = path.FirstName();
  if (name) {
    std::uint16_t& slot = slots_[SlotOf(*name)];
    named_.push_back({*name, index, slot});
    slot = static_cast<std::uint16_t>(named_.size() - 1);
    if (path.steps() > 1) longer_.push_back(index);
  } else {
    others_.push_back(index);
  }
  return index;
}

// Of members named twice the last comes out, as in FindMember().
void JsonPathSet::FindMembers(const simdjson::dom::object& row,
                              std::vector<std::optional<element>>* found) const {
  const auto end = row.end();
  for (auto it = row.begin(); it != end; ++it) {
    const std::string_view key = it.key();
    for (std::uint16_t i = slots_[SlotOf(key)]; i != kNone; i = named_[i].next) {
      if (named_[i].name == key) (*found)[named_[i].path] = it.value();
    }
  }
}

void JsonPathSet::SelectFirsts(element root, select::WorkBudget& work,
                               std::vector<std::optional<element>>* found) const {
  found->resize(paths_.size());
  for (auto& value : *found) value.reset();
  if (root.is_object() && !named_.empty()) {
    const simdjson::dom::object row = ObjectOf(root);
    if (!work.Spend(1 + static_cast<std::int64_t>(row.size()))) return;
    FindMembers(row, found);
    for (const std::uint16_t path : longer_) {
      auto& value = (*found)[path];
      if (value) value = paths_[path]->SelectFirstBehindName(*value, work);
    }
  }
  for (const std::uint16_t path : others_) (*found)[path] = paths_[path]->SelectFirst(root, work);
}

}  // namespace thresh::json
