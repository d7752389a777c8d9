#pragma once

// SeenSet: which digests came before on a page. Forgetting costs nothing, and the memory stays.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "lib/base/hash.h"

namespace thresh {

class SeenSet {
 public:
  void Clear() noexcept {
    ++generation_;
    size_ = 0;
  }

  /// False if it was there.
  bool Insert(const Hash128& digest) {
    if ((size_ + 1) * 2 > slots_.size()) Grow();
    return InsertNoGrow(digest);
  }

 private:
  struct Slot {
    Hash128 digest;
    std::uint64_t generation = 0;
  };

  bool InsertNoGrow(const Hash128& digest) {
    std::size_t at = std::hash<Hash128>{}(digest) & (slots_.size() - 1);
    while (slots_[at].generation == generation_) {
      if (slots_[at].digest == digest) return false;
      at = (at + 1) & (slots_.size() - 1);
    }
    slots_[at] = {digest, generation_};
    ++size_;
    return true;
  }

  void Grow() {
    const std::vector<Slot> old = std::move(slots_);
    slots_.assign(old.empty() ? 64 : old.size() * 2, {});
    size_ = 0;
    for (const Slot& slot : old) {
      if (slot.generation == generation_) InsertNoGrow(slot.digest);
    }
  }

  std::vector<Slot> slots_;  ///< Open addressing, a power of two.
  std::size_t size_ = 0;
  std::uint64_t generation_ = 1;
};

}  // namespace thresh
