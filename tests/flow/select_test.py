#!/usr/bin/python3
"""`thresh select`: what an expression finds in a page, one JSON value a line."""
import gzip
import json
import subprocess
import unittest

from support.flow import FlowTest

PAGE = """<!DOCTYPE html><meta charset=utf-8><title>T</title><base href="/en/">
<div id=a class=q>One  <b>two</b>\u00a0three</div>
<div id=b class=q><a href="x?y=1&amp;z">L</a><a>none</a><img src="i.png"></div>
"""
ANSWER = {"n": 9223372036854775807, "u": 18446744073709551615, "list": [1, -0.5, "a\"\n\u2028", None, True, {"k": []}]}
FEED = '<?xml version="1.0"?>\n<!-- c --><!DOCTYPE rss [<!ENTITY e "x>y">]>\n<rss><item><Link>/a</Link></item><item/></rss>'


class SelectTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.page = self.write("page.html", PAGE)

    def select(self, *arguments, code=0, stdin=b"", page=None):
        done = self.thresh("select", *arguments, *([page or self.page] if not stdin else []), stdin=stdin)
        self.assertEqual(done.code, code, done)
        return done

    def values(self, *arguments, **how):
        return [json.loads(line) for line in self.select(*arguments, **how).out.split("\n")[:-1]]

    def assert_fault(self, *arguments, words, code=65, stdin=b"x"):
        done = self.thresh("select", *arguments, stdin=stdin)
        self.assertEqual((done.code, done.out), (code, ""), done)
        for word in words:
            self.assertIn(word, done.err)
        return done


class CssTest(SelectTest):
    def test_an_element_gives_its_text_collapsed(self):
        self.assertEqual(self.values(".q"), ["One two\u00a0three", "Lnone"])

    def test_a_pseudo_element_says_what_to_take_and_options_do_for_the_others(self):
        self.assertEqual(self.values("b::html, a::attr(href), img", "--attr", "src"), ["<b>two</b>", "x?y=1&z", "i.png"])
        self.assertEqual(self.values("b", "--html"), ["<b>two</b>"])
        self.assertEqual(self.values("b", "--text"), ["two"])

    def test_without_the_attribute_there_is_no_match(self):
        self.assertEqual(self.values("a", "--attr", "href"), ["x?y=1&z"])
        self.assertEqual(self.select("a", "--attr", "HREF", "--count").out, "1\n")
        self.assertEqual(self.select("a", "--attr", "title", "--count", code=1).out, "0\n")

    def test_names_of_commands_are_selectors_too(self):
        for name in ("html", "select", "test"):
            self.assertEqual(self.select(name, "--count", stdin=b"<test></test><select>").out, "1\n")

    def test_base_makes_links_absolute(self):
        self.assertEqual(self.values("--base", "http://h/d/p", "a::attr(href), img::attr(src), div::attr(id)"),
                         ["a", "b", "http://h/en/x?y=1&z", "http://h/en/i.png"])
        self.assert_fault("a", "--base", "nonsense", words=["--base"], code=64)


class XPathTest(SelectTest):
    def test_each_node_is_a_line(self):
        self.assertEqual(self.values("//div"), ["One two\u00a0three", "Lnone"])
        self.assertEqual(self.values("//div//@href | //b/text()"), ["two", "x?y=1&z"])
        self.assertEqual(self.values("//b", "--html"), ["<b>two</b>"])
        self.assertEqual(self.values("//a", "--attr", "href"), ["x?y=1&z"])
        self.assertEqual(self.values("(//div)[2]/@id"), ["b"])

    def test_text_nodes_stand_as_they_are(self):
        self.assertEqual(self.values("//div[1]/text()"), ["One  ", "\u00a0three"])

    def test_numbers_strings_and_booleans_are_one_line(self):
        self.assertEqual(self.values("--xpath", "count(//a)"), [2])
        self.assertEqual(self.values("--xpath", "1 div 2"), [0.5])
        self.assertEqual(self.values("--xpath", "0 div 0"), ["NaN"])
        self.assertEqual(self.values("--xpath", "-1 div 0"), ["-Infinity"])
        self.assertEqual(self.values("--xpath", "string(//title)"), ["T"])
        self.assertEqual(self.values("--xpath", "count(//a) = 3"), [False])

    def test_base_makes_links_absolute(self):
        self.assertEqual(self.values("//@href[contains(., 'y')]", "--base", "http://h/"), ["http://h/en/x?y=1&z"])


