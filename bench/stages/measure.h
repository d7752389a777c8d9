#pragma once

// How a stage is timed: rounds of calls, the median round and the least. Each measurement is a JSON
// line.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace thresh::bench {

struct Rounds {
  std::size_t count = 51;
  std::size_t calls = 2000;  ///< A round; its time is by the call.
};

/// `--rounds N` and, under the name that fits the stage, `--calls N`.
inline Rounds RoundsOf(int argc, char** argv, Rounds rounds, std::string_view calls = "--calls") {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    const std::size_t value = std::strtoull(argv[i + 1], nullptr, 10);
    if (option == "--rounds" && value > 0) rounds.count = value;
    if (option == calls && value > 0) rounds.calls = value;
  }
  return rounds;
}

/// Prints the median and the least µs a call, and MB/s of `bytes` a call unless that is 0.
template <typename Work>
void Measure(const char* name, const Rounds& rounds, std::size_t bytes, Work work) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> us;
  for (std::size_t round = 0; round < rounds.count; ++round) {
    const auto begin = Clock::now();
    for (std::size_t i = 0; i < rounds.calls; ++i) work();
    const std::chrono::duration<double, std::micro> took = Clock::now() - begin;
    us.push_back(took.count() / static_cast<double>(rounds.calls));
  }
  std::sort(us.begin(), us.end());
  const double median = us[us.size() / 2];
  std::printf("{\"measure\":\"%s\",\"median_us\":%.3f,\"least_us\":%.3f", name, median, us.front());
  if (bytes > 0) std::printf(",\"mb_per_s\":%.0f", static_cast<double>(bytes) / median);
  std::printf("}\n");
}

}  // namespace thresh::bench
