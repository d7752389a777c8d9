#!/usr/bin/python3
"""`thresh html`: the tree of a page, in the form of html5lib's tests. The cases of its suite are in page_corpora_test.py."""
import unittest

from support.flow import FlowTest

EMPTY = "| <html>\n|   <head>\n|   <body>\n"


class HtmlTest(FlowTest):
    def html(self, *arguments, stdin=b"", code=0):
        done = self.thresh("html", *arguments, stdin=stdin)
        self.assertEqual(done.code, code, done)
        return done

    def test_a_page_from_stdin_or_a_file(self):
        for arguments in ((), ("-",), (self.write("page.html", "<p>x"),)):
            self.assertEqual(self.html(*arguments, stdin=b"<p>x").out, EMPTY + '|     <p>\n|       "x"\n')
        self.assertEqual(self.html().out, EMPTY)

    def test_the_charset_is_found_unless_it_is_said(self):
        page = "<meta charset=windows-1251>\u041f".encode("windows-1251")
        self.assertIn('"\u041f"', self.html(stdin=page).out)
        self.assertIn('"\u00cf"', self.html("--charset", "latin1", stdin=page).out)
        self.assertIn('"\ufffd"', self.html("--charset", "utf-8", stdin=page).out)

    def test_the_content_of_an_element(self):
        self.assertEqual(self.html("--fragment", "tr", stdin=b"<td>x").out, '| <td>\n|   "x"\n')
        self.assertEqual(self.html("--fragment", "svg desc", stdin=b"<p>").out, "| <p>\n")
        self.assertEqual(self.html("--fragment", "math mi", stdin=b"<mglyph>").out, "| <math mglyph>\n")

    def test_what_it_cannot_do_is_told(self):
        for arguments in (("--fragment", "foo bar"), ("--fragment", "svg "), ("--charset", "klingon"), ("a", "b")):
            self.html(*arguments, code=64)
        self.assertIn("none.html", self.html("none.html", code=65).err)
        self.assertTrue(self.html(stdin=b"<b>" * 10_000, code=65).err.startswith("thresh html: "))


if __name__ == "__main__":
    unittest.main()
