#pragma once

// Where the daemons are that a command is about.

#include <string>

#include "cli/commands.h"
#include "lib/base/result.h"

namespace thresh {

struct Place {
  std::string state;  ///< Folder of sockets and state.
  std::string out;    ///< Folder of the output; empty if only the daemons know.
  bool run = false;   ///< It is a `thresh run`'s.
};

/// Errors: kInvalid if none or both are given, or the folder is not there.
[[nodiscard]] Result<Place> PlaceOf(const PlaceOptions& options);

/// How to start what a command did not find at work.
[[nodiscard]] std::string HowToStart(const Place& place, const std::string& program);

}  // namespace thresh
