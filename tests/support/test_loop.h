#pragma once

// TestLoop: the loop a test's objects live on. Nothing sleeps: the loop turns until what
// the test waits for has happened, or a deadline far away says that it never will.
//
// Lifetime: declared before all that borrows it; its end checks that every handle is closed.

#include <csignal>
#include <cstdint>
#include <functional>

#include <doctest/doctest.h>
#include <uv.h>

namespace thresh::test {

class TestLoop {
 public:
  TestLoop() {
    std::signal(SIGPIPE, SIG_IGN);  // As every thresh process does.
    uv_loop_init(&loop_);
    uv_timer_init(&loop_, &deadline_);
    uv_timer_init(&loop_, &look_);
    deadline_.data = this;
  }
  ~TestLoop() {
    uv_close(reinterpret_cast<uv_handle_t*>(&deadline_), nullptr);
    uv_close(reinterpret_cast<uv_handle_t*>(&look_), nullptr);
    uv_run(&loop_, UV_RUN_DEFAULT);  // Lets closed handles be freed.
    CHECK(uv_loop_close(&loop_) == 0);
  }
  TestLoop(const TestLoop&) = delete;
  TestLoop& operator=(const TestLoop&) = delete;

  operator uv_loop_t&() noexcept { return loop_; }

  /// Turns the loop until `happened()`, here or in another process; false if that takes
  /// `within_ms`.
  [[nodiscard]] bool RunUntil(const std::function<bool()>& happened,
                              std::uint64_t within_ms = 10'000) {
    expired_ = false;
    uv_update_time(&loop_);
    uv_timer_start(&deadline_, &OnDeadline, within_ms, 0);
    uv_timer_start(
        &look_, [](uv_timer_t*) {}, kLookMs, kLookMs);
    while (!happened() && !expired_) uv_run(&loop_, UV_RUN_ONCE);
    uv_timer_stop(&deadline_);
    uv_timer_stop(&look_);
    return happened();
  }

  /// Turns the loop as long as there is something to do at once.
  void Settle() {
    for (int i = 0; i < 20; ++i) uv_run(&loop_, UV_RUN_NOWAIT);
  }

 private:
  static constexpr std::uint64_t kLookMs = 10;  // What others do does not wake the loop.

  static void OnDeadline(uv_timer_t* timer) {
    static_cast<TestLoop*>(timer->data)->expired_ = true;
  }

  uv_loop_t loop_{};
  uv_timer_t deadline_{}, look_{};
  bool expired_ = false;
};

}  // namespace thresh::test
