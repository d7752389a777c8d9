#include "fetcher/transfer/curl_request.h"

#include <algorithm>
#include <cctype>

namespace thresh {
namespace {

std::string_view Trim(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

}  // namespace

std::string DefaultUserAgent(std::string_view contact) {
  std::string agent = "thresh/" THRESH_VERSION;
  if (!contact.empty()) agent.append(" (+").append(contact).append(")");
  return agent;
}

CurlEasy MakeRequestHandle() {
  CurlEasy handle(curl_easy_init());
  CURL* easy = handle.get();
  if (easy == nullptr) return handle;
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);  // Dots were resolved when it was parsed.
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");  // The environment's proxies are not ours.
  // What parsers can unpack; libcurl leaves it packed.
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate, br, zstd");
  curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 64L << 10);  // Most pages in one or two reads.
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "thresh/" THRESH_VERSION);
  return handle;
}

void SetRequest(CURL* easy, const std::string& url, const FetchLimits& limits) {
  const auto ms = [](std::chrono::milliseconds t) { return static_cast<long>(t.count()); };
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, static_cast<long>(limits.max_redirects));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, ms(limits.connect_timeout));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, ms(limits.timeout));
  curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(limits.max_body_bytes));
}

std::optional<std::pair<std::string, std::string>> ParseHeaderLine(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || line.starts_with("HTTP/")) return std::nullopt;
  return std::pair(Lower(Trim(line.substr(0, colon))), std::string(Trim(line.substr(colon + 1))));
}

FailureKind ClassifyFailure(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST: return {"dns", true};
    case CURLE_COULDNT_CONNECT: return {"connect", true};
    case CURLE_OPERATION_TIMEDOUT: return {"timeout", true};
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return {"broken_off", true};
    case CURLE_SSL_CONNECT_ERROR: return {"tls", true};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR: return {"tls", false};
    case CURLE_FILESIZE_EXCEEDED: return {"too_large", false};
    case CURLE_TOO_MANY_REDIRECTS: return {"too_many_redirects", false};
    case CURLE_UNSUPPORTED_PROTOCOL: return {"bad_redirect", false};
    case CURLE_URL_MALFORMAT: return {"bad_url", false};
    case CURLE_BAD_CONTENT_ENCODING: return {"bad_encoding", false};
    case CURLE_WEIRD_SERVER_REPLY: return {"bad_answer", false};
    default: return {"fetch", true};
  }
}

}  // namespace thresh
