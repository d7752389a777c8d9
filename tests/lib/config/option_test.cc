// Option: texts and numbers -> values, and back.

#include "lib/config/option.h"

#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace thresh;

namespace {

struct Held {
  bool flag = false;
  int narrow = 5;
  std::uint64_t number = 64 << 20;
  std::string text = "a";
  std::vector<std::string> list;
};

Held held;

Option Of(OptionKind kind, OptionTarget target) {
  return {.key = "k", .flag = "--k", .kind = kind, .target = target, .help = "K"};
}
Option Bytes() {
  return Of(OptionKind::kBytes, &held.number);
}
Option Ms() {
  return Of(OptionKind::kMilliseconds, &held.number);
}

std::uint64_t NumberOf(const Option& option, const std::string& text) {
  const auto value = ParseValue(option, text);
  REQUIRE_MESSAGE(value.ok(), text);
  return std::get<std::uint64_t>(*value);
}

std::string FaultOf(const Option& option, const std::string& text) {
  const auto value = ParseValue(option, text);
  return value ? "" : value.error().detail;
}

// As it is shown when it holds this number.
std::string Shown(Option option, std::uint64_t number) {
  option.target = &number;
  return TextOf(option) + " " + TomlOf(option);
}

}  // namespace

TEST_SUITE("ParseValue") {
  TEST_CASE("bytes with and without units") {
    CHECK(NumberOf(Bytes(), "0") == 0);
    CHECK(NumberOf(Bytes(), "1048576") == 1 << 20);
    CHECK(NumberOf(Bytes(), "1MiB") == 1 << 20);
    CHECK(NumberOf(Bytes(), "2 GiB") == std::uint64_t{2} << 30);
    CHECK(NumberOf(Bytes(), "3kB") == 3000);
    CHECK(NumberOf(Bytes(), "4TB") == 4'000'000'000'000);
    CHECK(NumberOf(Bytes(), "7B") == 7);
  }

  TEST_CASE("times with and without units") {
    CHECK(NumberOf(Ms(), "1500") == 1500);
    CHECK(NumberOf(Ms(), "15s") == 15'000);
    CHECK(NumberOf(Ms(), "2 h") == 7'200'000);
    const Option seconds = Of(OptionKind::kSeconds, &held.number);
    CHECK(NumberOf(seconds, "90") == 90);
    CHECK(NumberOf(seconds, "6h") == 21'600);
    CHECK(NumberOf(seconds, "2000ms") == 2);
    CHECK_FALSE(FaultOf(seconds, "1099511627776").empty());  // Over ten years.
    CHECK_FALSE(FaultOf(seconds, "4000d").empty());
    CHECK(FaultOf(seconds, "1500ms") ==
          "expected seconds, or a time such as \"6h\", found \"1500ms\"");
  }

  TEST_CASE("what is no such value is refused with what was expected and found") {
    for (const std::string text :
         {"", "-1", "1.5MiB", "1 mib", "MiB", "1MiBs", " 1", "0x10", "18446744073709551616",
          "17179869184TiB", "9223372036854775808"}) {
      CHECK_MESSAGE(
          FaultOf(Bytes(), text).starts_with("expected bytes such as 1048576 or \"1MiB\", found "),
          text);
    }
    CHECK(FaultOf(Ms(), "5 parsecs") ==
          "expected milliseconds, or a time such as \"15s\", found \"5 parsecs\"");
    CHECK(FaultOf(Of(OptionKind::kCount, &held.number), "1MiB") ==
          "expected a whole number, found \"1MiB\"");
    CHECK(FaultOf(Of(OptionKind::kBool, &held.flag), "yes") ==
          "expected true or false, found \"yes\"");
    CHECK(FaultOf(Of(OptionKind::kPath, &held.text), "") == "expected a path, found nothing");
    CHECK(
        FaultOf(Of(OptionKind::kText, &held.text), "a\nb").starts_with("expected a line of text"));
  }

  TEST_CASE("a number is within its bounds, and fits where it goes") {
    Option option = Of(OptionKind::kCount, &held.narrow);
    option.least = 1;
    CHECK(FaultOf(option, "0") == "expected a whole number, at least 1, found \"0\"");
    CHECK(FaultOf(option, "2147483647").empty());
    CHECK_FALSE(FaultOf(option, "2147483648").empty());
    option.most = 9;
    CHECK(FaultOf(option, "10") == "expected a whole number, at least 1, at most 9, found \"10\"");
    CHECK_FALSE(CheckNumber(option, -3).ok());
    CHECK_FALSE(CheckNumber(option, std::numeric_limits<std::int64_t>::min()).ok());
    CHECK(CheckNumber(option, 9).ok());
  }

  TEST_CASE("a choice is one of its words; the nearest is told") {
    Option option = Of(OptionKind::kChoice, &held.text);
    option.choices = "power process";
    CHECK(FaultOf(option, "power").empty());
    CHECK(FaultOf(option, "proces") ==
          "expected power or process, found \"proces\"; did you mean \"process\"?");
    CHECK_FALSE(FaultOf(option, "").empty());
  }

  TEST_CASE("a text may be empty where that means something") {
    Option option = Of(OptionKind::kText, &held.text);
    option.unset = "nobody";
    CHECK(FaultOf(option, "").empty());
  }
}

TEST_SUITE("TextOf and TomlOf") {
  TEST_CASE("numbers have the largest unit that fits") {
    CHECK(Shown(Bytes(), 64 << 20) == "64MiB \"64MiB\"");
    CHECK(Shown(Bytes(), 1000) == "1000 1000");
    CHECK(Shown(Bytes(), 0) == "0 0");
    CHECK(Shown(Ms(), 15'000) == "15s \"15s\"");
    CHECK(Shown(Ms(), 1'500) == "1500 1500");
    CHECK(Shown(Ms(), 3'600'000) == "1h \"1h\"");
    CHECK(Shown(Of(OptionKind::kCount, &held.number), 60'000) == "60000 60000");
  }

  TEST_CASE("what is shown is read as the same") {
    for (const std::uint64_t n : {0ULL, 1ULL, 1023ULL, 1024ULL, 90'000ULL, 86'400'000ULL}) {
      for (Option option : {Bytes(), Ms(), Of(OptionKind::kSeconds, &held.number)}) {
        std::uint64_t number = n;
        option.target = &number;
        CHECK(NumberOf(option, TextOf(option)) == n);
      }
    }
  }

  TEST_CASE("texts are quoted as TOML has them, lists are arrays") {
    std::string text = R"(a "b" \c)";
    CHECK(TomlOf(Of(OptionKind::kText, &text)) == R"("a \"b\" \\c")");
    std::vector<std::string> list{"a", "b"};
    CHECK(TomlOf(Of(OptionKind::kTexts, &list)) == R"(["a", "b"])");
    CHECK(TextOf(Of(OptionKind::kTexts, &list)) == "a, b");
    list.clear();
    CHECK(TomlOf(Of(OptionKind::kTexts, &list)) == "[]");
  }
}
