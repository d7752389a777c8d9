#pragma once

// How thresh asks for a URL: the options of a libcurl handle, and what libcurl's result
// codes mean to the rest of the pipeline. Shared by the fetcher and `thresh fetch`.

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <curl/curl.h>

#include "fetcher/transfer/fetch_job.h"
#include "lib/base/curl_handles.h"

namespace thresh {

/// `thresh/VERSION`, and ` (+contact)` if there is one: who runs it, as a URL or mail address.
[[nodiscard]] std::string DefaultUserAgent(std::string_view contact);

/// A handle with all that is the same for every request: protocols, redirects, encodings, user
/// agent. Bodies come as they are sent: packed, if the answer's Content-Encoding says so. Null if
/// libcurl has none left.
[[nodiscard]] CurlEasy MakeRequestHandle();

/// Sets what differs from request to request.
void SetRequest(CURL* easy, const std::string& url, const FetchLimits& limits);

/// A line of an answer's head as name, in lower case, and value; nullopt for what is no header.
[[nodiscard]] std::optional<std::pair<std::string, std::string>> ParseHeaderLine(
    std::string_view line);

struct FailureKind {
  const char* reason;  ///< As in docs/outcomes.md.
  bool may_retry;
};
/// REQUIRES: code != CURLE_OK.
[[nodiscard]] FailureKind ClassifyFailure(CURLcode code);

}  // namespace thresh
