#include "cli/bench/load.h"

#include <chrono>
#include <ctime>
#include <limits>
#include <memory>
#include <utility>

#include <uv.h>

#include "fetcher/transfer/transfers.h"
#include "lib/io/tick.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void Compute(std::uint64_t ms) {
  const double end = CpuSeconds() + static_cast<double>(ms) / 1000;
  while (CpuSeconds() < end) {
  }
}

class Load {
 public:
  Load(uv_loop_t& loop, const std::vector<std::string>& urls, std::uint64_t at_once,
       std::uint64_t cpu_ms)
      : loop_(loop), urls_(urls), at_once_(at_once), cpu_ms_(cpu_ms), more_(loop, [this] {
          Fill();
        }) {
    FetchRoute route;
    if (const Result<Url> url = Url::Parse(urls.empty() ? "" : urls[0])) {
      static_cast<void>(route.guard.Allow(url->hostname()));  // It was typed.
    }
    route_ = std::make_shared<const FetchRoute>(std::move(route));
  }

  LoadResult Run() {
    auto transfers =
        Transfers::Create(loop_, at_once_, [this](FetchResult result) { Take(result); });
    if (!transfers) return {.errors = urls_.size(), .first_error = transfers.error().detail};
    transfers_ = std::move(*transfers);
    const auto began = std::chrono::steady_clock::now();
    Fill();
    if (ended_ < urls_.size()) uv_run(&loop_, UV_RUN_DEFAULT);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    result_.wall_s = took.count();
    return result_;
  }

 private:
  void Fill() {
    while (next_ < urls_.size() && transfers_->in_flight() < at_once_) {
      FetchJob job{.id = next_, .url = urls_[next_], .route = route_};
      job.limits.timeout = std::chrono::milliseconds(0);
      job.limits.first_byte_timeout = std::chrono::hours(2);
      ++next_;
      ++result_.requests;
      if (const Result<> begun = transfers_->Submit(std::move(job)); !begun) {
        NoteError(begun.error().detail);
        End();
      }
    }
  }

  void Take(const FetchResult& answer) {
    result_.body_bytes += answer.body.size();
    if (!answer.failure.empty()) {
      NoteError(answer.failure + ": " + answer.detail);
    } else if (answer.status < 200 || answer.status > 299) {
      NoteError("the server answered " + std::to_string(answer.status));
    }
    if (cpu_ms_ > 0) Compute(cpu_ms_);
    more_.Request();  // Not from within the callback of a transfer.
    End();
  }

  void NoteError(const std::string& why) {
    if (result_.errors++ == 0) result_.first_error = why;
  }
  void End() {
    if (++ended_ == urls_.size()) uv_stop(&loop_);
  }

  uv_loop_t& loop_;
  const std::vector<std::string>& urls_;
  const std::uint64_t at_once_, cpu_ms_;
  std::shared_ptr<const FetchRoute> route_;
  std::size_t next_ = 0, ended_ = 0;
  LoadResult result_;
  Tick more_;
  std::unique_ptr<Transfers> transfers_;
};

}  // namespace

LoadResult RunLoad(const std::vector<std::string>& urls, std::uint64_t at_once,
                   std::uint64_t cpu_ms) {
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return {.errors = urls.size(), .first_error = "no loop"};
  LoadResult result;
  {
    Load load(loop, urls, at_once, cpu_ms);
    result = load.Run();
  }
  uv_run(&loop, UV_RUN_NOWAIT);
  uv_loop_close(&loop);
  return result;
}

}  // namespace thresh
