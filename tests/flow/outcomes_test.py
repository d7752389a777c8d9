#!/usr/bin/python3
"""What becomes of URLs whose pages cannot be had: each ends, with a reason, and hurts no other."""
import gzip
import json
import socket
import unittest
import zlib

from support.flow import DEADLINE_S, RECIPES, FlowTest
from support.http_server import Close, Response, TestServer

PAGE = RECIPES / "page.toml"
HTML = {"Content-Type": "text/html; charset=utf-8"}
LETTER_KEYS = ["url", "id", "recipe", "reason", "attempts", "at", "status", "headers", "body_path"]
GOOD = 40


def page(title, *links):
    return ("<!doctype html><title>%s</title>" % title + "".join('<a href="%s">x</a>' % link for link in links)).encode()


def broken_body():
    yield b"<title>half a page"
    raise Close


class OutcomeTest(FlowTest):
    """Routes and one crawl of them all; every test looks at one kind of end."""

    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        for number in range(GOOD):
            self.server.route("/good-%d" % number, body=page("good %d" % number), headers=HTML)

    def url(self, path):
        return self.server.url + path

    def crawl_paths(self, *paths, arguments=(), code=3, deadline_s=DEADLINE_S):
        """Crawls the paths among the good pages, half of which come before and half after them."""
        good = ["/good-%d" % number for number in range(GOOD)]
        urls = self.write_list(map(self.url, [*good[::2], *paths, *good[1::2]]))
        self.summary = self.crawl(PAGE, "-f", urls, "-j", "2", *arguments, code=code, deadline_s=deadline_s).err
        self.titles = {record["_url"]: record["title"] for record in self.records("page")}
        for number in range(GOOD):
            self.assertEqual(self.titles[self.url("/good-%d" % number)], "good %d" % number)
        self.letters = self.dead()

    def assert_dead(self, path, reason, attempts, status=None):
        letter = self.letters[path if "://" in path else self.url(path)]
        self.assertEqual((letter["reason"], letter["attempts"], letter["status"]), (reason, attempts, status), letter)
        self.assertEqual(list(letter)[:len(LETTER_KEYS)], LETTER_KEYS)
        self.assertEqual(letter["recipe"], "any")
        self.assertRegex(letter["id"], r"\A[0-9]+\Z")
        self.assertRegex(letter["at"], r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")
        return letter

    def assert_balance(self, fed, done, dead, followed=0):
        self.assertIn("balance    fed %d + followed %d = done %d + dead %d + dropped 0 + pending 0\n"
                      % (fed, followed, done, dead), self.summary)


class StatusTest(OutcomeTest):
    def test_404_and_410_are_dead_at_once_and_500_after_three_attempts(self):
        self.server.route("/gone", status=410, body=b"gone")
        self.server.route("/fails", status=500, body=b"oops", headers={"X-Why": "tired"})
        self.crawl_paths("/missing", "/gone", "/fails")
        self.assertEqual(len(self.letters), 3)
        self.assert_dead("/missing", "http_404", 1, 404)
        self.assert_dead("/gone", "http_410", 1, 410)
        letter = self.assert_dead("/fails", "http_500", 3, 500)
        self.assertEqual(letter["headers"]["x-why"], "tired")
        self.assertEqual([self.server.count(p) for p in ("/missing", "/gone", "/fails")], [1, 1, 3])
        self.assert_balance(GOOD + 3, GOOD, 3)
        self.assertRegex(self.summary, r"failed +1 http_404, 1 http_410, 1 http_500; see %s/dead.ndjson" % self.out)

    def test_a_server_that_recovers_gives_its_page(self):
        answers = iter([Response(503, b"later"), Response(500, b"oops")])
        self.server.route("/moody", lambda request: next(answers, Response(200, page("here it is"), HTML)))
        self.crawl_paths("/moody", code=0)
        self.assertEqual(self.titles[self.url("/moody")], "here it is")
        self.assertEqual((self.server.count("/moody"), self.letters), (3, {}))

    def test_a_204_is_a_page_without_content(self):
        self.server.route("/empty", status=204)
        self.crawl_paths("/empty", code=0)
        self.assertIsNone(self.titles[self.url("/empty")])


class ConnectionTest(OutcomeTest):
    def test_a_refused_connection_is_dead_after_three_attempts(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))  # and never listens
            refused = "http://127.0.0.1:%d/x" % closed.getsockname()[1]
            self.write("more.txt", refused + "\n")
            self.crawl_paths(arguments=("-f", self.tmp / "more.txt"))
        letter = self.assert_dead(refused, "connect", 3)
        self.assertEqual(letter["headers"], {})
        self.assert_balance(GOOD + 1, GOOD, 1)

    def test_a_dropped_connection_is_dead_after_three_attempts(self):
        self.server.drop("/drop")
        self.server.route("/half", lambda request: Response(200, broken_body(), {**HTML, "Content-Length": "5000"}))
        self.server.route("/half-chunk", lambda request: Response(200, broken_body(), HTML))
        self.crawl_paths("/drop", "/half", "/half-chunk")
        self.assertIsNone(self.assert_dead("/drop", "broken_off", 3)["status"])
        self.assert_dead("/half", "broken_off", 3, 200)
        self.assert_dead("/half-chunk", "broken_off", 3, 200)
        self.assertEqual(len(self.titles), GOOD)

    def test_a_server_that_never_answers_is_a_timeout(self):
        self.server.hang("/hang")
        self.crawl_paths("/hang", arguments=("--set", "fetch.timeout_ms=2000"))
        self.assert_dead("/hang", "timeout", 3)
        self.assertEqual(self.server.count("/hang"), 3)


