#pragma once

// SinkControl: the sink's control socket. A request is one line of JSON; docs/formats.md has
// them.
//
// Threads: none of ours; dead letters are read on libuv's pool.
// Lifetime: borrows the loop, which must turn once more after it is gone.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <uv.h>

#include "lib/base/result.h"
#include "lib/io/line_server.h"
#include "sink/batch.h"
#include "sink/control/dead_stream.h"

namespace thresh {

struct SinkStatus {
  FileReport report;
  std::uint64_t unclosed_count = 0;
  std::uint64_t late_dropped_count = 0;
  std::uint64_t records_count = 0;
  ItemFills fills;     ///< Of those records.
  std::string paused;  ///< Why nothing is written; or empty.
};

/// What the socket's clients ask for.
struct SinkOrders {
  std::function<SinkStatus()> status;
  std::function<void()> rotate;  ///< RotationBegun() and Rotated() are to follow.
};

class SinkControl {
 public:
  /// `dead_folder`: where `dead.ndjson` lies.
  /// Errors: those of LineServer::Listen().
  [[nodiscard]] static Result<std::unique_ptr<SinkControl>> Create(uv_loop_t& loop,
                                                                   const std::string& path,
                                                                   std::string dead_folder,
                                                                   SinkOrders orders);

  /// What was ordered with rotate() so far is being done;
  void RotationBegun();
  /// it is done.
  void Rotated();

 private:
  SinkControl(uv_loop_t& loop, std::string dead_folder, SinkOrders orders);

  void TakeLine(const Line& line);
  void StreamDead(ConnectionId connection, std::string reason);

  uv_loop_t& loop_;
  const std::string dead_folder_;
  const SinkOrders orders_;
  std::vector<ConnectionId> rotation_asked_, rotation_begun_;
  std::unique_ptr<LineServer> server_;
  std::vector<std::unique_ptr<DeadStream>> streams_;
};

}  // namespace thresh
