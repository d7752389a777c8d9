#include "lib/text/json.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "lib/text/utf8.h"

using thresh::AppendJsonNumber;
using thresh::AppendJsonString;
using thresh::JsonString;

namespace {

std::string Number(double value) {
  std::string out;
  AppendJsonNumber(value, &out);
  return out;
}

// Whether it is what the library's own search for the shortest text finds.
bool IsShortest(double value) {
  char text[64];
  const char* end = std::to_chars(text, text + sizeof text, value).ptr;
  if (value == std::trunc(value)) return true;  // Told by the cases about whole numbers.
  return Number(value) == std::string(static_cast<const char*>(text), end);
}

}  // namespace

TEST_SUITE("AppendJsonString") {
  TEST_CASE("plain text stands between quotes as it is") {
    CHECK(JsonString("") == "\"\"");
    CHECK(JsonString("Hello, </world> 'x' {}[]:") == "\"Hello, </world> 'x' {}[]:\"");
    CHECK(JsonString("caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80") ==
          "\"caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\"");
  }

  TEST_CASE("quotes, backslashes and the controls with letters are escaped in short") {
    CHECK(JsonString("\"\\\n\r\t\b\f") == R"("\"\\\n\r\t\b\f")");
    CHECK(JsonString("a\"b\\c") == R"("a\"b\\c")");
  }

  TEST_CASE("all other controls are escaped in hex, NUL and DEL with them") {
    CHECK(JsonString(std::string("\0\x01\x0b\x1b\x1f\x7f", 6)) ==
          R"("\u0000\u0001\u000b\u001b\u001f\u007f")");
  }

  TEST_CASE("C1 controls are escaped, their neighbours not") {
    CHECK(JsonString("\xC2\x80\xC2\x85\xC2\x9B\xC2\x9F") == R"("\u0080\u0085\u009b\u009f")");
    CHECK(JsonString("\xC2\xA0~") == "\"\xC2\xA0~\"");
  }

  TEST_CASE("line and paragraph separators are escaped, their neighbours not") {
    CHECK(JsonString("\xE2\x80\xA8\xE2\x80\xA9") == R"("\u2028\u2029")");
    CHECK(JsonString("\xE2\x80\xA7\xE2\x80\xAA") == "\"\xE2\x80\xA7\xE2\x80\xAA\"");
  }

  TEST_CASE("broken UTF-8 becomes U+FFFD, and what stands beside it stays") {
    CHECK(JsonString("a\xFF"
                     "b") ==
          "\"a\xEF\xBF\xBD"
          "b\"");
    CHECK(JsonString("\xE2\x28\xA1") == "\"\xEF\xBF\xBD(\xEF\xBF\xBD\"");
    CHECK(JsonString("\xC3\"") == "\"\xEF\xBF\xBD\\\"\"");
    CHECK(JsonString("\xE2\x82\n") == "\"\xEF\xBF\xBD\\n\"");
  }

  TEST_CASE("whatever the bytes, the text is one line of valid UTF-8 between two quotes") {
    for (int a = 0; a < 256; ++a) {
      for (int b = 0; b < 256; ++b) {
        const std::string text = {static_cast<char>(a), static_cast<char>(b), '\x80'};
        const std::string json = JsonString(text);
        if (!thresh::IsUtf8(json) || json.find('\n') != std::string::npos || json.back() != '"') {
          FAIL(a, " ", b);
        }
      }
    }
  }

  TEST_CASE("text is appended to what is there") {
    std::string out = "x";
    AppendJsonString("a", &out);
    AppendJsonString("b", &out);
    CHECK(out == "x\"a\"\"b\"");
  }
}

