#include "fetcher/transfer/curl_request.h"

#include <string>

#include <doctest/doctest.h>

using thresh::ClassifyFailure;

namespace {

// The reason, with `?` behind it if asking again may help.
std::string Reason(CURLcode code) {
  const thresh::FailureKind kind = ClassifyFailure(code);
  return kind.reason + std::string(kind.may_retry ? "?" : "");
}

}  // namespace

TEST_SUITE("ClassifyFailure") {
  TEST_CASE("what may pass by itself may be tried again") {
    CHECK(Reason(CURLE_COULDNT_RESOLVE_HOST) == "dns?");
    CHECK(Reason(CURLE_COULDNT_CONNECT) == "connect?");
    CHECK(Reason(CURLE_OPERATION_TIMEDOUT) == "timeout?");
    CHECK(Reason(CURLE_SSL_CONNECT_ERROR) == "tls?");
    for (const CURLcode code : {CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR,
                                CURLE_PARTIAL_FILE, CURLE_HTTP2, CURLE_HTTP2_STREAM}) {
      CHECK(Reason(code) == "broken_off?");
    }
  }

  TEST_CASE("what will be the same next time is not tried again") {
    CHECK(Reason(CURLE_PEER_FAILED_VERIFICATION) == "tls");
    CHECK(Reason(CURLE_FILESIZE_EXCEEDED) == "too_large");
    CHECK(Reason(CURLE_TOO_MANY_REDIRECTS) == "too_many_redirects");
    CHECK(Reason(CURLE_URL_MALFORMAT) == "bad_url");
    CHECK(Reason(CURLE_BAD_CONTENT_ENCODING) == "bad_encoding");
    CHECK(Reason(CURLE_WEIRD_SERVER_REPLY) == "bad_answer");
    CHECK(Reason(CURLE_UNSUPPORTED_PROTOCOL) == "bad_answer");
  }

  TEST_CASE("what nobody foresaw has a name too, and is tried again") {
    CHECK(Reason(CURLE_OUT_OF_MEMORY) == "fetch?");
  }
}
