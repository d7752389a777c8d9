#!/usr/bin/python3
"""The judge of crawls that were disturbed: it must see every fault, and none where there is none."""
import json
import pathlib
import re
import sys
import tempfile
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support.labelled_site import EXACT, LabelledSite  # noqa: E402


class JudgeTest(unittest.TestCase):
    """A site of three pages and the lines that a perfect crawl of it would write."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.tmp = pathlib.Path(folder.name)
        cls.site = LabelledSite(1, cls.tmp / "served", pages=3)
        cls.addClassCleanup(cls.site.stop)
        cls.perfect, cls.titles = [], []
        for p in range(3):
            cls.perfect += cls.records(p, cls.fetch(p))
            url, serial = cls.site.url + cls.site.site.path(0, p), cls.perfect[-1]["serial"]
            cls.titles.append({"title": cls.site.site.business(0), "serial": serial, "_url": url})
        cls.again = cls.records(1, cls.fetch(1))

    @classmethod
    def fetch(cls, p):
        """The serials of a page's rows, as the server sends them."""
        with urllib.request.urlopen(cls.site.url + cls.site.site.path(0, p)) as answer:
            return [int(serial) for serial in re.findall(rb' data-serial="(\d+)" data-review-id="', answer.read())]

    @classmethod
    def records(cls, p, serials):
        """The records of a page by the generator's truth."""
        site = cls.site.site
        return [{"review_id": r.review_id, "serial": serial, "business": site.business(0), "author": r.author,
                 "location": r.location, "rating": r.rating, "date": r.date.isoformat(), "text": r.text,
                 "_url": cls.site.url + site.path(0, p)} for r, serial in zip(site.reviews(0, p), serials, strict=True)]

    def judge(self, reviews, titles=None, tail=b"", dead=None):
        out = self.tmp / "out"
        out.mkdir(exist_ok=True)
        for name, records in (("review", reviews), ("page", self.titles if titles is None else titles)):
            (out / (name + ".ndjson")).write_bytes("".join(json.dumps(r) + "\n" for r in records).encode())
        with open(out / "review.ndjson", "ab") as file:
            file.write(tail)
        (out / "dead.ndjson").write_text(dead or "")
        return self.site.judge(out)

    def test_a_perfect_crawl_is_exact_in_any_order_of_pages(self):
        self.assertEqual(self.judge(self.perfect), EXACT)
        self.assertEqual(self.judge(self.perfect[20:40] + self.perfect[:20] + self.perfect[40:], self.titles[::-1]), EXACT)

    def test_responses_are_all_labelled_differently(self):
        self.assertEqual(len({record["serial"] for record in self.perfect + self.again}), 4)

    def test_lost_and_duplicate_records_are_counted(self):
        self.assertEqual(self.judge(self.perfect[:19] + self.perfect[20:])[:3], (1, 0, 0))
        self.assertEqual(self.judge(self.perfect[:20])[0], 40)
        self.assertEqual(self.judge(self.perfect + self.perfect[40:])[:2], (0, 20))
        self.assertEqual(self.judge(self.perfect, self.titles[:2])[0], 1)
        self.assertEqual(self.judge(self.perfect, self.titles + self.titles[:1])[1], 1)
        self.assertEqual(self.judge([], [])[0], 63)

    def test_a_page_made_of_two_responses_is_mixed(self):
        self.assertEqual(self.judge(self.perfect[:30] + self.again[10:] + self.perfect[40:]), EXACT._replace(mixed=1))
        self.assertEqual(self.judge(self.perfect[:20] + self.again + self.perfect[40:]), EXACT._replace(mixed=1), "page.ndjson has the other")

    def test_lines_out_of_order_or_apart_are_mixed(self):
        swapped = [*self.perfect[:3], self.perfect[4], self.perfect[3], *self.perfect[5:]]
        self.assertEqual(self.judge(swapped), EXACT._replace(mixed=1))
        self.assertEqual(self.judge(self.perfect[:10] + self.perfect[20:] + self.perfect[10:20]).mixed, 1)

    def test_wrong_fields_foreign_lines_and_torn_lines_are_wrong(self):
        self.assertEqual(self.judge([{**self.perfect[0], "author": "nobody"}] + self.perfect[1:]).wrong, 1)
        self.assertEqual(self.judge([{**self.perfect[0], "serial": 999}] + self.perfect[1:]).wrong, 1)
        self.assertEqual(self.judge(self.perfect, tail=b"\0\0\0\n").wrong, 1)
        self.assertEqual(self.judge(self.perfect, tail=b'{"review_id"').wrong, 1)
        self.assertEqual(self.judge(self.perfect, tail=b"{}\n").wrong, 1)

    def test_dead_letters_are_counted(self):
        self.assertEqual(self.judge(self.perfect, dead='{"url":"x"}\n').dead, 1)


if __name__ == "__main__":
    unittest.main()
