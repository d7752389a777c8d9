#pragma once

// LineClient: the other end of a LineServer. Lines go out with Send(), those that come
// are given to `on_line`, and `on_end` is called once when the server has hung up.
//
// Threads: none; every call comes from the loop's thread.
// Lifetime: borrows the loop, which must turn once more after the client is gone.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <uv.h>

#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace thresh {

class LineClient {
 public:
  using LineFn = std::function<void(std::string_view)>;
  using EndFn = std::function<void()>;

  /// Errors: kUnavailable when nobody listens at `path`; kInvalid when it may not be
  /// opened, with the group to join.
  [[nodiscard]] static Result<std::unique_ptr<LineClient>> Connect(uv_loop_t& loop,
                                                                   const std::string& path,
                                                                   LineFn on_line, EndFn on_end);
  LineClient(const LineClient&) = delete;
  LineClient& operator=(const LineClient&) = delete;

  /// Queues `text` and a newline. Keep unsent_bytes() small: it is all in memory.
  void Send(std::string_view text);

  /// Says that no more lines will be sent; answers still come.
  void FinishSending();

  [[nodiscard]] std::size_t unsent_bytes() const noexcept;

 private:
  LineClient(LineFn on_line, EndFn on_end);

  static void OnAlloc(uv_handle_t* handle, std::size_t suggested, uv_buf_t* buffer) noexcept;
  static void OnRead(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) noexcept;
  static void OnWritten(uv_write_t* request, int status) noexcept;
  static void OnShutdown(uv_shutdown_t* request, int status) noexcept;

  void TakeBytes(std::string_view bytes);

  LineFn on_line_;
  EndFn on_end_;
  std::string partial_;
  UvOwned<uv_pipe_t> pipe_;
};

}  // namespace thresh