class JsonTest(SelectTest):
    def test_values_are_compact_and_exact(self):
        body = json.dumps(ANSWER).encode()
        done = self.select("$.n", stdin=body)
        self.assertEqual(done.out, "9223372036854775807\n")
        self.assertEqual(self.select("$.u", stdin=body).out, "18446744073709551615\n")
        self.assertEqual(self.select("$.list", stdin=body).out, '[1,-0.5,"a\\"\\n\\u2028",null,true,{"k":[]}]\n')
        self.assertEqual(self.values("$.list[*]", stdin=body), ANSWER["list"])
        self.assertEqual(self.values("$..k", stdin=body), [[]])

    def test_raw_prints_strings_bare(self):
        self.assertEqual(self.select("--raw", "$[*]", stdin=b'["a\\"b\\n",1,["x"]]').out, 'a"b\n\n1\n["x"]\n')

    def test_what_is_no_json_is_told_with_line_and_column(self):
        self.assert_fault("$.a", words=["stdin: line 2, column 1: expected the end, found \"x\""], stdin=b'{"a":1}\nx')
        self.assert_fault("$.a", words=["line 1, column 7", "UTF-8"], stdin=b'{"a":"\xff"}')
        self.assert_fault("$.a", words=["line 1, column 7", "found the end"], stdin=b'{"a":1')
        self.assert_fault("$.a", words=["expected a value, found \"<\""], stdin=b"<html>")
        broken = self.write("broken.json", "{")
        self.assertIn("thresh select: %s: line 1, column 2: " % broken, self.thresh("select", "$", broken).err)

    def test_a_byte_order_mark_and_another_charset_are_no_fault(self):
        self.assertEqual(self.values("$", stdin=b"\xef\xbb\xbf[1]"), [[1]])
        self.assertEqual(self.values("$", "--charset", "latin1", stdin=b'"\xe9"'), ["\u00e9"])
        self.assertEqual(self.values("$", stdin='\ufeff["\u00e9"]'.encode("utf-16-le")), [["\u00e9"]])

    def test_deep_nesting_is_no_crash(self):
        self.assert_fault("$", words=["thresh select: stdin: "], stdin=b"[" * 1_000_000)
        self.assert_fault("$", words=["thresh select: stdin: "], stdin=b"[" * 1_000_000 + b"]" * 1_000_000)

    def test_ndjson_gives_each_lines_matches(self):
        self.assertEqual(self.values("--as", "ndjson", "$.a", stdin=b'{"a":1}\n\n{"b":2}\r\n{"a":3}'), [1, 3])
        done = self.thresh("select", "--as", "ndjson", "$.a", stdin=b'{"a":1}\n{"a":\n{"a":3}')
        self.assertEqual((done.code, done.out), (65, "1\n"), done)
        self.assertIn("line 2, column 6", done.err)


class FormTest(SelectTest):
    def test_feeds_are_xml_and_pages_are_not(self):
        feed = FEED.encode()
        self.assertEqual(self.values("Link", stdin=feed), ["/a"])
        self.assertEqual(self.values("//Link", stdin=feed), ["/a"])
        self.assertEqual(self.values("link", "--as", "html", "--html", stdin=feed), ["<link>"])
        page = b'<?xml version="1.0"?><html xmlns="x"><body><p>a<p>b'
        self.assertEqual(self.values("p", stdin=page), ["a", "b"])
        self.assert_fault("a", words=["line 1, column"], stdin=b'<?xml version="1.0"?><a><b></a>')

    def test_text_is_one_node(self):
        self.assertEqual(self.values("--as", "text", "--xpath", "string(/)", stdin=b"a <b>"), ["a <b>"])

    def test_an_expression_that_does_not_fit_is_64(self):
        self.assert_fault("$.a", "--as", "html", words=["--as json"], code=64)
        self.assert_fault("a", "--as", "json", words=["--as html"], code=64)
        self.assert_fault("$.a", "--html", words=["--html"], code=64)
        self.assert_fault("a", "--css", "--xpath", words=["--css"], code=64)
        self.assert_fault("a", "--text", "--html", words=["--text"], code=64)
        self.assert_fault("a", "--as", "pdf", words=["pdf"], code=64)

    def test_charsets(self):
        self.assertEqual(self.values("p", stdin=b"<meta charset=windows-1251><p>\xcf\xf0"), ["\u041f\u0440"])
        self.assertEqual(self.values("p", "--charset", "utf-8", stdin="<meta charset=windows-1251><p>\u041f".encode()), ["\u041f"])
        self.assertEqual(self.values("p", stdin="\ufeff<p>\u041f".encode("utf-16-be")), ["\u041f"])
        feed = '<?xml version="1.0" encoding="iso-8859-1"?><a>\xe9</a>'.encode("latin1")
        self.assertEqual(self.values("a", stdin=feed), ["\u00e9"])
        self.assert_fault("p", "--charset", "klingon", words=["klingon"], code=64)


    def test_a_packed_file_is_unpacked(self):
        packed = self.tmp / "page.html.gz"
        packed.write_bytes(gzip.compress(PAGE.encode()))
        self.assertEqual(self.values("b", page=packed), ["two"])
        packed.write_bytes(gzip.compress(PAGE.encode())[:-20])
        self.assertIn("gzip", self.select("b", page=packed, code=65).err)


