#pragma once

// FillCounts: how many records had something in each of their fields. Counted while a record is
// written; null and the empty array count as nothing.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thresh {

/// Of one item. A parser of somebody else's may send any keys: past the limits they are written
/// like all others, but not counted.
class FillCounts {
 public:
  static constexpr std::size_t kMaxFields = 1000;
  static constexpr std::size_t kMaxNameBytes = 256;

  /// A record begins: the next field is expected to be its first.
  void BeginRecord() noexcept {
    ++records_;
    next_ = 0;
  }
  void AddField(std::string_view name, bool filled) { Add(name, filled ? 1 : 0); }
  void Add(const FillCounts& more);

  [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
  /// Field and records with something in it, in the order in which the fields were first seen.
  [[nodiscard]] const std::vector<std::pair<std::string, std::uint64_t>>& fields() const noexcept {
    return fields_;
  }

 private:
  void Add(std::string_view name, std::uint64_t filled);

  std::uint64_t records_ = 0;
  std::size_t next_ = 0;  // Where the field after the last one stood in the record before.
  std::vector<std::pair<std::string, std::uint64_t>> fields_;
};

/// By item.
using ItemFills = std::map<std::string, FillCounts>;

inline constexpr std::size_t kMaxCountedItems = 1000;

void AddFills(const ItemFills& more, ItemFills* sum);

}  // namespace thresh
