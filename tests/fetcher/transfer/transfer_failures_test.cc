// What goes wrong in a transfer: the reason's name, and whether to ask again.

#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "tests/fetcher/transfer/transfer_fixture.h"
#include "tests/support/hex.h"

using namespace std::chrono_literals;
using thresh::FetchResult;
using thresh::test::Bytes;
using thresh::test::HttpAnswer;
using thresh::test::HttpChunk;
using thresh::test::RefusedPort;
using thresh::test::TransferFixture;
using Then = thresh::test::TinyHttp::Then;

namespace {

const std::string kChunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

// 100,000 times `x`, in 132 bytes.
std::string GzipBomb() {
  return Bytes("1f8b0800000000000203edc13101000000c2a0da8b6f0d0fa0") + std::string(96, '\0') +
         Bytes("805703711107fea0860100");
}

}  // namespace

TEST_SUITE("Transfers: failures") {
  TEST_CASE_FIXTURE(TransferFixture, "a refused connection may be tried again") {
    const FetchResult result = FetchUrl("http://127.0.0.1:" + std::to_string(RefusedPort()) + "/");
    CHECK(Failure(result) == "connect?");
    CHECK(result.status == 0);
    CHECK(result.body.empty());
  }

  TEST_CASE_FIXTURE(TransferFixture, "a server that says nothing is a timeout") {
    CHECK(Failure(Fetch("/silent", {.timeout = 50ms})) == "timeout?");
  }

  TEST_CASE_FIXTURE(TransferFixture, "the time is for the whole answer, not for its first byte") {
    server.OnPieces("/", {kChunkedHead, HttpChunk("abc")});
    CHECK(Failure(Fetch("/", {.timeout = 50ms})) == "timeout?");
    CHECK(results.back().status == 200);
  }

  TEST_CASE_FIXTURE(TransferFixture, "a connection dropped before any answer was broken off") {
    server.OnPieces("/", {}, Then::kClose);
    CHECK(Failure(Fetch("/")) == "broken_off?");
  }

  TEST_CASE_FIXTURE(TransferFixture, "a connection reset before any answer was broken off") {
    server.OnPieces("/", {}, Then::kReset);
    CHECK(Failure(Fetch("/")) == "broken_off?");
  }

  TEST_CASE_FIXTURE(TransferFixture, "a used connection that is reset is asked anew, each time") {
    server.On("/", HttpAnswer("200 OK", "", "first"));
    REQUIRE(Fetch("/").status == 200);
    for (std::size_t n = 1; n <= 8; ++n) {
      CAPTURE(n);
      server.OnPieces("/", {}, Then::kReset);
      REQUIRE(Submit(server.url("/")));
      REQUIRE(loop.RunUntil([&] { return server.requests().size() == 2 * n; }));
      server.On("/", HttpAnswer("200 OK", "", "again"));
      REQUIRE(loop.RunUntil([&] { return results.size() == n + 1; }));
      CHECK(Failure(results.back()) == "an answer of status 200");
      CHECK(server.requests().size() == 2 * n + 1);
      CHECK(server.connections() == n + 1);
    }
  }

  TEST_CASE_FIXTURE(TransferFixture, "an answer that came whole counts, though a reset follows") {
    server.OnPieces("/", {HttpAnswer("200 OK", "", std::string(10'000, 'x'))}, Then::kReset);
    const FetchResult result = Fetch("/");
    CHECK(Failure(result) == "an answer of status 200");
    CHECK(result.body.size() == 10'000);
  }

  TEST_CASE_FIXTURE(TransferFixture, "headers cut short are broken off, never an empty page") {
    server.OnPieces("/", {"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-"}, Then::kClose);
    CHECK(Failure(Fetch("/")) == "broken_off?");
  }

  TEST_CASE_FIXTURE(TransferFixture, "a body shorter than its length is broken off") {
    server.OnPieces("/", {"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n", "12345"}, Then::kClose);
    CHECK(Failure(Fetch("/")) == "broken_off?");
  }

  TEST_CASE_FIXTURE(TransferFixture, "a chunked body without its last chunk is broken off") {
    server.OnPieces("/", {kChunkedHead, HttpChunk("abc")}, Then::kClose);
    CHECK(Failure(Fetch("/")) == "broken_off?");
    server.OnPieces("/", {kChunkedHead, "5\r\nab"}, Then::kClose);
    CHECK(Failure(Fetch("/")) == "broken_off?");
  }

  TEST_CASE_FIXTURE(TransferFixture, "what is no HTTP is a bad answer") {
    server.OnPieces("/", {"SSH-2.0-OpenSSH_9.2\r\n"}, Then::kClose);
    CHECK(Failure(Fetch("/")) == "bad_answer");
  }

  TEST_CASE_FIXTURE(TransferFixture, "an announced body over the limit is refused unread") {
    server.OnPieces("/", {"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n"});
    const FetchResult result = Fetch("/", {.max_body_bytes = 100});
    CHECK(Failure(result) == "too_large");
    CHECK(result.detail == "a body of over 100 bytes (fetch.max_body_bytes)");
    CHECK(result.status == 200);
    CHECK(result.body.empty());
  }

  TEST_CASE_FIXTURE(TransferFixture, "a body that grows over the limit is broken off there") {
    server.OnPieces("/", {kChunkedHead, HttpChunk(std::string(100, 'x')), HttpChunk("y")});
    CHECK(Failure(Fetch("/", {.max_body_bytes = 100})) == "too_large");
    CHECK(results.back().detail == "a body of over 100 bytes (fetch.max_body_bytes)");
  }

  TEST_CASE_FIXTURE(TransferFixture, "a body of exactly the limit passes, announced or not") {
    server.On("/1", HttpAnswer("200 OK", "", std::string(100, 'x')));
    server.OnPieces("/2", {kChunkedHead, HttpChunk(std::string(100, 'x')), HttpChunk("")});
    CHECK(Failure(Fetch("/1", {.max_body_bytes = 100})) == "an answer of status 200");
    CHECK(Failure(Fetch("/2", {.max_body_bytes = 100})) == "an answer of status 200");
    CHECK(results.back().body.size() == 100);
  }

  TEST_CASE_FIXTURE(TransferFixture, "the limit is for the body as it is sent, packed or not") {
    server.On("/", HttpAnswer("200 OK", "Content-Encoding: gzip\r\n", GzipBomb()));
    CHECK(Failure(Fetch("/", {.max_body_bytes = 131})) == "too_large");
    CHECK(Failure(Fetch("/", {.max_body_bytes = 132})) == "an answer of status 200");
    CHECK(results.back().body.View() == GzipBomb());
  }

  TEST_CASE_FIXTURE(TransferFixture, "headers without end are too large") {
    server.OnPieces("/", {"HTTP/1.1 200 OK\r\n", "X-A: " + std::string(40 << 10, 'a') + "\r\n",
                          "X-B: " + std::string(40 << 10, 'b') + "\r\n\r\n"});
    CHECK(Failure(Fetch("/")) == "too_large");
    CHECK(results.back().detail == "headers of over 65536 bytes");
  }

  TEST_CASE_FIXTURE(TransferFixture, "what packs a body is not looked at here") {
    for (const char* coding : {"gzip", "x-rot13"}) {
      const std::string header = "Content-Encoding: " + std::string(coding) + "\r\n";
      server.On("/", HttpAnswer("200 OK", header, "this is no gzip at all"));
      CHECK(Failure(Fetch("/")) == "an answer of status 200");
      CHECK(results.back().body.View() == "this is no gzip at all");
    }
  }
}
