#!/usr/bin/python3
"""What a crawl begins with: ranges, lists read as they are needed, sitemaps, robots.txt."""
import gzip
import unittest

from support.flow import FlowTest
from support.http_server import Response, TestServer

HTML = {"Content-Type": "text/html; charset=utf-8"}
XML = '<?xml version="1.0" encoding="UTF-8"?>'
PAGE = """
name = "any"
%s
[[items]]
name = "page"
[items.fields]
title = "title"
number = { meta = "number" }
"""


class StartsTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.default(lambda request: Response(200, b"<title>%s</title>" % request.target.encode(), HTML))

    def crawl_with(self, begin, code=0):
        """Crawls with these lines at the top of the recipe; the titles that it found."""
        path = self.tmp / "any.toml"
        path.write_text(PAGE % begin.replace("URL", self.server.url), encoding="utf-8")
        self.done = self.crawl(path, code=code)
        return sorted(record["title"] for record in self.records("page"))

    def test_a_range(self):
        self.assertEqual(self.crawl_with('start_urls = ["URL/p[08-11]"]'), ["/p08", "/p09", "/p10", "/p11"])

    def test_a_list_from_the_recipes_folder(self):
        rows = "".join("%d,a %d\n" % (n, n) for n in range(1000))
        (self.tmp / "list.csv").write_text("number,name\n" + rows, encoding="utf-8")
        found = self.crawl_with('[[start]]\nfrom = "list.csv"\nurl = "URL/{meta.name}"')
        self.assertEqual(len(found), 1000)
        self.assertEqual({record["number"] for record in self.records("page")}, {str(n) for n in range(1000)})
        self.assertIn("/a%207", found)

    def test_a_broken_row_is_told(self):
        (self.tmp / "list.csv").write_text("a,b\n1,2\n3\n", encoding="utf-8")
        self.crawl_with('[[start]]\nfrom = "list.csv"\nurl = "URL/{meta.a}"', code=65)
        self.assertIn("list.csv:3: expected 2 fields", self.done.err)
        self.assertEqual(self.server.count("/1"), 1)

    def test_sitemaps_an_index_packed_ones_and_texts(self):
        def loc(kind, *paths):
            return "".join("<%s><loc>%s%s</loc></%s>" % (kind, self.server.url, path, kind) for path in paths)
        index = XML + "<sitemapindex>%s</sitemapindex>" % loc("sitemap", "/one.xml.gz", "/two.txt")
        one = XML + "<urlset>%s</urlset>" % loc("url", "/a", "/b?x=1&amp;y=2")
        self.server.route("/index.xml", body=index.encode(), headers={"Content-Type": "application/xml"})
        self.server.route("/one.xml.gz", body=gzip.compress(one.encode()), headers={"Content-Type": "application/x-gzip"})
        self.server.route("/two.txt", body=("%s/c\n%s/a\n" % (self.server.url, self.server.url)).encode(),
                          headers={"Content-Type": "text/plain"})
        self.assertEqual(self.crawl_with('sitemaps = ["URL/index.xml"]'), ["/a", "/b?x=1&y=2", "/c"])

    def test_sitemaps_are_fetched_as_the_recipe_says_but_its_credentials_are_not_for_them(self):
        self.server.route("/map.txt", body=("%s/a\n" % self.server.url).encode(), headers={"Content-Type": "text/plain"})
        recipe = self.write("own.toml", PAGE % ('allow = ["%s/*"]\nsitemaps = ["%s/map.txt"]' % (self.server.url, self.server.url)) + """
[fetch]
allow_private = ["127.0.0.0/8"]
respect_robots_txt = false
user_agent = "own/1"
headers = { authorization = "Bearer x" }
""")
        done = self.thresh("run", "-r", recipe, "-o", self.out, "-j", "1")
        self.assertEqual(done.code, 0, done)
        asked = {r.path: (r.headers["user-agent"], r.headers.get("authorization")) for r in self.server.requests}
        self.assertEqual(asked, {"/map.txt": ("own/1", None), "/a": ("own/1", "Bearer x")})

    def test_the_sitemaps_that_robots_txt_names(self):
        robots = "User-agent: *\nDisallow:\nSitemap: %s/map.txt\n" % self.server.url
        self.server.route("/robots.txt", body=robots.encode(), headers={"Content-Type": "text/plain"})
        self.server.route("/map.txt", body=("%s/a\n" % self.server.url).encode(), headers={"Content-Type": "text/plain"})
        self.assertEqual(self.crawl_with('start_urls = ["URL/"]\nsitemaps = ["robots"]'), ["/", "/a"])


if __name__ == "__main__":
    unittest.main()
