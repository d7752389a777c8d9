#pragma once

// Little-endian integers and counted bytes, to and from the payload of a record.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/hash.h"

namespace thresh {

/// Writes a number to where there is room for it.
template <typename Integer>
void StoreLittleEndian(Integer value, char* out) noexcept {
  for (std::size_t i = 0; i < sizeof value; ++i) {
    out[i] = static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xff);
  }
}

class ByteWriter {
 public:
  explicit ByteWriter(std::string* out) : out_(*out) {}

  void U8(std::uint8_t v) { Integer(v, 1); }
  void U32(std::uint32_t v) { Integer(v, 4); }
  void U64(std::uint64_t v) { Integer(v, 8); }
  void Uuid(const Hash128& uuid) { out_.append(uuid.View()); }
  /// The bytes behind their count, as u32.
  void Text(std::string_view bytes) {
    U32(static_cast<std::uint32_t>(bytes.size()));
    out_.append(bytes);
  }

 private:
  void Integer(std::uint64_t v, std::size_t bytes) {
    char text[sizeof v];
    for (std::size_t i = 0; i < sizeof v; ++i) text[i] = static_cast<char>(v >> (8 * i) & 0xff);
    out_.append(text, bytes);
  }

  std::string& out_;
};

/// Reads what a ByteWriter wrote. What is not there reads as zero, and ok() tells.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint8_t U8() { return static_cast<std::uint8_t>(Integer(1)); }
  std::uint32_t U32() { return static_cast<std::uint32_t>(Integer(4)); }
  std::uint64_t U64() { return Integer(8); }
  Hash128 Uuid() { return HashFromBytes(Take(16)).value_or(Hash128{}); }
  std::string_view Text() { return Take(U32()); }

  /// True if all that was asked for was there.
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  /// True if nothing is left as well.
  [[nodiscard]] bool complete() const noexcept { return ok_ && at_ == bytes_.size(); }
  [[nodiscard]] std::size_t offset() const noexcept { return at_; }

 private:
  std::string_view Take(std::size_t count) {
    if (count > bytes_.size() - at_) ok_ = false;
    if (!ok_) return {};
    at_ += count;
    return bytes_.substr(at_ - count, count);
  }
  std::uint64_t Integer(std::size_t count) {
    std::uint64_t v = 0;
    std::size_t shift = 0;
    for (const char c : Take(count)) {
      v |= std::uint64_t{static_cast<std::uint8_t>(c)} << shift;
      shift += 8;
    }
    return v;
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace thresh
