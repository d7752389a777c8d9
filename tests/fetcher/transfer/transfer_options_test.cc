// What a job may ask for beside a plain GET, and what is left of it for the next.

#include <chrono>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "tests/fetcher/transfer/transfer_fixture.h"

using namespace std::chrono_literals;
using thresh::FetchAuth;
using thresh::FetchJob;
using thresh::FetchResult;
using thresh::FetchRoute;
using thresh::NameAnswer;
using thresh::NameCache;
using thresh::test::HttpAnswer;
using thresh::test::HttpChunk;
using thresh::test::TransferFixture;
using Then = thresh::test::TinyHttp::Then;

namespace {

struct OptionsFixture : TransferFixture {
  OptionsFixture() {
    for (const char* path : {"/", "/a"}) server.On(path, HttpAnswer("200 OK", "", "ok"));
  }

  // The head of the request that a job made.
  std::string HeadOf(FetchJob job) {
    if (job.url.empty()) job.url = server.url("/");
    const FetchResult result = FetchJobOf(std::move(job));
    CHECK_MESSAGE(result.failure.empty(), result.failure, result.detail);
    return server.requests().back() + "\r\n";
  }
  static bool Has(const std::string& head, const std::string& line) {
    return head.find("\r\n" + line + "\r\n") != std::string::npos;
  }

  // Names lead where the test says.
  void StartWithNames(NameAnswer answer) {
    auto made = thresh::Transfers::Create(
        loop, 4, [this](FetchResult r) { results.push_back(std::move(r)); },
        [this, answer](uv_loop_t&, const std::string& name, const NameCache::FoundFn& found) {
          asked.push_back(name);
          if (never) return;
          found(std::make_shared<const NameAnswer>(answer));
        });
    REQUIRE(made.ok());
    transfers = std::move(*made);
  }
  std::string Named(std::string_view host) const {
    const std::string url = server.url("/");
    return "http://" + std::string(host) + url.substr(url.rfind(':'));
  }

  std::vector<std::string> asked;
  bool never = false;
};

}  // namespace

