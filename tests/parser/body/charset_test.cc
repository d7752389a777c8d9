// What decides upon a body's encoding, and in which order.

#include "parser/body/charset.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

using thresh::BodyKind;
using thresh::CharsetHints;
using thresh::SniffCharset;
using namespace std::string_view_literals;

TEST_SUITE("SniffCharset") {
  TEST_CASE("the byte order mark goes over all else") {
    const CharsetHints hints{.content_type = "text/html; charset=gbk", .override_label = "big5"};
    CHECK(SniffCharset("\xEF\xBB\xBFx", hints) == "UTF-8");
    CHECK(SniffCharset("\xFE\xFFx", hints) == "UTF-16BE");
    CHECK(SniffCharset("\xFF\xFEx", hints) == "UTF-16LE");
    CHECK(SniffCharset("\xEF\xBBx", hints) == "Big5");
  }

  TEST_CASE("then the recipe, the header, the page, and UTF-8") {
    constexpr auto kPage = "<meta charset=koi8-r>"sv;
    CHECK(SniffCharset(kPage, {.content_type = "text/html;charset=gbk",
                               .override_label = "sjis"}) == "Shift_JIS");
    CHECK(SniffCharset(kPage, {.content_type = "text/html;charset=gbk"}) == "GBK");
    CHECK(SniffCharset(kPage, {.content_type = "text/html"}) == "KOI8-R");
    CHECK(SniffCharset("<p>x", {.content_type = "text/html"}) == "UTF-8");
    CHECK(SniffCharset("", {}) == "UTF-8");
  }

  TEST_CASE("a name that is none is passed over") {
    const CharsetHints hints{.content_type = "text/html; charset=nonsense",
                             .override_label = "none"};
    CHECK(SniffCharset("<meta charset=bogus><meta charset=cp1251>", hints) == "windows-1251");
  }

  TEST_CASE("a declaration behind the first 1024 bytes counts if the page is no UTF-8") {
    const std::string head = "<!--" + std::string(2000, 'x') + "--><meta charset=cp1251><p>";
    CHECK(SniffCharset(head + "\xEF\xF0\xE8", {}) == "windows-1251");
    CHECK(SniffCharset(head + "\xD0\xBF", {}) == "UTF-8");
    CHECK(SniffCharset(head, {.prescan_bytes = 4096}) == "windows-1251");
    const std::string jis = "<!--" + std::string(2000, 'x') + "--><meta charset=iso-2022-jp>";
    CHECK(SniffCharset(jis + "\x1B$BF|", {}) == "ISO-2022-JP");
  }

  TEST_CASE("a declaration cut by the 1024th byte does not count") {
    const std::string page = std::string(1024 - 20, ' ') + "<meta charset=cp1251>";
    CHECK(SniffCharset(page, {}) == "UTF-8");
    CHECK(SniffCharset(page.substr(1), {}) == "windows-1251");
  }

  TEST_CASE("XML is read by its declaration alone, JSON by nothing") {
    constexpr auto kXml = "<?xml version='1.0' encoding='iso-8859-2'?><meta charset=gbk>"sv;
    CHECK(SniffCharset(kXml, {.kind = BodyKind::kXml}) == "ISO-8859-2");
    CHECK(SniffCharset(kXml, {.content_type = "text/xml;charset=sjis", .kind = BodyKind::kXml}) ==
          "Shift_JIS");
    CHECK(SniffCharset("<meta charset=gbk>", {.kind = BodyKind::kXml}) == "UTF-8");
    CHECK(SniffCharset("<\0?\0x\0m\0l\0"sv, {.kind = BodyKind::kXml}) == "UTF-16LE");
    CHECK(SniffCharset(kXml, {.kind = BodyKind::kText}) == "UTF-8");
    CHECK(SniffCharset("{}", {.content_type = "application/json; charset=latin1",
                              .kind = BodyKind::kText}) == "windows-1252");
    CHECK(SniffCharset("\xFF\xFE{\0}\0"sv, {.kind = BodyKind::kText}) == "UTF-16LE");
  }

  TEST_CASE("the fallback is another if asked for, and UTF-8 if it is none") {
    CHECK(SniffCharset("x", {.fallback = "latin1"}) == "windows-1252");
    CHECK(SniffCharset("x", {.fallback = "?"}) == "UTF-8");
  }
}
