#pragma once

// LineServer: a Unix stream socket on which clients send lines and get lines back.
// Works with `nc -U` and `socat`: a last line without newline counts, and a client
// that has closed its sending half still gets its answers.
//
// Bounds, per connection: a line of at most `max_line_bytes`; while more than
// `max_unread_bytes` of answers wait for a slow reader, or `max_unanswered_count` lines
// wait for their answer, nothing more is read.
//
// Threads: none; every call comes from the loop's thread.
// Lifetime: borrows the loop, which must turn once more after the server is gone.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <uv.h>

#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "lib/io/tick.h"

namespace thresh {

using ConnectionId = std::uint64_t;

struct LineLimits {
  std::size_t max_line_bytes = 64 << 10;
  std::size_t max_unread_bytes = 1 << 20;
  std::size_t max_unanswered_count = 4096;
};

/// What a client sent. Lines are counted from 1 on each connection.
struct Line {
  ConnectionId connection = 0;
  std::uint64_t number = 0;
  std::string_view text;  ///< Without its newline (LF or CRLF). Empty if `too_long`.
  bool too_long = false;  ///< The line was skipped: over max_line_bytes.
};

/// Who a client is: the process that connected, as the kernel knows it (SO_PEERCRED).
struct Peer {
  int pid = 0;
  unsigned uid = 0;
};

class LineServer {
 public:
  using LineFn = std::function<void(const Line&)>;
  using PeerFn = std::function<void(const Peer&)>;

  /// Listens on `path`, mode 0660; a socket file left by a process that is gone is
  /// replaced.
  /// Errors: kUnavailable if another process is listening there; kInvalid if the path
  /// is too long (107 bytes) or its folder cannot be written.
  [[nodiscard]] static Result<std::unique_ptr<LineServer>> Listen(uv_loop_t& loop,
                                                                  const std::string& path,
                                                                  LineLimits limits,
                                                                  LineFn on_line);
  /// Takes over a socket that listens already, such as a service manager's. Its path, mode and
  /// end are its maker's business.
  /// REQUIRES: a Unix stream socket that listens. Errors: kInternal.
  [[nodiscard]] static Result<std::unique_ptr<LineServer>> Adopt(uv_loop_t& loop, UniqueFd listener,
                                                                 LineLimits limits, LineFn on_line);
  ~LineServer();
  LineServer(const LineServer&) = delete;
  LineServer& operator=(const LineServer&) = delete;

  /// Sends `text` and a newline. Each line of a client is to be answered once, in any
  /// later call; the connection closes when a client that has closed its half has all
  /// its answers. Does nothing if the connection is gone.
  void Answer(ConnectionId connection, std::string_view text);

  /// Sends a line that answers none of the client's.
  void Push(ConnectionId connection, std::string_view text);

  [[nodiscard]] bool IsOpen(ConnectionId connection) const;
  /// At most max_unread_bytes wait for the client. Who pushes without being asked is to look.
  [[nodiscard]] bool HasRoom(ConnectionId connection) const;

  /// Calls `then` once at most `max_unread_bytes` of answers wait for the client, or once it is
  /// gone; maybe before this returns. For senders of more than a few lines.
  /// REQUIRES: `then` may be called as long as the server lives; one a connection at a time.
  void WhenRoom(ConnectionId connection, std::function<void()> then);

  /// Calls `tell` for each client that connects from now on.
  void OnPeer(PeerFn tell) { on_peer_ = std::move(tell); }

  /// While paused no connection's lines are read; clients wait.
  void SetPaused(bool paused);

 private:
  struct Connection;

  LineServer(uv_loop_t& loop, std::string path, LineLimits limits, LineFn on_line);
  Result<> Open();
  Result<> Listen(UvOwned<uv_pipe_t> pipe, const std::string& where);

  static void OnConnection(uv_stream_t* server, int status) noexcept;
  static void OnAlloc(uv_handle_t* handle, std::size_t suggested, uv_buf_t* buffer) noexcept;
  static void OnRead(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) noexcept;
  static void OnWritten(uv_write_t* request, int status) noexcept;

  void Accept();
  void TakeBytes(Connection& c, std::string_view bytes);
  void EmitLine(Connection& c, std::string_view line);
  void TakeEnd(Connection& c);
  void Flush();
  void Write(Connection& c);
  void UpdateReading(Connection& c);
  void CloseIfFinished(ConnectionId id);
  void Drop(ConnectionId id);
  [[nodiscard]] bool HasRoom(const Connection& c) const;

  uv_loop_t& loop_;
  const std::string path_;  // Empty: not ours to remove.
  const LineLimits limits_;
  const LineFn on_line_;
  PeerFn on_peer_;
  bool paused_ = false;
  ConnectionId next_id_ = 1;
  UvOwned<uv_pipe_t> listener_;
  Tick flush_;
  std::unordered_map<ConnectionId, std::unique_ptr<Connection>> connections_;
};

}  // namespace thresh
