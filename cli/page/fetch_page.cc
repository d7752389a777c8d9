#include "cli/page/fetch_page.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "fetcher/transfer/fetch_once.h"
#include "fetcher/transfer/recipe_requests.h"
#include "lib/io/file.h"
#include "lib/recipe/secrets.h"
#include "lib/url/url.h"
#include "parser/body/charset.h"
#include "parser/body/content_coding.h"

namespace thresh {
namespace {

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

Result<PageAnswer> FetchPage(const std::string& url) {
  return FetchPage(url, nullptr, Recipe(), Secrets());
}

Result<PageAnswer> FetchPage(const std::string& text, const Request* request, const Recipe& recipe,
                             const Secrets& secrets) {
  const Result<Url> url = Url::Parse(text);
  if (!url) return url.error();
  PageAnswer page{.url = url->WithoutFragment().href()};
  if (request != nullptr && request->templated) {
    Result<std::string> made = CanonicalTemplate(text);
    if (!made) return made.error();
    page.url = std::move(*made);
  }
  const auto requests = RecipeRequests::Of(recipe, {std::string(url->hostname())}, secrets);
  if (!requests) return requests.error();
  Result<FetchJob> job = requests->JobOf(page.url, request, secrets);
  if (!job) return job.error();
  FetchResult answer = FetchOnce(std::move(*job));
  if (!answer.failure.empty()) {
    return Error{Errc::kTransient, page.url + ": " + answer.detail + " (" + answer.failure + ")"};
  }
  page.status = static_cast<std::uint32_t>(answer.status);
  page.final_url = requests->WithoutSecrets(std::move(answer.final_url), secrets);
  page.headers = std::move(answer.headers);
  page.body = std::string(answer.body.View());
  if (Result<> unpacked = Unpack(static_cast<std::size_t>(recipe.fetch.max_body_bytes), &page);
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
