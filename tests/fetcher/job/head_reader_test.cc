#include "fetcher/job/head_reader.h"

#include <initializer_list>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

using thresh::HeaderList;
using thresh::HeadReader;
using thresh::LengthFault;

namespace {

HeaderList HeadersOf(std::initializer_list<std::string_view> lines) {
  HeadReader reader;
  for (const std::string_view line : lines) (void)reader.Take(line);
  return reader.TakeHeaders();
}

}  // namespace

TEST_SUITE("HeadReader") {
  TEST_CASE("names are in lower case, values without the blanks around them") {
    CHECK(HeadersOf({"HTTP/1.1 200 OK\r\n", "X-A:\t b c \r\n", "Y:\n", "\r\n"}) ==
          HeaderList{{"x-a", "b c"}, {"y", ""}});
  }

  TEST_CASE("a folded value is one line (RFC 9112, 5.2)") {
    CHECK(HeadersOf({"HTTP/1.1 200 OK\r\n", "Content-Type: text/html;\r\n", " charset=x\r\n",
                     "Location:\r\n", "\t/plain\r\n", "\r\n"}) ==
          HeaderList{{"content-type", "text/html; charset=x"}, {"location", "/plain"}});
  }

  TEST_CASE("what is folded behind no header is nobody's (RFC 9112, 2.2)") {
    CHECK(HeadersOf({"HTTP/1.1 200 OK\r\n", " x: y\r\n", "A: b\r\n", "no colon\r\n", " c\r\n",
                     ": d\r\n", " e\r\n"}) == HeaderList{{"a", "b"}});
  }

  TEST_CASE("trailers are no headers (RFC 9110, 6.5.1)") {
    HeadReader reader;
    CHECK(reader.Take("HTTP/1.1 200 OK\r\n") == HeadReader::Line::kStatus);
    CHECK(reader.Take("A: b\r\n") == HeadReader::Line::kField);
    CHECK_FALSE(reader.is_whole());
    CHECK(reader.Take("\r\n") == HeadReader::Line::kEnd);
    CHECK(reader.is_whole());
    CHECK(reader.Take("Content-Encoding: gzip\r\n") == HeadReader::Line::kTrailer);
    CHECK(reader.Take("HTTP/x: 1\r\n") == HeadReader::Line::kTrailer);
    CHECK(reader.Take("\r\n") == HeadReader::Line::kTrailer);
    CHECK(reader.headers() == HeaderList{{"a", "b"}});
  }

  TEST_CASE("an answer behind an interim one begins anew, a header of such a name does not") {
    HeadReader reader;
    for (const char* line : {"HTTP/1.1 103 Early Hints\r\n", "Link: x\r\n", "\r\n"}) {
      (void)reader.Take(line);
    }
    CHECK(reader.Take("HTTP/1.1  200\r\n") == HeadReader::Line::kStatus);
    CHECK_FALSE(reader.is_whole());
    CHECK(reader.Take("HTTP/2-Settings: y\r\n") == HeadReader::Line::kField);
    CHECK(reader.TakeHeaders() == HeaderList{{"http/2-settings", "y"}});
    CHECK(reader.Take("HTTP/2 200 \r\n") == HeadReader::Line::kStatus);
  }
}

TEST_SUITE("LengthFault") {
  TEST_CASE("one length, however often, is in order") {
    CHECK(LengthFault({}).empty());
    CHECK(LengthFault({{"content-length", "0"}}).empty());
    CHECK(LengthFault({{"content-length", "5"}, {"x", "y"}, {"content-length", "5"}}).empty());
    CHECK(LengthFault({{"content-length", "5, 5"}}).empty());
  }

  TEST_CASE("lengths that differ, or are no numbers, are told (RFC 9112, 6.3)") {
    CHECK(LengthFault({{"content-length", "42"}, {"content-length", "5"}}) ==
          "Content-Length: 42, 5: expected one number");
    for (const char* value : {"5, 6", "+42", "-1", "0x10", "4 2", "", ",5"}) {
      CAPTURE(value);
      CHECK_FALSE(LengthFault({{"content-length", value}}).empty());
    }
  }

  TEST_CASE("chunks go before any length") {
    CHECK(LengthFault({{"content-length", "x"}, {"transfer-encoding", "chunked"}}).empty());
  }
}
