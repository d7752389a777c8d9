#pragma once

// Transfers: Submit(job) -> libcurl on the libuv loop -> on_done(result), once a job.
//
// Threads: none of ours (libcurl looks names up in a thread of its own).
// Lifetime: borrows the loop, which must turn once more after it is gone.

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <curl/curl.h>
#include <uv.h>

#include "fetcher/transfer/fetch_job.h"
#include "fetcher/transfer/spool.h"
#include "lib/base/curl_handles.h"
#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace thresh {

class Transfers {
 public:
  using DoneFn = std::function<void(FetchResult)>;

  /// Errors: kInternal if libcurl or libuv has no handle left.
  [[nodiscard]] static Result<std::unique_ptr<Transfers>> Create(uv_loop_t& loop,
                                                                 std::size_t max_in_flight,
                                                                 DoneFn on_done,
                                                                 SpoolOptions spool = {});
  /// Breaks off what is under way, without on_done.
  ~Transfers();
  Transfers(const Transfers&) = delete;
  Transfers& operator=(const Transfers&) = delete;

  /// Errors: kBusy at max_in_flight; kInternal if libcurl refuses the handle.
  Result<> Submit(FetchJob job);

  [[nodiscard]] std::size_t in_flight() const noexcept { return transfers_.size(); }
  /// On the disk, of bodies that arrive and of those that somebody still has.
  [[nodiscard]] std::uint64_t spooled_bytes() const noexcept { return spool_.used_bytes(); }
  /// In memory, of bodies that are still arriving.
  [[nodiscard]] std::size_t bytes_in_flight() const noexcept { return bytes_in_flight_; }

 private:
  struct Transfer;

  Transfers(uv_loop_t& loop, std::size_t max_in_flight, DoneFn on_done, SpoolOptions spool);

  static int OnSocket(CURL*, curl_socket_t fd, int what, void* self, void*) noexcept;
  static int OnTimer(CURLM*, long timeout_ms, void* self) noexcept;
  static void OnReady(uv_poll_t* poll, int status, int events) noexcept;
  static void OnTimeout(uv_timer_t* timer) noexcept;
  static std::size_t OnBody(char* data, std::size_t, std::size_t n, void* transfer) noexcept;
  static std::size_t OnHeader(char* data, std::size_t, std::size_t n, void* transfer) noexcept;

  [[nodiscard]] bool TakeBody(Transfer& transfer, std::string_view bytes);
  void WatchSocket(curl_socket_t fd, int what);
  void ArmTimer(long timeout_ms);
  void Drive(curl_socket_t fd, int ready_mask);
  void ReapFinished();
  static void NoteFailure(Transfer& transfer, CURLcode code, FetchResult* result);
  [[nodiscard]] CurlEasy TakeEasy();

  uv_loop_t& loop_;
  const std::size_t max_in_flight_;
  const DoneFn on_done_;
  const Spool spool_;
  std::size_t bytes_in_flight_ = 0;

  // Order matters: libcurl calls back while it is destroyed, so what its callbacks use
  // stands above it.
  UvOwned<uv_timer_t> timer_;
  std::unordered_map<curl_socket_t, UvOwned<uv_poll_t>> polls_;
  CurlMulti multi_;
  std::unordered_map<CURL*, std::unique_ptr<Transfer>> transfers_;
  std::vector<CurlEasy> idle_;  // Used handles keep what is costly to set up.
};

}  // namespace thresh
