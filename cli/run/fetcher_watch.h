#pragma once

// FetcherWatch: the statuses that the fetcher of a run sends by itself, and those it is asked
// for. Connects as soon as there is a fetcher, and again when there is a new one.
//
// Threads: none. Lifetime: borrows the loop.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <uv.h>

#include "cli/run/crawl_status.h"
#include "lib/io/line_client.h"
#include "lib/io/tick.h"

namespace thresh {

class FetcherWatch {
 public:
  /// `asked`: it answers an Ask(), so it is not older than that; the others may be.
  using StatusFn = std::function<void(CrawlStatus, bool asked)>;

  FetcherWatch(uv_loop_t& loop, std::string socket, StatusFn on_status);
  FetcherWatch(const FetcherWatch&) = delete;
  FetcherWatch& operator=(const FetcherWatch&) = delete;

  /// A status as of now follows; one for all that ask until it comes. If the fetcher goes away
  /// meanwhile, the next one is asked.
  void Ask();

 private:
  void TryConnect();
  void Lose();
  [[nodiscard]] std::unique_ptr<LineClient> Connect(bool asked);
  void Take(std::string_view line, bool asked);

  uv_loop_t& loop_;
  const std::string socket_;
  const StatusFn on_status_;
  bool connected_ = false;
  bool asking_ = false;
  int tries_ = 0;  // Since there was a fetcher.
  Alarm connect_;
  // Two connections: on one of them nothing comes but answers, so that each is known as one.
  std::unique_ptr<LineClient> pushes_, answers_;
};

}  // namespace thresh
