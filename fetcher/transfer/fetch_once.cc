#include "fetcher/transfer/fetch_once.h"

#include <optional>
#include <utility>

#include <uv.h>

#include "fetcher/transfer/redirect.h"
#include "fetcher/transfer/transfers.h"

namespace thresh {
namespace {

FetchResult FailureOf(const FetchJob& job, const Error& error, long status = 0) {
  return {.failure = *error.reason != '\0' ? error.reason : "fetch",
          .detail = error.detail,
          .status = status,
          .final_url = job.url};
}

FetchResult AskOnce(uv_loop_t& loop, Transfers& transfers, std::optional<FetchResult>& answer,
                    const FetchJob& job) {
  answer.reset();
  if (Result<> begun = transfers.Submit(job); !begun) return FailureOf(job, begun.error());
  while (!answer) uv_run(&loop, UV_RUN_DEFAULT);  // The answer stops it.
  return std::move(*answer);
}

FetchResult FollowAll(uv_loop_t& loop, FetchJob job) {
  std::optional<FetchResult> answer;
  auto transfers = Transfers::Create(loop, 1, [&](FetchResult r) {
    answer = std::move(r);
    uv_stop(&loop);
  });
  if (!transfers) return FailureOf(job, transfers.error());
  for (std::int64_t hops = 0;; ++hops) {
    FetchResult result = AskOnce(loop, **transfers, answer, job);
    if (!result.failure.empty()) return result;
    const auto redirect = RedirectOf(job.url, result);
    if (!redirect) return FailureOf(job, redirect.error(), result.status);
    if (!*redirect) return result;
    if (hops == job.limits.max_redirects) {
      return FailureOf(job, TooManyRedirects(job.limits), result.status);
    }
    Follow(**redirect, result.status, &job);
  }
}

}  // namespace

FetchResult FetchOnce(FetchJob job) {
  uv_loop_t loop;
  uv_loop_init(&loop);
  FetchResult result = FollowAll(loop, std::move(job));
  uv_run(&loop, UV_RUN_DEFAULT);  // Lets handles close.
  uv_loop_close(&loop);
  return result;
}

}  // namespace thresh
