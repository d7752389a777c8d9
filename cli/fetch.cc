// `thresh fetch URL`: the body to stdout as it arrives, whatever its size.

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string>

#include <curl/curl.h>

#include "cli/commands.h"
#include "fetcher/transfer/curl_request.h"
#include "lib/base/curl_handles.h"
#include "lib/base/exit_codes.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

struct Printing {
  CURL* easy = nullptr;
  bool headers = false;
  bool stdout_failed = false;
};

std::size_t Print(const char* data, std::size_t n, Printing& printing) {
  if (std::fwrite(data, 1, n, stdout) == n) return n;
  printing.stdout_failed = true;
  return 0;  // Not n: libcurl breaks the transfer off.
}

std::size_t OnBody(char* data, std::size_t, std::size_t n, void* printing) noexcept {
  return Print(data, n, *static_cast<Printing*>(printing));
}

// Headers of redirects on the way are printed too, as curl -i does.
std::size_t OnHeader(char* data, std::size_t, std::size_t n, void* raw) noexcept {
  auto& printing = *static_cast<Printing*>(raw);
  return printing.headers ? Print(data, n, printing) : n;
}

int Report(CURLcode code, const Printing& printing, const std::string& url) {
  if (printing.stdout_failed) {
    // A reader that has seen enough, as `head`, is no fault to speak of.
    if (errno != EPIPE)
      std::fprintf(stderr, "thresh fetch: cannot write: %s\n", std::strerror(errno));
    return kExitCannotWrite;
  }
  if (code != CURLE_OK) {
    std::fprintf(stderr, "thresh fetch: %s: %s (%s)\n", url.c_str(), curl_easy_strerror(code),
                 ClassifyFailure(code).reason);
    return kExitSomeDead;
  }
  long status = 0;
  curl_easy_getinfo(printing.easy, CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200 && status < 300) return kExitDone;
  std::fprintf(stderr, "thresh fetch: %s: the server answered %ld (http_%ld)\n", url.c_str(),
               status, status);
  return kExitSomeDead;
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
  const std::string target = url->WithoutFragment().href();
  const CurlEasy easy = MakeRequestHandle();
  Printing printing{.easy = easy.get(), .headers = options.headers};
  SetRequest(easy.get(), target, {.max_body_bytes = std::numeric_limits<std::int64_t>::max()});
  curl_easy_setopt(easy.get(), CURLOPT_HTTP_CONTENT_DECODING, 1L);  // As the bytes come.
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, 0L);             // As long as bytes come,
  curl_easy_setopt(easy.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_LOW_SPEED_TIME, 60L);  // at least one a minute.
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &printing);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, &printing);
  const CURLcode code = curl_easy_perform(easy.get());
  if (std::fflush(stdout) != 0) printing.stdout_failed = true;
  return Report(code, printing, target);
}

}  // namespace thresh
