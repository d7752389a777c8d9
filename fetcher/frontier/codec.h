#pragma once

// Encoder and Decoder: how numbers and strings stand in the frontier's keys and values.
// Grammar: docs/frontier.md.
//
// A decoder reads what a disk gave back, so it may be anything: a read beyond the end gives zero
// or an empty string and makes ok() false for good.

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/hash.h"

namespace thresh {

class Encoder {
 public:
  Encoder& Byte(std::uint8_t value) {
    out_.push_back(static_cast<char>(value));
    return *this;
  }
  /// Eight bytes, most significant first: they sort as the numbers do.
  Encoder& Fixed(std::uint64_t value);
  /// Seven bits a byte, least significant first.
  Encoder& Number(std::uint64_t value);
  /// Zigzag: small ones of either sign are short.
  Encoder& Signed(std::int64_t value);
  /// Length, then bytes.
  Encoder& Text(std::string_view text);
  /// Bytes alone.
  Encoder& Raw(std::string_view bytes) {
    out_.append(bytes);
    return *this;
  }

  [[nodiscard]] std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] std::uint8_t Byte();
  [[nodiscard]] std::uint64_t Fixed();
  [[nodiscard]] std::uint64_t Number();
  [[nodiscard]] std::int64_t Signed();
  [[nodiscard]] std::string_view Text();
  [[nodiscard]] std::string_view Raw(std::size_t length);
  [[nodiscard]] Hash128 Hash();

  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  /// All was read, and there was enough of it.
  [[nodiscard]] bool finished() const noexcept { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace thresh
