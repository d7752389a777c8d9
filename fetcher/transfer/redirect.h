#pragma once

// Redirects: what an answer with a Location asks for next. Who follows them checks each hop as if
// it were a link: that is why no transfer follows them by itself.

#include <optional>
#include <string>
#include <string_view>

#include "fetcher/transfer/fetch_job.h"
#include "lib/base/result.h"

namespace thresh {

struct Redirect {
  std::string url;          ///< Canonical, without fragment.
  std::string host;         ///< Host and port, as tasks have it.
  bool same_origin = true;  ///< Scheme, host and port are those of the URL before.
};

/// Where this answer to a request for `url` sends us. Nullopt: nowhere, it is an answer by itself:
/// the status is none of 301, 302, 303, 307 and 308, or there is no Location.
/// Errors: kInvalid, reason `bad_redirect`, for a Location that is no http or https URL, or has a
/// user name or password in it.
/// Source: RFC 9110, 15.4 and 10.2.2.
[[nodiscard]] Result<std::optional<Redirect>> RedirectOf(std::string_view url,
                                                         const FetchResult& answer);

/// Makes `job` the request that the redirect asks for. 301 and 302 turn POST into GET, 303 all but
/// HEAD, 307 and 308 nothing (RFC 9110, 15.4; https://fetch.spec.whatwg.org/#http-redirect-fetch).
/// Another origin gets no `authorization`, no `cookie`, and none of the job's `credentials`.
void Follow(const Redirect& redirect, long status, FetchJob* job);

/// Errc::kInvalid, reason `too_many_redirects`.
[[nodiscard]] Error TooManyRedirects(const FetchLimits& limits);

}  // namespace thresh
