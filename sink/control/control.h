#pragma once

// SinkControl: the sink's control socket. A request is one line of JSON; docs/formats.md has
// them.
//
// Threads: none of ours; dead letters are read on libuv's pool.
// Lifetime: borrows the loop, which must turn once more after it is gone.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <uv.h>

#include "lib/base/result.h"
#include "lib/io/line_server.h"
#include "lib/io/worker.h"
#include "lib/metrics/tap.h"
#include "sink/batch.h"
#include "sink/control/dead_stream.h"
#include "sink/format/fill_counts.h"

namespace thresh {

struct SinkStatus {
  FileReport report;
  std::uint64_t unclosed_count = 0;
  std::uint64_t late_dropped_count = 0;
  std::uint64_t records_count = 0;
  ItemFills fills;     ///< Of those records.
  std::string paused;  ///< Why nothing is written; or empty.
  std::string out;     ///< Folder of the output files, or `-`.
};

/// What the socket's clients ask for.
struct SinkOrders {
  std::function<SinkStatus()> status;
  std::function<void()> rotate;          ///< RotationBegun() and Rotated() are to follow.
  std::function<std::string()> metrics;  ///< As an object of JSON.
  Tap* tap = nullptr;                    ///< Outlives the socket.
};

/// A line of the control socket.
struct SinkRequest {
  std::string op;
  std::string reason;        ///< Of dead, letters; empty: any.
  std::string recipe, host;  ///< Of tap; empty: any.
  std::string name;          ///< Of letter_body.
  std::string text;          ///< Of letters: what the line has in it.
  std::optional<std::uint64_t> before;
  std::uint64_t limit = 50;
  double per_s = 20;
};

class SinkControl {
 public:
  /// `dead_folder`: where `dead.ndjson` lies; `body_folder`: the bodies.
  /// Errors: those of LineServer::Listen().
  [[nodiscard]] static Result<std::unique_ptr<SinkControl>> Create(uv_loop_t& loop,
                                                                   const std::string& path,
                                                                   std::string dead_folder,
                                                                   std::string body_folder,
                                                                   SinkOrders orders);

  /// What was ordered with rotate() so far is being done;
  void RotationBegun();
  /// it is done.
  void Rotated();

 private:
  // An answer that is read from files.
  struct Reading {
    explicit Reading(uv_loop_t& loop) : worker(loop) {}
    Result<std::string> text = std::string();
    bool ended = false;
    Worker worker;
  };

  SinkControl(uv_loop_t& loop, std::string dead_folder, std::string body_folder, SinkOrders orders);

  void TakeLine(const Line& line);
  void TakeRequest(ConnectionId connection, const SinkRequest& request);
  void AnswerTap(ConnectionId connection, const SinkRequest& request);
  void AnswerRead(ConnectionId connection, std::function<Result<std::string>()> read);
  void StreamDead(ConnectionId connection, std::string reason);

  uv_loop_t& loop_;
  const std::string dead_folder_, body_folder_;
  const SinkOrders orders_;
  std::vector<ConnectionId> rotation_asked_, rotation_begun_;
  std::unique_ptr<LineServer> server_;
  std::vector<std::unique_ptr<DeadStream>> streams_;
  std::vector<std::unique_ptr<Reading>> readings_;
};

}  // namespace thresh