class HostileTest(SelectTest):
    def test_broken_utf8_gives_lines_of_json(self):
        body = b"<p title='\xff\xe9\x00'>" + bytes(range(256)) * 4 + b"<p>\xf0\x9f"
        done = self.select("p::html, p, [title]::attr(title)", stdin=body)
        for line in done.out_bytes.split(b"\n")[:-1]:
            json.loads(line.decode("utf-8"))

    def test_a_large_page_comes_out_whole(self):
        body = b"<p>" + b"x" * 5_000_000 + b"<p>" + "\u00e9\n".encode() * 1_000_000
        first, second = self.values("p", stdin=body)
        self.assertEqual((len(first), len(second)), (5_000_000, 1_999_999))

    def test_a_reader_that_leaves_ends_it_with_73(self):
        self.write("big.html", "<p>abc" * 200_000)
        done = subprocess.run("%s select p big.html | head -n 1; echo ${PIPESTATUS[0]}" % self.program("thresh"), shell=True,
                              executable="/bin/bash", cwd=self.tmp, env=self.env, capture_output=True, text=True, timeout=60)
        self.assertEqual((done.stdout, done.stderr), ('"abc"\n73\n', ""))
        done = subprocess.run("%s select p big.html >/dev/full" % self.program("thresh"), shell=True, cwd=self.tmp,
                              env=self.env, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 73)
        self.assertIn("cannot write to stdout", done.stderr)


class ErrorTest(SelectTest):
    def test_a_bad_expression_is_65_and_pointed_into(self):
        for kind, expression, column in (("CSS selector", "p:has(", 7), ("CSS selector", "a..b", 3), ("XPath", "//a[", 5),
                                         ("JSONPath", "$.a[", 5), ("CSS selector", "p:frist-child", 2)):
            done = self.assert_fault(expression, words=[])
            first, *lines = done.err.split("\n")
            self.assertTrue(first.startswith("thresh select: %s, column %d: " % (kind, column)), done)
            self.assertEqual(lines, ["  " + expression, " " * (column + 1) + "^", ""])

    def test_unknown_names_have_the_nearest(self):
        self.assert_fault("--xpath", "cuont(//a)", words=["cuont", "count"])
        self.assert_fault("a::txt", words=["::txt", "::text"])

    def test_an_expression_that_is_no_utf8_or_empty_is_65(self):
        done = subprocess.run([self.program("thresh"), "select", b"a\xff"], input=b"", capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 65)
        self.assert_fault("", words=["CSS selector, column 1"])

    def test_a_file_that_is_not_there_is_65(self):
        done = self.thresh("select", "p", "none.html")
        self.assertEqual((done.code, done.err), (65, "thresh select: cannot read none.html: No such file or directory\n"))

    def test_a_misspelt_word_of_the_command_line_has_the_nearest(self):
        for line, words in (("chekc x", ("expected a command", '"chekc"', '"check"')), ("dead lst -o x", ('"lst"', '"list"', "`thresh dead --help`")),
                            ("run --recipee=x", ('"--recipe"', "`thresh run --help`")), ("select --xpath -(-5)", ("expression", "behind --"))):
            done = self.thresh(*line.split())
            self.assertEqual((done.code, done.out), (64, ""), done)
            for word in words:
                self.assertIn(word, done.err)

    def test_no_match_is_1_and_the_wrong_command_line_64(self):
        self.assertEqual(self.select("nav", code=1).out, "")
        self.assertEqual(self.select("//nav", code=1).out, "")
        self.assertEqual(self.thresh("select").code, 64)
        self.assertEqual(self.thresh("select", "a", "b", "c").code, 64)
        self.assertEqual(self.thresh("select", "--coutn", "a").code, 64)


if __name__ == "__main__":
    unittest.main()