class HeaderTest(OutcomeTest):
    """Headers are bytes, mostly ASCII; the test server sends these as Latin-1."""
    LATIN_1 = {**HTML, "X-Name": "caf\u00e9 \u00ff\u00c3"}

    def test_a_page_whose_headers_are_no_utf_8_is_a_page(self):
        self.server.route("/page", body=page("here"), headers=self.LATIN_1)
        self.crawl_paths("/page", code=0, deadline_s=20)
        self.assertEqual(self.titles[self.url("/page")], "here")

    def test_an_error_whose_headers_are_no_utf_8_is_a_dead_letter(self):
        self.server.route("/gone", status=404, headers=self.LATIN_1)
        self.crawl_paths("/gone", deadline_s=20)
        self.assert_dead("/gone", "http_404", 1, 404)

    def test_a_redirect_to_a_url_that_is_no_utf_8_is_followed(self):
        self.server.redirect("/old", "/caf\u00e9")
        self.server.default(lambda request: Response(200, page("moved"), HTML))
        self.crawl_paths("/old", code=0)
        self.assertEqual(self.titles[self.url("/old")], "moved")

    def test_a_page_with_64_kib_of_headers_ends_one_way_or_the_other(self):
        self.server.route("/many", body=page("many"), headers={**HTML, **{"X-%d" % n: "v" * 1000 for n in range(90)}})
        self.crawl_paths("/many")
        self.assert_dead("/many", "too_large", 1, 200)


class SizeTest(OutcomeTest):
    def test_a_10_mb_page_over_the_limit_is_too_large_however_it_is_sent(self):
        self.server.big("/big", 10_000_000)
        self.server.big("/big-chunked", 10_000_000, chunked=True)
        bomb = gzip.compress(bytes(10_000_000))
        self.assertLess(len(bomb), 100_000)
        self.server.route("/bomb", body=bomb, headers={**HTML, "Content-Encoding": "gzip"})
        self.crawl_paths("/big", "/big-chunked", "/bomb", arguments=("--set", "fetch.max_body_bytes=1000000"))
        for path in ("/big", "/big-chunked", "/bomb"):
            letter = self.assert_dead(path, "too_large", 1, 200)
            self.assertIn("1000000 bytes (fetch.max_body_bytes)", letter["detail"])
        self.assert_balance(GOOD + 3, GOOD, 3)

    def test_a_page_of_just_the_limit_is_a_page(self):
        head = page("just right")
        for path, chunked in (("/plain", False), ("/chunked", True)):
            body = head + (500_000 - len(head)) * b" "
            self.server.route(path, body=iter([body]) if chunked else body, headers=HTML)
        over = head + (500_001 - len(head)) * b" "
        self.server.route("/over", body=over, headers=HTML)
        self.crawl_paths("/plain", "/chunked", "/over", arguments=("--set", "fetch.max_body_bytes=500000"))
        self.assertEqual([self.titles[self.url(p)] for p in ("/plain", "/chunked")], 2 * ["just right"])
        self.assertEqual(self.letters.keys(), {self.url("/over")})

    def test_a_10_mb_page_under_the_limit_is_a_page(self):
        self.server.route("/big", body=page("big") + 10_000_000 * b"x", headers=HTML)
        self.crawl_paths("/big", code=0)
        self.assertEqual(self.titles[self.url("/big")], "big")


