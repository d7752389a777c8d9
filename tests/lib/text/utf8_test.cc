#include "lib/text/utf8.h"

#include <cstdint>
#include <string>

#include <doctest/doctest.h>

using thresh::AppendUtf8;
using thresh::DecodeUtf8;
using thresh::IsUtf8;
using thresh::RepairUtf8;

namespace {

const std::string kFffd = "\xEF\xBF\xBD";

std::string Fffd(int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += kFffd;
  return text;
}

std::string Encoded(std::uint32_t code_point) {
  std::string out;
  AppendUtf8(code_point, &out);
  return out;
}

}  // namespace

// Source: the Encoding standard's decoder, and Unicode 15, table 3-8: one U+FFFD for each
// maximal subpart.
TEST_SUITE("RepairUtf8") {
  TEST_CASE("valid text of every length stays as it is") {
    const std::string text = std::string("\0~", 2) +
                             "\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80" +
                             "\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF";
    CHECK(RepairUtf8(text) == text);
    CHECK(IsUtf8(text));
    CHECK(RepairUtf8("").empty());
  }

  TEST_CASE("bytes that begin nothing are one each") {
    CHECK(RepairUtf8("\x80") == Fffd(1));
    CHECK(RepairUtf8("\xBF\x80") == Fffd(2));
    CHECK(RepairUtf8("\xFF\xFE") == Fffd(2));
    CHECK(RepairUtf8("\xF5\x80\x80\x80") == Fffd(4));
    CHECK(RepairUtf8("\xF8\x88\x80\x80\x80") == Fffd(5));
  }

  TEST_CASE("overlong forms are one for each byte") {
    CHECK(RepairUtf8("\xC0\x80") == Fffd(2));
    CHECK(RepairUtf8("\xC1\xBF") == Fffd(2));
    CHECK(RepairUtf8("\xE0\x80\xAF") == Fffd(3));
    CHECK(RepairUtf8("\xE0\x9F\xBF") == Fffd(3));
    CHECK(RepairUtf8("\xF0\x80\x80\xAF") == Fffd(4));
    CHECK(RepairUtf8("\xF0\x8F\xBF\xBF") == Fffd(4));
  }

  TEST_CASE("surrogates and what lies above U+10FFFF are one for each byte") {
    CHECK(RepairUtf8("\xED\xA0\x80") == Fffd(3));
    CHECK(RepairUtf8("\xED\xBF\xBF") == Fffd(3));
    CHECK(RepairUtf8("\xF4\x90\x80\x80") == Fffd(4));
  }

  TEST_CASE("a sequence cut off by another character is one, and that stays") {
    CHECK(RepairUtf8("\xE2\x28\xA1") == kFffd + "(" + kFffd);
    CHECK(RepairUtf8("\xE2\x82(") == kFffd + "(");
    CHECK(RepairUtf8("\xF0\x9F\x98z") == kFffd + "z");
    CHECK(RepairUtf8("\xC3\xC3\xA9") == kFffd + "\xC3\xA9");
    CHECK(RepairUtf8("\xF0\x9F\xE2\x82\xAC") == kFffd + "\xE2\x82\xAC");
  }

  TEST_CASE("a sequence cut off by the end is one") {
    CHECK(RepairUtf8("a\xC3") == "a" + kFffd);
    CHECK(RepairUtf8("a\xE2\x82") == "a" + kFffd);
    CHECK(RepairUtf8("a\xF0\x9F\x98") == "a" + kFffd);
    CHECK(RepairUtf8("a\xF4") == "a" + kFffd);
    CHECK(RepairUtf8("a\xE0\x80") == "a" + Fffd(2));
  }

  // Unicode 15, tables 3-9 to 3-11.
  TEST_CASE("the standard's own examples come out as it says") {
    CHECK(RepairUtf8("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41") == Fffd(8) + "A");
    CHECK(RepairUtf8("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41") == Fffd(8) + "A");
    CHECK(RepairUtf8("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42") == Fffd(5) + "A" + Fffd(2) + "B");
    CHECK(RepairUtf8("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41") == Fffd(4) + "A");
  }

  TEST_CASE("it changes a text exactly when that is no UTF-8, and then repairs it") {
    for (int a = 0; a < 256; ++a) {
      for (int b = 0; b < 256; ++b) {
        const std::string text = {static_cast<char>(a), static_cast<char>(b), '\x80', '\x80'};
        const std::string repaired = RepairUtf8(text);
        if (IsUtf8(text) != (repaired == text) || !IsUtf8(repaired)) FAIL(a, " ", b);
      }
    }
  }
}

TEST_SUITE("DecodeUtf8") {
  TEST_CASE("a character says its code point and length") {
    const std::string text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
    CHECK(DecodeUtf8(text, 0).code_point == 'a');
    CHECK(DecodeUtf8(text, 1).code_point == 0xE9);
    CHECK(DecodeUtf8(text, 3).code_point == 0x20AC);
    CHECK(DecodeUtf8(text, 6).code_point == 0x1F600);
    CHECK(DecodeUtf8(text, 6).length == 4);
    CHECK(DecodeUtf8(text, 6).valid);
  }

  TEST_CASE("a real U+FFFD is valid, a broken sequence is not") {
    CHECK(DecodeUtf8(kFffd, 0).valid);
    CHECK(DecodeUtf8(kFffd, 0).length == 3);
    const auto broken = DecodeUtf8("\xF0\x9F\x98", 0);
    CHECK(broken.code_point == 0xFFFD);
    CHECK(broken.length == 3);
    CHECK_FALSE(broken.valid);
  }
}

TEST_SUITE("AppendUtf8") {
  TEST_CASE("each length begins and ends where it should") {
    CHECK(Encoded(0x7F) == "\x7F");
    CHECK(Encoded(0x80) == "\xC2\x80");
    CHECK(Encoded(0x7FF) == "\xDF\xBF");
    CHECK(Encoded(0x800) == "\xE0\xA0\x80");
    CHECK(Encoded(0xFFFF) == "\xEF\xBF\xBF");
    CHECK(Encoded(0x10000) == "\xF0\x90\x80\x80");
    CHECK(Encoded(0x10FFFF) == "\xF4\x8F\xBF\xBF");
  }
}
