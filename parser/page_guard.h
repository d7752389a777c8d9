#pragma once

// PageGuard: what keeps one page from taking the parser with it unexplained, or for ever. While a
// page is at work it notes in the flight recorder what ends the process: a crash, too much CPU
// time, too much memory; and it sees to it that the process ends then, and when it was asked to.
//
// Threads: the calling one is watched, the one that parses. One guard a process: signals and
// the new handler are the process's. Lifetime: the recorder and the loop must outlive it.

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <uv.h>

#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "lib/io/flight_recorder.h"

namespace thresh {

struct PageLimits {
  /// CPU time of a page, so that a stopped or starved process is not punished; it is counted from
  /// the page's first quarter of a second on. A page that waits, which parsing has no cause to, may
  /// do so for twice as long. 0: none.
  std::uint64_t timeout_ms = 10'000;
  /// Memory of the process, without what it only reads or shares. 0: no limit.
  std::uint64_t max_memory_bytes = std::uint64_t{1} << 30;
};

class PageGuard {
 public:
  /// Sets the limits and takes the signals. `on_stop` is called on the loop at SIGTERM or SIGINT;
  /// a page at work then has two seconds, after which the process exits.
  /// `recorder` may be null.
  /// Errors: kInternal if the system has no timer or handle left.
  [[nodiscard]] static Result<std::unique_ptr<PageGuard>> Create(uv_loop_t& loop,
                                                                 const PageLimits& limits,
                                                                 FlightWriter* recorder,
                                                                 std::function<void()> on_stop);
  ~PageGuard();
  PageGuard(const PageGuard&) = delete;
  PageGuard& operator=(const PageGuard&) = delete;

  /// As SIGTERM, when this descriptor becomes readable while a page is at work.
  void StopWhenReadable(int fd) noexcept;

  /// A page is at work. `source`: the incarnation of the fetcher that it is from.
  void Begin(std::uint64_t source, std::uint64_t task, std::uint32_t attempt) noexcept;
  void End() noexcept;

 private:
  explicit PageGuard(std::function<void()> on_stop);

  static void OnAsync(uv_async_t* async) noexcept;
  [[nodiscard]] bool MakeTimers() noexcept;
  void TakeSignals();

  const std::function<void()> on_stop_;
  UvOwned<uv_async_t> stop_;
  std::vector<std::byte> signal_stack_;
  timer_t cpu_timer_{}, tick_timer_{};
  int timers_ = 0;
};

}  // namespace thresh
