#pragma once

// Ledger: how many tasks there have been, and how they ended. At any moment
// created() = done + dead + dropped + pending.

#include <cstdint>
#include <map>
#include <string>

namespace thresh {

class Ledger {
 public:
  std::uint64_t fed = 0;         ///< Accepted from the feed, duplicates not counted.
  std::uint64_t followed = 0;    ///< Found on pages, duplicates not counted.
  std::uint64_t duplicates = 0;  ///< Fed again.
  std::uint64_t refused = 0;     ///< Feed lines answered with an error.
  std::uint64_t done = 0;
  std::uint64_t records = 0;
  std::uint64_t pages = 0;                       ///< Fetched, with whatever status.
  std::uint64_t body_bytes = 0;                  ///< Decoded, of those.
  std::map<std::string, std::uint64_t> dead;     ///< By reason.
  std::map<std::string, std::uint64_t> dropped;  ///< By reason.

  [[nodiscard]] std::uint64_t created() const { return fed + followed; }
  [[nodiscard]] std::uint64_t pending() const {
    return created() - done - Sum(dead) - Sum(dropped);
  }

  [[nodiscard]] static std::uint64_t Sum(const std::map<std::string, std::uint64_t>& reasons) {
    std::uint64_t sum = 0;
    for (const auto& [reason, count] : reasons) sum += count;
    return sum;
  }
};

}  // namespace thresh
