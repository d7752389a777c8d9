#pragma once

// The heart of AppendJsonString(), for whoever writes into memory of his own: what can be copied as
// it is, is found and copied in blocks.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "lib/text/utf8.h"

namespace thresh::json_escape {

/// A block of bytes: compared all at once by whatever the machine has for it (SSE2, NEON).
inline constexpr std::size_t kBlockBytes = 16;
inline constexpr std::size_t kLongestEscape = 6;
/// Shorter texts that are not ASCII are read letter by letter.
inline constexpr std::size_t kShort = 64;

template <std::size_t bytes>
struct Block {
  using Bytes [[gnu::vector_size(bytes)]] = std::uint8_t;
  using Words [[gnu::vector_size(bytes)]] = std::uint64_t;
};

/// Marks the bytes with which something may begin that is escaped: quote, backslash, controls, and
/// all that are not ASCII; or, if the text is known to be UTF-8, of these only the leads of the C1
/// controls (C2 80 to C2 9F) and of the line separators (E2 80 A8, E2 80 A9).
template <bool utf8, typename Bytes>
[[nodiscard]] constexpr auto IsSpecial(Bytes c) noexcept {
  const auto ascii = (c < 0x20) | (c == '"') | (c == '\\');
  if constexpr (utf8) {
    return ascii | (c == 0x7F) | (c == 0xC2) | (c == 0xE2);
  } else {
    return ascii | (c >= 0x7F);
  }
}

// Copies a block, and says how many of its bytes stand before the first special one.
template <bool utf8, std::size_t bytes>
inline std::size_t CopyBlock(const char* text, char* out) noexcept {
  typename Block<bytes>::Bytes block;
  std::memcpy(&block, text, bytes);
  std::memcpy(out, &block, bytes);
  const auto special = IsSpecial<utf8>(block);
  typename Block<bytes>::Words marks;
  std::memcpy(&marks, &special, bytes);
  for (std::size_t word = 0; word < bytes / 8; ++word) {
    if (marks[word] == 0) continue;
    const int bits = std::endian::native == std::endian::little ? std::countr_zero(marks[word])
                                                                : std::countl_zero(marks[word]);
    return word * 8 + static_cast<std::size_t>(bits) / 8;
  }
  return bytes;
}

// Two halves that may overlap: in one go for any size from one half to two.
template <typename Half>
inline std::uint64_t LoadHalves(const char* text, std::size_t size) noexcept {
  Half first, last;
  std::memcpy(&first, text, sizeof first);
  std::memcpy(&last, text + size - sizeof last, sizeof last);
  return first | static_cast<std::uint64_t>(last) << (8 * (size - sizeof last));
}
template <typename Half>
inline void StoreHalves(std::uint64_t bytes, std::size_t size, char* out) noexcept {
  const auto first = static_cast<Half>(bytes);
  const auto last = static_cast<Half>(bytes >> (8 * (size - sizeof(Half))));
  std::memcpy(out, &first, sizeof first);
  std::memcpy(out + size - sizeof last, &last, sizeof last);
}

// CopyPlain() of less than 8 bytes: they become a block with spaces behind them.
template <bool utf8>
inline std::size_t CopyShort(const char* text, std::size_t size, char* out) noexcept {
  std::size_t done = 0;
  if constexpr (std::endian::native == std::endian::little) {
    if (size >= 2) {
      const std::uint64_t bytes =
          size >= 4 ? LoadHalves<std::uint32_t>(text, size) : LoadHalves<std::uint16_t>(text, size);
      constexpr std::uint64_t kSpaces = 0x2020202020202020;
      const std::uint64_t block = bytes | kSpaces << (8 * size);
      std::uint64_t copy = 0;
      const std::size_t plain =
          CopyBlock<utf8, 8>(reinterpret_cast<const char*>(&block), reinterpret_cast<char*>(&copy));
      size >= 4 ? StoreHalves<std::uint32_t>(copy, size, out)
                : StoreHalves<std::uint16_t>(copy, size, out);
      return plain < size ? plain : size;
    }
  }
  for (; done < size && IsSpecial<utf8>(static_cast<std::uint8_t>(text[done])) == 0; ++done) {
    out[done] = text[done];
  }
  return done;
}

/// Copies what stands before the first special byte, and returns how many bytes that is.
/// REQUIRES: `out` has room for `size` bytes; all of it may be written to.
template <bool utf8>
[[nodiscard]] inline std::size_t CopyPlain(const char* text, std::size_t size, char* out) noexcept {
  if (size < 8) return CopyShort<utf8>(text, size, out);
  std::size_t done = 0;
  for (; size - done >= kBlockBytes; done += kBlockBytes) {
    const std::size_t plain = CopyBlock<utf8, kBlockBytes>(text + done, out + done);
    if (plain < kBlockBytes) return done + plain;
  }
  if (done == size) return size;
  // The last block ends with the text: part of it may be copied once more.
  if (size >= kBlockBytes) {
    done = size - kBlockBytes;
    return done + CopyBlock<utf8, kBlockBytes>(text + done, out + done);
  }
  const std::size_t plain = CopyBlock<utf8, 8>(text, out);
  if (plain < 8) return plain;
  return size - 8 + CopyBlock<utf8, 8>(text + size - 8, out + size - 8);
}

[[nodiscard]] constexpr bool NeedsEscape(std::uint32_t c) noexcept {
  return c < 0x20 || c == '"' || c == '\\' || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

inline char* Put(std::string_view text, char* out) noexcept {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

/// Writes the escape of a character below U+10000, and returns its end.
[[nodiscard]] char* WriteEscape(std::uint32_t c, char* out) noexcept;

/// Writes one character of a text, escaped if it has to be, U+FFFD if it is broken; moves `text`.
[[nodiscard]] char* WriteLetter(std::string_view* text, char* out) noexcept;

/// Writes a character that is often met, and moves `text`: a quote, a backslash, one of two or
/// three bytes that is not escaped. Null for all others: those that are rare, and those that are
/// broken.
[[nodiscard]] inline char* WriteUsual(std::string_view* text, char* out) noexcept {
  const auto byte = [text](std::size_t at) { return static_cast<std::uint8_t>((*text)[at]); };
  const auto continues = [&](std::size_t at) {
    return at < text->size() && (byte(at) & 0xC0) == 0x80;
  };
  const std::uint8_t lead = byte(0);
  std::size_t bytes = 0;
  if (lead == '"' || lead == '\\') {
    *out++ = '\\';
    bytes = 1;
  } else if (lead >= 0xC3 && lead <= 0xDF && continues(1)) {
    bytes = 2;
  } else if (lead >= 0xE1 && lead <= 0xEF && lead != 0xED && continues(1) && continues(2)) {
    const bool separator = lead == 0xE2 && byte(1) == 0x80 && (byte(2) & 0xFE) == 0xA8;
    bytes = separator ? 0 : 3;
  }
  if (bytes == 0) return nullptr;
  for (std::size_t i = 0; i < bytes; ++i) *out++ = (*text)[i];
  text->remove_prefix(bytes);
  return out;
}

/// Writes `text` as a JSON string with its quotes from `out` on, and returns its end.
/// `room(at, bytes)`: makes sure that so many bytes can be written from `at` on, and returns where
/// that is now, should all have moved.
template <typename Room>
[[nodiscard]] char* WriteString(std::string_view text, char* out, Room room) {
  constexpr std::size_t kSlack = kBlockBytes + kLongestEscape + 2;
  const auto copy = [&]<bool utf8>() {
    const std::size_t plain = CopyPlain<utf8>(text.data(), text.size(), out);
    text.remove_prefix(plain);
    out += plain;
  };
  out = room(out, text.size() + kSlack);
  *out++ = '"';
  copy.template operator()<false>();
  bool utf8 = false;
  for (bool known = false; !text.empty();) {
    if (!known && static_cast<std::uint8_t>(text[0]) >= 0x80) {
      utf8 = text.size() >= kShort && IsUtf8(text);
      known = true;
    }
    out = room(out, text.size() + kSlack);
    char* const usual = WriteUsual(&text, out);
    out = usual != nullptr ? usual : WriteLetter(&text, out);
    if (utf8) {
      copy.template operator()<true>();
    } else {
      copy.template operator()<false>();
    }
  }
  *out++ = '"';
  return out;
}

}  // namespace thresh::json_escape
