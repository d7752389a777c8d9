#!/usr/bin/python3
"""`thresh fetch` and `thresh try`: one page, on stdout what was asked for, on stderr the rest."""
import gzip
import json
import re
import subprocess
import unittest

from support.flow import RECIPES, YELP, FlowTest, own, read_records
from support.http_server import Response, TestServer
from support.review_pages import ReviewPages
from review_site import check

PAGE = RECIPES / "page.toml"


class ServedTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)

    def url(self, path):
        return self.server.url + path


class FetchTest(ServedTest):
    BODY = bytes(range(256)) * 400 + b"no newline at the end"

    def test_the_body_comes_out_byte_by_byte(self):
        self.server.route("/a", body=self.BODY)
        done = self.thresh("fetch", self.url("/a"))
        self.assertEqual((done.code, done.err), (0, ""), done)
        self.assertEqual(done.out_bytes, self.BODY)

    def test_a_packed_body_comes_out_unpacked(self):
        self.server.route("/a", body=gzip.compress(self.BODY), headers={"Content-Encoding": "gzip"})
        self.assertEqual(self.thresh("fetch", self.url("/a")).out_bytes, self.BODY)
        self.assertEqual(self.server.requests[0].headers["accept-encoding"], "gzip, deflate, br, zstd")

    def test_with_i_status_and_headers_come_first(self):
        self.server.route("/a", body=b"body", headers={"X-One": "two"})
        done = self.thresh("fetch", "-i", self.url("/a"))
        self.assertEqual(done.code, 0, done)
        head, _, body = done.out_bytes.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        self.assertEqual((lines[0], body), ("HTTP/1.1 200 OK", b"body"))
        self.assertIn("X-One: two", lines)

    def test_redirects_are_followed(self):
        self.server.redirect("/old", "new")
        self.server.route("/new", body=b"here")
        self.assertEqual(self.thresh("fetch", self.url("/old")).out, "here")

    def test_what_is_no_url_is_65(self):
        for url in ("hello", "http://", "ftp://127.0.0.1/a", "/etc/passwd"):
            done = self.thresh("fetch", url)
            self.assertEqual((done.code, done.out), (65, ""), (url, done))
            self.assertTrue(done.err.startswith("thresh fetch: "), done)

    def test_a_404_is_3_and_its_body_is_there(self):
        self.server.route("/gone", status=404, body=b"sorry")
        done = self.thresh("fetch", self.url("/gone"))
        self.assertEqual((done.code, done.out), (3, "sorry"), done)
        self.assertEqual(done.err, "thresh fetch: %s: the server answered 404 (http_404)\n" % self.url("/gone"))

    def test_a_server_that_is_not_there_or_hangs_up_is_3_with_the_reason(self):
        self.server.drop("/drop")
        self.server.redirect("/self", "/self")
        for url, reason in (("http://127.0.0.1:1/", "connect"), (self.url("/drop"), "broken_off"), (self.url("/self"), "too_many_redirects")):
            done = self.thresh("fetch", url)
            self.assertEqual((done.code, done.out), (3, ""), (url, done))
            self.assertRegex(done.err, r"\Athresh fetch: %s: .* \(%s\)\n\Z" % (re.escape(url), reason))

    def test_a_body_of_any_size_goes_through(self):
        self.server.big("/big", 70_000_001, chunked=True)  # over fetch.max_body_bytes: no limit for this command
        process = self.start("thresh", "fetch", self.url("/big"), stdout=subprocess.PIPE)
        count = 0
        while part := process.stdout.read(1 << 20):
            count += len(part)
        self.assertEqual((self.wait_for_exit(process), count), (0, 70_000_001))

    def test_a_reader_that_leaves_ends_it_with_73(self):
        self.server.big("/big", 1_000_000_000, chunked=True)
        process = self.start("thresh", "fetch", self.url("/big"), stdout=subprocess.PIPE)
        self.assertEqual(len(process.stdout.read(1000)), 1000)
        process.stdout.close()
        self.assertEqual(self.wait_for_exit(process), 73)


