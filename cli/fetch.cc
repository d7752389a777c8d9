// `thresh fetch URL`: the body to stdout as it arrives, whatever its size.

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <curl/curl.h>

#include "cli/commands.h"
#include "fetcher/job/head_reader.h"
#include "fetcher/transfer/curl_request.h"
#include "fetcher/transfer/redirect.h"
#include "lib/base/exit_codes.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

struct Printing {
  CURL* easy = nullptr;
  bool headers = false;
  bool stdout_failed = false;
  HeadReader head;
  std::string fault;   // Of the head.
  FetchResult answer;  // Status and headers of the hop that is arriving.
};

std::size_t Print(const char* data, std::size_t n, Printing& printing) {
  if (std::fwrite(data, 1, n, stdout) == n) return n;
  printing.stdout_failed = true;
  return 0;  // Not n: libcurl breaks the transfer off.
}

// The body of a redirect is for nobody.
std::size_t OnBody(char* data, std::size_t, std::size_t n, void* raw) noexcept {
  auto& printing = *static_cast<Printing*>(raw);
  curl_easy_getinfo(printing.easy, CURLINFO_RESPONSE_CODE, &printing.answer.status);
  const char* url = "";
  curl_easy_getinfo(printing.easy, CURLINFO_EFFECTIVE_URL, &url);
  const auto redirect = RedirectOf(url, printing.answer);
  return redirect && *redirect ? n : Print(data, n, printing);
}

// Headers of redirects on the way are printed too, as curl -i does; trailers would end the body.
std::size_t OnHeader(char* data, std::size_t, std::size_t n, void* raw) noexcept {
  auto& printing = *static_cast<Printing*>(raw);
  const HeadReader::Line line = printing.head.Take({data, n});
  if (line == HeadReader::Line::kTrailer) return n;
  if (line == HeadReader::Line::kEnd) {
    printing.answer.headers = printing.head.headers();
    printing.fault = LengthFault(printing.answer.headers);
    if (!printing.fault.empty()) return 0;
  }
  return printing.headers ? Print(data, n, printing) : n;
}

int Complain(const std::string& url, const char* detail, const char* reason) {
  std::fprintf(stderr, "thresh fetch: %s: %s (%s)\n", url.c_str(), detail, reason);
  return kExitSomeDead;
}

// The host that was typed may be a private one; those that redirects lead to may not.
FetchJob JobOf(const Url& url) {
  FetchRoute route;
  static_cast<void>(route.guard.Allow(url.hostname()));
  return {.url = url.href(),
          .limits = {.timeout = std::chrono::milliseconds(0),  // As long as bytes come,
                     .max_body_bytes = std::numeric_limits<std::int64_t>::max(),
                     .low_speed_bytes = 1,  // at least one a minute.
                     .low_speed_time = std::chrono::minutes(1)},
          .route = std::make_shared<const FetchRoute>(std::move(route))};
}

int Report(CURLcode code, const CurlRequest& request, const Printing& printing,
           const std::string& url) {
  if (printing.stdout_failed) {
    // A reader that has seen enough, as `head`, is no fault to speak of.
    if (errno != EPIPE)
      std::fprintf(stderr, "thresh fetch: cannot write: %s\n", std::strerror(errno));
    return kExitCannotWrite;
  }
  if (!printing.fault.empty()) return Complain(url, printing.fault.c_str(), "bad_answer");
  if (code != CURLE_OK) {
    return Complain(url, request.DetailOf(code).c_str(), request.FailureOf(code).reason);
  }
  long status = 0;
  curl_easy_getinfo(printing.easy, CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200 && status < 300) return kExitDone;
  std::fprintf(stderr, "thresh fetch: %s: the server answered %ld (http_%ld)\n", url.c_str(),
               status, status);
  return kExitSomeDead;
}

int FetchAndPrint(FetchJob job, CurlRequest& request, Printing& printing) {
  const std::string typed = job.url;
  for (std::int64_t hops = 0;; ++hops) {
    if (const Result<> set = request.SetRequest(job); !set) {
      return Complain(typed, set.error().detail.c_str(), set.error().reason);
    }
    curl_easy_setopt(request.easy(), CURLOPT_HTTP_CONTENT_DECODING, 1L);  // As the bytes come.
    const CURLcode code = curl_easy_perform(request.easy());
    if (!request.refused_address().empty()) {
      return Complain(typed, (request.refused_address() + " is a private address").c_str(),
                      "private_address");
    }
    curl_easy_getinfo(request.easy(), CURLINFO_RESPONSE_CODE, &printing.answer.status);
    const auto redirect = RedirectOf(job.url, printing.answer);
    if (code == CURLE_OK && !redirect) {
      return Complain(typed, redirect.error().detail.c_str(), redirect.error().reason);
    }
    if (code != CURLE_OK || !*redirect) {
      if (std::fflush(stdout) != 0) printing.stdout_failed = true;
      return Report(code, request, printing, typed);
    }
    if (hops == job.limits.max_redirects) {
      const Error error = TooManyRedirects(job.limits);
      return Complain(typed, error.detail.c_str(), error.reason);
    }
    Follow(**redirect, printing.answer.status, &job);
  }
}

}  // namespace

int FetchCommand(const FetchOptions& options) {
  Result<Url> url = Url::Parse(options.url);
  if (!url || !url->is_http()) {
    std::fprintf(stderr, "thresh fetch: %s\n",
                 url ? ("expected an http or https URL, found " + options.url).c_str()
                     : url.error().detail.c_str());
    return kExitBadInput;
  }
  CurlRequest request;
  Printing printing{.easy = request.easy(), .headers = options.headers};
  request.SetCallbacks({.on_body = &OnBody, .on_header = &OnHeader, .data = &printing});
  return FetchAndPrint(JobOf(url->WithoutFragment()), request, printing);
}

}  // namespace thresh
