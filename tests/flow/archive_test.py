#!/usr/bin/python3
"""`save`: raw answers kept as files and in WARC files; `thresh extract` takes records from them again."""
import gzip
import json
import os
import unittest

from support import warc
from support.flow import FlowTest, corpora, own, read_lines
from support.http_server import Response, TestServer

PAGES = """name = "saved"
save.format = "warc"
allow = ["http://127.0.0.1:*"]
[fetch]
allow_private = ["127.0.0.0/8"]
respect_robots_txt = false
[[items]]
name = "title"
[items.fields]
title = "title"
shop = { meta = "shop" }
[[items]]
name = "price"
rows = "li"
[items.fields]
price = { css = "::own-text", type = "number", required = true }
[[follow]]
css = "a[href]"
"""

FILES = """name = "files"
save.format = "file"
%s
allow = ["http://127.0.0.1:*"]
[fetch]
allow_private = ["127.0.0.0/8"]
respect_robots_txt = false
"""


def page(n, links=()):
    anchors = "".join('<a href="%s">x</a>' % link for link in links)
    return ("<title>Page %d – ü</title><ul><li>%d<li>none<li>7.5</ul>%s" % (n, n, anchors)).encode()


class SavingTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.pages = self.state / "pages"


class WarcTest(SavingTest):
    def serve_site(self):
        html = {"Content-Type": "text/html; charset=utf-8"}
        self.server.route("/", body=page(0, ["/a", "/b", "/gone", "/moved"]), headers=html)
        self.server.route("/a", body=gzip.compress(page(1)), headers={**html, "Content-Encoding": "gzip"})
        self.server.route("/b", body=page(2, ["/a?x=1"]), headers=html)
        self.server.route("/c", body=page(3), headers=html)
        self.server.redirect("/moved", "/c")

    def crawl_site(self):
        self.serve_site()
        recipe = self.write("saved.toml", PAGES)
        line = json.dumps({"url": self.server.url + "/", "meta": {"shop": "Zoë\n& Co"}})
        listed = self.write("list.ndjson", line + "\n")
        done = self.crawl(recipe, "-f", listed, code=3)
        self.assertEqual({record["reason"] for record in self.records("dead")} - {"required_field"}, {"http_404"}, done)
        return recipe

    def lines(self, folder, item):
        return sorted(read_lines(folder / (item + ".ndjson")))

    def test_pages_in_a_warc_file_are_by_the_standard_and_byte_by_byte(self):
        self.crawl_site()
        found = warc.responses(self.pages)
        base = self.server.url
        self.assertEqual({url[len(base):]: bodies for url, bodies in found.items()}, {
            "/": [page(0, ["/a", "/b", "/gone", "/moved"])], "/a": [page(1)], "/a?x=1": [page(1)], "/b": [page(2, ["/a?x=1"])], "/c": [page(3)]})
        path, = self.pages.glob("*.warc.gz")
        records = warc.read_warc(path)
        self.assertEqual([record.type for record in records], ["warcinfo"] + ["metadata", "request", "response"] * 5)
        self.assertTrue(records[0].block.startswith(b"software: thresh/"), records[0].block)

    def test_extracted_again_the_records_are_the_same_without_network(self):
        recipe = self.crawl_site()
        self.server.stop()
        again = self.tmp / "again"
        done = self.thresh("extract", "--warc", self.pages, "-r", recipe, "-o", again)
        self.assertEqual((done.code, done.out), (0, ""), done)
        for item in ("title", "price"):
            self.assertEqual(self.lines(again, item), self.lines(self.out, item))
        self.assertEqual(len(self.lines(again, "title")), 5)
        self.assertEqual([(letter["reason"], letter["item"], letter["row"]) for letter in self.records("dead", again)],
                         [("required_field", "price", 1)] * 5)
        self.assertIn("5 pages, 15 records, 5 rows rejected", done.err)

        refused = self.thresh("extract", "--warc", self.pages, "-r", recipe, "-o", again)
        self.assertEqual(refused.code, 73, refused)
        self.assertIn("--fresh", refused.err)
        self.assertEqual(self.thresh("extract", "--warc", self.pages, "-r", recipe, "-o", again, "--fresh").code, 0)

        path, = self.pages.glob("*.warc.gz")
        out = self.thresh("extract", "--warc", path, "-r", recipe)
        rows = [json.loads(line) for line in out.out.splitlines()]
        self.assertEqual({row["_item"] for row in rows}, {"title", "price"})
        self.assertEqual(len(rows), 15)

    def test_another_recipe_finds_other_things_in_the_same_pages(self):
        self.crawl_site()
        other = self.write("other.toml", 'name = "other"\nallow = ["*/a*"]\n[[items]]\nname = "first"\n[items.fields]\nfirst = "li"\n')
        done = self.thresh("extract", "--warc", self.pages, "-r", other)
        self.assertEqual([own(json.loads(line)) for line in done.out.splitlines()], [{"first": "1"}] * 2, done)
        self.assertIn("3 answers passed over", done.err)

    def test_a_torn_file_gives_its_whole_pages(self):
        recipe = self.crawl_site()
        path, = self.pages.glob("*.warc.gz")
        whole = path.read_bytes()
        torn = self.tmp / "torn.warc.gz"
        torn.write_bytes(whole[:-40])
        done = self.thresh("extract", "--warc", torn, "-r", recipe)
        self.assertEqual((done.code, len(done.out.splitlines())), (0, 12), done)
        self.assertIn("torn", done.err)
        damaged = bytearray(whole)
        damaged[len(whole) // 2] ^= 0x55
        torn.write_bytes(damaged)
        self.assertEqual(self.thresh("extract", "--warc", torn, "-r", recipe).code, 65)

    def test_files_of_other_software(self):
        recipe = self.write("other.toml", 'name = "other"\nallow = ["http://*"]\n[[items]]\nname = "title"\n[items.fields]\ntitle = "title"\n')
        folder = corpora("conformance", "warc")
        for name, title, url, date in (
                ("example.warc", "Example Domain", "http://example.com/", "2017-03-06T04:02:06.000Z"),
                ("example.warc.gz", "Example Domain", "http://example.com/", "2017-03-06T04:02:06.000Z"),
                ("example-iana.org-chunked.warc", "Internet Assigned Numbers Authority", "http://www.iana.org/", "2017-03-06T16:54:09.000Z")):
            done = self.thresh("extract", "--warc", folder / name, "-r", recipe)
            record, = [json.loads(line) for line in done.out.splitlines()]
            self.assertEqual((record["title"], record["_url"], record["_fetched_at"]), (title, url, date), done)
        self.assertEqual(len(self.thresh("extract", "--warc", folder, "-r", recipe).out.splitlines()), 3)

    def test_pages_of_any_writer_are_counted_and_dated(self):
        """Media types in any case or none, folded fields, dates of any precision (WARC 1.1, 4 and 5.4)."""
        def record(fields, block=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>t</title>"):
            return b"WARC/1.1\r\n%s\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (fields, len(block), block)
        written = (record(b"WARC-Type:\r\n response\r\nWARC-Target-URI:\r\n http://a/1\r\nWARC-Date: 2020\r\nContent-Type: Application/HTTP"),
                   record(b"WARC-Type: response\r\nWARC-Target-URI: http://a/2\r\nWARC-Date: 2020-03-04T05:06Z"),
                   record(b"WARC-Type: response\r\nWARC-Target-URI: http://a/3\r\nWARC-Date: 2020-03-04", b"ICY 200 OK\r\n\r\nx"))
        (self.tmp / "any.warc").write_bytes(b"".join(written))
        recipe = self.write("any.toml", 'name = "any"\nallow = ["http://*"]\n[[items]]\nname = "title"\n[items.fields]\ntitle = "title"\n')
        done = self.thresh("extract", "--warc", self.tmp / "any.warc", "-r", recipe)
        records = [json.loads(line) for line in done.out.splitlines()]
        self.assertEqual([(r["_url"], r["_fetched_at"]) for r in records],
                         [("http://a/1", "2020-01-01T00:00:00.000Z"), ("http://a/2", "2020-03-04T05:06:00.000Z")], done)
        self.assertIn("1 answer passed over", done.err)

    def test_damage_is_told_where_it_is(self):
        good = gzip.compress(b"WARC/1.1\r\nWARC-Type: warcinfo\r\nContent-Length: 1\r\n\r\nx\r\n\r\n")
        (self.tmp / "two.warc.gz").write_bytes(good + b"\x1f\x8b\x08" + 40 * b"\xff")
        done = self.thresh("extract", "--warc", self.tmp / "two.warc.gz", "-r", self.write("saved.toml", PAGES))
        self.assertEqual(done.code, 65, done)
        self.assertIn("record at byte %d: the gzip member is damaged" % len(good), done.err)

    def test_a_url_with_braces_is_the_same_as_in_the_crawl(self):
        recipe = self.write("braces.toml", PAGES.replace('title = "title"', 'title = "title"\nat = { url = true }'))
        self.server.default(lambda request: Response(200, page(1), {"Content-Type": "text/html"}))
        url = self.server.url + "/?[a]={b}"
        self.crawl(recipe, url)
        again = self.tmp / "again"
        done = self.thresh("extract", "--warc", self.pages, "-r", recipe, "-o", again)
        self.assertEqual([r["at"] for r in self.records("title", again)], [r["at"] for r in self.records("title")], done)
        self.assertIn("{b}", self.records("title")[0]["at"])

    def test_what_cannot_be_used_is_65(self):
        recipe = self.write("saved.toml", PAGES)
        none = self.write("none.warc", "hello\n")
        for what in (none, self.tmp / "missing.warc", self.tmp / "t"):
            done = self.thresh("extract", "--warc", what, "-r", recipe)
            self.assertEqual((done.code, done.out), (65, ""), done)
            self.assertTrue(done.err.startswith("thresh extract: "), done)
        self.assertEqual(self.thresh("extract", "--warc", none, "-r", "no-such-recipe").code, 65)


class FilesTest(SavingTest):
    def saved(self):
        """{path below the folder of pages: bytes}, what thresh keeps for itself left out."""
        files = {}
        for folder, names, leaves in os.walk(self.pages):
            names[:] = [name for name in names if not name.startswith(".")]
            for leaf in leaves:
                path = os.path.join(folder, leaf)
                with open(path, "rb") as file:
                    files[os.path.relpath(path, self.pages)] = file.read()
        return files

    def download(self, path, lines, code=0):
        recipe = self.write("files.toml", FILES % (path and 'save.path = "%s"' % path))
        listed = self.write("list.ndjson", "".join(json.dumps(line) + "\n" for line in lines))
        return self.crawl(recipe, "-f", listed, code=code)

    def test_each_answer_is_in_a_file_by_its_url(self):
        bodies = {"/": b"root", "/a/b.bin": bytes(range(256)) * 999, "/a": b"a", "/q?x=1/2": b"", "/a/": b"folder"}
        for path, body in bodies.items():
            self.server.route(path.partition("?")[0], body=body)
        self.download("", [{"url": self.server.url + path} for path in bodies])
        host = self.server.url.partition("//")[2]
        saved = self.saved()
        for name, path in (("index.html", "/"), ("q@x=1_2", "/q?x=1/2")):
            self.assertEqual(saved.pop(host + "/" + name, None), bodies[path], name)
        # `a` is a folder or a file, whichever is saved first; what then cannot have its name has another.
        self.assertEqual(sorted(saved.values()), sorted(bodies[path] for path in ("/a", "/a/", "/a/b.bin")))
        own = {"a"} if host + "/a" in saved else {"a/b.bin", "a/index.html"}
        self.assertLessEqual({host + "/" + name for name in own}, set(saved))

    def test_no_value_of_a_page_leaves_the_folder(self):
        names = ["../../../../evil", "..", ".", "/etc/passwd", "a/b", "a\\b", "\x00", "x\ny", "", ".names", "..%2f", "ü" * 300, "C:", "a", "a", None]
        self.server.default(lambda request: ("body of " + request.query.partition("=")[2]).encode())
        lines = [{"url": "%s/p?n=%d" % (self.server.url, n), "meta": {} if name is None else {"name": name}} for n, name in enumerate(names)]
        before = {path for path in self.tmp.rglob("*") if self.pages not in path.parents and self.out not in path.parents}
        self.download("shop/{+meta.name}.html", lines)
        saved = self.saved()
        self.assertEqual(sorted(saved.values()), sorted(b"body of %d" % n for n in range(len(names))))
        for path in saved:
            self.assertRegex(path, r"\Ashop/[^/]+\.html\Z")
            self.assertNotRegex(path, r"[\x00-\x1f]")
        after = {path for path in self.tmp.rglob("*") if self.pages not in path.parents and self.out not in path.parents}
        self.assertEqual({path.name for path in after - before} - {"files.toml", "list.ndjson", "out"}, set())
        self.assertEqual(len([path for path in saved if path.startswith("shop/a-") or path == "shop/a.html"]), 2)

    def test_without_a_folder_for_them_nothing_is_begun(self):
        recipe = self.write("files.toml", FILES % "")
        done = self.thresh("run", "-r", recipe, self.server.url + "/")
        self.assertEqual((done.code, self.server.requests), (64, []), done)
        self.assertIn("save.format", done.err)

    def test_a_failed_answer_leaves_no_file(self):
        self.server.route("/gone", status=404, body=b"sorry")
        self.server.drop("/drop")
        self.download("", [{"url": self.server.url + path} for path in ("/gone", "/drop")], code=3)
        self.assertEqual(self.saved(), {})

    def test_a_body_of_any_size_is_saved_in_pieces(self):
        size = 150_000_001
        self.server.big("/big", size)
        recipe = self.write("files.toml", FILES.replace("[fetch]", "[fetch]\nmax_body_bytes = 200000000") % 'save.path = "big.bin"')
        self.crawl(recipe, self.server.url + "/big")
        self.assertEqual((self.pages / "big.bin").stat().st_size, size)


if __name__ == "__main__":
    unittest.main()