class TryTest(ServedTest):
    def setUp(self):
        super().setUp()
        self.pages = ReviewPages(self, 2, pages=3)
        self.file = self.tmp / "page.html"
        self.file.write_bytes(self.pages.site.page(0, 0))

    def counts(self, done):
        """Field → (found, of how many rows), as the report on stderr says."""
        return {name: (int(found), int(rows)) for name, found, rows in re.findall(r"^  (\S+) +(\d+)/(\d+)  ", done.err, re.M)}

    def test_an_answer_that_is_no_page_in_a_crawl_is_said_to_be_none(self):
        self.server.route("/gone", status=404, body=b"<title>t</title>", headers={"Content-Type": "text/html"})
        done = self.thresh("try", PAGE, self.url("/gone"))
        self.assertIn("status 404: in a crawl a dead letter, reason http_404", done.err)
        self.server.route("/there", body=b"<title>t</title>", headers={"Content-Type": "text/html"})
        self.assertNotIn("dead letter", self.thresh("try", PAGE, self.url("/there")).err)

    def test_on_a_url_it_prints_records_links_and_what_each_field_matched(self):
        url = self.pages.page_url(1, 1)
        done = self.thresh("try", YELP, url)
        self.assertEqual(done.code, 0, done)
        records = [json.loads(line) for line in done.out.splitlines()]
        wanted = [record for record in self.pages.site.truth() if record["_path"] == self.pages.site.path(1, 1)]
        self.assertEqual(list(map(own, records)), list(map(own, wanted)))
        self.assertEqual({(record["_url"], record["_item"]) for record in records}, {(url, "review")})
        self.assertEqual(self.counts(done), {name: (20, 20) for name in own(wanted[0])})
        self.assertIn("review: 20 rows, 20 records\n", done.err)
        self.assertIn("links: 1\n  %s\n" % self.pages.page_url(1, 2), done.err)

    def test_a_packed_page_in_another_charset_is_read(self):
        body = gzip.compress("<title>\u65e5\u672c</title>".encode("shift_jis"))
        self.server.route("/p", body=body, headers={"Content-Type": "text/html; charset=sjis", "Content-Encoding": "gzip"})
        done = self.thresh("try", PAGE, self.url("/p"))
        self.assertEqual(json.loads(done.out)["title"], "\u65e5\u672c")

    def test_a_page_that_cannot_be_unpacked_is_65_and_says_why(self):
        self.server.route("/p", body=b"no gzip", headers={"Content-Encoding": "gzip"})
        done = self.thresh("try", PAGE, self.url("/p"))
        self.assertEqual((done.code, done.out), (65, ""), done)
        self.assertIn("cannot be unpacked", done.err)

    def test_on_a_file_it_fetches_nothing_and_links_resolve_against_the_url_given(self):
        done = self.thresh("try", YELP, self.file, "--url", "https://www.yelp.com/biz/x")
        self.assertEqual(done.code, 0, done)
        path = self.write("tried.ndjson", done.out)
        self.assertEqual(len(read_records(path)), 20)
        lost, *others = check(path, self.pages.site)
        self.assertEqual((lost, others), (100, [0, 0, 0]))
        self.assertIn("links: 1\n  https://www.yelp.com%s\n" % self.pages.site.path(0, 1), done.err)
        self.assertEqual(self.pages.server.requests, [])

    def test_a_field_that_finds_nothing_is_pointed_out(self):
        recipe = self.write("typo.toml", YELP.read_text().replace('".user-display-name"', '".user-dispaly-name"'))
        done = self.thresh("try", recipe, self.file)
        self.assertEqual(done.code, 0, done)
        self.assertEqual(self.counts(done)["author"], (0, 20))
        self.assertRegex(done.err, r"(?m)^  author +0/20  found nothing$")
        self.assertEqual(self.counts(done)["rating"], (20, 20))

    def test_it_is_1_when_neither_records_nor_links_are_found(self):
        self.server.route("/empty", body=b"<p>nothing here")
        done = self.thresh("try", YELP, self.url("/empty"))
        self.assertEqual((done.code, done.out), (1, ""), done)
        self.assertIn("links: 0\n", done.err)

    def test_where_both_are_one_text_records_come_before_what_is_said_of_them(self):
        page = self.write("one.html", "<div class=review data-review-id=a><div class=i-stars title='4.0 star rating'></div></div>")
        done = subprocess.run([self.program("thresh"), "try", YELP, page], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self.env)
        self.assertRegex(done.stdout, r'(?s)\Arecipe \S+ on [^\n]*\n\{[^\n]*"a"[^\n]*\}\nreview: 1 row, 1 record\n')

    def test_rows_without_a_required_field_are_told(self):
        page = '<div class=review data-review-id=a></div><div class=review data-review-id=b><div class=i-stars title="4.0 star rating"></div></div>'
        done = self.thresh("try", YELP, self.write("two.html", page))
        self.assertEqual([json.loads(line)["review_id"] for line in done.out.splitlines()], ["b"])
        self.assertIn("review: 2 rows, 1 record\n", done.err)
        self.assertIn('review: row 0 rejected: required field "rating" found nothing\n', done.err)

    def test_nested_records_repeats_meta_and_links_for_another_recipe(self):
        recipe = self.write("all.toml", """\
name = "all"
allow = ["http://localhost/*"]
[[items]]
name = "place"
rows = "li"
key = ["name"]
[items.fields]
name = "b"
term = { meta = "term" }
[items.fields.offers]
rows = "i"
many = true
[items.fields.offers.fields]
price = { css = "::text", type = "number" }
[[items]]
name = "other"
match = ["*/elsewhere"]
[items.fields]
x = "b"
[[follow]]
css = "a"
recipe = "detail"
""")
        page = self.write("all.html", "<li><b>A</b><i>1</i><i>?</i><li><b>B</b><li><b>A</b><a href=d>d</a>")
        done = self.thresh("try", recipe, page, "--meta", '{"term": "x"}')
        self.assertEqual(done.code, 0, done)
        records = [json.loads(line) for line in done.out.splitlines()]
        self.assertEqual([own(record) for record in records], [{"name": "A", "term": "x", "offers": [{"price": 1}, {"price": None}]},
                                                               {"name": "B", "term": "x", "offers": []}])
        self.assertEqual(records[0]["_meta"], {"term": "x"})
        self.assertIn("place: 3 rows, 2 records, 1 repeat by key\n", done.err)
        self.assertEqual(self.counts(done)["offers.price"], (1, 2))
        self.assertIn("other: not for this URL, by its match\n", done.err)
        self.assertIn("links: 1\n  http://localhost/d  -> detail\n", done.err)
        self.assertEqual(self.thresh("try", recipe, page, "--meta", "x").code, 65)

    def test_links_resolve_against_where_a_redirect_led(self):
        self.server.redirect("/old", "/dir/new")
        self.server.route("/dir/new", lambda request: Response(200, b"<title>T</title><a href=next>x</a>", {"Content-Type": "text/html"}))
        done = self.thresh("try", PAGE, self.url("/old"))
        self.assertEqual(json.loads(done.out)["_url"], self.url("/old"))
        self.assertIn("links: 1\n  %s\n" % self.url("/dir/next"), done.err)

    def test_a_page_that_cannot_be_had_is_3_and_a_file_that_is_not_there_65(self):
        done = self.thresh("try", YELP, "http://127.0.0.1:1/")
        self.assertEqual((done.code, done.out), (3, ""), done)
        self.assertIn("(connect)", done.err)
        done = self.thresh("try", YELP, self.tmp / "none.html")
        self.assertEqual((done.code, done.out), (65, ""), done)
        self.assertIn("none.html", done.err)

    def test_a_broken_recipe_is_65(self):
        recipe = self.write("broken.toml", 'name = "x"\n[[items]]\nname = "i"\n[items.fields]\na = "p:has("\n')
        done = self.thresh("try", recipe, self.file)
        self.assertEqual((done.code, done.out), (65, ""), done)
        self.assertRegex(done.err, r"%s:5:\d+: " % recipe)