TEST_SUITE("Transfers: options") {
  TEST_CASE_FIXTURE(OptionsFixture, "method, headers and body go out as given") {
    const std::string head = HeadOf({.method = "PUT",
                                     .headers = {{"x-a", "1"}, {"x-empty", ""}, {"accept", "y"}},
                                     .body = "abc"});
    CHECK(head.starts_with("PUT / HTTP/1.1\r\n"));
    CHECK(Has(head, "x-a: 1"));
    CHECK(Has(head, "x-empty:"));
    CHECK(Has(head, "accept: y"));
    CHECK(Has(head, "Content-Length: 3"));
    CHECK_FALSE(Has(head, "Expect: 100-continue"));
  }

  TEST_CASE_FIXTURE(OptionsFixture, "nothing of it is left for the next request") {
    HeadOf({.method = "POST",
            .headers = {{"x-a", "1"}},
            .body = "abc",
            .auth = {.kind = FetchAuth::Kind::kBasic, .user = "u", .password = "p"}});
    const std::string plain = HeadOf({});
    CHECK(plain.find("GET / HTTP/1.1\r\n") != std::string::npos);
    CHECK(plain.find("x-a") == std::string::npos);
    CHECK(plain.find("Content-") == std::string::npos);
    CHECK(plain.find("Authorization") == std::string::npos);
    CHECK(HeadOf({.headers = {{"x-b", "2"}}}).find("x-a") == std::string::npos);
    CHECK(HeadOf({}).find("x-b") == std::string::npos);
    const auto named = Loopback([](FetchRoute& r) { r.user_agent = "me"; });
    CHECK(Has(HeadOf({.route = named}), "User-Agent: me"));
    CHECK_FALSE(Has(HeadOf({}), "User-Agent: me"));
  }

  TEST_CASE_FIXTURE(OptionsFixture, "HEAD waits for no body") {
    server.On("/head", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    const FetchResult result = FetchJobOf({.url = server.url("/head"), .method = "HEAD"});
    CHECK(Failure(result) == "an answer of status 200");
    CHECK(result.body.empty());
    CHECK(server.requests().back().starts_with("HEAD /head"));
  }

  TEST_CASE_FIXTURE(OptionsFixture, "who asks is said by Basic at once, by Digest when asked") {
    CHECK(Has(HeadOf({.auth = {.kind = FetchAuth::Kind::kBasic, .user = "me", .password = "p:w"}}),
              "Authorization: Basic bWU6cDp3"));
    server.On("/digest", HttpAnswer("401 No",
                                    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", "
                                    "algorithm=MD5\r\n",
                                    "who are you"));
    const FetchResult result =
        FetchJobOf({.url = server.url("/digest"),
                    .auth = {.kind = FetchAuth::Kind::kDigest, .user = "me", .password = "pw"}});
    CHECK(result.status == 401);
    CHECK(server.requests().back().find("Authorization: Digest username=\"me\"") !=
          std::string::npos);
  }

  TEST_CASE_FIXTURE(OptionsFixture, "what would be another request than it looks is not sent") {
    const std::size_t before = server.requests().size();
    for (const auto& header :
         {std::pair("x-a", "1\r\nx-b: 2"), std::pair("x-a", "1\n"), std::pair("x a", "1"),
          std::pair("", "1"), std::pair("x:", "1"), std::pair("content-length", "5"),
          std::pair("Transfer-Encoding", "chunked"), std::pair("x-a", "\x01")}) {
      const FetchResult result =
          FetchJobOf({.url = server.url("/"), .headers = {{header.first, header.second}}});
      CHECK(Failure(result) == "bad_request");
    }
    for (const char* method : {"", "GET /x", "G\r\nT", "PO:ST"}) {
      CHECK(Failure(FetchJobOf({.url = server.url("/"), .method = method})) == "bad_request");
    }
    CHECK(server.requests().size() == before);
    CHECK(transfers->in_flight() == 0);
  }

  TEST_CASE_FIXTURE(OptionsFixture, "a private address is refused before anything is sent") {
    const auto nothing = std::make_shared<const FetchRoute>();
    const FetchResult result = FetchJobOf({.url = server.url("/"), .route = nothing});
    CHECK(Failure(result) == "private_address");
    CHECK(result.detail == "127.0.0.1 is no address of the internet (fetch.allow_private)");
    CHECK(server.connections() == 0);
  }

  TEST_CASE_FIXTURE(OptionsFixture, "a kept connection does not let in who may not connect") {
    HeadOf({});
    const auto nothing = std::make_shared<const FetchRoute>();
    CHECK(Failure(FetchJobOf({.url = server.url("/"), .route = nothing})) == "private_address");
    CHECK(server.requests().size() == 1);
    CHECK(HeadOf({}).starts_with("GET"));
  }

  TEST_CASE_FIXTURE(OptionsFixture, "a typed host is let in under its name only") {
    FetchRoute typed;
    REQUIRE(typed.guard.Allow("localhost").ok());
    const auto route = std::make_shared<const FetchRoute>(std::move(typed));
    StartWithNames({.addresses = {"127.0.0.1"}, .failure = ""});
    CHECK(Failure(FetchJobOf({.url = Named("localhost"), .route = route})) ==
          "an answer of status 200");
    CHECK(Failure(FetchJobOf({.url = Named("other"), .route = route})) == "private_address");
    CHECK(Failure(FetchJobOf({.url = server.url("/"), .route = route})) == "private_address");
  }

  TEST_CASE_FIXTURE(OptionsFixture,
                    "names are looked up once, and their addresses are connected to") {
    StartWithNames({.addresses = {"127.0.0.1"}, .failure = ""});
    for (int i = 0; i < 3; ++i) CHECK(HeadOf({.url = Named("a.test")}).find("a.test") > 0);
    CHECK(asked == std::vector<std::string>{"a.test"});
    CHECK(server.connections() == 1);
    std::string host = Named("a.test").substr(7);
    host.pop_back();  // The slash.
    CHECK(Has(server.requests().back() + "\r\n", "Host: " + host));
  }

  TEST_CASE_FIXTURE(OptionsFixture, "a name without an address may be tried again") {
    StartWithNames({.failure = "no such name"});
    CHECK(Failure(FetchJobOf({.url = "http://a.test/"})) == "dns?");
    CHECK(results.back().detail == "a.test: no such name");
    CHECK(Failure(FetchJobOf({.url = "http://a.test/"})) == "dns?");  // As it is known.
    CHECK(asked.size() == 1);
  }

  TEST_CASE_FIXTURE(OptionsFixture, "a resolver that hangs costs the connect timeout") {
    never = true;
    StartWithNames({});
    CHECK(Failure(FetchJobOf({.url = "http://a.test/", .limits = {.connect_timeout = 30ms}})) ==
          "dns?");
    CHECK(transfers->in_flight() == 0);
  }

  TEST_CASE_FIXTURE(OptionsFixture, "IPv4 and IPv6 may be chosen") {
    StartWithNames({.addresses = {"::1", "127.0.0.1"}, .failure = ""});
    const auto v4 = Loopback([](FetchRoute& r) { r.ip = FetchRoute::Ip::k4; });
    CHECK(Failure(FetchJobOf({.url = Named("a.test"), .route = v4})) == "an answer of status 200");
    StartWithNames({.addresses = {"127.0.0.1"}, .failure = ""});
    const auto v6 = Loopback([](FetchRoute& r) { r.ip = FetchRoute::Ip::k6; });
    CHECK(Failure(FetchJobOf({.url = Named("a.test"), .route = v6})) == "dns?");
    CHECK(server.connections() == 1);
  }

  TEST_CASE_FIXTURE(OptionsFixture, "an answer that does not begin in time is a timeout") {
    CHECK(Failure(FetchJobOf({.url = server.url("/silent"),
                              .limits = {.first_byte_timeout = 30ms}})) == "timeout?");
    CHECK(results.back().detail.find("first_byte_timeout_ms") != std::string::npos);
    CHECK(transfers->in_flight() == 0);
    server.OnPieces("/late", {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"});
    CHECK(Failure(FetchJobOf({.url = server.url("/late"),
                              .limits = {.timeout = 200ms, .first_byte_timeout = 50ms}})) ==
          "timeout?");
    CHECK(results.back().detail.find("first_byte") == std::string::npos);
  }

  TEST_CASE_FIXTURE(OptionsFixture, "headers are bounded by the limit that is given") {
    server.On("/h", HttpAnswer("200 OK", "X-A: " + std::string(200, 'a') + "\r\n", ""));
    CHECK(Failure(FetchJobOf({.url = server.url("/h"), .limits = {.max_header_bytes = 100}})) ==
          "too_large");
    CHECK(results.back().detail == "headers of over 100 bytes");
  }

  TEST_CASE_FIXTURE(OptionsFixture,
                    "a proxy gets the whole URL, and is not asked for private ones") {
    const auto proxied = Loopback([this](FetchRoute& r) {
      r = {};
      r.proxy = server.url("");
    });
    server.On("http://8.8.8.8/x", HttpAnswer("200 OK", "", "by proxy"));
    const FetchResult result = FetchJobOf({.url = "http://8.8.8.8/x", .route = proxied});
    CHECK(result.body.View() == "by proxy");
    for (const char* url : {"http://127.0.0.1/", "http://localhost/", "http://[::1]/",
                            "http://169.254.169.254/latest"}) {
      CHECK(Failure(FetchJobOf({.url = url, .route = proxied})) == "private_address");
    }
    CHECK(server.requests().size() == 1);
  }
}
