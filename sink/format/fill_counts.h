#pragma once

// FillCounts: the fields of an item's records, and how many records had something in each of them.
// Counted while a record is written; null and the empty array count as nothing. Kept from one page
// to the next: an item's records nearly always have the same fields in the same order, so the next
// field's name is compared with the one that is expected, and need not be read and escaped anew.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
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
  static constexpr std::size_t kKeyBytes = 32;

  /// What is known of a field.
  class Field {
   public:
    /// `packed`: the name as MessagePack, of which the last `name_bytes` are the name itself.
    Field(std::string_view packed, std::size_t name_bytes);

    [[nodiscard]] std::string_view packed() const noexcept { return packed_; }
    [[nodiscard]] std::string_view name() const noexcept {
      return std::string_view(packed_).substr(name_at_);
    }
    /// The first key_bytes() are `"name":` as JSON; none if it is longer.
    [[nodiscard]] const std::array<char, kKeyBytes>& key() const noexcept { return key_; }
    [[nodiscard]] std::size_t key_bytes() const noexcept { return key_bytes_; }

    /// Whether `rest` begins with packed(). Most names are compared as two words.
    [[nodiscard]] bool IsAt(std::string_view rest) const noexcept {
      if (packed_.size() > sizeof(Words) || rest.size() < sizeof(Words)) {
        return rest.starts_with(packed_);
      }
      Words words;
      std::memcpy(&words, rest.data(), sizeof words);
      return (((words[0] ^ words_[0]) & mask_[0]) | ((words[1] ^ words_[1]) & mask_[1])) == 0;
    }

   private:
    friend class FillCounts;
    using Words = std::array<std::uint64_t, 2>;

    std::string packed_;
    std::size_t name_at_ = 0;
    Words words_{}, mask_{};  // The packed name's first bytes, and which they are.
    std::array<char, kKeyBytes> key_{};
    std::size_t key_bytes_ = 0;
    std::uint64_t filled_ = 0;       // In records of pages that are kept,
    std::uint64_t page_filled_ = 0;  // and in those of the page at hand.
  };

  /// A record begins: the next field is expected to be its first.
  void BeginRecord() noexcept {
    ++page_records_;
    next_ = 0;
  }
  /// The field that is expected next, if `rest` begins with its packed name; else null.
  [[nodiscard]] Field* TakeExpected(std::string_view rest) noexcept {
    if (next_ == fields_.size() || !fields_[next_].IsAt(rest)) return nullptr;
    return &fields_[next_++];
  }
  /// The field of this name, in whatever order it comes; null past the limits. The next one is
  /// expected behind it. Fields are valid until the next call.
  [[nodiscard]] Field* Take(std::string_view packed, std::size_t name_bytes);
  static void Count(Field& field, bool filled) noexcept { field.page_filled_ += filled ? 1 : 0; }

  /// What was counted since the last call counts for good,
  void KeepPage();
  /// or never was.
  void DropPage();

  // Of what was kept.
  [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
  /// Field and records with something in it, in the order in which the fields were first seen.
  [[nodiscard]] std::vector<std::pair<std::string_view, std::uint64_t>> fields() const;

 private:
  friend class PageFills;

  std::uint64_t records_ = 0, page_records_ = 0;
  std::size_t kept_ = 0;  // Fields of pages that were kept; those behind them are the page's.
  std::size_t next_ = 0;  // Where the field after the last one stood in the record before.
  bool in_page_ = false;  // Its owner's.
  std::vector<Field> fields_;
};

/// By item.
using ItemFills = std::map<std::string, FillCounts>;

/// What is written of all items: of each page, what was counted is kept or dropped as a whole.
class PageFills {
 public:
  static constexpr std::size_t kMaxItems = 1000;

  /// To count records of this item with, until the page ends. Past the limit it is forgotten then.
  [[nodiscard]] FillCounts& Of(const std::string& item);
  void KeepPage();
  void DropPage();

  /// Between pages: all that was kept.
  [[nodiscard]] const ItemFills& items() const noexcept { return items_; }

 private:
  ItemFills items_;
  FillCounts spare_;                        // Of items past the limit.
  std::vector<ItemFills::iterator> page_;   // Items of the page at hand,
  std::vector<ItemFills::iterator> added_;  // and those of them that are new.
};

}  // namespace thresh