TEST_SUITE("AppendJsonNumber") {
  TEST_CASE("whole numbers within 2^53 have no fraction and no exponent") {
    CHECK(Number(0) == "0");
    CHECK(Number(4) == "4");
    CHECK(Number(-1000000) == "-1000000");
    CHECK(Number(9007199254740992.0) == "9007199254740992");
    CHECK(Number(-9007199254740992.0) == "-9007199254740992");
  }

  TEST_CASE("fractions are the shortest text that reads back") {
    CHECK(Number(0.1) == "0.1");
    CHECK(Number(-3.5) == "-3.5");
    CHECK(Number(0.1 + 0.2) == "0.30000000000000004");
    CHECK(Number(1.0 / 3) == "0.3333333333333333");
  }

  TEST_CASE("decimals of any number of places are the shortest text, and so are their neighbours") {
    std::mt19937_64 random(1);
    for (int i = 0; i < 300'000; ++i) {
      const std::uint64_t digits = random() >> (random() % 60 + 4);
      const double value = static_cast<double>(digits) / std::pow(10, random() % 18);
      for (const double near : {value, std::nextafter(value, 0), std::nextafter(value, 1e300)}) {
        if (!IsShortest(near) || !IsShortest(-near)) FAIL(std::bit_cast<std::uint64_t>(near));
      }
    }
  }

  TEST_CASE("decimals about the limits of what is quickly found are the shortest text") {
    for (const double limit : {0.0001, 0.001, 0.01, 1.0, 999.0, 1e3, 1e6, 1e9, 1e12, 1e15, 1e16}) {
      double below = limit, above = limit;
      for (int i = 0; i < 2000; ++i) {
        below = std::nextafter(below, 0);
        above = std::nextafter(above, 1e300);
        if (!IsShortest(below) || !IsShortest(above)) FAIL(limit, " ", i);
      }
      for (const double step : {0.1, 0.01, 1e-5, 1e-6, 1e-7, 1e-11, 1e-12, 1e-13}) {
        CHECK(IsShortest(limit + step));
        CHECK(IsShortest(limit - step));
      }
    }
    CHECK(Number(0.001) == "0.001");
    CHECK(Number(999999999.999999) == "999999999.999999");
    CHECK(Number(999.999999999999) == "999.999999999999");
  }

  TEST_CASE("numbers of any bits are the shortest text") {
    std::mt19937_64 random(2);
    for (int i = 0; i < 300'000; ++i) {
      const auto value = std::bit_cast<double>(random());
      if (std::isfinite(value) && !IsShortest(value)) FAIL(std::bit_cast<std::uint64_t>(value));
      const auto single = static_cast<double>(std::bit_cast<float>(static_cast<int>(random())));
      if (std::isfinite(single) && !IsShortest(single)) FAIL(single);
    }
  }

  TEST_CASE("the largest and the smallest have an exponent") {
    CHECK(Number(1e300) == "1e+300");
    CHECK(Number(-1e300) == "-1e+300");
    CHECK(Number(1.7976931348623157e308) == "1.7976931348623157e+308");
    CHECK(Number(5e-324) == "5e-324");
  }

  TEST_CASE("every number reads back as itself") {
    for (const double value : {9007199254740993.5, 9007199254740994.0, 1e22, 123456.789e-20, -0.0,
                               2.2250738585072014e-308, 4.35, 1e15 + 0.3, -98765432.1}) {
      CHECK(std::strtod(Number(value).c_str(), nullptr) == value);
    }
  }

  TEST_CASE("what JSON cannot say is null") {
    CHECK(Number(std::numeric_limits<double>::quiet_NaN()) == "null");
    CHECK(Number(std::numeric_limits<double>::infinity()) == "null");
    CHECK(Number(-std::numeric_limits<double>::infinity()) == "null");
  }
}

TEST_SUITE("AppendPlainNumber") {
  TEST_CASE("no number has an exponent") {
    const auto plain = [](double value) {
      std::string out;
      thresh::AppendPlainNumber(value, &out);
      return out;
    };
    CHECK(plain(0.0001) == "0.0001");
    CHECK(plain(1e16) == "10000000000000000");
    CHECK(plain(-1.5e-9) == "-0.0000000015");
    CHECK(plain(-0.0) == "0");
    CHECK(plain(5e-324).size() == 326);
    CHECK(plain(-1.7976931348623157e308).size() == 310);
  }
}

TEST_SUITE("EscapeInJson") {
  TEST_CASE("what could break a line or move a cursor is escaped, all else stays") {
    CHECK(thresh::EscapeInJson("{\"a\":\"\u2028\u0085\u007F\u2029\u009B\"}") ==
          R"({"a":"\u2028\u0085\u007f\u2029\u009b"})");
    CHECK(thresh::EscapeInJson("[\"\u00E9\u2026\u2027\u00A0\\n\"]") ==
          "[\"\u00E9\u2026\u2027\u00A0\\n\"]");
  }
}
