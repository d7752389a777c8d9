#include "sink/format/line_buffer.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "lib/text/json.h"

using thresh::HashBytes;
using thresh::JsonString;
using thresh::LineBlock;
using thresh::LineBuffer;
using thresh::LineMemory;

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

  TEST_CASE("kept lines stay as they are while others are written and memory is given back") {
    std::mt19937 random(5);
    LineBuffer out(1 << 10);
    struct Round {
      LineMemory memory;
      std::vector<std::pair<std::string_view, std::string>> lines;
    };
    std::deque<Round> rounds;
    for (int i = 0; i < 300; ++i) {
      Round round;
      for (auto pages = random() % 30; pages > 0; --pages) {
        std::string expected;
        for (auto texts = random() % 4; texts > 0; --texts) {
          const std::string text(random() % (random() % 20 == 0 ? 20'000 : 300),
                                 static_cast<char>('a' + random() % 26));
          const std::size_t before = out.size();
          out.Append("cut off");
          out.Truncate(before);
          out.AppendJsonString(text);
          expected += JsonString(text);
        }
        REQUIRE(out.View() == expected);
        if (random() % 8 == 0) {
          out.Clear();
        } else {
          round.lines.emplace_back(out.Keep(), expected);
        }
        REQUIRE(out.View().empty());
      }
      round.memory = out.TakeKept();
      rounds.push_back(std::move(round));
      for (const Round& read : rounds) {
        for (const auto& [kept, expected] : read.lines) REQUIRE(kept == expected);
      }
      if (rounds.size() < 3) continue;
      out.GiveBack(std::move(rounds.front().memory));
      rounds.pop_front();
    }
  }

  TEST_CASE("memory that was given back is written over, as far as there is a use for it") {
    LineBuffer out(1 << 10);
    out.Append("a");
    const char* first = out.Keep().data();
    out.GiveBack(out.TakeKept());
    out.Append("b");
    CHECK(out.Keep().data() == first);
    out.Append(std::string(5000, 'c'));  // More than a block.
    CHECK(out.Keep().size() == 5000);
    LineMemory memory = out.TakeKept();
    CHECK(memory.size() == 2);
    std::size_t most = 0;
    for (const LineBlock& block : memory) most = std::max(most, block.capacity);
    CHECK(most >= 5000);
    out.GiveBack(std::move(memory));
    CHECK(out.TakeKept().empty());
    out.Append("d");
    CHECK(out.Keep().data() == first);
  }

  TEST_CASE("it is of use again when it was cleared of very much") {
    LineBuffer out;
    out.Append(std::string(10 << 20, 'x'));
    out.Clear();
    CHECK(out.View().empty());
    out.AppendJsonString("a\"");
    CHECK(out.View() == R"("a\"")");
  }
}
