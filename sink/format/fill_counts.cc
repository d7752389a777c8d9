#include "sink/format/fill_counts.h"

#include <algorithm>
#include <utility>

#include "lib/text/json.h"

namespace thresh {

FillCounts::Field::Field(std::string_view packed, std::size_t name_bytes)
    : packed_(packed), name_at_(packed.size() - name_bytes) {
  const std::size_t first = std::min(packed.size(), sizeof words_);
  std::memcpy(&words_, packed.data(), first);
  std::memset(&mask_, 0xFF, first);
  const std::string key = JsonString(name()) + ':';
  if (key.size() > key_.size()) return;
  std::copy(key.begin(), key.end(), key_.begin());
  key_bytes_ = key.size();
}

FillCounts::Field* FillCounts::Take(std::string_view packed, std::size_t name_bytes) {
  const std::string_view name = packed.substr(packed.size() - name_bytes);
  const auto found = std::find_if(fields_.begin(), fields_.end(),
                                  [name](const Field& field) { return field.name() == name; });
  next_ = static_cast<std::size_t>(found - fields_.begin());
  if (found == fields_.end()) {
    if (fields_.size() == kMaxFields || name.size() > kMaxNameBytes) return nullptr;
    fields_.emplace_back(packed, name_bytes);
  }
  return &fields_[next_++];
}

void FillCounts::KeepPage() {
  if (page_records_ == 0) return;
  records_ += std::exchange(page_records_, 0);
  kept_ = fields_.size();
  for (Field& field : fields_) field.filled_ += std::exchange(field.page_filled_, 0);
}

// A field that came in dropped pages only is told of no more than those are.
void FillCounts::DropPage() {
  page_records_ = 0;
  fields_.erase(fields_.begin() + static_cast<std::ptrdiff_t>(kept_), fields_.end());
  for (Field& field : fields_) field.page_filled_ = 0;
}

std::vector<std::pair<std::string_view, std::uint64_t>> FillCounts::fields() const {
  std::vector<std::pair<std::string_view, std::uint64_t>> fields;
  for (std::size_t i = 0; i < kept_; ++i)
    fields.emplace_back(fields_[i].name(), fields_[i].filled_);
  return fields;
}

FillCounts& PageFills::Of(const std::string& item) {
  auto found = items_.find(item);
  if (found == items_.end()) {
    if (items_.size() == kMaxItems) return spare_;
    found = items_.try_emplace(item).first;
    added_.push_back(found);
  }
  // A page may come back to an item as often as it likes.
  if (!std::exchange(found->second.in_page_, true)) page_.push_back(found);
  return found->second;
}

void PageFills::KeepPage() {
  for (const auto& entry : page_) {
    entry->second.in_page_ = false;
    entry->second.KeepPage();
  }
  page_.clear();
  added_.clear();
  spare_ = {};
}

void PageFills::DropPage() {
  for (const auto& entry : page_) {
    entry->second.in_page_ = false;
    entry->second.DropPage();
  }
  for (const auto& entry : added_) items_.erase(entry);
  page_.clear();
  added_.clear();
  spare_ = {};
}

}  // namespace thresh
