#pragma once

// Busiest: which names come most often, of any number of names, in bounded memory: those of the
// last 5 s, with how often a second. All that found no place are counted together.
//
// Threads: none.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace thresh {

class Busiest {
 public:
  static constexpr std::size_t kMostNames = 256;
  static constexpr int kSpanSeconds = 5;

  struct Entry {
    std::string name;
    double per_second = 0;
  };

  void Count(const std::string& name);
  /// To be called once a second.
  void Second();

  /// The `most` that came most often, in that order; `others`: all else, a second.
  [[nodiscard]] std::vector<Entry> Top(std::size_t most, double* others) const;
  /// Of one name; 0 if it is not among those counted by name.
  [[nodiscard]] double PerSecond(const std::string& name) const;

 private:
  struct Span {
    std::unordered_map<std::string, std::uint64_t> counts;
    std::uint64_t others = 0;
    int seconds = 0;
  };

  Span now_, last_;
};

}  // namespace thresh
