#pragma once

// What each daemon can be told of its start: of the command line alone.

#include <cstdint>
#include <string>

#include "lib/config/config_source.h"
#include "lib/config/option.h"

namespace thresh {

struct StartOptions {
  std::string file = std::string(kConfigFile);
  bool check = false;
  bool print_config = false;
  bool print_reference = false;  ///< Tables in Markdown, for docs/configuration.md.
  std::string print_man;         ///< A manual page's name, as thresh-sink.8.
  std::uint64_t parent = 0;      ///< The process whose end is ours; 0: none.
};

[[nodiscard]] OptionTable StartOptionRows(StartOptions& options);

}  // namespace thresh
