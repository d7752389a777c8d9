#!/usr/bin/python3
"""The text that a Python parser's function gets is the text that native parsers see: every encoding, every way
in which a page may say its own."""
import json
import random
import sys
import unittest

from support.flow import ROOT, FlowTest
from support.http_server import Response, TestServer

sys.path.insert(0, str(ROOT / "clients" / "python"))
from thresh import charset, decoders  # noqa: E402

MARKUP = b"<>&\r\0"  # What the HTML parser would not leave as it is.
RECIPE = '''name = "page"
[[items]]
name = "page"
[items.fields]
path = { url = true }
text = { xpath = "string(//pre)" }
'''
FUNCTION = '''
def parse_page(html, url):
    return [{"path": url, "text": html.partition("<pre>\\n")[2].rpartition("</pre>")[0]}]
'''


def sequences(name):
    """Every byte, pair, and some longer sequences, a line each."""
    found = [bytes((lead,)) for lead in range(0x80, 0x100)]
    found += [bytes((lead, trail)) for lead in range(0x80, 0x100) for trail in range(0x20, 0x100)]
    found += [bytes((0x8F, row, cell)) for row in range(0xA1, 0xFF) for cell in range(0xA1, 0xFF)] if name == "EUC-JP" else []
    found += [bytes((p // 12600 + 0x81, p // 1260 % 10 + 0x30, p // 10 % 126 + 0x81, p % 10 + 0x30))
              for p in (*range(0, 39_600), *range(188_900, 1_237_900, 977))] if name == "gb18030" else []
    return b"\n".join(one for one in found if not any(byte in MARKUP for byte in one))


def noise(name):
    """Bytes that mean something to the decoder, in no order."""
    source = random.Random(name)
    letters = bytes(byte for byte in b"0129@AZaz~\x1b$(BJI\\\x80\x81\x8e\x8f\xa0\xa1\xa2\xc0\xe0\xf0\xf3\xfe\xff\x7f\n" + bytes(range(0x80, 0x100)))
    return bytes(source.choice(letters) for _ in range(20_000))


# Ways to say an encoding, or to seem to: headers' value and the page's head.
SAYINGS = [("text/html; charset=koi8-r", b""), ('text/html; charset="k\\oi8-r"', b""), ("text/html;charset=nosuch", b"<meta charset=koi8-r>"),
           ("text/html", b"<meta charset=koi8-r>"), ("text/html", b"<META foo CHARSET = 'koi8-r' >"), ("text/html", b"<meta charset=x-user-defined>"),
           ("text/html", b'<meta http-equiv=content-type content="text/html; charset=koi8-r">'), ("text/html", b"<meta charset=utf-16le>"),
           ("text/html", b'<meta content="text/html; charset=koi8-r">'), ("text/html", b"<!-- <meta charset=koi8-r> --><meta charset=big5>"),
           ("text/html", b"<meta content='charset=big5' charset=koi8-r>"), ("text/html", b"<p title='<meta charset=koi8-r>'>"),
           ("text/html", b"<?xml version='1.0' encoding='koi8-r'?>"), ("application/xhtml+xml", b"<?xml version='1.0' encoding='koi8-r'?>"),
           ("text/html", b" " * 1500 + b"<meta charset=koi8-r>"), ("text/html, text/html; charset=koi8-r", b""),
           ("text/html; charset=big5, text/html", b""), ("", b"<meta charset=koi8-r>"), ("text/html; charset=", b"<meta charset=koi8-r>"),
           ("text/html", b"<title><meta charset=koi8-r></title>"), ("text/html", b"<a href='x><meta charset=koi8-r>'>"),
           ("text/html", b"<meta http-equiv=content-type content='charset=\"koi8-r'>"), ("text/html", b"</meta charset=big5><meta/charset=koi8-r>"),
           ("text/html", b"\xef\xbb\xbf<meta charset=koi8-r>"), ("text/html", b"<!doctype html><meta name=x content='charset=big5'><meta charset=koi8-r>")]


class DecodeTest(FlowTest):
    def both(self, pages):
        """What native and Python parsers find on these pages, `(content type, bytes)` by path."""
        server = TestServer().start()
        self.addCleanup(server.stop)
        for path, (content_type, body) in pages.items():
            server.route(path, lambda request, c=content_type, b=body: Response(200, b, {"Content-Type": c} if c else {}))
        urls = self.write_list(server.url + path for path in pages)
        parser = "thresh-parser-py --function %s:parse_page" % self.write("text_of.py", FUNCTION)
        found = []
        for name, more in (("native", ()), ("python", ("--parser", parser))):
            out = self.tmp / name
            done = self.thresh("run", "-r", self.write("page.toml", RECIPE), "-o", out, "-f", urls, "-j", 2, *more,
                               "--set", 'fetch.allow_private=["127.0.0.0/8"]', "--set", "fetch.respect_robots_txt=false",
                               "--set", 'allow=["http://127.0.0.1:*"]')
            self.assertEqual(done.code, 0, done)
            found.append({record["path"].replace(server.url, ""): record["text"] for record in self.records("page", out)})
        self.assertEqual(found[0].keys(), pages.keys())
        return found

    def test_every_encoding_decodes_to_the_same_text(self):
        pages = {}
        for number, name in enumerate(charset._LABELS):
            if name in ("UTF-16BE", "UTF-16LE", "replacement"):
                continue  # Their markup is none in ASCII: see below.
            for kind, content in (("pairs", sequences(name)), ("noise", noise(name))):
                pages["/%d/%s" % (number, kind)] = ("text/html; charset=%s" % name.lower(), b"<pre>\n" + content + b"\x1b(B\n</pre>")
        native, python = self.both(pages)
        for path, text in native.items():
            if text != python[path]:
                at = next((n for n, (a, b) in enumerate(zip(text, python[path])) if a != b), -1)
                self.fail("%s %s: at %d native %r, python %r" % (path, pages[path][0], at, text[at - 3:at + 9], python[path][at - 3:at + 9]))

    def test_utf_16_and_what_hides_ascii(self):
        for name, codec in (("UTF-16LE", "utf-16-le"), ("UTF-16BE", "utf-16-be")):
            self.assertEqual(decoders.decode("a\U0001f600".encode(codec) + b"\0", name), "a\U0001f600\ufffd")
            half = "\ud83d".encode(codec, "surrogatepass")
            self.assertEqual(decoders.decode(half + half + "b".encode(codec) + half + b"x", name), "\ufffd\ufffdb\ufffd")

    def test_every_way_to_say_an_encoding_is_understood_the_same(self):
        content = "\u043c\u0438\u0440 \u00e9".encode("koi8-r", "ignore") + b"\xa4\xa4\xe9 \xc3\xa9"
        pages = {"/%d" % number: (content_type, head + b"<pre>\n" + content + b"\n</pre>") for number, (content_type, head) in enumerate(SAYINGS)}
        native, python = self.both(pages)
        self.assertGreater(len(set(native.values())), 3)  # They do make a difference.
        for path in pages:
            self.assertEqual(json.dumps(native[path]), json.dumps(python[path]), SAYINGS[int(path[1:])])


if __name__ == "__main__":
    unittest.main()
