// The charset that a Content-Type names.

#include "parser/body/content_type.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

namespace {

std::string_view Charset(std::string_view value) {
  const auto* charset = thresh::body::CharsetOfContentType(value);
  return charset != nullptr ? charset->name : "-";
}

}  // namespace

TEST_SUITE("Content-Type") {
  TEST_CASE("the parameter, however it is written") {
    for (const char* value :
         {"text/html;charset=gbk", "text/html; charset=gbk", " TEXT/HTML ; CHARSET=GBK ",
          "text/html;charset=\"gbk\"", "text/html;charset=\"g\\bk\"",
          "text/html; a=b;charset=gbk;c", "text/html;;charset=gbk",
          "text/html;charset=gbk;charset=koi8-r", "text/html;charset=\"gbk\"x; y",
          "text/html;charset=\"gbk", "text/html;charset= gbk", "text/html;charset=;charset=gbk",
          "x/y+z;charset=gbk", "text/html;a=\";charset=koi8-r\";charset=gbk"}) {
      CHECK_MESSAGE(Charset(value) == "GBK", std::string(value));
    }
  }

  TEST_CASE("what names nothing") {
    for (const char* value :
         {"", "text/html", "text", "charset=gbk", "text;charset=gbk", "/html;charset=gbk",
          "text/;charset=gbk", "te xt/html;charset=gbk", "text/html charset=gbk",
          "text/html;charset =gbk", "text/html;charset='gbk'", "text/html;charset=nonsense",
          "text/html;charset=\x01gbk", "text/html;charset", "text/html;charset="}) {
      CHECK_MESSAGE(Charset(value) == "-", std::string(value));
    }
  }

  TEST_CASE("of a list the last type counts, and keeps what the same type said before") {
    CHECK(Charset("text/html;charset=gbk, text/html") == "GBK");
    CHECK(Charset("text/html;charset=gbk, text/plain") == "-");
    CHECK(Charset("text/html;charset=gbk, text/html;charset=koi8-r") == "KOI8-R");
    CHECK(Charset("text/html;charset=gbk, nonsense, */*;charset=koi8-r") == "GBK");
    CHECK(Charset("text/html;a=\",\";charset=gbk") == "GBK");
  }
}
