#include "parser/html/scan.h"

#include <algorithm>
#include <memory>

#include <doctest/doctest.h>

namespace scan = thresh::html::scan;

TEST_SUITE("scan") {
  TEST_CASE("a byte is found wherever it stands, and nothing behind the end is read") {
    for (std::size_t size = 0; size < 140; ++size) {
      // Of just this size, for a sanitizer to see.
      const std::unique_ptr<char[]> text(new char[size]);
      const char* const end = text.get() + size;
      for (std::size_t place = 0; place <= size; ++place) {
        for (const char wanted : {'<', '&', '"', '\'', '\r', '\0'}) {
          std::fill(text.get(), text.get() + size, 'x');
          if (place < size) text[place] = wanted;
          const char* const found = text.get() + place;
          const bool is_quote = wanted == '"' || wanted == '\'';
          const bool is_line_end = wanted == '\r' || wanted == '\0';
          REQUIRE(scan::Text(text.get(), end) == (is_quote ? end : found));
          REQUIRE(scan::LineEnds(text.get(), end) == (is_line_end ? found : end));
          REQUIRE(scan::Quoted(text.get(), end, '"') ==
                  (wanted == '<' || wanted == '\'' ? end : found));
          REQUIRE(scan::Quoted(text.get(), end, '\'') ==
                  (wanted == '<' || wanted == '"' ? end : found));
          REQUIRE(scan::kFinders.text(text.get(), end) == (is_quote ? end : found));
        }
      }
    }
  }
}
