#pragma once

// Ledger: how many tasks there have been, and how they ended. It changes in the same durable
// write as the tasks it counts, so at any moment created() = done + dead + dropped + pending().

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace thresh {

struct Ledger {
  // Created. Duplicates are not.
  std::uint64_t fed = 0;
  std::uint64_t followed = 0;
  std::uint64_t recrawled = 0;
  std::uint64_t retried = 0;
  // Ended.
  std::uint64_t done = 0;
  std::map<std::string, std::uint64_t> dead;     ///< By reason: see Count().
  std::map<std::string, std::uint64_t> dropped;  ///< By reason.

  std::uint64_t records = 0;    ///< Lines written for tasks that are done.
  std::uint64_t asked = 0;      ///< Ended tasks for which a request was made.
  std::uint64_t unchanged = 0;  ///< Of those done: they were as at the request before.
  std::uint64_t redirects = 0;  ///< Followed, of all tasks that ended.

  [[nodiscard]] std::uint64_t created() const { return fed + followed + recrawled + retried; }
  [[nodiscard]] std::uint64_t pending() const {
    return created() - done - Sum(dead) - Sum(dropped);
  }

  /// Counts a task under its reason. Pages may make up reasons (`fail_when`), so only so many are
  /// told apart: those that come later are `other`.
  static void Count(const std::string& reason, std::map<std::string, std::uint64_t>* reasons) {
    const auto known = reasons->find(reason);
    if (known != reasons->end()) {
      ++known->second;
    } else {
      ++(*reasons)[reasons->size() < kMostReasons ? reason : "other"];
    }
  }
  static constexpr std::size_t kMostReasons = 1'000;

  [[nodiscard]] static std::uint64_t Sum(const std::map<std::string, std::uint64_t>& reasons) {
    std::uint64_t sum = 0;
    for (const auto& [reason, count] : reasons) sum += count;
    return sum;
  }
};

}  // namespace thresh
