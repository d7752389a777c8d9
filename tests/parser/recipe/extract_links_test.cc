// The Extractor: URLs, links to follow, reports, limits.

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/parser/recipe/extract_fixture.h"

using namespace thresh;
using thresh::test::ExtractFixture;
using thresh::test::InFollow;
using Texts = std::vector<std::string>;

TEST_SUITE("Extractor: URLs and links") {
  TEST_CASE_FIXTURE(ExtractFixture, "a url field is resolved against the page it came from") {
    page.final_url = "http://y/end/page?q";
    Fields({"a = { css = \"a::attr(href)\", type = \"url\", many = true }"});
    CHECK(ValueOfA("<a href=b><a href=/c><a href='//z/d'><a href='?e#f'><a href=' http://w/ '>") ==
          R"(["http://y/end/b","http://y/c","http://z/d","http://y/end/page?e#f","http://w/"])");
    CHECK(ValueOfA("<a href='http://['><a href='mailto:me@x'>") == R"(["mailto:me@x"])");
  }

  TEST_CASE_FIXTURE(ExtractFixture,
                    "<base href> is what URLs are resolved against, the first one") {
    Fields({"a = { css = \"a::attr(href)\", type = \"url\" }"});
    CHECK(ValueOfA("<base target=x><base href='/other/'><base href='/third/'><a href=b>") ==
          "\"http://x/other/b\"");
    CHECK(ValueOfA("<base href='http://['><a href=b>") == "\"http://x/dir/b\"");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a base of data: or javascript: is passed over") {
    Fields({"a = { css = \"a::attr(href)\", type = \"url\" }"});  // WHATWG HTML 4.2.3
    CHECK(ValueOfA("<base href='javascript:void(0)'><a href=b>") == "\"http://x/dir/b\"");
    CHECK(ValueOfA("<base href='data:text/html,x'><a href=b>") == "\"http://x/dir/b\"");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "links are absolute, without fragment, each once, in order") {
    Recipe(InFollow({"css = \"a\""}));
    CHECK(Extract("<a href=b#1>1<a href=c>2<a href=b#2>3<a href='HTTP://X/dir/b'>4<a>5").links ==
          Texts{"http://x/dir/b", "http://x/dir/c"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "only http and https links are followed") {
    Recipe(InFollow({"css = \"a\""}));
    CHECK(
        Extract("<a href='mailto:a@b'><a href='javascript:x'><a href='ftp://x/'><a href='http://['>"
                "<a href='https://x/s'>")
            .links == Texts{"https://x/s"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a follow rule may take another attribute, or several") {
    Recipe(InFollow({"css = \"div::attr(data-url), link[rel=next]\""}));
    CHECK(Extract("<link rel=next href=n><div data-url=d></div><a href=no>").links ==
          Texts{"http://x/dir/n", "http://x/dir/d"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "two rules that find one link tell of it once") {
    Recipe(InFollow({"css = \"a\"", "[[follow]]", "css = \".next\""}));
    CHECK(Extract("<a class=next href=b>").links == Texts{"http://x/dir/b"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a follow rule is only for pages that its match names") {
    Recipe(InFollow({"css = \"a\"", "match = [\"*/biz/*\"]"}));
    CHECK(Extract("<a href=b>").links.empty());
    page.url = "http://x/biz/1";
    CHECK(Extract("<a href=b>").links == Texts{"http://x/dir/b"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "links resolve against <base> too") {
    Recipe(InFollow({"css = \"a\""}));
    CHECK(Extract("<base href='https://z/q/'><a href=b>").links == Texts{"https://z/q/b"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "broken UTF-8 in a link is percent-encoded as U+FFFD") {
    Recipe(InFollow({"css = \"a\""}));
    CHECK(Extract("<a href='b\xFF'>").links == Texts{"http://x/dir/b%EF%BF%BD"});
  }
}

TEST_SUITE("Extractor: reports and limits") {
  TEST_CASE_FIXTURE(ExtractFixture, "a report counts what each field found, and shows the first") {
    Rows("li", {"a = \"b\"", "n = { css = \"b\", type = \"number\" }", "x = \"i\""});
    page.body = "<li><li><b>one</b><li><b>2</b>";
    std::vector<FieldReport> report;
    REQUIRE(extractor.Extract(program, page, &report).ok());
    REQUIRE(report.size() == 3);
    CHECK(report[0].item == "i");
    CHECK(report[0].field == "a");
    CHECK(report[0].rows == 3);
    CHECK(report[0].found == 2);
    CHECK(report[0].first == "\"one\"");
    CHECK(report[1].found == 1);
    CHECK(report[1].first == "2");
    CHECK(report[2].found == 0);
    CHECK(report[2].first.empty());
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a page too deep is an error, and the next one is read") {
    Fields({"a = \"b\""});
    std::string deep;
    for (int i = 0; i < 5000; ++i) deep += "<div>";
    page.body = deep;
    const auto result = extractor.Extract(program, page);
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().code == Errc::kTooLarge);
    CHECK(ValueOfA("<b>1</b>") == "\"1\"");
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a page whose final URL is none cannot be extracted") {
    Fields({"a = \"b\""});
    page.final_url = "nonsense";
    CHECK_FALSE(extractor.Extract(program, page).ok());
  }
}
