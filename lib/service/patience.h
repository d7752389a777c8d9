#pragma once

// Patience: asks the service manager to wait for a start that takes long, such as reading a large
// state after a crash, for as long as it gets on.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include <uv.h>

#include "lib/io/worker.h"

namespace thresh {

class Patience {
 public:
  /// From now on, once a second, if the process has used CPU time or the disk meanwhile, its
  /// manager waits for half a minute more (EXTEND_TIMEOUT_USEC), and is told `what` is being done.
  /// What hangs runs into the manager's time limit as ever.
  ///
  /// Threads: takes one of libuv's pool, as the loop need not turn meanwhile.
  /// Lifetime: borrows the loop, which must turn once more after this is gone.
  Patience(uv_loop_t& loop, std::string what);
  ~Patience();
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;

 private:
  void Watch();

  const std::string what_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool over_ = false;  // Under mutex_.
  Worker worker_;      // Ends first: it uses the others.
};

}  // namespace thresh
