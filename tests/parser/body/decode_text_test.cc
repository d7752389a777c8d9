// Bodies as UTF-8: every encoding against another implementation of the standard, and its corners
// by hand.

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "lib/base/hash.h"
#include "lib/text/utf8.h"
#include "parser/body/charset.h"
#include "parser/body/charset_table.h"
#include "tests/parser/body/decode_inputs.h"

using thresh::DecodeText;
using thresh::HashBytes;
using thresh::test::AllPairs;
using thresh::test::Noise;
using thresh::test::NoiseFor;
using namespace std::string_view_literals;

namespace {

std::string Decoded(std::string_view body, std::string_view charset) {
  std::string buffer;
  const auto text = DecodeText(body, charset, &buffer);
  REQUIRE_MESSAGE(text.ok(), charset);
  return std::string(*text);
}

std::string Sum(std::string_view text) {
  return HashBytes(text).Hex().substr(0, 16);
}

// The first half of XXH3-128 of what encoding_rs 0.8.31, the decoders of Firefox, makes of
// AllPairs() and of NoiseFor(7); for GBK and gb18030 with the 18 characters that GB18030-2022
// took out of private use since.
struct Sums {
  std::string_view charset, pairs, noise;
};
constexpr Sums kSums[] = {
    {"utf-8", "069a407503fc4fef", "65e9779bd1bec820"},
    {"ibm866", "c706d3cbe9d8df8c", "53951997c4f021b0"},
    {"iso-8859-2", "06d4ef6b6fc71c6c", "5ceccac54ab386eb"},
    {"iso-8859-3", "fb6c9d3f7ba61ec5", "33d639cfd5c61084"},
    {"iso-8859-4", "4f922bce5ccc586e", "e17dfc0c890fa714"},
    {"iso-8859-5", "e8d5d0bc7a15bb29", "546fb927032db01e"},
    {"iso-8859-6", "e5896e609d8dc4a9", "4d8ecee4478a930d"},
    {"iso-8859-7", "85238baeed910c32", "f2fe15962faf5f6d"},
    {"iso-8859-8", "dc15e462371815e1", "cc8030ee7f63bd70"},
    {"iso-8859-8-i", "dc15e462371815e1", "cc8030ee7f63bd70"},
    {"iso-8859-10", "52e161380e9c72cc", "f27c9b3c9a1bc9cd"},
    {"iso-8859-13", "5fad06d749d89b8e", "dcc715c95239d8df"},
    {"iso-8859-14", "5cc610edf59519c8", "fdc123986df11950"},
    {"iso-8859-15", "4207338a46145226", "69cfa66f7c1442b3"},
    {"iso-8859-16", "20663dfaaaa8e05a", "431983a4f5656eec"},
    {"koi8-r", "a64b5e96169b54d6", "ead0537ff697cf83"},
    {"koi8-u", "4c2f3246bd4343c1", "2778f45a2cab679b"},
    {"macintosh", "b7c4962c31c6e11f", "73d87f452d83d947"},
    {"windows-874", "20f4317504dfd3f6", "da78b18a0eb31a04"},
    {"windows-1250", "33aaf5a443f487b2", "ad255ef9772eb538"},
    {"windows-1251", "40a99707a5341620", "dfc71c6e4270894e"},
    {"windows-1252", "51ecaa598d4df287", "24785216e98adcbf"},
    {"windows-1253", "6695cb92df25a0fb", "68042aa161ea4144"},
    {"windows-1254", "36f4ea184d2e0721", "54512e90b76379d5"},
    {"windows-1255", "f129cd56d79a496e", "498832fb8f7292bc"},
    {"windows-1256", "e7ca9741bd6e3507", "9b6def93c9a62e36"},
    {"windows-1257", "91f37531dbaa6a31", "7ad6d76a92c52dc4"},
    {"windows-1258", "fb2e5addc8a9e76d", "4d4e2b8c3f3fe2ae"},
    {"x-mac-cyrillic", "87e0a2dee82d0106", "d99ea4ccd7d10f67"},
    {"gbk", "c7c1caf2c58b1328", "102e04c8f9d194d7"},
    {"gb18030", "c7c1caf2c58b1328", "102e04c8f9d194d7"},
    {"big5", "cff18c85f7153f27", "16eaef7ec9cd3375"},
    {"euc-jp", "6c0095a3b1967dad", "323fd95aac15f721"},
    {"iso-2022-jp", "04b94435003cf14b", "98f28fa21a95de48"},
    {"shift_jis", "1fd6cea0ee73112c", "832f178cbea3eb85"},
    {"euc-kr", "16bed3b9e1fec2b3", "3f9f397766614571"},
    {"replacement", "17edefcbcee80eea", "17edefcbcee80eea"},
    {"utf-16be", "dd6cebc205dfd382", "62e46a073b760d67"},
    {"utf-16le", "51d58abf081c55c4", "323064e656b9098d"},
    {"x-user-defined", "38a744a04d705359", "9beee5d77038f6c0"},
};

}  // namespace

