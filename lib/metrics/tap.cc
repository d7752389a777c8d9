#include "lib/metrics/tap.h"

#include <algorithm>

#include "lib/base/time.h"

namespace thresh {

bool Tap::Watch(LineServer& server, ConnectionId connection, TapFilter filter, double per_second) {
  server_ = &server;
  std::erase_if(watchers_, [&](const Watcher& w) { return !server.IsOpen(w.connection); });
  if (watchers_.size() >= kMostWatchers) return false;
  const double rate = std::clamp(per_second, 0.1, kMostPerSecond);
  watchers_.push_back({.connection = connection,
                       .filter = std::move(filter),
                       .per_second = rate,
                       .tokens = 1,
                       .filled = std::chrono::steady_clock::now()});
  return true;
}

// Of a second's share one part in ten may come at once, so that what is seen is spread over it.
bool Tap::MayHave(Watcher& w, Time now) {
  const double passed = std::chrono::duration<double>(now - w.filled).count();
  w.filled = now;
  w.tokens = std::min(w.tokens + passed * w.per_second, std::max(1.0, w.per_second / 10));
  if (w.tokens < 1) return false;
  w.tokens -= 1;
  return true;
}

void Tap::Tell(const Subject& subject, const WriteFn& write) {
  std::erase_if(watchers_, [&](const Watcher& w) { return !server_->IsOpen(w.connection); });
  const auto now = std::chrono::steady_clock::now();
  std::string event;
  for (Watcher& w : watchers_) {
    if (!w.filter.recipe.empty() && w.filter.recipe != subject.recipe) continue;
    if (!w.filter.host.empty() && w.filter.host != subject.host) continue;
    if (!server_->HasRoom(w.connection) || !MayHave(w, now)) {
      ++w.skipped;
      continue;
    }
    if (event.empty()) write(&event);
    server_->Push(w.connection, R"({"tap":")" + stage_ + R"(","at":")" + FormatUtc(WallClockMs()) +
                                    R"(","skipped":)" + std::to_string(w.skipped) + "," + event +
                                    "}");
    w.skipped = 0;
  }
}

}  // namespace thresh
