// What is copied in blocks, against a reader that goes byte by byte and knows nothing of blocks.

#include "lib/text/json_escape.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "lib/text/json.h"

using thresh::AppendJsonString;
using thresh::JsonString;
namespace json_escape = thresh::json_escape;

namespace {

// RFC 8259, and what json.h says is escaped beyond it.
std::string Escaped(std::uint32_t c, const std::string& letter) {
  static const std::array<std::pair<std::uint32_t, const char*>, 7> kShort = {{{'"', "\\\""},
                                                                               {'\\', "\\\\"},
                                                                               {8, "\\b"},
                                                                               {9, "\\t"},
                                                                               {10, "\\n"},
                                                                               {12, "\\f"},
                                                                               {13, "\\r"}}};
  for (const auto& [code_point, text] : kShort) {
    if (c == code_point) return text;
  }
  const bool control = c <= 0x1F || (c >= 0x7F && c <= 0x9F);
  if (!control && c != 0x2028 && c != 0x2029) return letter;
  char text[8];
  std::snprintf(text, sizeof text, "\\u%04x", static_cast<unsigned>(c));
  return text;
}

// The UTF-8 decoder of the Encoding standard, step by step as it stands there.
std::string Expected(const std::string& text) {
  std::string out = "\"", letter;
  std::uint32_t code_point = 0, needed = 0, lower = 0x80, upper = 0xBF;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if (needed == 0) {
      ++i;
      letter = static_cast<char>(byte);
      lower = byte == 0xE0 ? 0xA0U : byte == 0xF0 ? 0x90U : 0x80U;
      upper = byte == 0xED ? 0x9FU : byte == 0xF4 ? 0x8FU : 0xBFU;
      if (byte <= 0x7F) {
        out += Escaped(byte, letter);
      } else if (byte >= 0xC2 && byte <= 0xDF) {
        needed = 1, code_point = byte & 0x1FU;
      } else if (byte >= 0xE0 && byte <= 0xEF) {
        needed = 2, code_point = byte & 0xFU;
      } else if (byte >= 0xF0 && byte <= 0xF4) {
        needed = 3, code_point = byte & 0x7U;
      } else {
        out += "\xEF\xBF\xBD";
      }
    } else if (byte < lower || byte > upper) {
      needed = 0;  // The byte is read again, as the first of a letter.
      out += "\xEF\xBF\xBD";
    } else {
      ++i;
      letter += static_cast<char>(byte);
      lower = 0x80, upper = 0xBF;
      code_point = code_point << 6 | (byte & 0x3FU);
      if (--needed == 0) out += Escaped(code_point, letter);
    }
  }
  if (needed != 0) out += "\xEF\xBF\xBD";
  return out + "\"";
}

// Texts that are plain, or plain but for letters that are not escaped.
std::vector<std::string> Grounds(std::size_t size) {
  std::string latin, mixed;
  while (latin.size() < size) latin += "\xC3\xA9";
  while (mixed.size() < size) mixed += "a\xE2\x80\x99z\xF0\x9F\x98\x80 \xC2\xA0";
  latin.resize(size), mixed.resize(size);  // Which may cut a letter off.
  return {std::string(size, 'x'), latin, mixed};
}

void Compare(const std::string& text) {
  const std::string found = JsonString(text), expected = Expected(text);
  if (found != expected) FAIL("of ", JsonString(Expected(text)), " it made ", JsonString(found));
}

const std::vector<std::string> kSequences = {"\"",
                                             "\\",
                                             "\n",
                                             std::string(1, '\0'),
                                             "\x1F",
                                             "\x7F",
                                             "\x80",
                                             "\xBF",
                                             "\xC0",
                                             "\xC1",
                                             "\xC2",
                                             "\xC2\x80",
                                             "\xC2\x9F",
                                             "\xC2\xA0",
                                             "\xC2\"",
                                             "\xDF\xBF",
                                             "\xE0\x80\x80",
                                             "\xE0\xA0\x80",
                                             "\xE2",
                                             "\xE2\x80",
                                             "\xE2\x80\xA7",
                                             "\xE2\x80\xA8",
                                             "\xE2\x80\xA9",
                                             "\xE2\x80\xAA",
                                             "\xE2\x81\xA8",
                                             "\xE2\x80\x28",
                                             "\xED\x9F\xBF",
                                             "\xED\xA0\x80",
                                             "\xEF\xBF\xBD",
                                             "\xEF\xBF\xBF",
                                             "\xF0\x80\x80\x80",
                                             "\xF0\x90\x80\x80",
                                             "\xF0\x9F\x98",
                                             "\xF4\x8F\xBF\xBF",
                                             "\xF4\x90\x80\x80",
                                             "\xF5",
                                             "\xFE",
                                             "\xFF",
                                             "\xFF\xFF"};

}  // namespace

TEST_SUITE("JSON strings in blocks") {
  TEST_CASE("every byte at every place of texts about as long as blocks are") {
    for (std::size_t size = 1; size <= 66; size += size < 34 ? 1 : 8) {
      for (const std::string& ground : Grounds(size)) {
        for (std::size_t at = 0; at < size; ++at) {
          for (int byte = 0; byte < 256; ++byte) {
            std::string text = ground;
            text[at] = static_cast<char>(byte);
            Compare(text);
          }
        }
      }
    }
  }

  TEST_CASE("every broken or special sequence at every place, whole and at the end") {
    for (const std::size_t size : {0U, 5U, 16U, 33U, 63U, 64U, 65U, 130U}) {
      for (const std::string& ground : Grounds(size)) {
        for (const std::string& sequence : kSequences) {
          for (std::size_t at = 0; at <= size; ++at) {
            std::string text = ground;
            Compare(text.insert(at, sequence));
          }
        }
      }
    }
  }

  TEST_CASE("mixtures of all of these") {
    std::mt19937 random(7);
    for (int round = 0; round < 20'000; ++round) {
      std::string text;
      for (auto pieces = random() % 12; pieces > 0; --pieces) {
        text += random() % 3 == 0 ? kSequences[random() % kSequences.size()]
                                  : Grounds(random() % 40)[random() % 3];
      }
      Compare(text);
    }
  }

  TEST_CASE("texts of megabytes, with nothing to escape and with nothing else") {
    for (const std::string piece : {"x", "\"", "\xC3\xA9", "\xE2\x80\xA8", "\xFF", "\xE2\x80"}) {
      std::string text;
      while (text.size() < 3'000'000) text += piece;
      CHECK(JsonString(text) == Expected(text));
      text += 'x';
      CHECK(JsonString(text) == Expected(text));
    }
  }

  TEST_CASE("not a byte beyond the text is written, whatever its size") {
    for (std::size_t size = 0; size < 70; ++size) {
      for (std::size_t special = 0; special <= size; ++special) {
        std::string text(size, 'p'), out(size + 40, '#');
        if (special < size) text[special] = '"';
        CHECK(json_escape::CopyPlain<false>(text.data(), size, out.data()) == special);
        CHECK(out.substr(0, special) == text.substr(0, special));
        CHECK(out.substr(size) == std::string(40, '#'));
      }
    }
  }

  TEST_CASE("what stands before stays as it is") {
    std::string out = std::string(1000, 'b');
    AppendJsonString(std::string(50, '"'), &out);
    CHECK(out == std::string(1000, 'b') + Expected(std::string(50, '"')));
  }
}
