#pragma once

// What the decoders of encodings with two-byte sequences share.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "parser/body/ascii.h"
#include "parser/body/utf8_writer.h"

namespace thresh::body {

[[nodiscard]] inline std::uint32_t ByteAt(std::string_view text, std::size_t at) noexcept {
  return static_cast<unsigned char>(text[at]);
}

[[nodiscard]] constexpr bool IsIn(std::uint32_t b, std::uint32_t first,
                                  std::uint32_t last) noexcept {
  return b - first <= last - first;
}

/// The code point at `pointer`, 0 if there is none.
template <typename Unit>
[[nodiscard]] std::uint32_t Lookup(std::span<const Unit> index, std::size_t pointer) noexcept {
  return pointer < index.size() ? index[pointer] : 0;
}

/// Writes `c`, or U+FFFD for none. Returns how many bytes the sequence of two took: a trail byte
/// that is ASCII is not part of a broken one.
inline std::size_t PutPair(std::uint32_t c, std::uint32_t trail, Utf8Writer& out) {
  if (c != 0) {
    out.Put(c);
    return 2;
  }
  out.PutBroken();
  return trail < 0x80 ? 1 : 2;
}

/// Copies ASCII and calls `sequence(at)`, which writes what begins there and returns how many
/// bytes that took, for all else.
template <typename Sequence>
void DecodeOverAscii(std::string_view text, Utf8Writer& out, Sequence sequence) {
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t run = AsciiRun(text, at); run > 0) {
      out.Copy(text.substr(at, run));
      at += run;
    } else {
      at += sequence(at);
    }
  }
}

/// The same, where every sequence is a lead and a trail byte: `code_point(lead, trail)` is 0 for
/// none. Other bytes are for `single(byte)`: what they stand for, 0 for a lead byte.
template <typename Single, typename CodePoint>
void DecodePairs(std::string_view text, Utf8Writer& out, Single single, CodePoint code_point) {
  DecodeOverAscii(text, out, [&](std::size_t at) -> std::size_t {
    const std::uint32_t lead = ByteAt(text, at);
    if (const std::uint32_t c = single(lead); c != 0) {
      out.Put(c);
      return 1;
    }
    if (at + 1 == text.size()) {
      out.PutBroken();
      return 1;
    }
    const std::uint32_t trail = ByteAt(text, at + 1);
    return PutPair(code_point(lead, trail), trail, out);
  });
}

}  // namespace thresh::body
