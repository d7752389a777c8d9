#include "parser/json/microdata.h"

#include <string>

#include <doctest/doctest.h>

#include "tests/support/html_page.h"
#include "tests/support/repeat.h"

using thresh::Url;
using thresh::json::Microdata;
using thresh::select::WorkBudget;
using thresh::test::Repeat;

namespace {

struct MicrodataFixture : thresh::test::HtmlPage {
  std::string Items(std::string html, std::string_view type = "") {
    Load(std::move(html));
    return Again(type);
  }
  std::string Again(std::string_view type) {
    std::string out;
    microdata.AppendItems(tree, base, type, work, &out);
    return out;
  }
  // The properties of one item, which `inside` makes.
  std::string Properties(const std::string& inside) {
    return Items("<div itemscope>" + inside + "</div>");
  }

  Microdata microdata{names};
  WorkBudget work;
  Url base = *Url::Parse("https://example.org/a/b");
};

}  // namespace

TEST_SUITE("Microdata") {
  TEST_CASE_FIXTURE(MicrodataFixture, "types, ids and nested items") {
    CHECK(Items("<div itemscope itemtype='http://schema.org/Product  http://x.org/P' itemid=/p/1>"
                "<p itemprop=name> An \n anvil </p><p itemprop=offers itemscope "
                "itemtype=https://schema.org/Offer><b itemprop=price>5</b></p>"
                "<b itemprop=price>6</b></div>") ==
          R"([{"@type":["Product","http://x.org/P"],"@id":"https://example.org/p/1",)"
          R"("name":"An anvil","offers":{"@type":"Offer","price":"5"},"price":"6"}])");
    CHECK(Again("Offer") == R"([{"@type":"Offer","price":"5"}])");
    CHECK(Again("P").starts_with("[{\"@type\":[\"Product\""));
    CHECK(Again("Person") == "[]");
  }

  TEST_CASE_FIXTURE(MicrodataFixture, "several values and several names") {
    CHECK(Properties("<p itemprop=a>1</p><p itemprop='b  a'>2</p><p itemprop='a a'>3</p>") ==
          R"([{"a":["1","2","3"],"b":"2"}])");
    CHECK(Properties("<p itemprop=''>1</p><p itemprop>2</p><p itemprop='@type @id c'>3</p>") ==
          R"([{"c":"3"}])");
    CHECK(Properties("<p itemprop=a>1<b itemprop=b>2</b></p>") == R"([{"a":"12","b":"2"}])");
  }

  TEST_CASE_FIXTURE(MicrodataFixture, "the value is what the element says") {
    CHECK(Properties("<meta itemprop=v content=' x '>") == R"([{"v":" x "}])");
    CHECK(Properties("<a itemprop=v href=c?d#e>x</a>") ==
          R"([{"v":"https://example.org/a/c?d#e"}])");
    CHECK(Properties("<link itemprop=v href=http://schema.org/InStock>") ==
          R"([{"v":"http://schema.org/InStock"}])");
    CHECK(Properties("<img itemprop=v src=' /i.png '>") ==
          R"([{"v":"https://example.org/i.png"}])");
    for (const char* tag : {"audio", "embed", "iframe", "source", "track", "video"}) {
      CHECK(Properties(std::string("<") + tag + " itemprop=v src=/x>") ==
            R"([{"v":"https://example.org/x"}])");
    }
    CHECK(Properties("<object itemprop=v data=x></object>") ==
          R"([{"v":"https://example.org/a/x"}])");
    CHECK(Properties("<data itemprop=v value=5>five</data>") == R"([{"v":"5"}])");
    CHECK(Properties("<meter itemprop=v value=5>five</meter>") == R"([{"v":"5"}])");
    CHECK(Properties("<time itemprop=v datetime=2016-07-04>July</time>") ==
          R"([{"v":"2016-07-04"}])");
    CHECK(Properties("<time itemprop=v>July 4</time>") == R"([{"v":"July 4"}])");
    CHECK(Properties("<span itemprop=v content=4.5>four</span>") == R"([{"v":"4.5"}])");
    CHECK(Properties("<b itemprop=v>a<script>b</script><style>c</style> \n d&nbsp;e</b>") ==
          "[{\"v\":\"a d\xC2\xA0"
          "e\"}]");
    CHECK(
        Properties("<a itemprop=v>x</a><a itemprop=v href=''></a><img itemprop=v src=http://[>") ==
        R"([{"v":["","",""]}])");
  }

  TEST_CASE_FIXTURE(MicrodataFixture, "itemref, in the order of the document") {
    CHECK(Items("<p id=x><b itemprop=a>1</b></p><div itemscope itemref='y x  none'>"
                "<b itemprop=a>2</b></div><b id=y itemprop=a>3</b><b id=y itemprop=a>4</b>") ==
          R"([{"a":["1","2","3"]}])");
    CHECK(Items("<div id=i itemscope itemref='i j'><b itemprop=a>1</b></div>"
                "<div id=j><b id=k itemprop=a>2</b></div>") == R"([{"a":["1","2"]}])");
    CHECK(Items("<div id=o><div itemscope itemref=o><b itemprop=a>1</b></div><b itemprop=c>2</b>"
                "</div>") == R"([{"a":"1","c":"2"}])");
  }

  TEST_CASE_FIXTURE(MicrodataFixture, "items that contain themselves end") {
    CHECK(Items("<div itemscope itemref=b><b itemprop=n>1</b></div>"
                "<div id=b itemscope itemprop=x itemref=b><b itemprop=n>2</b></div>") ==
          R"([{"n":"1","x":{"n":"2"}}])");
    CHECK(Items("<p id=a itemscope itemprop=x itemref=b></p><p id=b itemscope itemprop=y "
                "itemref=a></p><p itemscope itemref='a b'></p>") ==
          R"([{"x":{"y":{}},"y":{"x":{}}}])");
  }

  TEST_CASE_FIXTURE(MicrodataFixture, "hostile pages have bounds") {
    std::string doubling;  // Each item holds the next one twice.
    for (int i = 0; i < 40; ++i) {
      const std::string next = std::to_string(i + 1);
      doubling += "<p itemscope itemprop=p id=a" + std::to_string(i) + " itemref='a" + next + " b" +
                  next + "'></p><p itemscope itemprop=q id=b" + std::to_string(i) + " itemref='a" +
                  next + " b" + next + "'></p>";
    }
    CHECK(Items(doubling + "<p itemscope itemref='a0 b0'></p>").size() <
          1.1 * Microdata::kMaxBytes);
    CHECK(work.exhausted());
    work = WorkBudget();
    CHECK(Items(Repeat("<div itemscope itemprop=a>", 1500)) == "[]");
    const std::string deep = Items("<div itemscope>" + Repeat("<p><b itemscope itemprop=a>", 700));
    CHECK(deep.size() < 50'000);
    CHECK_FALSE(work.exhausted());
    std::string many = "<div itemscope itemprop='";
    for (int i = 0; i < 50'000; ++i) many += "p" + std::to_string(i) + ' ';
    CHECK(Items("<div itemscope>" + many + "'></div></div>").size() > 500'000);
    CHECK_FALSE(work.exhausted());
  }

  TEST_CASE_FIXTURE(MicrodataFixture, "what is in a template is no part of the page") {
    CHECK(Items("<template><i itemscope><b itemprop=n>{{n}}</b></i></template>"
                "<i itemscope><b itemprop=n>1</b><template><b itemprop=n>2</b></template></i>") ==
          R"([{"n":"1"}])");
  }
}