TEST_SUITE("DecodeText") {
  TEST_CASE("every byte and pair of bytes is what the standard says, in every encoding") {
    CHECK(std::size(kSums) == thresh::body::AllCharsets().size());
    for (const Sums& sums : kSums)
      CHECK_MESSAGE(Sum(Decoded(AllPairs(), sums.charset)) == sums.pairs, sums.charset);
  }

  TEST_CASE("broken sequences are cut where the standard says, in every encoding") {
    const std::string noise = NoiseFor(7);
    for (const Sums& sums : kSums)
      CHECK_MESSAGE(Sum(Decoded(noise, sums.charset)) == sums.noise, sums.charset);
  }

  TEST_CASE("what comes out is UTF-8, at most three times as long and one character more") {
    for (const auto& charset : thresh::body::AllCharsets()) {
      for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Noise noise(seed);
        std::string body;
        for (std::uint32_t left = noise.Below(200); left > 0; --left) {
          body.push_back(noise.Between(0, 255));
        }
        const std::string text = Decoded(body, charset.name);
        CHECK(thresh::IsUtf8(text));
        CHECK(text.size() <= 3 * body.size() + 3);
      }
    }
  }

  TEST_CASE("valid UTF-8 and plain ASCII are not copied") {
    std::string buffer = "untouched";
    const std::string_view body = "\xEF\xBB\xBF\xE2\x82\xAC";
    const auto text = DecodeText(body, "utf-8", &buffer);
    REQUIRE(text.ok());
    CHECK(text->data() == body.data() + 3);
    CHECK(*text == "\xE2\x82\xAC");
    const std::string_view ascii = "<p>plain";
    for (const char* charset : {"latin1", "gbk", "shift_jis", "euc-kr", "x-user-defined"}) {
      CHECK(DecodeText(ascii, charset, &buffer)->data() == ascii.data());
    }
    CHECK(buffer == "untouched");
  }

  TEST_CASE("a maximal subpart of UTF-8 is one U+FFFD") {
    CHECK(Decoded("a\xF0\x9F\x92z", "utf-8") == "a\xEF\xBF\xBDz");
    CHECK(Decoded("\xE2\x82", "utf-8") == "\xEF\xBF\xBD");
    CHECK(Decoded("\xED\xA0\x80", "utf-8") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK(Decoded("\xC0\xAF<b>", "utf-8") == "\xEF\xBF\xBD\xEF\xBF\xBD<b>");
  }

  TEST_CASE("windows-1252 has the C1 controls where it has nothing else") {
    CHECK(Decoded("\x80\x81\x8D\x8F\x90\x9D\x9F", "iso-8859-1") ==
          "\u20AC\xC2\x81\xC2\x8D\xC2\x8F\xC2\x90\xC2\x9D\u0178");
  }

  TEST_CASE("Chinese: the euro, four bytes, and characters of 2022") {
    CHECK(Decoded("\x80\xA3\xA0\xD6\xD0\xB9\xFA", "gb2312") == "\u20AC\u3000\u4E2D\u56FD");
    CHECK(Decoded("\x81\x35\xF4\x37\x90\x30\x81\x30\xE3\x32\x9A\x35", "gb18030") ==
          "\uE7C7\U00010000\U0010FFFF");
    CHECK(Decoded("\xA6\xD9\xFE\x59\xE3\x32\x9A\x36", "gbk") == "\uFE10\u9FB4\uFFFD");
    CHECK(Decoded("\x81\x30<b>", "gbk") == "\uFFFD\x30<b>");
    CHECK(Decoded("\xA4\xA4\xA4\xE5\x88\x62\xFE\x3C", "big5") == "\u4E2D\u6587\u00CA\u0304\uFFFD<");
  }

  TEST_CASE("Japanese: three encodings of one word, and what is broken in each") {
    CHECK(Decoded("\x93\xFA\x96\x7B\xB1\x87\x40\xF0\x40", "sjis") ==
          "\u65E5\u672C\uFF71\u2460\uE000");
    CHECK(Decoded("\xC6\xFC\xCB\xDC\x8E\xB1\x8F\xB0\xA1", "euc-jp") == "\u65E5\u672C\uFF71\u4E02");
    CHECK(Decoded("\x1B$BF|K\\\x1B(J\\~\x1B(I1\x1B(BA", "iso-2022-jp") ==
          "\u65E5\u672C\u00A5\u203E\uFF71\x41");
    CHECK(Decoded("\x93<b>\xC6<b>", "sjis") == "\uFFFD<b>\uFF86<b>");
    CHECK(Decoded("\xC6<b>\x8F\xB0<", "euc-jp") == "\uFFFD<b>\uFFFD<");
    CHECK(Decoded("\x1B$B\x1B(Bx", "iso-2022-jp") == "\uFFFDx");
  }

  TEST_CASE("Korean, Hebrew, Thai, Cyrillic") {
    CHECK(Decoded("\xC7\xD1\xB1\xDB\x81\x41\xC9\xA1", "ks_c_5601-1987") ==
          "\uD55C\uAE00\uAC02\uFFFD");
    CHECK(Decoded("\xF9\xA1", "iso-8859-8-i") == "\u05E9\uFFFD");
    CHECK(Decoded("\xA1\xDB", "tis-620") == "\u0E01\uFFFD");
    CHECK(Decoded("\xD0\xAE\xBE", "koi8-u") == "\u043F\u045E\u040E");
    CHECK(Decoded("\xFF\xA2", "x-mac-cyrillic") == "\u20AC\u0490");
    CHECK(Decoded("\xDB\xF0", "macintosh") == "\u20AC\uF8FF");
  }

  TEST_CASE("UTF-16 loses its mark, and halves that stand alone") {
    CHECK(Decoded("\xFF\xFE\x3D\xD8\xA9\xDC<\0"sv, "utf-16") == "\U0001F4A9<");
    CHECK(Decoded("\xFE\xFF\xD8\x3D\0<\xDC\xA9\0"sv, "utf-16be") == "\uFFFD<\uFFFD\uFFFD");
  }

  TEST_CASE("the rest: x-user-defined, and encodings that hide ASCII") {
    CHECK(Decoded("a\x80\xFF", "x-user-defined") == "a\uF780\uF7FF");
    CHECK(Decoded("~{<script>", "hz-gb-2312") == "\uFFFD");
    CHECK(Decoded("", "replacement").empty());
  }

  TEST_CASE("a name that is no encoding's is an error") {
    std::string buffer;
    const auto text = DecodeText("x", "klingon\xFF", &buffer);
    REQUIRE_FALSE(text.ok());
    CHECK(text.error().code == thresh::Errc::kInvalid);
    CHECK(text.error().detail == "no encoding is called \"klingon\uFFFD\"");
  }

  TEST_CASE("all can be loaded beforehand") {
    CHECK(thresh::LoadCharsets().ok());
  }
}
