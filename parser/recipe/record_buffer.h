#pragma once

// RecordBuffer: MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md), value by
// value, in the shortest form. Its memory is used again for the next page.
//
// The bytes are a string that is only ever made longer, and a count of those used, so that a value
// costs one comparison and a copy.

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace thresh {

class RecordBuffer {
 public:
  /// Empties it; memory beyond `most_kept` bytes is given back.
  void Clear(std::size_t most_kept) {
    if (bytes_.size() > most_kept) std::string().swap(bytes_);
    used_ = 0;
  }
  /// Takes back what was put since it had `size` bytes.
  void Truncate(std::size_t size) noexcept { used_ = size; }

  [[nodiscard]] std::size_t size() const noexcept { return used_; }
  [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), used_}; }

  void PutNil() { PutByte(0xC0); }
  void PutBool(bool value) { PutByte(value ? 0xC3 : 0xC2); }
  void PutDouble(double value) { PutTagged(0xCB, std::bit_cast<std::uint64_t>(value)); }

  void PutUnsigned(std::uint64_t value) {
    if (value < 0x80) {
      PutByte(static_cast<unsigned>(value));
    } else if (value <= UINT8_MAX) {
      PutTagged(0xCC, static_cast<std::uint8_t>(value));
    } else if (value <= UINT16_MAX) {
      PutTagged(0xCD, static_cast<std::uint16_t>(value));
    } else if (value <= UINT32_MAX) {
      PutTagged(0xCE, static_cast<std::uint32_t>(value));
    } else {
      PutTagged(0xCF, value);
    }
  }

  void PutInteger(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    if (value >= 0) {
      PutUnsigned(bits);
    } else if (value >= -32) {
      PutByte(static_cast<unsigned>(bits & 0xFF));
    } else if (value >= INT8_MIN) {
      PutTagged(0xD0, static_cast<std::uint8_t>(bits));
    } else if (value >= INT16_MIN) {
      PutTagged(0xD1, static_cast<std::uint16_t>(bits));
    } else if (value >= INT32_MIN) {
      PutTagged(0xD2, static_cast<std::uint32_t>(bits));
    } else {
      PutTagged(0xD3, bits);
    }
  }

  /// REQUIRES: below 4 GiB.
  void PutText(std::string_view text) {
    char* at = Reserve(text.size() + 5);
    if (text.size() < 32) {
      *at++ = static_cast<char>(0xA0 | text.size());
    } else if (text.size() <= UINT8_MAX) {
      at = Write(at, 0xD9, static_cast<std::uint8_t>(text.size()));
    } else if (text.size() <= UINT16_MAX) {
      at = Write(at, 0xDA, static_cast<std::uint16_t>(text.size()));
    } else {
      at = Write(at, 0xDB, static_cast<std::uint32_t>(text.size()));
    }
    Copy(at, text);
    Use(at + text.size());
  }

  /// The head of an array of `count` values, or a map of `count` pairs, that must follow.
  /// REQUIRES: below 2^32.
  void PutArray(std::size_t count) { PutHead(count, 0x90, 0xDC); }
  void PutMap(std::size_t count) { PutHead(count, 0x80, 0xDE); }

  /// Makes the array's head, which is the one byte at `head`, say that `count` values follow.
  void SetArrayCount(std::size_t head, std::size_t count) {
    if (count < 16) {
      bytes_[head] = static_cast<char>(0x90 | count);
      return;
    }
    const std::size_t more = count <= UINT16_MAX ? 2 : 4;
    Reserve(more);
    char* const at = bytes_.data() + head;
    std::memmove(at + 1 + more, at + 1, used_ - head - 1);
    if (more == 2) {
      Write(at, 0xDC, static_cast<std::uint16_t>(count));
    } else {
      Write(at, 0xDD, static_cast<std::uint32_t>(count));
    }
    used_ += more;
  }

  /// Values that are MessagePack already.
  void Append(std::string_view packed) {
    char* const at = Reserve(packed.size());
    Copy(at, packed);
    used_ += packed.size();
  }
  /// Bytes of its own. REQUIRES: begin + size <= size().
  void AppendOwn(std::size_t begin, std::size_t size) {
    char* const at = Reserve(size);
    std::memmove(at, bytes_.data() + begin, size);
    used_ += size;
  }

 private:
  char* Reserve(std::size_t more) {
    if (used_ + more > bytes_.size()) Grow(more);
    return bytes_.data() + used_;
  }
  void Grow(std::size_t more) {
    bytes_.resize(std::max({used_ + more, 2 * bytes_.size(), std::size_t{4096}}));
  }
  void Use(const char* end) noexcept { used_ = static_cast<std::size_t>(end - bytes_.data()); }

  void PutByte(unsigned byte) {
    *Reserve(1) = static_cast<char>(byte);
    ++used_;
  }
  template <std::unsigned_integral T>
  void PutTagged(std::uint8_t tag, T value) {
    Use(Write(Reserve(1 + sizeof value), tag, value));
  }
  // The tag, then `value` with the most significant byte first.
  template <std::unsigned_integral T>
  static char* Write(char* at, std::uint8_t tag, T value) noexcept {
    *at++ = static_cast<char>(tag);
    if constexpr (std::endian::native == std::endian::little) {
      if constexpr (sizeof value == 8) value = __builtin_bswap64(value);
      if constexpr (sizeof value == 4) value = __builtin_bswap32(value);
      if constexpr (sizeof value == 2) value = __builtin_bswap16(value);
    }
    std::memcpy(at, &value, sizeof value);
    return at + sizeof value;
  }
  // Names and most values are short: a call of memcpy() would cost more than the copy.
  static void Copy(char* to, std::string_view from) noexcept {
    const std::size_t size = from.size();
    if (size > 32) {
      std::memcpy(to, from.data(), size);
    } else if (size >= 16) {
      CopyEnds<16>(to, from);
    } else if (size >= 8) {
      CopyEnds<8>(to, from);
    } else if (size >= 4) {
      CopyEnds<4>(to, from);
    } else {
      for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
    }
  }
  // REQUIRES: kBytes to 2 * kBytes of them.
  template <std::size_t kBytes>
  static void CopyEnds(char* to, std::string_view from) noexcept {
    char first[kBytes], last[kBytes];
    std::memcpy(first, from.data(), kBytes);
    std::memcpy(last, from.data() + from.size() - kBytes, kBytes);
    std::memcpy(to, first, kBytes);
    std::memcpy(to + from.size() - kBytes, last, kBytes);
  }
  void PutHead(std::size_t count, unsigned few, std::uint8_t tag) {
    if (count < 16) {
      PutByte(few | static_cast<unsigned>(count));
    } else if (count <= UINT16_MAX) {
      PutTagged(tag, static_cast<std::uint16_t>(count));
    } else {
      PutTagged(static_cast<std::uint8_t>(tag + 1), static_cast<std::uint32_t>(count));
    }
  }

  std::string bytes_;
  std::size_t used_ = 0;
};

}  // namespace thresh
