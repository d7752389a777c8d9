#pragma once

// The frontier that is killed, and opened again after it.

#include <string>

#include "fetcher/frontier/options.h"

namespace thresh::test {

inline FrontierOptions CrashOptions(const std::string& path) {
  FrontierOptions options;
  options.path = path;
  options.write_buffer_bytes = 256 << 10;  // Files are written and merged all the time.
  options.min_free_bytes = 0;
  return options;
}

}  // namespace thresh::test
