#pragma once

// Service: what a daemon tells the service manager that started it (sd_notify(3)): that it is
// ready, what it is doing, that its loop still turns, that it ends. Without one it does nothing.
//
// Threads: none; every call comes from the loop's thread.
// Lifetime: borrows the loop, which must turn once more after the service is gone.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <uv.h>

#include "lib/io/tick.h"

namespace thresh {

class Service {
 public:
  /// `status`: one line for people, as `312 pages/s, 8 parsers, 12,403 queued`. It is asked for
  /// once a second, and told when it has changed. The watchdog, if there is one, is fed by the
  /// loop from now on, twice in the time that it allows.
  Service(uv_loop_t& loop, std::function<std::string()> status);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// The sockets are bound and the state is open. Only the first call counts.
  void Ready();

  /// Settings or files are being exchanged; until Reloaded(), which may come without.
  void Reloading();
  void Reloaded();

  /// The process is about to end: nothing is begun any more.
  void Stopping();

  /// Feeds the watchdog as well: for one whose loop does not turn for a while, before it begins
  /// something long. Cheap: tells nothing if it was told lately.
  void Beat();

 private:
  void TellStatus();
  void Feed();

  const std::function<std::string()> status_;
  std::string told_;
  std::uint64_t watchdog_us_ = 0;  // 0: there is none.
  std::chrono::steady_clock::time_point fed_at_;
  bool ready_ = false;
  bool reloading_ = false;
  std::unique_ptr<Every> second_, feed_;
};

}  // namespace thresh
