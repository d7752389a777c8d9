#include "fetcher/transfer/transfers.h"

#include <chrono>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "lib/base/time.h"
#include "tests/fetcher/transfer/transfer_fixture.h"
#include "tests/support/hex.h"

using namespace std::chrono_literals;
using thresh::Errc;
using thresh::FetchResult;
using thresh::HeaderList;
using thresh::test::Bytes;
using thresh::test::HttpAnswer;
using thresh::test::HttpChunk;
using thresh::test::TransferFixture;
using Then = thresh::test::TinyHttp::Then;

TEST_SUITE("Transfers") {
  TEST_CASE_FIXTURE(TransferFixture, "an answer comes with its job, status, headers and body") {
    server.On("/a", HttpAnswer("200 OK", "X-Mixed-Case:  two words \r\nEmpty:\r\n", "hello"));
    const std::int64_t before_ms = thresh::WallClockMs();
    const FetchResult result = Fetch("/a");

    CHECK(result.id == 7);
    CHECK(result.failure.empty());
    CHECK(result.status == 200);
    CHECK(result.body.View() == "hello");
    CHECK(result.final_url == server.url("/a"));
    CHECK(result.headers ==
          HeaderList{{"x-mixed-case", "two words"}, {"empty", ""}, {"content-length", "5"}});
    CHECK(result.fetched_at_ms >= before_ms);
    CHECK(result.fetched_at_ms <= thresh::WallClockMs());
  }

  TEST_CASE_FIXTURE(TransferFixture, "an HTTP error is an answer, not a failure") {
    server.On("/404", HttpAnswer("404 Not Found", "", "gone"));
    server.On("/503", HttpAnswer("503 Busy", "", ""));
    CHECK(Fetch("/404").status == 404);
    CHECK(results.back().body.View() == "gone");
    CHECK(Failure(Fetch("/503")) == "an answer of status 503");
    CHECK(results.back().body.empty());
  }

  TEST_CASE_FIXTURE(TransferFixture, "a GET goes out as one would expect of thresh") {
    server.On("/a%20b/../c?x=1", HttpAnswer("200 OK", "", ""));
    Fetch("/a%20b/../c?x=1");
    const std::string& head = server.requests().at(0);
    CHECK(head.starts_with("GET /a%20b/../c?x=1 HTTP/1.1\r\n"));
    CHECK(head.find("\r\nUser-Agent: thresh/") != std::string::npos);
    CHECK(head.find("\r\nAccept-Encoding: gzip, deflate, br, zstd") != std::string::npos);
  }

  TEST_CASE_FIXTURE(TransferFixture, "a chunked body that comes in pieces is one body") {
    const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    server.OnPieces("/", {head, HttpChunk("abc"), "5\r\nde", "fgh\r\n", HttpChunk("")});
    CHECK(Fetch("/").body.View() == "abcdefgh");
  }

  TEST_CASE_FIXTURE(TransferFixture, "a body without a length ends with its connection") {
    server.OnPieces("/", {"HTTP/1.1 200 OK\r\n\r\n", "abc", "def"}, Then::kClose);
    CHECK(Fetch("/").body.View() == "abcdef");
  }

  TEST_CASE_FIXTURE(TransferFixture, "a compressed body arrives as it was sent") {
    const std::string gzip = Bytes("1f8b0800000000000203cb48cdc9c9d751c8005100ffc5ccf30c000000");
    server.On("/", HttpAnswer("200 OK", "Content-Encoding: gzip\r\n", gzip));
    const FetchResult result = Fetch("/");
    CHECK(result.body.View() == gzip);
    CHECK(result.headers == HeaderList{{"content-encoding", "gzip"},
                                       {"content-length", std::to_string(gzip.size())}});
  }

  TEST_CASE_FIXTURE(TransferFixture, "a redirect is an answer, with its headers and body") {
    server.On("/1", HttpAnswer("301 Moved", "Location: /2\r\nX-Way: 1\r\n", "not this"));
    const FetchResult result = Fetch("/1");
    CHECK(result.status == 301);
    CHECK(result.final_url == server.url("/1"));
    CHECK(result.body.View() == "not this");
    CHECK(result.headers ==
          HeaderList{{"location", "/2"}, {"x-way", "1"}, {"content-length", "8"}});
    CHECK(server.requests().size() == 1);
  }

  TEST_CASE_FIXTURE(TransferFixture, "a 3xx without Location is an answer") {
    server.On("/", HttpAnswer("304 Not Modified", "", ""));
    server.On("/300", HttpAnswer("300 Multiple Choices", "", "choose"));
    CHECK(Fetch("/").status == 304);
    CHECK(Fetch("/300").body.View() == "choose");
  }

  TEST_CASE_FIXTURE(TransferFixture, "an interim answer leaves no headers behind") {
    server.On("/",
              "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + HttpAnswer("200 OK", "", "x"));
    CHECK(Fetch("/").headers == HeaderList{{"content-length", "1"}});
  }

  TEST_CASE_FIXTURE(TransferFixture, "one connection serves one request after another") {
    server.On("/a", HttpAnswer("200 OK", "", "a"));
    for (int i = 0; i < 5; ++i) CHECK(Fetch("/a").body.View() == "a");
    CHECK(server.connections() == 1);
  }

  TEST_CASE_FIXTURE(TransferFixture, "a connection is not kept behind a request that asks for it") {
    server.On("/a", HttpAnswer("200 OK", "", "a"));
    const auto fetch = [&](bool hang_up) {
      CHECK(FetchJobOf({.url = server.url("/a"), .hang_up = hang_up}).body.View() == "a");
      return server.connections();
    };
    CHECK(fetch(true) == 1);
    CHECK(fetch(false) == 2);
    CHECK(fetch(true) == 2);
    CHECK(fetch(false) == 3);
  }

  TEST_CASE_FIXTURE(TransferFixture, "a kept connection that the server closed is no failure") {
    server.On("/a", HttpAnswer("200 OK", "", "a"));
    Fetch("/a");
    server.CloseAll();
    CHECK(Fetch("/a").body.View() == "a");
    CHECK(server.connections() == 2);
  }

  TEST_CASE_FIXTURE(TransferFixture, "nothing of a transfer is left in the next on its handle") {
    server.On("/bad", HttpAnswer("200 OK", "X-Old: 1\r\n", "older"));
    server.On("/good", HttpAnswer("200 OK", "", "new"));
    Fetch("/bad", {.timeout = 1s, .max_body_bytes = 3});
    const FetchResult result = Fetch("/good");
    CHECK(result.failure.empty());
    CHECK(result.headers == HeaderList{{"content-length", "3"}});
    CHECK(result.body.View() == "new");
  }

  TEST_CASE_FIXTURE(TransferFixture, "Submit() says kBusy at max_in_flight and starts nothing") {
    Start(2);
    server.On("/late", HttpAnswer("200 OK", "", ""));
    CHECK(Submit(server.url("/silent")));
    CHECK(Submit(server.url("/silent")));
    const auto refused =
        transfers->Submit({.id = 3, .url = server.url("/late"), .route = Loopback()});
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == Errc::kBusy);
    CHECK(transfers->in_flight() == 2);
  }

  TEST_CASE_FIXTURE(TransferFixture, "a result may be answered with the next job") {
    server.On("/a", HttpAnswer("200 OK", "", "a"));
    int left = 3;
    auto made = thresh::Transfers::Create(loop, 1, [&](FetchResult r) {
      if (--left > 0) {
        CHECK(
            transfers->Submit({.id = r.id + 1, .url = server.url("/a"), .route = Loopback()}).ok());
      }
      results.push_back(std::move(r));
    });
    transfers = std::move(*made);
    REQUIRE(Submit(server.url("/a")));
    REQUIRE(loop.RunUntil([&] { return left == 0; }));
    CHECK(results.back().id == 9);
  }

  TEST_CASE_FIXTURE(TransferFixture, "bytes in flight are those of bodies still arriving") {
    server.OnPieces("/",
                    {"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + std::string(3000, 'x')});
    REQUIRE(Submit(server.url("/")));
    REQUIRE(loop.RunUntil([&] { return transfers->bytes_in_flight() == 3000; }));
    CHECK(transfers->in_flight() == 1);
    server.CloseAll();
    REQUIRE(loop.RunUntil([&] { return transfers->in_flight() == 0; }));
    CHECK(transfers->bytes_in_flight() == 0);
  }

  TEST_CASE_FIXTURE(TransferFixture,
                    "what is under way when it ends is broken off, without result") {
    server.OnPieces("/half", {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"});
    REQUIRE(Submit(server.url("/half")));
    REQUIRE(Submit(server.url("/silent")));
    REQUIRE(loop.RunUntil([&] { return transfers->bytes_in_flight() == 5; }));
    transfers.reset();
    loop.Settle();
    CHECK(results.empty());
  }
}
