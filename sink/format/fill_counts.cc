#include "sink/format/fill_counts.h"

#include <algorithm>

namespace thresh {

void FillCounts::Add(std::string_view name, std::uint64_t filled) {
  if (next_ >= fields_.size() || fields_[next_].first != name) {
    const auto found = std::find_if(fields_.begin(), fields_.end(),
                                    [name](const auto& field) { return field.first == name; });
    next_ = static_cast<std::size_t>(found - fields_.begin());
    if (found == fields_.end()) {
      if (fields_.size() == kMaxFields || name.size() > kMaxNameBytes) return;
      fields_.emplace_back(name, 0);
    }
  }
  fields_[next_++].second += filled;
}

void FillCounts::Add(const FillCounts& more) {
  records_ += more.records_;
  next_ = 0;
  for (const auto& [name, filled] : more.fields_) Add(name, filled);
}

void AddFills(const ItemFills& more, ItemFills* sum) {
  for (const auto& [item, counts] : more) {
    if (sum->size() == kMaxCountedItems && !sum->contains(item)) continue;
    (*sum)[item].Add(counts);
  }
}

}  // namespace thresh
