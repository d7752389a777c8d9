#include "lib/url/percent.h"

#include <string>

#include <doctest/doctest.h>

using thresh::PercentDecode;
using thresh::PercentEncodeComponent;

TEST_SUITE("percent-encoding") {
  TEST_CASE("a component keeps what encodeURIComponent() keeps, and nothing else") {
    std::string kept;
    for (char c = 0x20; c < 0x7F; ++c) {
      if (PercentEncodeComponent({&c, 1}).size() == 1) kept.push_back(c);
    }
    CHECK(kept == "!'()*-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~");
  }

  TEST_CASE("a component is encoded byte by byte, in capital hex digits") {
    CHECK(PercentEncodeComponent("a b&c=d/e?f#g%") == "a%20b%26c%3Dd%2Fe%3Ff%23g%25");
    CHECK(PercentEncodeComponent("caf\xC3\xA9 +1") == "caf%C3%A9%20%2B1");
    CHECK(PercentEncodeComponent("").empty());
  }

  TEST_CASE("decoding leaves alone what is not % and two hex digits") {
    CHECK(PercentDecode("a%20b%2fC%2F") == "a b/C/");
    CHECK(PercentDecode("100%") == "100%");
    CHECK(PercentDecode("%4") == "%4");
    CHECK(PercentDecode("%4g%g4%%41") == "%4g%g4%A");
    CHECK(PercentDecode("a+b") == "a+b");
    CHECK(PercentDecode("%00%ff") == std::string("\0\xFF", 2));
  }

  TEST_CASE("any bytes come back from their encoding") {
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
    CHECK(PercentDecode(PercentEncodeComponent(bytes)) == bytes);
  }
}
