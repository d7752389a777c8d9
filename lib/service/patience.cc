#include "lib/service/patience.h"

#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <utility>

namespace thresh {
namespace {

constexpr std::chrono::seconds kLook{1};
constexpr const char* kWaitUs = "30000000";
constexpr std::int64_t kWorkUs = 2'000;  // More than looking itself takes.

// What this process has done so far: CPU time, and blocks read and written.
struct Work {
  std::int64_t cpu_us = 0;
  long blocks = 0;

  static Work Now() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto us = [](const timeval& t) { return std::int64_t{t.tv_sec} * 1'000'000 + t.tv_usec; };
    return {us(used.ru_utime) + us(used.ru_stime), used.ru_inblock + used.ru_oublock};
  }
  [[nodiscard]] bool IsBeyond(const Work& before) const {
    return cpu_us > before.cpu_us + kWorkUs || blocks > before.blocks;
  }
};

}  // namespace

Patience::Patience(uv_loop_t& loop, std::string what) : what_(std::move(what)), worker_(loop) {
  if (std::getenv("NOTIFY_SOCKET") == nullptr) return;
  worker_.Start([this] { Watch(); }, [] {});
}

// The worker, which goes first, waits for its thread.
Patience::~Patience() {
  const std::lock_guard<std::mutex> hold(mutex_);
  over_ = true;
  ended_.notify_one();
}

void Patience::Watch() {
  const std::string message = std::string("EXTEND_TIMEOUT_USEC=") + kWaitUs + "\nSTATUS=" + what_;
  Work before = Work::Now();
  std::unique_lock<std::mutex> hold(mutex_);
  while (!ended_.wait_for(hold, kLook, [this] { return over_; })) {
    const Work now = Work::Now();
    if (now.IsBeyond(before)) (void)::sd_notify(0, message.c_str());
    before = now;
  }
}

}  // namespace thresh
