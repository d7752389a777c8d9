#include "sink/format/line_buffer.h"

#include <cstdint>
#include <limits>
#include <string>

#include <doctest/doctest.h>

#include "lib/text/json.h"

using thresh::HashBytes;
using thresh::JsonString;
using thresh::LineBuffer;

TEST_SUITE("LineBuffer") {
  TEST_CASE("all that can be written stands one behind the other") {
    LineBuffer out;
    out.Push('{');
    out.AppendJsonString("a\n");
    out.Push(':');
    out.AppendInteger(std::numeric_limits<std::uint64_t>::max());
    out.Append(",");
    out.AppendInteger(std::numeric_limits<std::int64_t>::min());
    out.Append("");
    out.AppendJsonNumber(-2.2250738585072014e-308);
    out.AppendHex(HashBytes("x"));
    CHECK(out.View() ==
          "{\"a\\n\":18446744073709551615,-9223372036854775808"
          "-2.2250738585072014e-308" +
              HashBytes("x").Hex());
    CHECK(out.back() == HashBytes("x").Hex().back());
  }

  TEST_CASE("it grows at whatever is written, and keeps what it has") {
    const std::string quotes(70'000, '"'), plain(100'000, 'p');
    LineBuffer out;
    std::string expected;
    for (int round = 0; round < 40; ++round) {
      const std::string text = plain.substr(0, static_cast<std::size_t>(round) * 977);
      out.Append(text);
      out.AppendJsonString(text + (round % 7 == 0 ? quotes : ""));
      expected += text + JsonString(text + (round % 7 == 0 ? quotes : ""));
      REQUIRE(out.View() == expected);
    }
  }

  TEST_CASE("each size of what is there and of what comes, around its capacity") {
    for (std::size_t before = (32 << 10) - 60; before <= (32 << 10); ++before) {
      for (const std::string text : {"", "\"", "abcdefghijklmnopqrs\"", "\xE2\x80\xA8\x01"}) {
        LineBuffer out;
        out.Append(std::string(before, 'b'));
        out.AppendJsonString(text);
        REQUIRE(out.View() == std::string(before, 'b') + JsonString(text));
      }
    }
  }

  TEST_CASE("what is cut off or cleared is gone, and written over") {
    LineBuffer out;
    out.Append("abc");
    out.Truncate(1);
    out.Push('x');
    CHECK(out.View() == "ax");
    out.Clear();
    CHECK(out.View().empty());
    CHECK(out.size() == 0);
  }
}
