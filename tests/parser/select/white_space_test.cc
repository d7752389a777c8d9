#include "parser/select/white_space.h"

#include <cstring>
#include <memory>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "parser/html/ascii.h"

using thresh::html::IsSpace;
using thresh::select::FindUncollapsed;
using thresh::select::Trimmed;

namespace {

std::size_t Slowly(std::string_view text, std::size_t at) {
  for (; at < text.size(); ++at) {
    if (!IsSpace(text[at])) continue;
    if (text[at] != ' ' || at + 1 == text.size() || IsSpace(text[at + 1])) return at;
  }
  return at;
}

}  // namespace

TEST_SUITE("white space") {
  TEST_CASE("FindUncollapsed finds what byte by byte is found, and reads nothing beyond") {
    std::mt19937 random(7);
    constexpr std::string_view kBytes = "abcdefghij\xC2\xA0\x0B\x08\x0E   \t\n\f\r";
    for (int round = 0; round < 20'000; ++round) {
      const std::size_t size = random() % 70;
      const std::size_t rarity = 1 + random() % 40;
      const auto text = std::make_unique<char[]>(size);  // Of its own: ASan sees the end.
      for (std::size_t i = 0; i < size; ++i) {
        text[i] = random() % rarity == 0 ? kBytes[random() % kBytes.size()] : 'x';
        if (random() % 6 == 0) text[i] = ' ';
      }
      const std::string_view view(text.get(), size);
      for (std::size_t at = 0; at <= size; at += 1 + random() % 5) {
        REQUIRE(FindUncollapsed(view, at) == Slowly(view, at));
      }
    }
  }

  TEST_CASE("Trimmed cuts white space, not what only looks like it") {
    CHECK(Trimmed(" \t\n\f\r a b \r") == "a b");
    CHECK(Trimmed("\v a\xC2\xA0") == "\v a\xC2\xA0");
    CHECK(Trimmed(" \n ") == "");
    CHECK(Trimmed("") == "");
  }
}
