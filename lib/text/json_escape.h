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

/// Copies what stands before the first special byte, and returns how many bytes that is.
/// REQUIRES: `out` has room for `size` bytes; all of it may be written to.
template <bool utf8>
[[nodiscard]] inline std::size_t CopyPlain(const char* text, std::size_t size, char* out) noexcept {
  std::size_t done = 0;
  for (; size - done >= kBlockBytes; done += kBlockBytes) {
    const std::size_t plain = CopyBlock<utf8, kBlockBytes>(text + done, out + done);
    if (plain < kBlockBytes) return done + plain;
  }
  if (size - done >= 8) {
    const std::size_t plain = CopyBlock<utf8, 8>(text + done, out + done);
    done += plain;
    if (plain < 8) return done;
  }
  for (; done < size && IsSpecial<utf8>(static_cast<std::uint8_t>(text[done])) == 0; ++done) {
    out[done] = text[done];
  }
  return done;
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
    out = WriteLetter(&text, room(out, text.size() + kSlack));
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
