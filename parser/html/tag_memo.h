#pragma once

// TagMemo: the start tags with attributes that a page has had, by their bytes. A tag that is
// repeated byte for byte, as most are, need not be read again: its element shares the attributes of
// an earlier one.
//
//   <li class="vote-item inline-block">
//    └──────────── a key ────────────┘
//
// A key goes to the first `>`, and is only kept if the tag ends there: then so does each tag that
// begins with these bytes, as what a tag is depends on its bytes alone.
//
// Lifetime: borrows the page until Clear().

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "parser/html/names.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace thresh::html {

struct RepeatedTag {
  Atom name = kNoAtom;
  bool self_closing = false;
  bool placed = false;  ///< What follows is known: an element was made of it.
  std::uint8_t ns = 0;  ///< A Namespace: that of the element.
  // As Node's.
  std::uint32_t first_attribute = 0;
  std::uint32_t attribute_count = 0;
  std::uint64_t token_bits = 0;
};

class TagMemo {
 public:
  static constexpr std::ptrdiff_t kMostBytes = 128;
  static constexpr std::size_t kLeastBytes = 8;

  struct Entry {
    const char* begin = nullptr;
    std::uint32_t size = 0;
    std::uint32_t page = 0;  ///< 0: none.
    RepeatedTag tag;
  };

  /// Forgets all tags.
  void Clear() noexcept {
    if (++page_ != 0) return;
    entries_ = {};  // Once in 2^32 pages.
    page_ = 1;
  }

#if defined(__SSE2__)
  /// The first `>`, or null if there is none among the first kMostBytes. REQUIRES: as many may be
  /// read.
  static const char* FindEnd(const char* at) noexcept {
    const __m128i wanted = _mm_set1_epi8('>');
    for (const char* const end = at + kMostBytes; at != end; at += sizeof(__m128i)) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
      const int hits = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted));
      if (hits != 0) return at + __builtin_ctz(static_cast<unsigned>(hits));
    }
    return nullptr;
  }
#endif

  /// The place of a key. REQUIRES: kLeastBytes to kMostBytes.
  Entry& EntryOf(const char* begin, std::size_t size) noexcept {
    const std::uint64_t ends = WordAt(begin) * 0x9E3779B97F4A7C15 ^ WordAt(begin + size - kWord);
    const std::uint64_t middle = WordAt(begin + (size - kWord) / 2) * 0xC2B2AE3D27D4EB4F;
    return entries_[((ends ^ middle) + size) * 0xD6E8FEB86659FD93 >> 56];
  }
  /// Whether this key is there, and its element known.
  [[nodiscard]] bool Knows(const Entry& entry, const char* begin, std::size_t size) const noexcept {
    if (entry.page != page_ || entry.size != size || !entry.tag.placed) return false;
    const std::size_t last = size - kWord;
    for (std::size_t at = 0; at < last; at += kWord) {
      if (WordAt(entry.begin + at) != WordAt(begin + at)) return false;
    }
    return WordAt(entry.begin + last) == WordAt(begin + last);
  }
  /// Puts a key in, whose tag was read just now.
  void Keep(Entry& entry, const char* begin, std::size_t size, Atom name, bool self_closing) {
    entry = {begin, static_cast<std::uint32_t>(size), page_, {.name = name}};
    entry.tag.self_closing = self_closing;
  }

 private:
  static constexpr std::size_t kWord = sizeof(std::uint64_t);
  static_assert(kLeastBytes >= kWord);

  static std::uint64_t WordAt(const char* at) noexcept {
    std::uint64_t word;
    std::memcpy(&word, at, kWord);
    return word;
  }

  std::array<Entry, 256> entries_{};
  std::uint32_t page_ = 1;
};

}  // namespace thresh::html
