#pragma once

// DeadStream: sends the lines of all dead letters to one client of a control socket, piece by
// piece: those put aside first, the present file last; then `{"ok":true,"count":n}`.
//
// Threads: files are read on libuv's pool.
// Lifetime: borrows loop and server; both must outlive it.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <uv.h>

#include "lib/base/result.h"
#include "lib/io/line_server.h"
#include "lib/io/worker.h"
#include "sink/output/chunk_reader.h"

namespace thresh {

/// `dead.ndjson` and those put aside before it, oldest first.
[[nodiscard]] std::vector<std::string> DeadLetterFiles(const std::string& folder);

class DeadStream {
 public:
  /// `reason`: of the letters wanted; empty: all.
  DeadStream(uv_loop_t& loop, LineServer& server, ConnectionId connection,
             std::vector<std::string> paths, std::string reason);

  [[nodiscard]] bool ended() const noexcept { return ended_; }

 private:
  struct Piece {
    std::string lines;
    bool last = false;
  };

  void Step();
  void TakePiece(Result<Piece> piece);
  Result<Piece> ReadPiece();
  void Filter(std::string_view chunk, Piece* piece);

  LineServer& server_;
  const ConnectionId connection_;
  const std::string reason_;
  std::vector<std::string> paths_;  // The next one last.
  std::unique_ptr<ChunkReader> reader_;
  std::string partial_;  // A line whose end has not come yet.
  std::uint64_t count_ = 0;
  bool ended_ = false;
  Result<Piece> piece_ = Piece{};  // The worker's, until it has ended.
  Worker worker_;
};

}  // namespace thresh