class EncodingTest(OutcomeTest):
    """How a body is packed, and in what charset it is."""

    def pack(self, path, coding, body, content_type="text/html"):
        self.server.route(path, body=body, headers={"Content-Type": content_type, "Content-Encoding": coding})

    def test_packed_pages_are_pages_in_whatever_charset(self):
        text = "\u041f\u0440\u0438\u0432\u0435\u0442"
        self.pack("/gzip", "gzip", gzip.compress(page(text)), "text/html; charset=utf-8")
        self.pack("/deflate", "deflate", zlib.compress(b"<meta charset=cp1251>" + ("<title>%s</title>" % text).encode("cp1251")))
        self.pack("/both", "deflate, gzip", gzip.compress(zlib.compress(page(text))))
        self.server.route("/plain", body=("<title>%s</title>" % text).encode("koi8-r"), headers={"Content-Type": "text/html; charset=koi8-r"})
        self.server.route("/utf-16", body=("<title>%s</title>" % text).encode("utf-16"), headers=HTML)
        paths = ("/gzip", "/deflate", "/both", "/plain", "/utf-16")
        self.crawl_paths(*paths, code=0)
        self.assertEqual([self.titles[self.url(path)] for path in paths], 5 * [text])
        self.assertEqual(self.server.requests[0].headers["accept-encoding"], "gzip, deflate, br, zstd")

    def test_a_body_that_cannot_be_unpacked_is_dead_at_once(self):
        self.pack("/no-gzip", "gzip", b"this is no gzip at all")
        self.pack("/cut", "gzip", gzip.compress(page("cut"))[:-1])
        self.pack("/rot13", "x-rot13", b"uryyb")
        self.pack("/bomb", "gzip", gzip.compress(bytes(30_000_000)))
        self.crawl_paths("/no-gzip", "/cut", "/rot13", "/bomb")
        for path in ("/no-gzip", "/cut", "/rot13"):
            self.assert_dead(path, "bad_encoding", 1, 200)
        self.assertIn('"x-rot13"', self.letters[self.url("/rot13")]["detail"])
        self.assertIn("200 times", self.assert_dead("/bomb", "decompression_bomb", 1, 200)["detail"])
        self.assert_balance(GOOD + 4, GOOD, 4)

    def test_a_dead_letter_keeps_the_body_as_it_was_sent(self):
        body = gzip.compress(b"sorry")
        self.server.route("/gone", status=404, body=body, headers={"Content-Encoding": "gzip"})
        self.crawl_paths("/gone")
        letter = self.assert_dead("/gone", "http_404", 1, 404)
        self.assertEqual((self.out / letter["body_path"]).read_bytes(), body)
        self.assertEqual(letter["headers"]["content-encoding"], "gzip")
        self.assertEqual(letter["body_start"], "sorry")

    def test_a_dead_letter_tells_which_line_it_comes_from_and_how_the_answer_begins(self):
        packed = {**HTML, "Content-Encoding": "gzip"}
        self.server.route("/gone", status=410, body=b"x" * 300)
        self.server.route("/empty", status=404)
        self.server.route("/few", body=gzip.compress("<p>\u00fcber".encode()), headers=packed)
        recipe = self.write("few.toml", RowsTest.RECIPE.replace('rows = "li"', 'rows = "li"\nmin_rows = 1'))
        lines = [{"url": self.url("/gone"), "meta": {"q": 1}}, {"url": self.url("/empty")}, {"url": self.url("/few")}]
        listed = self.write("lines", "".join(json.dumps(line) + "\n" for line in lines))
        self.crawl(recipe, "-f", listed, code=3)
        letters = {n: {key: letter[key] for key in ("url", "root", "meta", "body_start", "status", "reason")}
                   for n, letter in ((letter["n"], letter) for letter in self.records("dead"))}
        self.assertEqual(letters, {
            n: {"url": self.url(path), "root": self.url(path), "meta": meta, "body_start": start, "status": status, "reason": reason}
            for n, path, meta, start, status, reason in (
                (1, "/gone", {"q": 1}, "x" * 200, 410, "http_410"), (2, "/empty", None, None, 404, "http_404"),
                (3, "/few", None, "<p>\u00fcber", 200, "min_rows"))})


