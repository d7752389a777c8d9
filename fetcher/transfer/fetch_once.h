#pragma once

// One job for the commands that look at a page: fetched on a loop of its own, redirects followed.

#include "fetcher/transfer/fetch_job.h"

namespace thresh {

/// The last answer, or why there is none: `too_many_redirects` and `bad_redirect` beside those of
/// Transfers. `final_url` is the last hop's.
[[nodiscard]] FetchResult FetchOnce(FetchJob job);

}  // namespace thresh
