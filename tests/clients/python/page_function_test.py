#!/usr/bin/python3
"""The page function: how it is found, called, and what of it is records and what links."""
import os
import sys
import tempfile
import unittest
from pathlib import Path

import msgpack
from package import ROOT  # noqa: F401
from thresh.links import Dead, Link, absolute
from thresh.page_function import Caller, CannotLoad, Page, describe, load
from thresh.records import BadResult

BASE = "http://x.test/a/b?q=1"


def call(function, content="text"):
    """Records and URLs that a function finds."""
    found = Caller(function).call(Page(content, BASE, 200, {"x-a": "1"}, {"m": 2}), "page")
    unpacker = msgpack.Unpacker()
    unpacker.feed(found.records.packed())
    return list(unpacker), [link.url for link in found.links]


def give(value):
    return call(lambda html: value)


class ResultTest(unittest.TestCase):
    def refused(self, value, words):
        with self.assertRaisesRegex(BadResult, words):
            give(value)

    def test_records_with_and_without_a_next_url(self):
        self.assertEqual(give([{"a": 1}]), ([{"a": 1}], []))
        self.assertEqual(give(([{"a": 1}], "/next")), ([{"a": 1}], ["http://x.test/next"]))
        self.assertEqual(give(([], ["c", "?p=2", "c"])), ([], ["http://x.test/a/c", "http://x.test/a/b?p=2"]))
        self.assertEqual(give((None, "//y.test/")), ([], ["http://y.test/"]))
        self.assertEqual(give(({"a": 1}, None)), ([{"a": 1}], []))
        self.assertEqual(give(({"a": 1}, {"a": 2})), ([{"a": 1}, {"a": 2}], []))
        self.assertEqual(give(iter([{"a": 1}])), ([{"a": 1}], []))
        self.assertEqual(give(None), ([], []))

    def test_links_that_are_none_are_passed_over(self):
        self.assertEqual(give(([], ["", " ", "#top", "mailto:a@b", "javascript:x()", "http://["]))[1], ["http://x.test/a/b?q=1"])

    def test_what_is_yielded_and_returned(self):
        def function(html):
            yield {"a": 1}
            yield Link("c")
            yield [{"a": 2}], "d"
            return "e"
        self.assertEqual(call(function), ([{"a": 1}, {"a": 2}], ["http://x.test/a/" + name for name in "cde"]))

    def test_async_functions_and_generators(self):
        async def function(html):
            return [{"a": html}], "c"

        async def generator(html):
            yield {"a": html}
        caller = Caller(function)
        for _ in range(2):  # In one loop.
            self.assertEqual(len(caller.call(Page("x", BASE), "page").links), 1)
        self.assertEqual(call(generator), ([{"a": "text"}], []))

    def test_what_the_function_asks_for_by_name(self):
        self.assertEqual(call(lambda html, url, *, status, headers, meta, other=3: [{"v": [html, url, status, headers, meta, other]}])[0],
                         [{"v": ["text", BASE, 200, {"x-a": "1"}, {"m": 2}, 3]}])
        self.assertEqual(call(lambda url: [{"v": url}])[0], [{"v": "text"}])  # The first is the page, whatever its name.

    def test_rubbish_has_a_reason(self):
        self.refused(7, "expected records, a list of dicts, or \\(records, next_url\\), found int 7")
        self.refused("text", "found str 'text'")
        self.refused(b"x", "found bytes")
        self.refused([1], "record 0: expected a dict, found int 1")
        self.refused(([{}], 7), "next_url: expected None, a URL or a list of URLs, found int 7")
        self.refused(([{}], ["/a", 7]), "next_url")
        self.refused([[{}]], "record 0: expected a dict, found list")
        self.refused([Link(7)], "a link of strings")
        self.refused([Link("a", headers={"a": 1})], "headers of a link")
        self.refused([Link("a", delay_ms=-1)], "delay_ms")

        def returns_rubbish(html):
            yield {"a": 1}
            return 7
        with self.assertRaisesRegex(BadResult, "what the generator returned"):
            call(returns_rubbish)

    def test_requests_keep_what_is_said_of_them(self):
        links = Caller(lambda html: [Link("c", "other", "POST", {"A": "b"}, "body", 5, True)]).call(Page("", BASE), "page").links
        self.assertEqual(links, [Link("http://x.test/a/c", "other", "POST", {"A": "b"}, b"body", 5, True)])


class UrlTest(unittest.TestCase):
    def test_resolving(self):
        for url, expected in (("c", "http://x.test/a/c"), (" /c\n", "http://x.test/c"), ("\\c", "http://x.test/c"),
                              ("HTTPS://y.test", "HTTPS://y.test"), ("?x#y", "http://x.test/a/b?x"), ("ftp://x/", None), ("data:,x", None)):
            self.assertEqual(absolute(BASE, url), expected, url)


class LoadTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder, path = Path(folder.name), list(sys.path)
        self.addCleanup(sys.path.__setitem__, slice(None), path)
        sys.path.insert(0, folder.name)

    def test_by_module_by_path_and_within_a_class(self):
        (self.folder / "mod_a.py").write_text("class C:\n    @staticmethod\n    def f(html): return 1\ndef f(html): return 2\n")
        self.assertEqual(load("mod_a:f")(""), 2)
        self.assertEqual(load("mod_a:C.f")(""), 1)
        (self.folder / "beside.py").write_text("x = 3\n")
        (self.folder / "mod_b.py").write_text("import beside\ndef f(html): return beside.x\n")
        self.assertEqual(load(os.fspath(self.folder / "mod_b.py") + ":f")(""), 3)

    def test_what_cannot_be_had(self):
        (self.folder / "mod_c.py").write_text("import sys\nsys.exit(3)\n")
        (self.folder / "mod_d.py").write_text("x = 1\n")
        for name, words in (("f", "expected MODULE:FUNCTION"), (":f", "expected MODULE"), ("nosuch_module:f", "cannot be imported"),
                            ("mod_c:f", "SystemExit"), ("mod_d:f", "mod_d has no f"), ("mod_d:x", "expected a function"),
                            ("./nosuch.py:f", "cannot be imported")):
            with self.assertRaisesRegex(CannotLoad, words):
                load(name)


class DescribeTest(unittest.TestCase):
    def describe(self, function):
        try:
            function()
        except BaseException as error:  # noqa: B036
            return describe(error)

    def test_the_line_first_then_where_it_came_from(self):
        def fail():
            raise ValueError("no")
        text = self.describe(fail)
        self.assertTrue(text.startswith("ValueError: no\nTraceback"))
        self.assertIn("in fail", text)

    def test_it_is_bounded_however_deep_and_long(self):
        def deep(n):
            return deep(n + 1)

        def long():
            raise ValueError("x" * 1_000_000)
        for function in (lambda: deep(0), long):
            self.assertLess(len(self.describe(function)), 9000)

    def test_an_exception_whose_own_words_fail(self):
        class Odd(Exception):
            def __str__(self):
                raise RuntimeError
        def fail():
            raise Odd
        self.assertIn("Odd", self.describe(fail))

    def test_reasons_of_dead_are_fit_for_one(self):
        self.assertEqual(Dead("sold out!").reason, "sold_out_")
        self.assertEqual(Dead("x" * 100).reason, "x" * 64)
        self.assertEqual(Dead("").reason, "dead")


if __name__ == "__main__":
    unittest.main()
