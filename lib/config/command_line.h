#pragma once

// Options' rows and a command line -> what it gives; and --help.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/config/option.h"

namespace thresh {

/// By the first name of an option's flag. A flag that is no list has one text.
using GivenOptions = std::map<std::string, std::vector<std::string>, std::less<>>;

struct CommandLine {
  GivenOptions given;
  std::optional<int> exit_status;  ///< All is said: the process ends with it.
};

/// Prints --help and --version on stdout, what is wrong on stderr (exit status 64). Values are
/// checked, and set nowhere.
[[nodiscard]] CommandLine ParseCommandLine(std::string_view program, std::string_view what,
                                           std::span<const Option> options, int argc,
                                           const char* const* argv);

}  // namespace thresh
