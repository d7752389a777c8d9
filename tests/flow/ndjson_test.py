#!/usr/bin/python3
"""How records are written: keys in the recipe's order, UTF-8 as it is, nothing left out."""
import json
import unittest

from support.flow import RECIPES, FlowTest, read_lines
from support.http_server import TestServer
from support.pipeline import Pipeline

FORMS = RECIPES / "forms.toml"
KEYS = ["zebra", "text", "apple", "number", "integer", "flag", "day", "link", "labels", "numbers", "joined", "unjoined",
        "fallback", "origin", "attr", "heading", "status", "server", "term", "markup"]
PAGE_KEYS = ["_id", "_url", "_root", "_n", "_fetched_at"]
PAGE = """<!doctype html><meta charset="utf-8"><base href="/base/"><h1>Überschrift</h1>
<article data-note='a "b" \\ c
d\te'><h2>Crêpe 北京 😀 é</h2><p>one<br>&lt;two&gt; &amp;&nbsp;three</p>
<i class=number>1,234.5</i><i class=integer>9007199254740993</i><i class=flag>yes</i><i class=day>29.02.2016</i>
<a href="x y?q=ü">x</a><b class=label>n1</b><b class=label>none</b><b class=label>n 22</b></article>
<article></article>"""


class NdjsonTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.serve(PAGE)

    def serve(self, page):
        self.server.route("/p", body=page.encode(), headers={"Content-Type": "text/html; charset=utf-8", "X-Served-By": "unit-7"})

    def lines(self):
        """The lines of one crawl of /p."""
        self.crawl(FORMS, self.server.url + "/p")
        return read_lines(self.out / "thing.ndjson")

    def full_and_empty(self):
        full, empty = self.lines()
        return json.loads(full), json.loads(empty)


class KeysTest(NdjsonTest):
    def test_keys_stand_in_the_recipes_order_and_then_those_of_thresh(self):
        for line in self.lines():
            keys = [key for key, _ in json.loads(line, object_pairs_hook=list)]
            self.assertEqual(keys, KEYS + PAGE_KEYS)

    def test_meta_comes_after_them_and_item_only_on_stdout(self):
        pipeline = Pipeline(self, [FORMS])
        pipeline.feed(json.dumps({"url": self.server.url + "/p", "meta": {"term": "caf\u00e9", "b": 1}}))
        pipeline.wait_until_done(1)
        lines = read_lines(pipeline.out / "thing.ndjson")
        self.assertEqual([list(json.loads(line)) for line in lines], 2 * [KEYS + PAGE_KEYS + ["_meta"]])
        self.assertEqual(json.loads(lines[0])["term"], "café")
        self.assertIn('"_meta":{"term":"café","b":1}', lines[0])

        done = self.crawl(FORMS, self.server.url + "/p", out="-")
        self.assertEqual([list(json.loads(line)) for line in done.out.splitlines()], 2 * [KEYS + PAGE_KEYS + ["_item"]])
        self.assertEqual(json.loads(done.out.splitlines()[0])["_item"], "thing")

    def test_an_item_whose_match_says_no_has_no_file(self):
        self.lines()
        self.assertEqual(sorted(path.name for path in self.out.glob("*.ndjson")), ["jobs.ndjson", "thing.ndjson"])


class ValuesTest(NdjsonTest):
    def test_each_kind_of_value(self):
        full, _ = self.full_and_empty()
        self.assertEqual(full["zebra"], "Crêpe 北京 😀 é")
        self.assertEqual(full["text"], "one<two> &\u00a0three")
        self.assertEqual((full["number"], full["integer"], full["flag"], full["day"]), (1234.5, 9007199254740993, True, "2016-02-29"))
        self.assertEqual(full["link"], self.server.url + "/base/x%20y?q=%C3%BC")
        self.assertEqual((full["labels"], full["numbers"], full["joined"]), (["n1", "none", "n 22"], [1, 22], "n1; none; n 22"))
        self.assertEqual((full["fallback"], full["origin"], full["heading"]), ("–", "test", "Überschrift"))
        self.assertEqual((full["status"], full["server"], full["term"]), ("200", "unit-7", None))
        self.assertEqual(full["attr"], 'a "b" \\ c\nd\te')
        self.assertIn("<br>", full["markup"])

    def test_what_found_nothing_is_null_and_an_empty_list_with_many(self):
        _, empty = self.full_and_empty()
        there = {"labels": [], "numbers": [], "fallback": "–", "origin": "test", "heading": "Überschrift",
                 "status": "200", "server": "unit-7"}
        self.assertEqual({key: empty[key] for key in KEYS}, {key: there.get(key) for key in KEYS})


class BytesTest(NdjsonTest):
    def test_letters_of_any_script_are_not_escaped(self):
        line = self.lines()[0]
        for text in ("Crêpe 北京 😀 é", "Überschrift", "&\u00a0three"):
            self.assertIn(text, line)
        self.assertNotIn("\\u", line)

    def test_a_record_is_one_line_whatever_is_in_it(self):
        self.serve("<!doctype html><article data-note='a\r\nb&#1;&#31;&#127;\u2028\u2029c'></article>")
        lines = self.lines()
        self.assertEqual(len(lines), 1)
        raw = (self.out / "thing.ndjson").read_bytes()
        self.assertFalse(set(raw[:-1]) & set(range(0x20)), "a control character stands in the line as it is")
        # CR LF is one LF in HTML (WHATWG 13.2.3.5).
        self.assertEqual(json.loads(lines[0])["attr"], "a\nb\x01\x1f\x7f\u2028\u2029c")
        self.assertIn(r"a\nb\u0001\u001f", lines[0])

    def test_quotes_and_backslashes_are_escaped(self):
        self.assertIn(r'"attr":"a \"b\" \\ c\nd\te"', self.lines()[0])

    def test_bytes_that_are_no_utf_8_come_out_as_valid_utf_8(self):
        self.server.route("/p", body=b"<!doctype html><article data-note='a\xff\xc3b\xed\xa0\x80'></article>",
                          headers={"Content-Type": "text/html; charset=utf-8"})
        self.assertEqual(json.loads(self.lines()[0])["attr"], "a\ufffd\ufffdb\ufffd\ufffd\ufffd")


if __name__ == "__main__":
    unittest.main()
