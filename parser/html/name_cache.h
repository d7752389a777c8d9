#pragma once

// NameCache: the bytes of a tag or attribute name on a page -> its atom, quicker than the
// NameTable's hash by reading 16 bytes at once. Kept from page to page: the atoms of a table
// never change.
//
// Threads: none. Lifetime: borrows the NameTable.

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "parser/html/names.h"
#include "parser/html/tree.h"

namespace thresh::html {

class NameCache {
 public:
  /// A name of at most 16 bytes, in lower case, zeros behind it.
  struct Key {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
  };

  explicit NameCache(NameTable& names) : names_(names) {}
  NameCache(const NameCache&) = delete;
  NameCache& operator=(const NameCache&) = delete;

  /// The atom of the name that `key` holds `size` bytes of. REQUIRES: no NUL among them.
  Atom Find(const Key& key, std::size_t size, Tree* tree) {
    const Entry& entry = entries_[SlotOf(key)];
    // A key is not zero, as that of an entry in which there is none.
    if (((entry.key.low ^ key.low) | (entry.key.high ^ key.high)) == 0) return entry.atom;
    return Add(key, size, tree);
  }

  [[nodiscard]] NameTable& names() noexcept { return names_; }

 private:
  struct alignas(32) Entry {
    Key key;
    Atom atom = kNoAtom;
  };
  static constexpr std::size_t kSlots = 1024;

  static std::size_t SlotOf(const Key& key) noexcept {
    return (key.low * 0xD6E8FEB86659FD93 ^ key.high * 0x9E3779B97F4A7C15) >> 54;
  }

  // No two names share a key: names with a NUL inside do not come here.
  Atom Add(const Key& key, std::size_t size, Tree* tree) {
    char bytes[16];
    std::memcpy(bytes, &key.low, 8);
    std::memcpy(bytes + 8, &key.high, 8);
    const Atom atom = tree->NameFromPage({bytes, size});
    if (atom < kFirstPageAtom) entries_[SlotOf(key)] = {key, atom};  // Others die with the page.
    return atom;
  }

  NameTable& names_;
  std::array<Entry, kSlots> entries_{};
};

}  // namespace thresh::html
