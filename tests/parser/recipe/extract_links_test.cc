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
    CHECK(Links("<a href=b#1>1<a href=c>2<a href=b#2>3<a href='HTTP://X/dir/b'>4<a>5") ==
          Texts{"http://x/dir/b", "http://x/dir/c"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "only http and https links are followed") {
    Recipe(InFollow({"css = \"a\""}));
    CHECK(Links("<a href='mailto:a@b'><a href='javascript:x'><a href='ftp://x/'><a href='http://['>"
                "<a href='https://x/s'>") == Texts{"https://x/s"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a follow rule may take another attribute, or several") {
    Recipe(InFollow({"css = \"div::attr(data-url), link[rel=next]\""}));
    CHECK(Links("<link rel=next href=n><div data-url=d></div><a href=no>") ==
          Texts{"http://x/dir/n", "http://x/dir/d"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "two rules that find one link tell of it once") {
    Recipe(InFollow({"css = \"a\"", "[[follow]]", "css = \".next\""}));
    CHECK(Links("<a class=next href=b>") == Texts{"http://x/dir/b"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a follow rule is only for pages that its match names") {
    Recipe(InFollow({"css = \"a\"", "match = [\"*/biz/*\"]"}));
    CHECK(Extract("<a href=b>").links.empty());
    page.url = "http://x/biz/1";
    CHECK(Links("<a href=b>") == Texts{"http://x/dir/b"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "links resolve against <base> too") {
    Recipe(InFollow({"css = \"a\""}));
    CHECK(Links("<base href='https://z/q/'><a href=b>") == Texts{"https://z/q/b"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "broken UTF-8 in a link is percent-encoded as U+FFFD") {
    Recipe(InFollow({"css = \"a\""}));
    CHECK(Links("<a href='b\xFF'>") == Texts{"http://x/dir/b%EF%BF%BD"});
  }
}

TEST_SUITE("Extractor: follow rules") {
  TEST_CASE_FIXTURE(ExtractFixture, "XPath finds links as CSS does: an element's href") {
    Recipe(InFollow({"xpath = \"//a[@rel='next']\""}));
    CHECK(Links("<a rel=next href=n><a href=no>") == Texts{"http://x/dir/n"});
    Recipe(InFollow({"xpath = \"//a/@data-u\""}));
    CHECK(Links("<a data-u=1 href=no>") == Texts{"http://x/dir/1"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "of any the first that finds a link counts") {
    Recipe(InFollow({"any = [\"a.next\", \"//link[@rel='next']\", \"a.more\"]"}));
    CHECK(Links("<link rel=next href=1><a class=more href=2>") == Texts{"http://x/dir/1"});
    CHECK(Links("<a class=next href=0><link rel=next href=1>") == Texts{"http://x/dir/0"});
    CHECK(Links("<a class=next href='mailto:x'><a class=more href=2>") == Texts{"http://x/dir/2"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "rules may be bare strings") {
    Recipe({"name = \"r\"", "follow = [\"a.next\", \"//b/@href\", { css = \"i::attr(href)\" }]"});
    CHECK(Links("<a class=next href=1><b href=2><i href=3>") ==
          Texts{"http://x/dir/1", "http://x/dir/2", "http://x/dir/3"});
    Recipe({"name = \"r\"", "follow = \"a.next\""});
    CHECK(Links("<a class=next href=1>") == Texts{"http://x/dir/1"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a rule may name the recipe that is to take its links") {
    Recipe(
        InFollow({"css = \"a\"", "recipe = \"other\"", "[[follow]]", "css = \"b::attr(href)\""}));
    Extract("<a href=1><b href=2>");
    REQUIRE(out->links.size() == 2);
    CHECK(out->links[0].recipe == "other");
    CHECK(out->links[1].recipe.empty());
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a template's values are percent-encoded, or verbatim with +") {
    Recipe(InFollow({"css = \"a\"", "url = \"/go?u={value}&from={url}&{{x}\""}));
    CHECK(Links("<a href='b c&d'>") ==
          Texts{"http://x/go?u=b%20c%26d&from=http%3A%2F%2Fx%2Fdir%2Fpage&{x}"});
    Recipe(InFollow({"css = \"a\"", "url = \"{+value}?all=1\""}));
    CHECK(Links("<a href='http://y/p/q'>") == Texts{"http://y/p/q?all=1"});
    Recipe(InFollow({"url = \"http://y/{meta.id}\""}));
    page.meta = R"({"id":12})";
    CHECK(Links("") == Texts{"http://y/12"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "parameters are stripped by name") {
    Recipe(InFollow({"css = \"a\"", "strip_params = [\"utm_*\", \"ref\"]"}));
    CHECK(
        Links("<a href='?utm_source=x&a=1&ref=2&b'><a href='?utm_source'><a href='?u%74m_x=1&c=3'>"
              "<a href='p?refs=1'><a href='q?'>") ==
        Texts{"http://x/dir/page?a=1&b", "http://x/dir/page", "http://x/dir/page?c=3",
              "http://x/dir/p?refs=1", "http://x/dir/q?"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "an expression and a pipe may come before the link") {
    Recipe(InFollow({"css = \"b::attr(onclick)\"", "re = \"open\\\\('(.*?)'\\\\)\"",
                     R"(pipe = [["append", "?all"]])"}));
    CHECK(Links("<b onclick=\"open('n')\">") == Texts{"http://x/dir/n?all"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a count asks for all pages at once") {
    Recipe(InFollow({"count = { json = \"$.total\", first = 20, step = 20, below = 1000 }",
                     "url = \"http://x/s?offset={value}\""}));
    CHECK(Links("{\"total\":75}") ==
          Texts{"http://x/s?offset=20", "http://x/s?offset=40", "http://x/s?offset=60"});
    CHECK(Links("{\"total\":20}").empty());
    CHECK(Links("{\"total\":21}").size() == 1);
    CHECK(Links("{\"total\":100000}").size() == 49);
    CHECK(Links("{\"total\":-5}").empty());
    CHECK(Links("{\"total\":\"1,020 results\"}").size() == 49);
    CHECK(Links("{}").empty());
  }

  TEST_CASE_FIXTURE(ExtractFixture, "params go into the link, instead of those of the same name") {
    Recipe(InFollow({"css = \"a\"", "params = { n = \"50\", \"a b\" = \"{meta.q}&\" }",
                     "strip_params = [\"utm_*\"]"}));
    page.meta = R"({"q":"ü"})";
    CHECK(Links("<a href=1><a href='2?n=20&x=1&utm_s=2&%6E=3'><a href='3?'><a href='4?n=1#f'>") ==
          Texts{"http://x/dir/1?n=50&a%20b=%C3%BC%26", "http://x/dir/2?x=1&n=50&a%20b=%C3%BC%26",
                "http://x/dir/3?n=50&a%20b=%C3%BC%26", "http://x/dir/4?n=50&a%20b=%C3%BC%26"});
    page.meta = "{}";
    CHECK(Links("<a href=1>").empty());
    Recipe(InFollow({"css = \"a\"", "params = { was = \"{value}\" }", "url = \"http://y/\""}));
    CHECK(Links("<a href=1>") == Texts{"http://y/?was=1"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a count without url asks for the page with other params") {
    Recipe(InFollow({"count = { css = \"b\", first = 20, step = 20 }", "strip_params = [\"u\"]",
                     "params = { start = \"{value}\" }"}));
    page.url = page.final_url = "http://x/biz?u=1&sort=new&start=0#top";
    CHECK(Links("<b>61 reviews</b>") == Texts{"http://x/biz?sort=new&start=20",
                                              "http://x/biz?sort=new&start=40",
                                              "http://x/biz?sort=new&start=60"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "params stand beside a secret, which no value can name") {
    Recipe(InFollow(
        {"css = \"a\"", "url = \"http://y/?k={secret.k}&n=1\"", "params = { n = \"{value}\" }"}));
    CHECK(Links("<a href='{secret.z}'>") == Texts{"http://y/?k={secret.k}&n=%7Bsecret.z%7D"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a count may be text, and is bounded") {
    Recipe(
        InFollow({"count = { css = \"b\", re = 'of (\\S+)', first = 1 }", "url = \"?p={value}\""}));
    CHECK(Links("<b>1 of 1,003</b>").size() == 1002);
    CHECK(Links("<b>1 of 99999999999999999999</b>").size() == 10'000);
    CHECK(Links("<b>1 of none</b>").empty());
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
    Fields({"a = { css = \"a::attr(href)\", type = \"url\" }"});
    page.body = "<a href=b>";
    page.final_url = "nonsense";
    CHECK_FALSE(extractor.Extract(program, page).ok());
  }

  TEST_CASE_FIXTURE(ExtractFixture, "an empty value of the feed line's makes no link") {
    Recipe(InFollow({"css = \"a\"", "url = \"http://x/n?m={meta.q}\""}));
    page.meta = R"({"q":""})";
    CHECK(Links("<a href=u>x</a>").empty());
    page.meta = R"({"q":"1"})";
    CHECK(Links("<a href=u>x</a>") == Texts{"http://x/n?m=1"});
  }

  TEST_CASE_FIXTURE(ExtractFixture, "a count is a number of things, or a number that is one") {
    page.url = page.final_url = "http://x/";
    const auto links = [this](const std::string& count, std::string_view html) {
      Recipe(InFollow({"count = { " + count + ", first = 1 }", "url = \"http://x/?p={value}\""}));
      return Links(html).size();
    };
    CHECK(links("css = \"p\", re = '(.*) pages'", "<p>1.003 pages") == 1002);
    CHECK(links("css = \"p\"", "<p>4 of them") == 3);
    CHECK(links("xpath = \"number(//p) div 40\"", "<p>123") == 3);
    page.headers = {{"content-type", "application/json"}};
    CHECK(links("json = \"$.pages\"", R"({"pages":2.125})") == 2);
  }
}
