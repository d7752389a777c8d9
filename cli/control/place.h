#pragma once

// Where the daemons are that a command is about.

#include <string>

#include "cli/commands.h"
#include "lib/base/result.h"

namespace thresh {

struct DaemonPlace {
  std::string state;    ///< Folder of the state.
  std::string sockets;  ///< Folder of the sockets.
  std::string out;      ///< Folder of the output; empty if only the daemons know.
  bool run = false;     ///< It is a `thresh run`'s.
  bool system = false;  ///< It is that of this machine's services.
};

/// Without either, this machine's services. Errors: kInvalid if both are given, or the folder is
/// not there.
[[nodiscard]] Result<DaemonPlace> PlaceOf(const PlaceOptions& options);

/// How to start what a command did not find at work.
[[nodiscard]] std::string HowToStart(const DaemonPlace& place, const std::string& program);

}  // namespace thresh
