#pragma once

// DelayServer: answers each request a while after it came, to tell crawlers apart that wait well
// from those that do not.
//
//   GET /add?name=N&delay=MS   "." after MS milliseconds (1024 if it is not said); N is whom the
//   request is noted for GET /add?flush=1           writes what was noted so far: see metric_data.h
//
// Whatever else a query has is passed over, flush=0 as well, so that clients can make each URL
// another one. Answered at once: 400 for a delay that is none or a name that is missing or empty,
// 404 for other paths, 405 for other methods.
//
// Threads: none. Lifetime: borrows the loop, which must turn once more after the server is gone.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <uv.h>

#include "cli/bench/http_server.h"
#include "cli/bench/metric_data.h"
#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "lib/base/time.h"

namespace thresh {

struct DelayServerOptions {
  std::string address = "127.0.0.1";
  int port = 8082;                                ///< 0: any that is free.
  std::string metrics_path = "metric_data.json";  ///< Where a flush writes.
};

class DelayServer {
 public:
  static constexpr std::int64_t kUsualDelayMs = 1024;
  static constexpr std::int64_t kMostDelayMs = 3'600'000;
  static constexpr std::size_t kMostNameBytes = 256;

  /// Errors: those of HttpServer::Listen().
  [[nodiscard]] static Result<std::unique_ptr<DelayServer>> Listen(uv_loop_t& loop,
                                                                   DelayServerOptions options);
  DelayServer(const DelayServer&) = delete;
  DelayServer& operator=(const DelayServer&) = delete;

  [[nodiscard]] int port() const noexcept { return http_->port(); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    std::uint64_t connection = 0;
    std::string name;
    Clock::time_point came;
  };

  explicit DelayServer(DelayServerOptions options) : options_(std::move(options)) {}
  Result<> Open(uv_loop_t& loop);
  static void OnDue(uv_poll_t* poll, int status, int events) noexcept;

  void Take(const HttpQuestion& question);
  [[nodiscard]] HttpReply Flush() const;
  void Wait(std::uint64_t connection, std::string name, std::chrono::milliseconds delay);
  void AnswerDue();
  [[nodiscard]] double WallClockAt(Clock::time_point when) const;
  void Arm() const;

  const DelayServerOptions options_;
  const Clock::time_point began_ = Clock::now();
  const double began_at_s_ = static_cast<double>(WallClockUs()) / 1e6;
  MetricData seen_;
  std::multimap<Clock::time_point, Waiting> waiting_;  // By when they are to be answered.
  // Not a timer of the loop's, which counts whole milliseconds: an answer may not come too early.
  UniqueFd timer_;
  UvOwned<uv_poll_t> timer_watch_;
  std::unique_ptr<HttpServer> http_;
};

/// A query's parameters, decoded as HTML forms encode them; of one given twice the last.
[[nodiscard]] std::map<std::string, std::string> ParametersOf(std::string_view query);

}  // namespace thresh
