#pragma once

// 128-bit XXH3 digests, and the random ids of processes. Both are 16 bytes, print
// as 32 lower-case hex digits and travel as raw bytes, most significant first.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace thresh {

struct Hash128 {
  std::array<std::uint8_t, 16> bytes{};

  friend bool operator==(const Hash128&, const Hash128&) = default;

  [[nodiscard]] std::string Hex() const;
  /// The same, 32 bytes, to `out`.
  void WriteHex(char* out) const noexcept;
  [[nodiscard]] std::string_view View() const noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
};

/// Nullopt unless `raw` is 16 bytes.
[[nodiscard]] std::optional<Hash128> HashFromBytes(std::string_view raw);

/// XXH3-128 of `data`.
[[nodiscard]] Hash128 HashBytes(std::string_view data);

/// XXH3-128 of the parts, each preceded by its length as u32 little-endian, so that
/// ("ab","c") and ("a","bc") differ.
[[nodiscard]] Hash128 HashParts(std::initializer_list<std::string_view> parts);

/// What HashParts() is the digest of.
[[nodiscard]] std::string JoinParts(std::initializer_list<std::string_view> parts);

/// 16 bytes from the kernel's random source.
[[nodiscard]] Hash128 RandomId();

}  // namespace thresh

template <>
struct std::hash<thresh::Hash128> {
  std::size_t operator()(const thresh::Hash128& h) const noexcept {
    std::size_t low = 0;
    std::memcpy(&low, h.bytes.data(), sizeof low);
    return low;
  }
};
