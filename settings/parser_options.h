#pragma once

// What `thresh-parser` is told at its start.

#include <cstdint>
#include <string>

#include "lib/config/option.h"
#include "settings/common.h"

namespace thresh {

struct ParserSettings {
  std::string join_dir;                           ///< Output folder of a `thresh run`, or empty.
  std::string run_dir = std::string(kRunFolder);  ///< Of the sockets.
  std::uint64_t timeout_ms = 10'000;              ///< CPU time of a page; 0: any.
  std::uint64_t max_memory_bytes = std::uint64_t{1} << 30;  ///< Of the process; 0: any.
  int cpu_ms = 0;  ///< CPU time to burn for each page, for demos and benches.
  std::string log_level = "info";
};

/// The rows of these; what they hold is the default.
[[nodiscard]] OptionTable ParserTable(ParserSettings& settings);

}  // namespace thresh
