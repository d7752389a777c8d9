#pragma once

// What `thresh-sink` is told at its start.

#include <cstdint>
#include <string>

#include "lib/bus/tcp_door_options.h"
#include "lib/config/option.h"
#include "settings/common.h"

namespace thresh {

struct SinkOptions {
  std::string state_dir = std::string(kStateFolder);  ///< Of journal and bodies of dead letters.
  std::string run_dir = std::string(kRunFolder);      ///< Of the sockets.
  std::string out;                   ///< Folder of the output files, or `-`; empty: state_dir/out.
  std::string old_dir;               ///< Where files put aside by others may lie; or empty.
  std::uint64_t max_records = 0;     ///< Lines to write in all; 0: no limit.
  std::string durability = "power";  ///< Or `process`: nothing is synced.
  std::uint64_t segment_bytes = 64 << 20;
  std::uint64_t rotate_bytes = 0;    ///< 0: never.
  std::uint64_t rotate_seconds = 0;  ///< 0: never.
  bool rotate_zstd = false;
  bool accept_new_fetcher = false;
  std::string list_roots = "no";  ///< `lines` or `csv`: links that begin a job, not records.
  TcpDoorOptions tcp;             ///< For parsers on other machines.
  std::uint64_t ack_memory_bytes = 16 << 20;
  LogOptions log;
};

/// The rows of these; what they hold is the default.
[[nodiscard]] OptionTable SinkTable(SinkOptions& options);

}  // namespace thresh