class RedirectTest(OutcomeTest):
    def test_links_resolve_against_the_final_url_and_records_keep_the_first(self):
        self.server.redirect("/old", "/dir/new", 301)
        self.server.redirect("/dir/new", "newer?a=1", 307)
        self.server.route("/dir/newer", body=page("moved", "below"), headers=HTML)
        self.server.route("/dir/below", body=page("below"), headers=HTML)
        self.crawl_paths("/old", code=0)
        self.assertEqual(self.titles[self.url("/old")], "moved")
        self.assertEqual(self.titles[self.url("/dir/below")], "below")
        self.assertEqual(len(self.titles), GOOD + 2)
        roots = {record["_url"]: record["_root"] for record in self.records("page")}
        self.assertEqual(roots[self.url("/dir/below")], self.url("/old"))
        self.assert_balance(GOOD + 1, GOOD + 2, 0, followed=1)

    def test_a_redirect_that_goes_in_circles_is_dead(self):
        self.server.redirect("/circle", "/round")
        self.server.redirect("/round", "/circle")
        self.server.redirect("/self", "/self")
        self.crawl_paths("/circle", "/self")
        for path in ("/circle", "/self"):
            self.assert_dead(path, "too_many_redirects", 1, 302)
        self.assertEqual(self.server.count("/self"), 1 + 10)  # fetch.max_redirects

    def test_max_redirects_may_be_set(self):
        self.server.redirect("/one", "/good-0")
        self.server.redirect("/two", "/one")
        self.crawl_paths("/one", "/two", arguments=("--set", "fetch.max_redirects=1"))
        self.assertEqual(self.titles[self.url("/one")], "good 0")
        self.assert_dead("/two", "too_many_redirects", 1, 302)

    def test_a_redirect_away_from_http_is_dead_at_once(self):
        self.server.redirect("/file", "file:///etc/passwd")
        self.server.redirect("/ftp", "ftp://127.0.0.1/x")
        self.crawl_paths("/file", "/ftp")
        for path in ("/file", "/ftp"):
            self.assert_dead(path, "bad_redirect", 1, 302)

    def test_a_redirect_to_a_dead_page_is_dead_under_the_first_url(self):
        self.server.redirect("/old", "/missing")
        self.crawl_paths("/old")
        self.assert_dead("/old", "http_404", 1, 404)


class RowsTest(OutcomeTest):
    RECIPE = """name = "rows"
allow = ["http://127.0.0.1:*"]
[[items]]
name = "row"
rows = "li"
[items.fields]
label = { css = "b", required = true }
"""

    def test_a_row_without_a_required_field_goes_to_the_dead_letters_alone(self):
        self.server.route("/rows", body=b"<ul><li><b>one</b><li>two<li><b>three</b></ul>", headers=HTML)
        done = self.crawl(self.write("rows.toml", self.RECIPE), self.url("/rows"))
        self.assertEqual([record["label"] for record in self.records("row")], ["one", "three"])
        (letter,) = self.records("dead")
        self.assertEqual((letter["url"], letter["item"], letter["row"]), (self.url("/rows"), "row", 1))
        self.assertIn("fed 1 + followed 0 = done 1 + dead 0 + dropped 0 + pending 0", done.err)


class BrokenRecipeTest(OutcomeTest):
    def test_a_broken_recipe_is_refused_before_anything_starts(self):
        recipe = self.write("broken.toml", 'name = "broken"\n[[items]]\nname = "x"\n[items.fields]\na = "div["\n')
        done = self.thresh("run", "-r", recipe, self.url("/good-0"), "-o", self.out)
        self.assertEqual((done.code, done.out), (65, ""), done)
        self.assertRegex(done.err, r"(?m)^(thresh run: )?%s:5:\d+: expected " % recipe)
        self.assertFalse(self.out.exists())
        self.assertEqual(self.server.requests, [])

    def test_one_broken_recipe_among_good_ones_is_enough(self):
        recipe = self.write("broken.toml", 'name = "broken"\nallow = 3\n[[follow]]\ncss = "a"\n')
        done = self.thresh("run", "-r", PAGE, "-r", recipe, self.url("/good-0"), "-o", self.out)
        self.assertEqual(done.code, 65, done)
        self.assertIn("%s:2:9: " % recipe, done.err)
        self.assertEqual(self.server.requests, [])


if __name__ == "__main__":
    unittest.main()
