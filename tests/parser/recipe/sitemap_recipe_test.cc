// The built-in recipe `sitemap`: URLs out of what sites list.

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/parser/recipe/extract_fixture.h"
#include "tests/support/corpora.h"

using namespace thresh;
using namespace thresh::test;
using Strings = std::vector<std::string>;

namespace {

struct SitemapFixture : ExtractFixture {
  SitemapFixture() {
    const auto recipe = LoadRecipe("sitemap");
    REQUIRE_MESSAGE(recipe.ok(), recipe.error().detail);
    CHECK_FALSE(recipe->keep_links);
    Result<Program> compiled = CompileRecipe(*recipe, extractor.names());
    REQUIRE_MESSAGE(compiled.ok(), compiled.error().detail);
    program = std::move(*compiled);
    page.url = page.final_url = "http://x/sitemap.xml";
  }
  /// The links, those of sitemaps with `>` before them.
  Strings Found(std::string_view body, std::string_view content_type = "") {
    page.headers.clear();
    if (!content_type.empty()) page.headers.emplace_back("content-type", content_type);
    Strings found;
    for (const FollowedLink& link : Extract(body).links) {
      found.push_back((link.recipe == "sitemap" ? ">" : "") + link.url);
    }
    return found;
  }
};

const std::string kXml = R"(<?xml version="1.0" encoding="UTF-8"?>)";

}  // namespace

TEST_SUITE("recipe sitemap") {
  TEST_CASE_FIXTURE(SitemapFixture, "a list of URLs, whatever prefix its elements have") {
    const std::string list =
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc> http://x/a?b&amp;c"
        "\n</loc><lastmod>2020-01-01</lastmod></url><url><loc><![CDATA[http://x/d]]></loc></url>"
        "</urlset>";
    CHECK(Found(kXml + list) == Strings{"http://x/a?b&c", "http://x/d"});
    CHECK(Found(list, "application/xml") == Strings{"http://x/a?b&c", "http://x/d"});
    CHECK(Found("<s:urlset xmlns:s='http://www.sitemaps.org/schemas/sitemap/0.9'><s:url><s:loc>"
                "http://x/a</s:loc></s:url></s:urlset>") == Strings{"http://x/a"});
  }

  TEST_CASE_FIXTURE(SitemapFixture, "an index names sitemaps, not pages") {
    CHECK(Found(kXml + "<sitemapindex><sitemap><loc>http://x/1.xml.gz</loc></sitemap><sitemap>"
                       "<loc>http://y/2.xml</loc></sitemap></sitemapindex>") ==
          Strings{">http://x/1.xml.gz", ">http://y/2.xml"});
  }

  TEST_CASE_FIXTURE(SitemapFixture, "a text has a URL a line, and nothing else counts") {
    const std::string text = "\xEF\xBB\xBFhttp://x/a\r\n  https://x/b \n\nno http://x/c\nftp://x\n";
    const Strings urls{"http://x/a", "https://x/b"};
    CHECK(Found(text, "text/plain") == urls);
    CHECK(Found(text) == urls);
  }

  TEST_CASE_FIXTURE(SitemapFixture, "feeds are lists too") {
    CHECK(Found("<rss><channel><link>http://x/</link><item><link>http://x/1</link></item></channel>"
                "</rss>") == Strings{"http://x/1"});
    CHECK(Found("<feed xmlns='http://www.w3.org/2005/Atom'><link href='http://x/'/><entry>"
                "<link rel='self' href='http://x/s'/><link href='/e'/></entry></feed>") ==
          Strings{"http://x/e"});
  }

  TEST_CASE_FIXTURE(SitemapFixture, "robots.txt names sitemaps") {
    page.url = page.final_url = "http://x/robots.txt";
    CHECK(Found("User-agent: *\nDisallow: /\nSitemap: http://x/a.xml\r\n sitemap:/b.xml # c\n"
                "# Sitemap: http://x/no.xml\n",
                "text/plain") == Strings{">http://x/a.xml", ">http://x/b.xml"});
    page.url = "http://x/list.txt";
    CHECK(Found("Sitemap: http://x/a.xml\n", "text/plain").empty());
  }

  TEST_CASE_FIXTURE(SitemapFixture, "a list of no form we know gives nothing, and fails nothing") {
    CHECK(Found("").empty());
    CHECK(Found("<html><body>404 http://x/</body></html>").empty());
    CHECK(Found(kXml + "<other><loc>http://x/</loc></other>").empty());
  }

  TEST_CASE_FIXTURE(SitemapFixture, "real sitemaps, packed and not") {
    if (Corpora().empty()) return;
    const std::string folder = (Corpora() / "conformance/sitemaps").string() + "/";
    CHECK(Found(ReadFile(folder + "sitemap.txt"), "text/plain").size() == 2);
    CHECK(Found(ReadFile(folder + "sitemap-with-bom.txt"), "text/plain").size() == 2);
    CHECK(Found(ReadFile(folder + "sitemap.txt.gz"), "application/x-gzip").size() == 5);
    CHECK_FALSE(Found(ReadFile(folder + "sitemap.ns.xml"), "text/xml").empty());
    const std::string news = ReadFile(folder + "extension/shinpaideshou-news-sitemap.xml");
    CHECK_FALSE(Found(news, "text/xml").empty());
  }

  TEST_CASE_FIXTURE(SitemapFixture, "a list that was packed keeps its URLs to the letter") {
    CHECK(Found("http://x/i?a=1&section=2\nhttp://x/i?x=1&lt=4&copy=5\n", "application/gzip") ==
          Strings{"http://x/i?a=1&section=2", "http://x/i?x=1&lt=4&copy=5"});
  }

  TEST_CASE_FIXTURE(SitemapFixture, "an item's guid may be its link") {
    CHECK(Found(kXml +
                "<rss><channel><item><link>http://x/1</link><guid>http://x/g</guid></item>"
                "<item><guid>http://x/2</guid></item>"
                "<item><guid isPermaLink='false'>http://x/3</guid></item></channel></rss>") ==
          Strings{"http://x/1", "http://x/2"});
  }
}
