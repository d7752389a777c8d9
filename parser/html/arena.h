#pragma once

// Arena: memory that is handed out piece by piece and taken back all at once.
// Addresses stay valid until Clear(), also across moves of the arena.

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace thresh::html {

class Arena {
 public:
  /// `alignment` is a power of two, at most that of operator new.
  [[nodiscard]] char* Allocate(std::size_t size, std::size_t alignment = 1);

  [[nodiscard]] std::string_view Copy(std::string_view text) {
    if (text.empty()) return {};
    char* const copy = Allocate(text.size());
    std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
  }

  /// Takes everything back. Keeps the memory for the next page unless one huge
  /// page made it huge.
  void Clear();

  /// Bytes obtained from the system.
  [[nodiscard]] std::size_t capacity_bytes() const noexcept { return capacity_bytes_; }
  /// Bytes handed out since Clear(), with what was left over in full chunks.
  [[nodiscard]] std::size_t used_bytes() const noexcept;

 private:
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };

  void NextChunk(std::size_t at_least);

  std::vector<Chunk> chunks_;
  std::size_t chunks_used_ = 0;  ///< The last of these is the one being filled.
  std::size_t used_ = 0;         ///< Bytes taken from it.
  std::size_t capacity_bytes_ = 0;
};

}  // namespace thresh::html
