#pragma once

// ClassMemo: the values of class attributes that a page has had -> the bits of their tokens. Pages
// write the same few values again and again, and comparing one is quicker than parting and hashing
// its tokens.
//
// Lifetime: borrows the values until Clear(), as the tree does.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace thresh::html {

class ClassMemo {
 public:
  /// Forgets all values.
  void Clear() noexcept {
    if (++page_ != 0) return;
    entries_ = {};  // Once in 2^32 pages.
    page_ = 1;
  }

  /// What `compute(value)` gives, or gave for an equal value since Clear().
  template <typename Compute>
  std::uint64_t BitsOf(std::string_view value, Compute compute) {
    if (value.size() < kWord || value.size() > kMostBytes) return compute(value);
    Entry& entry = entries_[SlotOf(value)];
    if (entry.page != page_ || entry.size != value.size() || !IsSame(entry.begin, value)) {
      const std::uint64_t bits = compute(value);
      entry = {value.data(), static_cast<std::uint32_t>(value.size()), page_, bits};
    }
    return entry.bits;
  }

 private:
  struct Entry {
    const char* begin = nullptr;
    std::uint32_t size = 0;
    std::uint32_t page = 0;  ///< 0: none.
    std::uint64_t bits = 0;
  };
  static constexpr std::size_t kSlots = 256;
  static constexpr std::size_t kWord = sizeof(std::uint64_t);
  static constexpr std::size_t kMostBytes = 64;

  static std::uint64_t WordAt(const char* at) noexcept {
    std::uint64_t word;
    std::memcpy(&word, at, kWord);
    return word;
  }
  static std::size_t SlotOf(std::string_view value) noexcept {
    const std::uint64_t last = WordAt(value.data() + value.size() - kWord);
    const std::uint64_t ends = WordAt(value.data()) * 0x9E3779B97F4A7C15 ^ last;
    return ((ends + value.size()) * 0xD6E8FEB86659FD93) >> 56;
  }
  // REQUIRES: kWord bytes at least.
  static bool IsSame(const char* other, std::string_view value) noexcept {
    const std::size_t last = value.size() - kWord;
    for (std::size_t at = 0; at < last; at += kWord) {
      if (WordAt(other + at) != WordAt(value.data() + at)) return false;
    }
    return WordAt(other + last) == WordAt(value.data() + last);
  }

  std::array<Entry, kSlots> entries_{};
  std::uint32_t page_ = 1;
};

}  // namespace thresh::html
