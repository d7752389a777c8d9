// What a page says of its own encoding (HTML 13.2.3.2).

#include "parser/body/meta_prescan.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/parser/body/decode_inputs.h"

using namespace std::string_view_literals;

namespace {

std::string_view Html(std::string_view head) {
  const auto* charset = thresh::body::PrescanHtml(head);
  return charset != nullptr ? charset->name : "-";
}
std::string_view Xml(std::string_view head) {
  const auto* charset = thresh::body::PrescanXml(head);
  return charset != nullptr ? charset->name : "-";
}
std::string_view Content(std::string_view content) {
  const auto* charset = thresh::body::CharsetInMetaContent(content);
  return charset != nullptr ? charset->name : "-";
}

}  // namespace

TEST_SUITE("Prescan") {
  TEST_CASE("a meta with a charset, however it is written") {
    for (const char* page :
         {"<meta charset=gbk>", "<META CHARSET='GBK'>", "<meta/charset='gbk'/>",
          "<meta\ncharset\n=\n\"gbk\">", "<meta a b=c / charset=\" gbk \" d>",
          "<meta =x charset=gbk>", "<p><b x=\">\"><meta charset=gbk>",
          "</meta charset=koi8-r><meta charset=gbk>", "<!x><?y><//><meta charset=gbk>",
          "<<meta charset=gbk>", "<!--><meta charset=gbk>",
          "<!-- <meta charset=koi8-r> --><meta charset=gbk>", "<meta x=><meta charset=gbk>",
          "<script><meta charset=gbk></script>", "<meta charset=gbk charset=koi8-r>"}) {
      CHECK_MESSAGE(Html(page) == "GBK", std::string(page));
    }
  }

  TEST_CASE("what is no such meta, or never ends") {
    for (const char* page :
         {"", "<", "<meta", "<meta ", "<meta charset=gbk", "<meta charset=\"gbk",
          "<meta charset=\"gbk\"", "<metacharset=gbk>", "<!-- <meta charset=gbk>",
          "<p title='<meta charset=gbk>", "<meta charset=gbk/>", "< meta charset=gbk>",
          "<meta content='text/html; charset=gbk'>",
          "<meta http-equiv=refresh content='text/html; charset=gbk'>",
          "<meta charset=none http-equiv=content-type content='charset=gbk'>",
          "<! <meta charset=gbk", "<meta charset>"}) {
      CHECK_MESSAGE(Html(page) == "-", std::string(page));
    }
  }

  TEST_CASE("content needs its pragma, in any order") {
    CHECK(Html("<meta http-equiv=Content-Type content='text/html; charset=gbk'>") == "GBK");
    CHECK(Html("<meta content='text/html; charset=gbk' http-equiv=content-type>") == "GBK");
    CHECK(Html("<meta http-equiv=x http-equiv=content-type content='charset=gbk'>") == "-");
    CHECK(Html("<meta content='charset=koi8-r' charset=gbk>") == "GBK");
    CHECK(Html("<meta charset=gbk content='charset=koi8-r'>") == "GBK");
  }

  TEST_CASE("a page that can be read as ASCII is not in UTF-16, and x-user-defined is not meant") {
    CHECK(Html("<meta charset=utf-16>") == "UTF-8");
    CHECK(Html("<meta charset=utf-16be>") == "UTF-8");
    CHECK(Html("<meta charset=x-user-defined>") == "windows-1252");
    CHECK(Html("<?xml encoding='utf-16'?>") == "UTF-8");
  }

  TEST_CASE("the charset within content") {
    CHECK(Content("text/html; charset=gbk") == "GBK");
    CHECK(Content("CHARSET = gbk;x") == "GBK");
    CHECK(Content("charset charset=gbk") == "GBK");
    CHECK(Content("xcharset='gbk'") == "GBK");
    CHECK(Content("charset=\"gbk\"x") == "GBK");
    CHECK(Content("charset=gbk koi8-r") == "GBK");
    for (const char* content :
         {"", "charset", "charset=", "charset =", "charset='gbk", "charset=\"", "charset=gbk'"}) {
      CHECK_MESSAGE(Content(content) == "-", std::string(content));
    }
  }

  TEST_CASE("an XML declaration stands at the very beginning, and after any meta") {
    CHECK(Html("<?xml version='1.0' encoding='gbk'?><p>") == "GBK");
    CHECK(Html("<?xml encoding='gbk'?><meta charset=koi8-r>") == "KOI8-R");
    CHECK(Xml("<?xml encoding \t= \"gbk\"?>") == "GBK");
    for (const char* page :
         {" <?xml encoding='gbk'?>", "<?xml encoding='gbk'", "<?xml encoding=gbk?>",
          "<?xml encoding='g bk'?>", "<?xml encoding='gbk?>", "<?xml?> encoding='gbk'>",
          "<?xml encoding?>", "<?xml encoding=?>", "<?XML encoding='gbk'?>"}) {
      CHECK_MESSAGE(Xml(page) == "-", std::string(page));
    }
  }

  TEST_CASE("UTF-16 shows by its first three characters") {
    CHECK(Html("<\0?\0x\0"sv) == "UTF-16LE");
    CHECK(Html("\0<\0?\0x"sv) == "UTF-16BE");
    CHECK(Html("<\0?\0X\0"sv) == "-");
  }

  TEST_CASE("a hostile page takes no more than one walk") {
    for (const char* piece :
         {"<meta a", "<meta content='charset'", "<!-", "<a b='", "<meta charset =", "<", "<!--"}) {
      std::string page;
      while (page.size() < 4'000'000) page += piece;
      CHECK(Html(page) == "-");
    }
  }

  TEST_CASE("bytes that look like markup never lead it astray") {
    constexpr auto kAlphabet = "<!-->/? =\"'metacharsgbkhp\x00\xFF;xmlncodi"sv;
    thresh::test::Noise noise(1);
    for (int run = 0; run < 20'000; ++run) {
      std::string page = noise.Below(2) == 0 ? "<meta " : "<?xml ";
      for (std::uint32_t left = noise.Below(60); left > 0; --left) {
        page.push_back(kAlphabet[noise.Below(static_cast<std::uint32_t>(kAlphabet.size()))]);
      }
      (void)Html(page);
    }
  }
}
