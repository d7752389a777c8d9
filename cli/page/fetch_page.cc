#include "cli/page/fetch_page.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <curl/curl.h>

#include "fetcher/transfer/curl_request.h"
#include "lib/base/curl_handles.h"
#include "lib/io/file.h"
#include "lib/url/url.h"
#include "parser/body/charset.h"
#include "parser/body/content_coding.h"

namespace thresh {
namespace {

std::size_t OnBody(char* data, std::size_t, std::size_t n, void* body) noexcept {
  static_cast<std::string*>(body)->append(data, n);
  return n;
}

std::size_t OnHeader(char* data, std::size_t, std::size_t n, void* page) noexcept {
  auto& headers = static_cast<PageAnswer*>(page)->headers;
  const std::string_view line(data, n);
  if (line.starts_with("HTTP/")) headers.clear();  // What came before was a redirect.
  if (auto header = ParseHeaderLine(line)) headers.push_back(std::move(*header));
  return n;
}

// After this the headers say nothing of a coding.
Result<> Unpack(std::size_t max_bytes, PageAnswer* page) {
  const auto coding = std::find_if(page->headers.begin(), page->headers.end(),
                                   [](const auto& h) { return h.first == "content-encoding"; });
  if (coding == page->headers.end()) return Ok{};
  std::string buffer;
  Result<std::string_view> body = DecodeContent(coding->second, page->body, max_bytes, &buffer);
  if (!body) return body.error();
  page->body = std::string(*body);
  page->headers.erase(coding);
  return Ok{};
}

Result<std::string> ReadStdin() {
  std::string text;
  char chunk[64 << 10];
  while (const std::size_t n = std::fread(chunk, 1, sizeof chunk, stdin)) text.append(chunk, n);
  if (std::ferror(stdin) == 0) return text;
  return Error{Errc::kInvalid, std::string("cannot read stdin: ") + std::strerror(errno)};
}

}  // namespace

std::string_view PageAnswer::Header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (known == name) return value;
  }
  return {};
}

bool IsWebUrl(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

Result<PageAnswer> FetchPage(const std::string& text, const FetchLimits& limits) {
  Result<Url> url = Url::Parse(text);
  if (!url) return url.error();
  PageAnswer page{.url = url->WithoutFragment().href()};
  const CurlEasy easy = MakeRequestHandle();
  SetRequest(easy.get(), page.url, limits);
  curl_easy_setopt(easy.get(), CURLOPT_HTTP_CONTENT_DECODING, 0L);  // As parsers get it.
  curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, &page);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &page.body);
  if (const CURLcode code = curl_easy_perform(easy.get()); code != CURLE_OK) {
    return Error{Errc::kTransient, page.url + ": " + curl_easy_strerror(code) + " (" +
                                       ClassifyFailure(code).reason + ")"};
  }
  long status = 0;
  const char* final_url = nullptr;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy.get(), CURLINFO_EFFECTIVE_URL, &final_url);
  page.status = static_cast<std::uint32_t>(status);
  page.final_url = final_url;
  if (Result<> unpacked = Unpack(static_cast<std::size_t>(limits.max_body_bytes), &page);
      !unpacked) {
    return Error{unpacked.error().code, page.url + ": " + unpacked.error().detail};
  }
  return page;
}

std::string CharsetFault(std::string_view label) {
  if (label.empty() || !CharsetOfLabel(label).empty()) return {};
  return "--charset: expected a charset as utf-8, windows-1252 or shift_jis, found \"" +
         std::string(label) + "\"";
}

Result<std::string> ReadInput(const std::string& path) {
  return path.empty() || path == "-" ? ReadStdin() : ReadWholeFile(path);
}

}  // namespace thresh
