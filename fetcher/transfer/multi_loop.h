#pragma once

// MultiLoop: a libcurl multi handle on a libuv loop. It watches libcurl's sockets and timer, and
// tells which handles have ended.
//
// Connections are used again and again, so a socket stays watched between two requests: taking it
// out of the loop and in again would be a good part of what a small request costs.
//
// Threads: none. Lifetime: borrows the loop, which must turn once more after it is gone.

#include <cstddef>
#include <functional>
#include <memory>
#include <unordered_map>

#include <curl/curl.h>
#include <uv.h>

#include "lib/base/curl_handles.h"
#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace thresh {

class MultiLoop {
 public:
  /// A handle has ended, and is removed already.
  using EndedFn = std::function<void(CURL*, CURLcode)>;

  MultiLoop(uv_loop_t& loop, std::size_t max_connections, EndedFn on_ended);
  ~MultiLoop();
  MultiLoop(const MultiLoop&) = delete;
  MultiLoop& operator=(const MultiLoop&) = delete;

  /// False if libcurl or libuv had no handle left.
  [[nodiscard]] bool ok() const noexcept { return timer_ && multi_; }

  /// REQUIRES: `easy` has OnCloseSocket with this as its data for CURLOPT_CLOSESOCKETFUNCTION.
  /// Errors: kInternal if libcurl refuses it.
  Result<> Add(CURL* easy);
  /// Breaks a handle off that has not ended.
  void Remove(CURL* easy);

  /// The handles that wait for their sockets. `look` changes none of them.
  void ForEachAtWork(const std::function<void(CURL*, curl_socket_t)>& look) const;

  /// To be told by handles' callbacks: so much of an answer was read.
  void CountRead(std::size_t bytes) noexcept { read_bytes_ += bytes; }

  static int OnCloseSocket(void* self, curl_socket_t fd) noexcept;

 private:
  struct Socket {
    UvOwned<uv_poll_t> poll;
    CURL* easy = nullptr;  // Whose turn it is or was.
    int wanted = 0;        // By libcurl, as libuv's events; 0 between two requests.
    int watched = 0;       // By libuv: what it was told last.
  };

  static int OnSocket(CURL*, curl_socket_t fd, int what, void* self, void*) noexcept;
  static int OnTimer(CURLM*, long timeout_ms, void* self) noexcept;
  static void OnReady(uv_poll_t* poll, int status, int events) noexcept;
  static void OnTimeout(uv_timer_t* timer) noexcept;

  void WatchSocket(CURL* easy, curl_socket_t fd, int what);
  void Watch(Socket& socket);
  void TakeReady(curl_socket_t fd, int ready_mask);
  void ArmTimer(long timeout_ms);
  void Drive(curl_socket_t fd, int ready_mask);

  uv_loop_t& loop_;
  const EndedFn on_ended_;
  // Order matters: libcurl calls back while it is destroyed, so what its callbacks use
  // stands above it.
  UvOwned<uv_timer_t> timer_;
  std::unordered_map<curl_socket_t, Socket> sockets_;
  std::size_t read_bytes_ = 0;  // In this call of libcurl.
  CurlMulti multi_;
};

}  // namespace thresh