class TryStartTest(ServedTest):
    """What a recipe starts with is asked for as a crawl would."""
    RECIPE = """name = "api"
start_urls = ["http://127.0.0.1:%(port)d/list?p=[1-2]"]
sitemaps = ["http://127.0.0.1:%(port)d/sitemap.xml"]
[[start]]
from = "terms.csv"
url = "http://127.0.0.1:%(port)d/search?key={secret.api-key}"
method = "POST"
headers = { x-token = "t {secret.api-key}" }
body = { term = "{meta.term}" }
[[items]]
name = "hit"
rows = "$.hits[*]"
[items.fields]
name = "$.name"
term = { meta = "term" }
"""

    def setUp(self):
        super().setUp()
        self.recipe = self.write("api.toml", self.RECIPE % {"port": self.server.port})
        self.write("terms.csv", "term\nred\n\"a \"\"b\"\"\"\n")
        self.secrets = self.tmp / "secrets"
        self.secrets.mkdir()
        (self.secrets / "api-key").write_text("s3 cret&\n")
        (self.secrets / "api-key").chmod(0o600)
        self.server.default(lambda request: Response(200, b'{"hits":[{"name":"n"}]}', {"Content-Type": "application/json"}))

    def attempt(self, *arguments, code=0):
        done = self.thresh("try", self.recipe, *arguments)
        self.assertEqual(done.code, code, done)
        self.assertNotIn("s3 cret", done.out + done.err)
        self.assertNotIn("s3%20cret", done.out + done.err)
        return done

    def test_the_first_start_is_the_first_start_url(self):
        done = self.attempt()
        self.assertEqual([r.target for r in self.server.requests], ["/list?p=1"])
        self.assertEqual(json.loads(done.out)["name"], "n")
        self.attempt("--start", "2")
        self.assertEqual(self.server.requests[-1].target, "/list?p=2")

    def test_a_start_row_is_sent_with_its_method_body_headers_secrets_and_meta(self):
        for number, term in ((3, "red"), (4, 'a "b"')):
            done = self.attempt("--start", str(number), "--secrets-dir", self.secrets)
            request = self.server.requests[-1]
            self.assertEqual((request.method, request.target), ("POST", "/search?key=s3%20cret%26"))
            self.assertEqual((json.loads(request.body), request.headers["x-token"]), ({"term": term}, "t s3 cret&"))
            record = json.loads(done.out)
            self.assertEqual((record["term"], record["_meta"]), (term, {"term": term}))
            self.assertEqual(record["_url"], self.url("/search?key={secret.api-key}"))

    def test_its_records_have_the_ids_of_the_crawl(self):
        tried = json.loads(self.attempt("--start", "3", "--secrets-dir", self.secrets).out)
        self.crawl(self.recipe, "-j", "1", "--secrets-dir", self.secrets)
        self.assertIn(tried["_id"], [record["_id"] for record in self.records("hit")])

    def test_a_feed_line_is_one_too(self):
        line = {"url": self.url("/q"), "body": "x=1", "meta": {"term": "t"}}
        self.assertEqual(json.loads(self.attempt(json.dumps(line)).out)["term"], "t")
        self.assertEqual((self.server.requests[-1].method, self.server.requests[-1].body), ("POST", b"x=1"))
        self.assertIn("expected", self.attempt('{"url": 7}', code=65).err)

    def test_what_cannot_be_asked_for_says_why(self):
        self.assertIn("api-key", self.attempt("--start", "3", code=65).err)
        self.assertIn("there are 5", self.attempt("--start", "9", code=65).err)
        self.assertIn("for recipe sitemap: thresh try sitemap ", self.attempt("--start", "5", code=65).err)
        self.attempt("--start", "0", code=64)
        self.attempt(self.url("/a"), "--start", "1", code=64)
        empty = self.write("empty.toml", 'name = "empty"\n[[items]]\nname = "i"\n[items.fields]\na = "title"\n')
        self.recipe = empty
        self.assertIn("starts with nothing", self.attempt(code=65).err)


if __name__ == "__main__":
    unittest.main()
