#pragma once

// UTF-8 as the Encoding standard reads it (https://encoding.spec.whatwg.org/#utf-8-decoder).

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace thresh {

struct Utf8Char {
  std::uint32_t code_point = 0;  ///< U+FFFD for a broken sequence.
  std::uint32_t length = 0;      ///< Bytes consumed, at least 1.
  bool valid = false;
};

/// Decodes the character at `at`. A broken sequence consumes its maximal subpart.
/// REQUIRES: at < text.size().
[[nodiscard]] Utf8Char DecodeUtf8(std::string_view text, std::size_t at);

void AppendUtf8(std::uint32_t code_point, std::string* out);

/// True if `text` is well-formed UTF-8.
[[nodiscard]] bool IsUtf8(std::string_view text);

/// `text` with each broken sequence replaced by U+FFFD.
[[nodiscard]] std::string RepairUtf8(std::string_view text);

}  // namespace thresh
