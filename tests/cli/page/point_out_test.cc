#include "cli/page/point_out.h"

#include <string>

#include <doctest/doctest.h>

#include "lib/text/text_place.h"

using namespace thresh;

TEST_SUITE("PlaceOf") {
  TEST_CASE("lines and columns count from 1, columns in characters") {
    CHECK(PlaceOf("abc", 0).column == 1);
    CHECK(PlaceOf("abc", 3).column == 4);
    const TextPlace place = PlaceOf("a\n\xC3\xA9\xC3\xA9x", 6);
    CHECK(place.line == 2);
    CHECK(place.column == 3);
    CHECK(PlaceOf("ab", 99).column == 3);
  }
}

TEST_SUITE("PointOut") {
  TEST_CASE("the mark stands under the place") {
    CHECK(PointOut("p:has(", 6) == "  p:has(\n        ^\n");
    CHECK(PointOut("", 0) == "  \n  ^\n");
    CHECK(PointOut("\xC3\xA9..x", 3) == "  \xC3\xA9..x\n    ^\n");
  }

  TEST_CASE("line ends and controls do not move the cursor") {
    CHECK(PointOut("a\nb\x1b[2Jc", 3) == "  a b [2Jc\n     ^\n");
  }

  TEST_CASE("a long expression is cut around the place") {
    const std::string shown = PointOut(std::string(500, 'a') + "!" + std::string(500, 'b'), 500);
    CHECK(shown.find("…aaa") != std::string::npos);
    CHECK(shown.find("bbb…\n") != std::string::npos);
    const std::string first = shown.substr(0, shown.find('\n'));
    const std::string second = shown.substr(shown.find('\n') + 1);
    // The mark of three bytes is one column.
    CHECK(first.find('!') - 2 == second.find('^'));
    CHECK(first.size() < 110);
  }
}

TEST_SUITE("CutLine") {
  TEST_CASE("text that fits stays, other is cut in whole characters") {
    CHECK(CutLine("abc", 3) == "abc");
    CHECK(CutLine("abcd", 3) == "ab…");
    CHECK(CutLine("\xC3\xA9\xC3\xA9\xC3\xA9", 2) == "\xC3\xA9…");
    CHECK(CutLine("", 3).empty());
  }
  TEST_CASE("what moves the cursor does not come out") {
    CHECK(CutLine("a\x1b[2J\n\xC2\x9Bz", 40).find_first_of("\x1b\n\x9b") == std::string::npos);
  }
}
