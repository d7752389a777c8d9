#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "fetcher/frontier/frontier.h"
#include "lib/base/time.h"

namespace thresh {

/// What an answer of the frontier survives.
enum class Durability {
  kPower,    ///< Power loss: each batch is synced.
  kProcess,  ///< The end of the process, however sudden.
};

struct FrontierOptions {
  std::string path;  ///< A folder, made if missing.
  Durability durability = Durability::kPower;
  std::size_t cache_bytes = 48 << 20;         ///< Of blocks read, indexes and filters included.
  std::size_t write_buffer_bytes = 48 << 20;  ///< Of what is not yet in sorted files.
  std::uint64_t min_free_bytes = 64 << 20;    ///< Nothing is written with less free on the disk.
  /// Not more often is a group written: each costs a sync and two changes of threads, however
  /// small it is.
  std::uint64_t group_every_ms = 2;

  // Bounds of what is in memory of the queues, whatever waits on disk.
  std::size_t window_hosts = 2048;
  std::size_t window_tasks = 98304;
  std::size_t window_bytes = 64 << 20;

  // Clocks: a test has its own.
  std::function<SteadyTime()> steady_now = [] { return std::chrono::steady_clock::now(); };
  std::function<std::int64_t()> wall_now_ms = [] { return WallClockMs(); };
};

}  // namespace thresh
