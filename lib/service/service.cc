#include "lib/service/service.h"

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <utility>

namespace thresh {
namespace {

constexpr std::uint64_t kStatusMs = 1000;
constexpr std::uint64_t kUsInMs = 1000;

// Nothing can be done about a service manager that does not listen.
void Tell(const std::string& state) {
  (void)::sd_notify(0, state.c_str());
}

// A line of its own in the message: what has a newline would be read as another assignment.
std::string StatusLine(std::string status) {
  std::replace_if(
      status.begin(), status.end(), [](unsigned char c) { return c < ' '; }, ' ');
  return "STATUS=" + status;
}

std::uint64_t MonotonicUs() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(t.tv_nsec) / 1000;
}

}  // namespace

Service::Service(uv_loop_t& loop, std::function<std::string()> status)
    : status_(std::move(status)) {
  if (std::getenv("NOTIFY_SOCKET") == nullptr) return;
  second_ = std::make_unique<Every>(loop, kStatusMs, [this] { TellStatus(); });
  if (::sd_watchdog_enabled(0, &watchdog_us_) <= 0) {
    watchdog_us_ = 0;
    return;
  }
  const std::uint64_t every_ms = std::max<std::uint64_t>(watchdog_us_ / kUsInMs / 2, 1);
  feed_ = std::make_unique<Every>(loop, every_ms, [this] { Feed(); });
}

void Service::Ready() {
  if (std::exchange(ready_, true) || !second_) return;
  told_ = status_();
  Tell("READY=1\n" + StatusLine(told_));
  if (watchdog_us_ != 0) Feed();
}

void Service::Reloading() {
  reloading_ = true;
  if (second_) Tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(MonotonicUs()));
}

void Service::Reloaded() {
  if (std::exchange(reloading_, false) && second_) Tell("READY=1");
}

void Service::Stopping() {
  if (!second_) return;
  Tell("STOPPING=1\n" + StatusLine("ending"));
  second_.reset();
}

void Service::Beat() {
  if (watchdog_us_ == 0) return;
  const auto since = std::chrono::steady_clock::now() - fed_at_;
  if (since >= std::chrono::microseconds(watchdog_us_ / 4)) Feed();
}

void Service::TellStatus() {
  if (!ready_) return;
  std::string status = status_();
  if (status == told_) return;
  told_ = std::move(status);
  Tell(StatusLine(told_));
}

void Service::Feed() {
  fed_at_ = std::chrono::steady_clock::now();
  Tell("WATCHDOG=1");
}

}  // namespace thresh
