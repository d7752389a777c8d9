#include "fetcher/job/request.h"

#include <doctest/doctest.h>

using thresh::IsSendable;
using thresh::Request;

TEST_CASE("a request whose parts would make another request of it is not sent") {
  CHECK(IsSendable({}));
  CHECK(IsSendable(
      {.method = "X-Y", .headers = {{"a", ""}, {"b", "c\td \xc3\xa9"}}, .body = "\r\n"}));
  CHECK_FALSE(IsSendable({.method = ""}));
  CHECK_FALSE(IsSendable({.method = "GET /x HTTP/1.1\r\n"}));
  CHECK_FALSE(IsSendable({.method = "CONNECT"}));
  CHECK_FALSE(IsSendable({.headers = {{"", "x"}}}));
  CHECK_FALSE(IsSendable({.headers = {{"a:", "x"}}}));
  CHECK_FALSE(IsSendable({.headers = {{"a", "x\r\nb: c"}}}));
  CHECK_FALSE(IsSendable({.headers = {{"a", std::string("x\0y", 3)}}}));
}
