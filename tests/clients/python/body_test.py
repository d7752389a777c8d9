#!/usr/bin/python3
"""Bodies: unpacked within bounds, their encoding found, and their text."""
import gzip
import hashlib
import subprocess
import unittest
import zlib

from package import ROOT  # noqa: F401
from thresh.charset import BodyRules, charset_of_label, sniff
from thresh.coding import BadBody, unpack, unpack_page
from thresh.decoders import decode

TEXT = b"text, again and again. " * 100
BROTLI = bytes.fromhex("0b028068656c6c6f03")  # "hello", stored


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


class UnpackTest(unittest.TestCase):
    def refused(self, reason, *arguments):
        with self.assertRaises(BadBody) as caught:
            unpack(*arguments)
        self.assertEqual(caught.exception.reason, reason)
        return str(caught.exception)

    def test_all_codings(self):
        packed = {"gzip": gzip.compress(TEXT), "x-gzip": gzip.compress(TEXT[:9]) + gzip.compress(TEXT[9:]),
                  "deflate": zlib.compress(TEXT), "DEFLATE": raw_deflate(TEXT), "zstd": zstd(TEXT), "identity": TEXT, "": TEXT,
                  "gzip, zstd": zstd(gzip.compress(TEXT)), " deflate ,identity, gzip": gzip.compress(zlib.compress(TEXT))}
        for coding, body in packed.items():
            self.assertEqual(unpack(body, coding), TEXT, coding)
        self.assertEqual(unpack(BROTLI, "br"), b"hello")
        self.assertEqual(unpack(b"", "gzip"), b"")

    def test_what_is_cut_short_or_damaged(self):
        for coding, body in (("gzip", gzip.compress(TEXT)), ("deflate", zlib.compress(TEXT)), ("zstd", zstd(TEXT)), ("br", BROTLI)):
            for end in range(1, len(body), max(1, len(body) // 20)):
                self.refused("bad_encoding", body[:end], coding)
            self.refused("bad_encoding", b"\xff\xfe no such thing", coding)

    def test_what_is_not_known(self):
        self.assertIn('"compress" is not known', self.refused("bad_encoding", TEXT, "compress"))
        self.refused("bad_encoding", TEXT, "gzip, gzip, gzip, gzip")

    def test_bombs(self):
        bomb = bytes(60 << 20)
        for coding, body in (("gzip", gzip.compress(bomb)), ("zstd", zstd(bomb)), ("gzip, gzip", gzip.compress(gzip.compress(bomb)))):
            self.refused("decompression_bomb", body, coding)
            self.refused("too_large", body, coding, 1 << 20)
        self.assertEqual(len(unpack(gzip.compress(bytes(1 << 20)), "gzip")), 1 << 20)

    def test_files_that_are_packed(self):
        self.assertEqual(unpack_page(gzip.compress(TEXT), ""), TEXT)
        self.assertEqual(unpack_page(gzip.compress(gzip.compress(TEXT)), "gzip"), TEXT)


class SniffTest(unittest.TestCase):
    """What is the encoding; the flow tests compare it with the native parser's."""

    def test_labels(self):
        self.assertEqual([charset_of_label(label) for label in (" Latin1\n", "SJIS", "utf8", "nosuch", "", "\u212aoi8-r")],
                         ["windows-1252", "Shift_JIS", "UTF-8", None, None, None])

    def test_in_their_order(self):
        meta = b"<meta charset=koi8-r>"
        self.assertEqual(sniff(b"\xef\xbb\xbf" + meta, "text/html; charset=big5", BodyRules("html", "gbk")), "UTF-8")
        self.assertEqual(sniff(meta, "text/html; charset=big5", BodyRules("html", "gbk")), "GBK")
        self.assertEqual(sniff(meta, "text/html; charset=big5"), "Big5")
        self.assertEqual(sniff(meta, "text/html; charset=nosuch"), "KOI8-R")
        self.assertEqual(sniff(meta, "application/json"), "UTF-8")
        self.assertEqual(sniff(b"<?xml version='1.0' encoding='koi8-r'?>", "application/xml"), "KOI8-R")
        self.assertEqual(sniff(b" " * 2000 + b"\xff" + meta, ""), "KOI8-R")
        self.assertEqual(sniff(b" " * 2000 + meta, ""), "UTF-8")

    def test_hostile_heads_take_no_time(self):
        for head in (b"<" * 500_000, b"<a " * 200_000, b"<meta " * 100_000 + b"=", b"<!--" * 100_000, b"<meta charset=" * 50_000):
            self.assertEqual(sniff(head + b"\xff", ""), "UTF-8")


class DecodeTest(unittest.TestCase):
    def test_corners(self):
        for body, charset, text in ((b"a\xff\xe2\x82b", "UTF-8", "a\ufffd\ufffdb"), (b"\xef\xbb\xbfa", "UTF-8", "a"), (b"\x81\x80", "windows-1252", "\x81\u20ac"),
                                    (b"\x81\x35\xf4\x37\x80", "gb18030", "\ue7c7\u20ac"), (b"\x88\x62", "Big5", "\u00ca\u0304"),
                                    (b"\x81\x20\xa0", "Shift_JIS", "\ufffd \ufffd"), (b"\x8f\xa2\xb7\xa1", "EUC-JP", "\uff5e\ufffd"),
                                    (b"\x1b$B\x24\x22\x1b(B!", "ISO-2022-JP", "\u3042!"), (b"a\x00\x00\xd8", "UTF-16LE", "a\ufffd"),
                                    (b"\xff", "x-user-defined", "\uf7ff"), (b"abc", "replacement", "\ufffd"), (b"", "replacement", ""),
                                    (b"\xc9", "EUC-KR", "\ufffd")):
            self.assertEqual(decode(body, charset), text, (body, charset))

    def test_every_pair_is_what_it_was_when_it_was_compared_with_the_standard(self):
        pairs = bytes(range(256)) + b"".join(bytes((lead, trail)) for lead in range(128, 256) for trail in range(256))
        sums = {charset: hashlib.sha256(decode(pairs, charset).encode()).hexdigest()[:8] for charset in
                ("GBK", "Big5", "EUC-JP", "Shift_JIS", "EUC-KR", "ISO-2022-JP", "KOI8-U", "windows-1255", "ISO-8859-16")}
        self.assertEqual(sums, SUMS)


# Of SHA-256.
SUMS = {"GBK": "1529c315", "Big5": "552b0043", "EUC-JP": "0a9ecc1b", "Shift_JIS": "ce900472", "EUC-KR": "10a9d631",
        "ISO-2022-JP": "f2e38de8", "KOI8-U": "276f3e3d", "windows-1255": "2440311d", "ISO-8859-16": "a9e3d331"}


if __name__ == "__main__":
    unittest.main()
