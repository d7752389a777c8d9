#pragma once

// Compressor: compresses output files that were put aside, one after another, on libuv's pool.
//
// Lifetime: borrows the loop, which must turn once more after it is gone.

#include <atomic>
#include <string>

#include <uv.h>

#include "lib/base/result.h"
#include "lib/io/tick.h"
#include "lib/io/worker.h"

namespace thresh {

class Compressor {
 public:
  Compressor(uv_loop_t& loop, std::string folder);
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  /// Compresses all that lies there. What cannot be compressed now is tried again a minute later.
  void Look();

 private:
  Result<> CompressAll();
  void TakeResult();

  const std::string folder_;
  std::atomic<bool> stop_ = false;
  bool again_ = false;
  Result<> result_ = Ok{};
  Alarm retry_;
  Worker worker_;
};

}  // namespace thresh
