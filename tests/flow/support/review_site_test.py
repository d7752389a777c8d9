#!/usr/bin/python3
"""The review site keeps its word: pages hold the truth, and `check` sees every kind of difference."""
import html.parser
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

BENCH = pathlib.Path(__file__).resolve().parents[3] / "bench"
sys.path.insert(0, str(BENCH))
from nginx import Nginx  # noqa: E402
from review_site import ReviewSite, check, write_site  # noqa: E402

VOID = {"img", "br", "link", "meta", "input"}


class PageReader(html.parser.HTMLParser):
    """Reads reviews, title and next link off a page, independently of how they were written."""

    def __init__(self, page):
        super().__init__()
        self.records, self.title, self.next, self._open, self._fields = [], "", None, [], None
        self.feed(page.decode())

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        classes = (attrs.get("class") or "").split()
        if tag == "a" and "next" in classes:
            self.next = attrs["href"]
        if "review--with-sidebar" in classes and "data-review-id" in attrs and "textarea" not in self._tags():
            self.records.append({"review_id": attrs["data-review-id"], "author": "", "location": "", "date": "", "text": ""})
            self._fields = len(self._open)
        if self._fields is not None and "i-stars" in classes:
            self.records[-1]["rating"] = float(attrs["title"].split()[0])
        if tag not in VOID:
            self._open.append((tag, self._field(tag, attrs, classes)))

    def _tags(self):
        return [tag for tag, _ in self._open]

    def _field(self, tag, attrs, classes):
        if "biz-page-title" in classes:
            return "title"
        if self._fields is None:
            return None
        if tag == "b" and any("user-location" in str(field) for _, field in self._open):
            return "location"
        if "user-location" in classes:
            return "in user-location"
        names = {"user-display-name": "author", "rating-qualifier": "date"}
        return next((names[c] for c in classes if c in names), "text" if attrs.get("lang") == "en" else None)

    def handle_endtag(self, tag):
        self._open.pop()
        if self._fields == len(self._open):
            self._fields = None

    def handle_data(self, data):
        field = self._open[-1][1] if self._open else None
        if field == "title":
            self.title += data
        elif self._fields is not None and field in self.records[-1]:
            self.records[-1][field] += data


def squeezed(record):
    return {key: " ".join(value.split()) if isinstance(value, str) else value for key, value in record.items()}


def as_read(record):
    """A truth record the way it stands on the page."""
    year, month, day = (int(part) for part in record["date"].split("-"))
    kept = {key: value for key, value in record.items() if not key.startswith("_") and key != "business"}
    return {**kept, "date": "%d/%d/%d" % (month, day, year)}


class ReviewSiteTest(unittest.TestCase):
    def setUp(self):
        self.site = ReviewSite(businesses=3, pages=3, seed=7)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write_records(self, records):
        path = self.folder / "records.ndjson"
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
        return path

    def test_pages_hold_exactly_the_truth(self):
        for page_bytes in (25_000, 60_000):
            site = ReviewSite(businesses=3, pages=3, seed=7, page_bytes=page_bytes)
            pages = [PageReader(site.page(b, p)) for b, p in site.places()]
            self.assertEqual([squeezed(record) for page in pages for record in page.records],
                             [as_read(record) for record in site.truth()])
            self.assertEqual([" ".join(page.title.split()) for page in pages], [site.business(b) for b, _ in site.places()])

    def test_next_links_lead_through_all_pages(self):
        for b, p in self.site.places():
            self.assertEqual(PageReader(self.site.page(b, p)).next, self.site.path(b, p + 1) if p < 2 else None)

    def test_the_same_parameters_give_the_same_bytes_in_any_order(self):
        again = ReviewSite(businesses=3, pages=3, seed=7)
        self.assertEqual([again.page(b, p) for b, p in sorted(again.places(), reverse=True)],
                         [self.site.page(b, p) for b, p in sorted(self.site.places(), reverse=True)])
        self.assertNotEqual(ReviewSite(businesses=3, pages=3, seed=8).page(0, 0), self.site.page(0, 0))

    def test_pages_are_about_as_long_as_asked(self):
        self.assertAlmostEqual(len(ReviewSite(1, 1, page_bytes=60_000).page(0, 0)), 60_000, delta=1_000)
        self.assertLess(len(self.site.page(0, 0)), 31_000)

    def test_check_finds_the_truth_exact(self):
        self.assertEqual(check(self.write_records(self.site.truth()), self.site), (0, 0, 0, 0))

    def test_check_tells_lost_duplicate_wrong_and_extra_apart(self):
        records = list(self.site.truth())
        records[0]["text"] += "!"
        records[1]["surplus"] = None
        records += [records[5], {"review_id": "never heard of"}]
        del records[10:13]
        self.assertEqual(check(self.write_records(records), self.site), (3, 1, 2, 1))

    def test_nginx_serves_the_same_bytes_as_the_own_server(self):
        write_site(self.site, self.folder)
        seeds = self.folder / "asked.txt"
        command = [sys.executable, BENCH / "review_site.py", "serve", "--seeds", seeds, "--missing", "1", "--lazy",
                   "--until-stdin-closes", "--businesses", "3", "--pages", "3", "--seed", "7"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as own:
            base = own.stdout.readline().split()[1]
            with Nginx(self.folder) as server:
                for b, p in self.site.places():
                    self.assertEqual(get(base + self.site.path(b, p)), (200, self.site.page(b, p)))
                    self.assertEqual(get(server.url + self.site.path(b, p)), (200, self.site.page(b, p)))
                beyond = self.site.path(0, 3)
                self.assertEqual([get(server.url + beyond)[0], get(base + beyond)[0]], [404, 404])
            urls = seeds.read_text().split()
            self.assertEqual([get(url)[0] for url in urls], [200, 200, 200, 404])
            own.stdin.close()
            self.assertEqual(own.wait(10), 0)

    def test_nginx_redirects_folders_without_slash(self):
        (self.folder / "author" / "x").mkdir(parents=True)
        (self.folder / "author" / "x" / "index.html").write_text("x")
        with Nginx(self.folder) as server:
            self.assertEqual(get(server.url + "/author/x/"), (200, b"x"))
            self.assertEqual(get(server.url + "/author/x?q=1")[0], "308 to /author/x/?q=1")
            self.assertEqual(get(server.url + "/author/")[0], 404)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None

    http_error_308 = urllib.request.HTTPRedirectHandler.http_error_302


def get(url):
    """(status, body) of a URL; redirects are told, not followed."""
    try:
        with urllib.request.build_opener(NoRedirect).open(url, timeout=10) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            location = error.headers["Location"]
            return "%d to %s" % (error.code, location) if location else error.code, error.read()


if __name__ == "__main__":
    unittest.main()
