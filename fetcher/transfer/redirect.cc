#include "fetcher/transfer/redirect.h"

#include <algorithm>
#include <utility>

#include "lib/url/url.h"

namespace thresh {
namespace {

const std::string* LocationOf(const FetchResult& answer) {
  const auto found = std::find_if(answer.headers.begin(), answer.headers.end(),
                                  [](const auto& header) { return header.first == "location"; });
  return found != answer.headers.end() && !found->second.empty() ? &found->second : nullptr;
}

bool IsRedirectStatus(long status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool BecomesGet(long status, const std::string& method) {
  if (status == 303) return method != "GET" && method != "HEAD";
  return (status == 301 || status == 302) && method == "POST";
}

void DropHeaders(FetchJob* job, const auto& is_dropped) {
  std::erase_if(job->headers, [&](const auto& header) { return is_dropped(header.first); });
}

}  // namespace

Result<std::optional<Redirect>> RedirectOf(std::string_view url, const FetchResult& answer) {
  if (!IsRedirectStatus(answer.status)) return std::optional<Redirect>();
  const std::string* location = LocationOf(answer);
  if (location == nullptr) return std::optional<Redirect>();
  const Result<Url> base = Url::Parse(url);
  if (!base) return base.error();
  const Result<Url> target = Url::Parse(*location, *base);
  if (!target) return Error{Errc::kInvalid, "Location: " + target.error().detail, "bad_redirect"};
  if (!target->is_http()) {
    return Error{Errc::kInvalid,
                 "Location: expected an http or https URL, found the scheme " +
                     std::string(target->scheme()),
                 "bad_redirect"};
  }
  if (!target->username().empty() || !target->password().empty()) {
    return Error{Errc::kInvalid, "Location: a URL with a user name or password", "bad_redirect"};
  }
  const Url canonical = target->WithoutFragment();
  return std::optional<Redirect>({.url = canonical.href(),
                                  .host = std::string(canonical.host()),
                                  .same_origin = canonical.origin() == base->origin()});
}

void Follow(const Redirect& redirect, long status, FetchJob* job) {
  job->url = redirect.url;
  if (BecomesGet(status, job->method)) {
    job->method = "GET";
    job->body.clear();
    DropHeaders(job, [](const std::string& name) { return name.starts_with("content-"); });
  }
  if (redirect.same_origin) return;
  job->auth = {};
  DropHeaders(job, [job](const std::string& name) {
    return name == "authorization" || name == "cookie" ||
           std::find(job->credentials.begin(), job->credentials.end(), name) !=
               job->credentials.end();
  });
}

Error TooManyRedirects(const FetchLimits& limits) {
  return {Errc::kInvalid,
          "more than " + std::to_string(limits.max_redirects) + " redirects (fetch.max_redirects)",
          "too_many_redirects"};
}

}  // namespace thresh
