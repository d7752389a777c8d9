#pragma once

// How a daemon logs: settings that all of them have.

#include <string>

namespace thresh {

struct LogOptions {
  std::string level = "info";   ///< `error`, `warn`, `info` or `debug`.
  std::string format = "text";  ///< Or `json`.
};

/// From now on it is logged so.
void SetLog(const LogOptions& options);

}  // namespace thresh
