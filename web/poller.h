#pragma once

// Poller: the thread that asks both daemons once a second, and listens to the sink's tap, while
// somebody looks. Nobody looks: nothing is asked.
//
//   daemons ──▶ Poller ──▶ History ──▶ those who look
//
// Lifetime: its thread ends with it.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "web/daemon_socket.h"
#include "web/history.h"

namespace thresh {

class Poller {
 public:
  Poller(std::string fetcher_socket, std::string sink_socket);
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  /// Somebody looks: goes on for some seconds more. From any thread.
  void Look();
  [[nodiscard]] const History& history() const noexcept { return history_; }

 private:
  using Clock = std::chrono::steady_clock;

  void Run();
  void AskBoth();
  void ReadTap(Clock::time_point until);
  [[nodiscard]] bool wanted() const;
  void Sleep(Clock::time_point until);
  void SleepUntilWanted();

  DaemonSocket fetcher_, sink_, tap_;
  History history_;
  std::atomic<std::int64_t> looked_at_{0};  // Of the steady clock, ns.
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;  // Held where one of these two changes.
  std::condition_variable changed_;
  bool taps_ = false;
  std::thread thread_;  // Begins last, ends first.
};

}  // namespace thresh
