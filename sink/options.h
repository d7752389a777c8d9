#pragma once

#include <cstdint>
#include <string>

#include "lib/bus/tcp_door.h"

namespace thresh {

struct SinkOptions {
  std::string state_dir;             ///< Journal, bodies of dead letters and sockets lie here.
  std::string out;                   ///< Folder of the output files, or `-`.
  std::string old_dir;               ///< Where files put aside by others may lie; or empty.
  std::uint64_t max_records = 0;     ///< Lines to write in all; 0: no limit.
  std::string durability = "power";  ///< Or `process`: nothing is synced.
  std::uint64_t segment_bytes = 64 << 20;
  std::uint64_t rotate_bytes = 0;    ///< 0: never.
  std::uint64_t rotate_seconds = 0;  ///< 0: never.
  bool rotate_zstd = false;
  bool accept_new_fetcher = false;
  TcpDoorOptions tcp;  ///< For parsers on other machines.
  std::uint64_t ack_memory_bytes = 16 << 20;
};

}  // namespace thresh
