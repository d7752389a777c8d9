#pragma once

// LineBuffer: memory that lines are written into, and that is kept from one page to the next.

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

#include "lib/base/hash.h"
#include "lib/text/json.h"
#include "lib/text/json_escape.h"

namespace thresh {

class LineBuffer {
 public:
  [[nodiscard]] std::string_view View() const noexcept { return {bytes_.get(), size_}; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// REQUIRES: size > 0.
  [[nodiscard]] char back() const noexcept { return bytes_[size_ - 1]; }

  /// REQUIRES: `size` is at most size().
  void Truncate(std::size_t size) noexcept { size_ = size; }
  /// Empty; what an uncommonly large page took is given back.
  void Clear() noexcept {
    constexpr std::size_t kMostKept = 4 << 20;
    size_ = 0;
    if (capacity_ <= kMostKept) return;
    bytes_.reset();
    capacity_ = 0;
  }

  void Push(char c) {
    *Room(1) = c;
    ++size_;
  }
  void Append(std::string_view text) {
    if (text.empty()) return;
    std::memcpy(Room(text.size()), text.data(), text.size());
    size_ += text.size();
  }
  template <typename Integer>
  void AppendInteger(Integer value) {
    constexpr std::size_t kMostDigits = 20;  // Of 64 bits, or 19 and a sign.
    char* const at = Room(kMostDigits);
    size_ += static_cast<std::size_t>(std::to_chars(at, at + kMostDigits, value).ptr - at);
  }
  void AppendHex(const Hash128& hash) {
    hash.WriteHex(Room(2 * hash.bytes.size()));
    size_ += 2 * hash.bytes.size();
  }
  /// As AppendJsonNumber().
  void AppendJsonNumber(double value) {
    char* const at = Room(kMostNumberBytes);
    size_ += static_cast<std::size_t>(WriteJsonNumber(value, at) - at);
  }
  /// As AppendJsonString().
  void AppendJsonString(std::string_view text) {
    const char* end =
        json_escape::WriteString(text, bytes_.get() + size_, [this](char* at, std::size_t bytes) {
          size_ = static_cast<std::size_t>(at - bytes_.get());
          return Room(bytes);
        });
    size_ = static_cast<std::size_t>(end - bytes_.get());
  }

 private:
  // Where the next bytes go, with room for so many.
  [[nodiscard]] char* Room(std::size_t bytes) {
    if (bytes > capacity_ - size_) Grow(bytes);
    return bytes_.get() + size_;
  }
  void Grow(std::size_t bytes);

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0, size_ = 0;
};

}  // namespace thresh
