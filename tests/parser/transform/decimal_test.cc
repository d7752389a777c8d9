#include "parser/transform/decimal.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

using thresh::Decimal;

namespace {

std::string Text(const Decimal& number) {
  std::string text;
  number.AppendTo(&text);
  return text;
}
std::string Text(std::string_view plain) {
  const auto read = Decimal::Read(plain);
  return read ? Text(*read) : "none";
}
std::string Product(std::string_view a, std::string_view b) {
  const auto product = Decimal::Read(a)->Times(*Decimal::Read(b));
  return product ? Text(*product) : "none";
}

}  // namespace

TEST_SUITE("Decimal") {
  TEST_CASE("what is written is what is meant, without zeros that say nothing") {
    CHECK(Text("12.50") == "12.5");
    CHECK(Text("-0.5") == "-0.5");
    CHECK(Text(".05") == "0.05");
    CHECK(Text("5.") == "5");
    CHECK(Text("-0.0") == "0");
    CHECK(Text("0001000") == "1000");
    CHECK(Text("2.5e3") == "2500");
    CHECK(Text("2.5E-3") == "0.0025");
    CHECK(Text("1e+30") == "1" + std::string(30, '0'));
    CHECK(Text("1234567890123456789012345678901234567") == "1234567890123456789012345678901234567");
  }

  TEST_CASE("what is none, or too long, is refused") {
    for (const char* text : {"", "-", ".", "1.2.3", "1e", "e5", "1x", "+1", "1e31", "1e999999999",
                             "12345678901234567890123456789012345678"}) {
      CHECK_MESSAGE(Text(text) == "none", std::string(text));
    }
    CHECK(Text("0." + std::string(31, '0') + "1") == "none");
    CHECK_FALSE(Decimal::Of(1e300));
    CHECK_FALSE(Decimal::Of(1.0 / 0.0));
  }

  TEST_CASE("a double is the shortest decimal that is read as it") {
    CHECK(Text(*Decimal::Of(0.1)) == "0.1");
    CHECK(Text(*Decimal::Of(1e-7)) == "0.0000001");
    CHECK(Text(*Decimal::Of(1234567)) == "1234567");
  }

  TEST_CASE("products are exact, or none") {
    CHECK(Product("19.99", "100") == "1999");
    CHECK(Product("-0.1", "-0.2") == "0.02");
    CHECK(Product("9223372036854775807", "9223372036854775807") ==
          "85070591730234615847396907784232501249");
    CHECK(Product("99999999999999999999", "9999999999999999999999") == "none");
  }

  TEST_CASE("halves are rounded away from zero") {
    const auto rounded = [](std::string_view plain, int places) {
      return Text(Decimal::Read(plain)->Rounded(places));
    };
    CHECK(rounded("2.5", 0) == "3");
    CHECK(rounded("-2.5", 0) == "-3");
    CHECK(rounded("2.4999", 0) == "2");
    CHECK(rounded("0.05", 1) == "0.1");
    CHECK(rounded("99.95", 1) == "100");
    CHECK(rounded("1250", -2) == "1300");
    CHECK(rounded("5", 3) == "5");
    CHECK(rounded("1e20", 2) == "100000000000000000000");
  }
}
