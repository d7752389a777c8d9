#pragma once

// Worker: hands one piece of work at a time to libuv's thread pool: what may block on a disk.
//
// Threads: `work` runs on a thread of the pool; all else on the loop's thread.
// Lifetime: borrows the loop, which must turn once more after the worker is gone. A worker that
// goes while it is busy waits for the work to end, and `done` is not called.

#include <functional>
#include <memory>

#include <uv.h>

namespace thresh {

class Worker {
 public:
  explicit Worker(uv_loop_t& loop) : loop_(loop) {}
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Runs `work` on the pool, then `done` on the loop.
  /// REQUIRES: !busy().
  void Start(std::function<void()> work, std::function<void()> done);

  [[nodiscard]] bool busy() const noexcept { return job_ != nullptr; }

  /// Waits until the work under way has ended, and calls its `done` here; nothing if idle.
  void Finish();

 private:
  struct Job;
  static void OnWork(uv_work_t* request) noexcept;
  static void OnDone(uv_work_t* request, int status) noexcept;

  uv_loop_t& loop_;
  std::shared_ptr<Job> job_;
};

}  // namespace thresh
