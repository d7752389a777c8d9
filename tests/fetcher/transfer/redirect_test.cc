#include "fetcher/transfer/redirect.h"

#include <string>
#include <utility>

#include <doctest/doctest.h>

using thresh::FetchAuth;
using thresh::FetchJob;
using thresh::FetchResult;
using thresh::HeaderList;

namespace {

const std::string kFrom = "https://a.example/dir/page?q=1";

std::string Target(long status, const std::string& location, const std::string& from = kFrom) {
  const FetchResult answer{.status = status, .headers = {{"x", "y"}, {"location", location}}};
  const auto redirect = thresh::RedirectOf(from, answer);
  if (!redirect) return redirect.error().reason;
  if (!*redirect) return "none";
  return (*redirect)->url + ((*redirect)->same_origin ? "" : " foreign");
}

FetchJob Follow(long status, const std::string& location, FetchJob job) {
  const FetchResult answer{.status = status, .headers = {{"location", location}}};
  thresh::Follow(**thresh::RedirectOf(job.url, answer), status, &job);
  return job;
}

FetchJob Post() {
  return {.url = kFrom,
          .method = "POST",
          .headers = {{"content-type", "text/plain"}, {"accept", "x"}},
          .body = "body"};
}

}  // namespace

TEST_SUITE("Redirect") {
  TEST_CASE("a Location is read as a link on the page would be") {
    CHECK(Target(302, "next") == "https://a.example/dir/next");
    CHECK(Target(301, "/x y#part") == "https://a.example/x%20y");
    CHECK(Target(303, "?p=2") == "https://a.example/dir/page?p=2");
    CHECK(Target(307, "//b.example/") == "https://b.example/ foreign");
    CHECK(Target(308, "HTTPS://A.EXAMPLE:443/") == "https://a.example/");
    CHECK(Target(302, "http://2130706433/") == "http://127.0.0.1/ foreign");
  }

  TEST_CASE("another scheme, host or port is another origin") {
    CHECK(Target(302, "http://a.example/") == "http://a.example/ foreign");
    CHECK(Target(302, "https://a.example:444/") == "https://a.example:444/ foreign");
    CHECK(Target(302, "https://www.a.example/") == "https://www.a.example/ foreign");
  }

  TEST_CASE("other statuses, and answers that say nowhere, are answers") {
    for (const long status : {200L, 201L, 300L, 304L, 305L, 306L, 404L, 503L}) {
      CHECK(Target(status, "/x") == "none");
    }
    CHECK(Target(302, "") == "none");
    CHECK_FALSE(*thresh::RedirectOf(kFrom, FetchResult{.status = 302}));
  }

  TEST_CASE("what is no http, or names a user, is a bad redirect") {
    for (const char* location :
         {"file:///etc/passwd", "ftp://x/", "gopher://x/", "data:,x", "javascript:1", "https://",
          "https://u@b.example/", "https://u:p@b.example/", "http://[::1", "http://a b/"}) {
      CHECK_MESSAGE(Target(302, location) == "bad_redirect", location);
    }
  }

  TEST_CASE("301 and 302 make a GET of POST, 303 of all but HEAD, 307 and 308 of nothing") {
    for (const long status : {301L, 302L, 303L}) {
      const FetchJob job = Follow(status, "/x", Post());
      CHECK(job.method == "GET");
      CHECK(job.body.empty());
      CHECK(job.headers == HeaderList{{"accept", "x"}});
    }
    for (const long status : {307L, 308L}) {
      const FetchJob job = Follow(status, "/x", Post());
      CHECK(job.method == "POST");
      CHECK(job.body == "body");
      CHECK(job.headers.size() == 2);
    }
    CHECK(Follow(302, "/x", {.url = kFrom, .method = "PUT"}).method == "PUT");
    CHECK(Follow(303, "/x", {.url = kFrom, .method = "PUT"}).method == "GET");
    CHECK(Follow(303, "/x", {.url = kFrom, .method = "HEAD"}).method == "HEAD");
  }

  TEST_CASE("credentials stay with their origin") {
    const FetchJob job{.url = kFrom,
                       .headers = {{"authorization", "Bearer x"},
                                   {"cookie", "a=1"},
                                   {"x-key", "secret"},
                                   {"accept", "y"}},
                       .auth = {.kind = FetchAuth::Kind::kBasic, .user = "u", .password = "p"},
                       .credentials = {"x-key"}};
    const FetchJob same = Follow(302, "/x", job);
    CHECK(same.headers == job.headers);
    CHECK(same.auth.kind == FetchAuth::Kind::kBasic);
    for (const char* location : {"http://a.example/", "https://b.example/", "//a.example:8443/"}) {
      const FetchJob other = Follow(307, location, job);
      CHECK(other.headers == HeaderList{{"accept", "y"}});
      CHECK(other.auth.kind == FetchAuth::Kind::kNone);
      CHECK(Follow(302, kFrom, other).headers == HeaderList{{"accept", "y"}});
    }
  }
}
