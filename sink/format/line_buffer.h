#pragma once

// LineBuffer: memory that lines are written into, and that is kept from one page to the next. Lines
// may stay where they were written, while others are written behind them, until all that keeps them
// is given back:
//
//   Append ──▶ Keep() ──▶ TakeKept() ──▶ (they are read) ──▶ GiveBack()

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/hash.h"
#include "lib/text/json.h"
#include "lib/text/json_escape.h"

namespace thresh {

/// What kept lines lie in.
struct LineBlock {
  std::unique_ptr<char[]> bytes;
  std::size_t capacity = 0;
};
using LineMemory = std::vector<LineBlock>;

class LineBuffer {
 public:
  /// `block_bytes`: of memory that is asked for at once, at least.
  explicit LineBuffer(std::size_t block_bytes = 32 << 10) : block_bytes_(block_bytes) {}

  /// What was appended since the last Keep().
  [[nodiscard]] std::string_view View() const noexcept { return {bytes_, size_}; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// REQUIRES: size > 0.
  [[nodiscard]] char back() const noexcept { return bytes_[size_ - 1]; }

  /// REQUIRES: `size` is at most size().
  void Truncate(std::size_t size) noexcept { size_ = size; }
  /// Empty; what an uncommonly large page took is given back.
  void Clear() noexcept {
    size_ = 0;
    if (capacity_ > kMostSpareBytes && !has_kept()) Leave();
  }

  /// View(), which stays where it is for as long as what TakeKept() returns; then it is empty.
  std::string_view Keep() noexcept {
    const std::string_view kept = View();
    bytes_ += size_;
    capacity_ -= size_;
    size_ = 0;
    return kept;
  }
  /// What all kept lines lie in. REQUIRES: View() is empty.
  [[nodiscard]] LineMemory TakeKept();
  /// Memory whose lines nobody reads any more, to be written over.
  void GiveBack(LineMemory memory);

  void Push(char c) {
    *Room(1) = c;
    ++size_;
  }
  void Append(std::string_view text) {
    if (text.empty()) return;
    std::memcpy(Room(text.size()), text.data(), text.size());
    size_ += text.size();
  }
  /// The same for the first bytes of an array, which is copied as a whole: a few instructions.
  template <std::size_t kBytes>
  void AppendOf(const std::array<char, kBytes>& bytes, std::size_t size) {
    std::memcpy(Room(kBytes), bytes.data(), kBytes);
    size_ += size;
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
        json_escape::WriteString(text, bytes_ + size_, [this](char* at, std::size_t bytes) {
          size_ = static_cast<std::size_t>(at - bytes_);
          return Room(bytes);
        });
    size_ = static_cast<std::size_t>(end - bytes_);
  }

 private:
  // Where the next bytes go, with room for so many.
  [[nodiscard]] char* Room(std::size_t bytes) {
    if (bytes > capacity_ - size_) Grow(bytes);
    return bytes_ + size_;
  }
  void Grow(std::size_t bytes);
  [[nodiscard]] LineBlock NewBlock(std::size_t capacity);
  [[nodiscard]] bool has_kept() const noexcept { return bytes_ != block_.bytes.get(); }
  // Gives the block at hand up.
  void Leave() noexcept {
    block_ = {};
    bytes_ = nullptr;
    capacity_ = 0;
  }

  static constexpr std::size_t kMostSpareBytes = 4 << 20;

  const std::size_t block_bytes_;
  LineBlock block_;                      // What is written into: kept lines first, then
  char* bytes_ = nullptr;                // what is no line yet,
  std::size_t capacity_ = 0, size_ = 0;  // and how much of it there is room for, and is.
  LineMemory full_;                      // Blocks before it that hold kept lines.
  LineMemory spare_;                     // To be written over.
};

}  // namespace thresh
