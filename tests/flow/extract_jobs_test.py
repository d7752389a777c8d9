#!/usr/bin/python3
"""`thresh extract -j N`: whatever N is, the same lines in the same order, and the same said of what is broken."""
import gzip
import json
import random
import struct
import unittest
import uuid
import zlib

from support.flow import FlowTest

RECIPE = """name = "pages"
allow = ["http://site.test/*"]
[[items]]
name = "page"
[items.fields]
title = { css = "title", required = true }
[[items]]
name = "row"
rows = "li"
[items.fields]
n = "::text"
"""
PAGES = 400


def record(n, rng):
    body = b"<title>%d</title><ul>%s</ul><!--%s-->" % (
        n, b"".join(b"<li>%d" % (n * 10 + i) for i in range(n % 4)), rng.randbytes(rng.randrange(200, 9000)).hex().encode())
    if n % 50 == 7:
        body = body.replace(b"title", b"b")  # a row without its required field
    status = b"404 Not Found" if n % 50 == 9 else b"200 OK"
    block = b"HTTP/1.1 " + status + b"\r\nContent-Type: text/html\r\n\r\n" + body
    if n % 50 == 11:
        block = b"no HTTP at all"
    return b"WARC/1.1\r\n" + b"\r\n".join(line.encode() for line in (
        "WARC-Type: response", "WARC-Record-ID: <urn:uuid:%s>" % uuid.UUID(int=n + 1), "WARC-Date: 2025-01-31T00:00:00Z",
        "WARC-Target-URI: http://site.test/%d" % n, "Content-Type: application/http;msgtype=response",
        "Content-Length: %d" % len(block))) + b"\r\n\r\n" + block + b"\r\n\r\n"


def member(data, says=None):
    """A gzip member that says how long it is, as thresh writes them."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    packed = packer.compress(data) + packer.flush()
    total = 10 + 2 + 12 + len(packed) + 8
    return (b"\x1f\x8b\x08\x04\0\0\0\0\0\xff" + struct.pack("<H", 12) + b"sl" + struct.pack("<HII", 8, says or total, len(data)) +
            packed + struct.pack("<II", zlib.crc32(data), len(data)))


class ExtractJobsTest(FlowTest):
    def setUp(self):
        super().setUp()
        rng = random.Random(5)
        self.all = [record(n, rng) for n in range(PAGES)]
        self.recipe = self.write("pages.toml", RECIPE)

    def save(self, name, data):
        path = self.tmp / name
        path.write_bytes(data)
        return path

    def extract(self, jobs, *files, arguments=()):
        warcs = [word for file in files for word in ("--warc", file)]
        done = self.thresh("extract", *warcs, "-r", self.recipe, "-j", str(jobs), *arguments)
        return done.code, done.out, done.err

    def assert_same(self, *files, code=0):
        alone = self.extract(1, *files)
        self.assertEqual(alone[0], code, alone[2])
        for jobs in (2, 3, 8):
            code, out, err = self.extract(jobs, *files)
            self.assertEqual((code, err), (alone[0], alone[2]))
            self.assertTrue(out == alone[1], "-j %d: other lines, or in another order" % jobs)
        return [json.loads(line) for line in alone[1].splitlines()]

    def forms(self):
        yield self.save("said.warc.gz", b"".join(map(member, self.all)))
        yield self.save("members.warc.gz", b"".join(gzip.compress(one, 1) for one in self.all))
        yield self.save("whole.warc.gz", gzip.compress(b"".join(self.all), 1))
        yield self.save("plain.warc", b"".join(self.all))

    def test_every_form_of_file(self):
        found = []
        for path in self.forms():
            self.assertGreater(path.stat().st_size, 1 << 20)  # Less is not worth processes.
            found.append(self.assert_same(path))
        titles = [int(row["title"]) for row in found[0] if row["_item"] == "page"]
        self.assertEqual(titles, [n for n in range(PAGES) if n % 50 not in (7, 9, 11)])
        self.assertEqual([row["_n"] for row in found[0] if row["_item"] == "page"], [title + 1 for title in titles])
        for other in found[1:]:
            self.assertTrue(other == found[0])

    def test_several_files_are_in_their_order(self):
        found = self.assert_same(*self.forms())
        self.assertEqual([row["_n"] for row in found if row.get("title") == "0"], [1, PAGES + 1, 2 * PAGES + 1, 3 * PAGES + 1])

    def test_a_folder_of_output_is_the_same(self):
        path = next(self.forms())
        texts = []
        for jobs in (1, 4):
            out = self.tmp / ("out%d" % jobs)
            self.assertEqual(self.extract(jobs, path, arguments=("-o", out))[0], 0)
            self.assertEqual(len(self.records("dead", out)), 8)
            texts.append([(out / (item + ".ndjson")).read_bytes() for item in ("page", "row")])
        self.assertEqual(texts[0], texts[1])

    def test_what_is_torn_or_damaged_ends_it_at_the_same_place(self):
        for path in list(self.forms()):
            whole = path.read_bytes()
            with self.subTest(path.name):
                path.write_bytes(whole[:-3000])
                torn = self.assert_same(path)
                self.assertGreater(len(torn), PAGES)
                if path.suffix == ".gz":
                    damaged = bytearray(whole)
                    damaged[len(whole) // 2] ^= 0x55
                    path.write_bytes(damaged)
                    found = self.assert_same(path, self.tmp / "plain.warc", code=65)  # The next file is whole.
                    self.assertEqual(found[-1], {**found[-1], "_url": "http://site.test/%d" % (PAGES - 1)})

    def test_a_member_that_lies_about_its_length_is_damage(self):
        for lie in (25, 100, 1 << 20, 0xFFFFFFFF):
            with self.subTest(lie):
                members = [member(one, lie if n == 100 else None) for n, one in enumerate(self.all)]
                found = self.assert_same(self.save("lie.warc.gz", b"".join(members)), code=65)
                self.assertEqual(max(int(row.get("title", 0)) for row in found), 99)

    def test_a_page_over_the_limit_is_told_and_the_rest_is_done(self):
        self.recipe = self.write("small.toml", RECIPE.replace("[[items]]", "[fetch]\nmax_body_bytes = 5000\n[[items]]", 1))
        big = b"x" * (2 << 20)
        head = self.all[5].partition(b"\r\n\r\n")[0].split(b"Content-Length")[0]
        block = b"HTTP/1.1 200 OK\r\n\r\n" + big
        self.all[5] = head + b"Content-Length: %d\r\n\r\n" % len(block) + block + b"\r\n\r\n"
        self.assert_same(self.save("big.warc.gz", b"".join(map(member, self.all))), code=65)


if __name__ == "__main__":
    unittest.main()
