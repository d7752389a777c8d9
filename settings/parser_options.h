#pragma once

// What `thresh-parser` is told at its start.

#include <cstdint>
#include <string>

#include "lib/config/log_options.h"
#include "lib/config/option.h"
#include "settings/common.h"

namespace thresh {

/// Fetcher and sink on another machine.
struct RemoteOptions {
  std::string fetcher;  ///< tcp://HOST:PORT, both of them; empty: they are on this machine.
  std::string sink;
  std::string key_file;         ///< Our secret key.
  std::string server_key_file;  ///< The public key of both.
  bool without_keys = false;    ///< Where they are on loopback.
};

struct ParserSettings {
  std::string join_dir;                           ///< Output folder of a `thresh run`, or empty.
  std::string run_dir = std::string(kRunFolder);  ///< Of the sockets; unless join_dir or remote.
  RemoteOptions remote;                           ///< Unless join_dir.
  std::uint64_t timeout_ms = 10'000;              ///< CPU time of a page; 0: any.
  std::uint64_t max_memory_bytes = std::uint64_t{1} << 30;         ///< Of the process; 0: any.
  std::uint64_t max_address_space_bytes = std::uint64_t{4} << 30;  ///< The same.
  std::string sandbox = "on";                                      ///< `off` or `require`.
  int cpu_ms = 0;  ///< CPU time to burn for each page, for demos and benches.
  LogOptions log;
};

/// The rows of these; what they hold is the default.
[[nodiscard]] OptionTable ParserTable(ParserSettings& settings);

}  // namespace thresh
