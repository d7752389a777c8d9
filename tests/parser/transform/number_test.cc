#include "parser/transform/number.h"

#include <cstdint>
#include <limits>
#include <string>

#include <doctest/doctest.h>

using thresh::FindNumber;
using thresh::ToInteger;
using thresh::ToNumber;
using thresh::ToUnsigned;

TEST_SUITE("ToNumber") {
  TEST_CASE("decimal numbers with sign, fraction and exponent are read") {
    CHECK(ToNumber("4.5") == 4.5);
    CHECK(ToNumber("-0.25") == -0.25);
    CHECK(ToNumber("+7") == 7);
    CHECK(ToNumber(".5") == 0.5);
    CHECK(ToNumber("5.") == 5);
    CHECK(ToNumber("1e3") == 1000);
    CHECK(ToNumber("2.5E-1") == 0.25);
    CHECK(ToNumber("007") == 7);
    CHECK(ToNumber("\u22124.5") == -4.5);
  }

  TEST_CASE("white space around a number does not count, within it only between thousands") {
    CHECK(ToNumber(" \t\r\n4.5 \f\v") == 4.5);
    CHECK(ToNumber("\u00A05\u202F") == 5);
    CHECK(ToNumber("1 000") == 1000);
    CHECK(ToNumber("1\u00A0234\u00A0567,89") == 1234567.89);
    CHECK(ToNumber("1\u202F000.5") == 1000.5);
    for (const char* text :
         {"4 .5", "4. 5", "1 00", "10 00", "1 000 00", "1\t000", "0 123", "- 5"}) {
      CHECK_MESSAGE(!ToNumber(text), std::string(text));
    }
  }

  TEST_CASE("separators of both styles are told apart by where they stand") {
    CHECK(ToNumber("1,234") == 1234);
    CHECK(ToNumber("-1,234.5e3") == -1234500);
    CHECK(ToNumber("12,345,678.25") == 12345678.25);
    CHECK(ToNumber("1.234,5") == 1234.5);
    CHECK(ToNumber("1.234.567") == 1234567);
    CHECK(ToNumber("1.234.567,8") == 1234567.8);
    CHECK(ToNumber("1'234'567.50") == 1234567.5);
    CHECK(ToNumber("1\u2019234,50") == 1234.5);
    CHECK(ToNumber("12,34,567") == 1234567);
    CHECK(ToNumber("1,00,00,000.5") == 10000000.5);
  }

  TEST_CASE("a lone separator is a decimal sign unless a comma parts thousands") {
    CHECK(ToNumber("4,5") == 4.5);
    CHECK(ToNumber("1,23") == 1.23);
    CHECK(ToNumber("1,2345") == 1.2345);
    CHECK(ToNumber("1234,567") == 1234.567);
    CHECK(ToNumber("0,123") == 0.123);
    CHECK(ToNumber("1.234") == 1.234);
  }

  TEST_CASE("separators that make no sense make no number") {
    for (const char* text :
         {",123", "-,123", "1,,234", "1,234,", "0.1,234", "1e1,000", "1,234.5,6", ",", "1.2.3",
          "1,2,3", "1.234.56", "1,234 567", "1'2", "1..5", "1.,5", "12,34,56", "1,23,4567"}) {
      CHECK_MESSAGE(!ToNumber(text), std::string(text));
    }
  }

  TEST_CASE("a currency may stand on either side") {
    for (const char* text :
         {"$1,234.50", "1,234.50 $", "US$1,234.50", "USD 1,234.50", "1.234,50 €", "€1.234,50",
          "EUR 1.234,50", "1 234,50 EUR", "1 234,50 kr", "1 234,50 kr.", "R$ 1.234,50",
          "Rs.1,234.50", "Rs. 1,234.50", "1234,50 zł", "CHF 1’234.50", "$1,234.50 USD", "₹1,234.50",
          "1.234,50\u00A0€", "\u20ac 1234.5"}) {
      CHECK_MESSAGE(ToNumber(text) == 1234.5, std::string(text));
    }
    for (const char* text : {"1000円", "¥1000", "1000元", "1,000원", "1 000 грн.", "R 1000",
                             "S/ 1,000", "Rp 1.000,00", "1000 Euro", "CN¥1,000"}) {
      CHECK_MESSAGE(ToNumber(text) == 1000, std::string(text));
    }
    CHECK(ToNumber("-$5") == -5);
    CHECK(ToNumber("$-5") == -5);
    CHECK(ToNumber("−5 €") == -5);
    CHECK(ToNumber("199,-") == 199);
    CHECK(ToNumber("199,- €") == 199);
    CHECK(ToNumber("12 %") == 12);
    CHECK(ToNumber("12.5%") == 12.5);
  }

  TEST_CASE("other words and signs are no currency") {
    for (const char* text : {"4.5 stars", "5 all", "5 usd", "USDX 5", "from $5", "$5 each", "%5",
                             "$ $ 5", "$", "€", "USD", "$%", "5 $ 6", "a5", "5a", "#5", "5€/kg"}) {
      CHECK_MESSAGE(!ToNumber(text), std::string(text));
    }
  }

  TEST_CASE("what is no number, or more than one, is none") {
    for (const char* text : {"", " ", ".", "-", "+", "abc", "4-5", "(5)", "1e", "e5", "--5", "++5",
                             "+-5", "-+5", "0x10", "1_000", "1e5.5", "2016-07-04", "-$-5"}) {
      CHECK_MESSAGE(!ToNumber(text), std::string(text));
    }
  }

  TEST_CASE("infinity and NaN are no numbers, nor is what a double cannot hold") {
    for (const char* text : {"inf", "-inf", "Infinity", "nan", "NaN", "1e999", "-1e999"}) {
      CHECK_MESSAGE(!ToNumber(text), std::string(text));
    }
    CHECK(ToNumber("1.7976931348623157e308") == std::numeric_limits<double>::max());
  }

  TEST_CASE("endless digits and separators are no number") {
    CHECK_FALSE(ToNumber(std::string(100'000, '1')));
    std::string groups = "1";
    for (int i = 0; i < 300; ++i) groups += ",000";
    CHECK_FALSE(ToNumber(groups));
    CHECK_FALSE(ToNumber(std::string(1000, ',')));
  }
}

TEST_SUITE("ToInteger") {
  TEST_CASE("integers are exact over all 64 bits, and nothing beyond them") {
    CHECK(ToInteger("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
    CHECK(ToInteger("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
    CHECK(ToInteger("9,223,372,036,854,775,807") == std::numeric_limits<std::int64_t>::max());
    CHECK(ToInteger("9.223.372.036.854.775.807") == std::numeric_limits<std::int64_t>::max());
    CHECK(ToInteger("9007199254740993") == 9007199254740993);
    CHECK_FALSE(ToInteger("9223372036854775808"));
    CHECK_FALSE(ToInteger("-9223372036854775809"));
    CHECK(ToUnsigned("9223372036854775808") == 9223372036854775808u);
    CHECK(ToUnsigned("18,446,744,073,709,551,615") == std::numeric_limits<std::uint64_t>::max());
    CHECK_FALSE(ToUnsigned("18446744073709551616"));
    CHECK_FALSE(ToUnsigned("-1"));
  }

  TEST_CASE("an integer has no fraction and no exponent, so a lone separator parts thousands") {
    CHECK(ToInteger(" -1,234 ") == -1234);
    CHECK(ToInteger("1.234") == 1234);
    CHECK(ToInteger("+0") == 0);
    CHECK(ToInteger("$1,234") == 1234);
    CHECK(ToInteger("1 234 kr") == 1234);
    for (const char* text : {"4.0", "4.", "1e3", "", "-", "0x10", "4 stars", "1,23", "1,234.5"}) {
      CHECK_MESSAGE(!ToInteger(text), std::string(text));
    }
  }
}

TEST_SUITE("FindNumber") {
  TEST_CASE("the first number within a text is found") {
    CHECK(FindNumber("about 1,234 reviews") == 1234);
    CHECK(FindNumber("4.5 out of 5 stars") == 4.5);
    CHECK(FindNumber("1.234,50 EUR") == 1234.5);
    CHECK(FindNumber("at -5 degrees") == -5);
    CHECK(FindNumber("pages 4-5") == 4);
    CHECK(FindNumber("A-5") == 5);
    CHECK(FindNumber("5, 6 and 7") == 5);
    CHECK(FindNumber("version 1.2.3") == 1.2);
    CHECK(FindNumber(".5 l") == 0.5);
    CHECK_FALSE(FindNumber("none"));
    CHECK_FALSE(FindNumber(""));
  }
}
