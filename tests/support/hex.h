#pragma once

// Bytes written down as hex digits: `82 a1 61` is three bytes. Blanks are passed over.

#include <string>
#include <string_view>

namespace thresh::test {

inline std::string Bytes(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); ++i) {
    if (hex[i] == ' ') continue;
    bytes.push_back(static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1])));
    ++i;
  }
  return bytes;
}

}  // namespace thresh::test
