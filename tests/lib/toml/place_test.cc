#include "lib/toml/place.h"

#include <ostream>
#include <string_view>

#include <doctest/doctest.h>

using thresh::PlaceInString;
using thresh::TextPlace;

namespace thresh {
bool operator==(const TextPlace& a, const TextPlace& b) {
  return a.line == b.line && a.column == b.column;
}
std::ostream& operator<<(std::ostream& out, const TextPlace& p) {
  return out << p.line << ':' << p.column;
}
}  // namespace thresh

TEST_SUITE("PlaceInString") {
  TEST_CASE("a byte of a plain string stands behind its quote") {
    CHECK(PlaceInString("a = \"div >\"", {1, 5}, 0) == TextPlace{1, 6});
    CHECK(PlaceInString("a = \"div >\"", {1, 5}, 5) == TextPlace{1, 11});
    CHECK(PlaceInString("x = 1\na = 'div >'", {2, 5}, 4) == TextPlace{2, 10});
  }

  TEST_CASE("columns count characters, offsets bytes") {
    CHECK(PlaceInString("a = \"äöü>\"", {1, 5}, 6) == TextPlace{1, 9});
    CHECK(PlaceInString("ä = \"b>\"", {1, 5}, 1) == TextPlace{1, 7});
  }

  TEST_CASE("an escape is several characters of the file and one or more bytes of the value") {
    CHECK(PlaceInString(R"(a = "\"x\" >")", {1, 5}, 4) == TextPlace{1, 12});
    CHECK(PlaceInString(R"(a = "\u00e4>")", {1, 5}, 2) == TextPlace{1, 12});
    CHECK(PlaceInString(R"(a = "\U0001F600>")", {1, 5}, 4) == TextPlace{1, 16});
  }

  TEST_CASE("a literal string has no escapes") {
    CHECK(PlaceInString(R"(a = '\d >')", {1, 5}, 2) == TextPlace{1, 8});
  }

  TEST_CASE("the first line end of a string over several lines is no part of it") {
    CHECK(PlaceInString("a = \"\"\"\ndiv\n  > b\"\"\"", {1, 5}, 0) == TextPlace{2, 1});
    CHECK(PlaceInString("a = \"\"\"\ndiv\n  > b\"\"\"", {1, 5}, 6) == TextPlace{3, 3});
    CHECK(PlaceInString("a = '''div\n>'''", {1, 5}, 4) == TextPlace{2, 1});
  }

  TEST_CASE("a line end behind a backslash takes the blanks after it along") {
    CHECK(PlaceInString("a = \"\"\"ab\\\n   c\"\"\"", {1, 5}, 2) == TextPlace{1, 10});
    CHECK(PlaceInString("a = \"\"\"ab\\\n   c\"\"\"", {1, 5}, 3) == TextPlace{2, 5});
  }

  TEST_CASE("an offset past the end stays in the document") {
    CHECK(PlaceInString("a = \"b\"", {1, 5}, 1000) == TextPlace{1, 8});
  }

  TEST_CASE("where no string begins, the place itself") {
    CHECK(PlaceInString("a = 3", {1, 5}, 2) == TextPlace{1, 5});
  }
}
