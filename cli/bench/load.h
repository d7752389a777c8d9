#pragma once

// RunLoad: asks for URLs, so many at once, as a client in one process does that has a loop and no
// more.

#include <cstdint>
#include <string>
#include <vector>

namespace thresh {

struct LoadResult {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;      ///< No answer, or a status that is not 200 to 299.
  std::uint64_t body_bytes = 0;  ///< Of all answers.
  double wall_s = 0;
  std::string first_error;  ///< One line for people.
};

/// `cpu_ms`: how long to compute on each answer, in the loop.
/// REQUIRES: URLs of http or https; at_once > 0.
[[nodiscard]] LoadResult RunLoad(const std::vector<std::string>& urls, std::uint64_t at_once,
                                 std::uint64_t cpu_ms);

}  // namespace thresh
