#pragma once

// MemoryPlaces: a stretch of memory, given out in places of any width. For bodies of pages: malloc
// takes new memory from the system for these again and again, and the kernel's filling of it with
// zeros costs more than the copying.
//
// Threads: any; places may be let go of on any. Lifetime: a place keeps the memory alive.

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>

#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace thresh {

class MemoryPlaces : public std::enable_shared_from_this<MemoryPlaces> {
 public:
  /// Memory of this process alone, in pages as large as the system has them.
  /// Errors: kInternal if the system gives none.
  [[nodiscard]] static Result<std::shared_ptr<MemoryPlaces>> CreatePrivate(std::size_t bytes);
  /// Memory that others may map: see fd().
  [[nodiscard]] static Result<std::shared_ptr<MemoryPlaces>> CreateShared(std::size_t bytes);
  ~MemoryPlaces();
  MemoryPlaces(const MemoryPlaces&) = delete;
  MemoryPlaces& operator=(const MemoryPlaces&) = delete;

  /// A place, at a multiple of 64 bytes, free again when its last owner lets go of it; null: no gap
  /// is wide enough, or more than `limit` bytes would be in use.
  [[nodiscard]] std::shared_ptr<char> Take(std::size_t bytes, std::size_t limit);
  [[nodiscard]] std::shared_ptr<char> Take(std::size_t bytes) { return Take(bytes, bytes_); }

  [[nodiscard]] char* begin() const noexcept { return begin_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  /// Gives all of it back to the system, if nothing is in use.
  void GiveBackUnused();

 private:
  MemoryPlaces(UniqueFd fd, char* begin, std::size_t bytes);

  void Free(const char* at, std::size_t bytes);

  const UniqueFd fd_;  // None: private.
  char* const begin_;
  const std::size_t bytes_;
  std::mutex mutex_;
  std::map<std::size_t, std::size_t> free_;  // Begin and width of each gap; no two touch.
  std::size_t used_ = 0;
  std::size_t touched_ = 0;  // The system has given as much.
};

}  // namespace thresh
