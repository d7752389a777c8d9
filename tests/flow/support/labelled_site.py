#!/usr/bin/python3
"""A review site in a process of its own whose every answer is labelled: no two responses are alike.

    with LabelledSite(businesses=200, log=folder / "served") as site:
        ...crawl site.urls with the recipe in site.RECIPE...
        verdict = site.judge(out)

Each response to a page carries a serial number, in its title and in each of its rows, and the server
keeps a log of which serial went with which page. So records made of two fetches of a page, or of two
attempts to parse it that saw different bytes, show. The other fields are those of the generator.
"""
import argparse
import collections
import functools
import json
import pathlib
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support.flow import ROOT, YELP  # noqa: E402, puts bench/ on the path too
import review_server  # noqa: E402
from review_site import REVIEWS_PER_PAGE, ReviewSite, add_site_options, site_of  # noqa: E402

ROW, HEADING = b' data-review-id="', b"<h1 "
Verdict = collections.namedtuple("Verdict", "lost duplicate mixed wrong dead")
EXACT = Verdict(0, 0, 0, 0, 0)


class LabelledAnswers(review_server.Answers):
    """Answers of the site, each with the next serial; `log` is told of each."""

    def __init__(self, site, log):
        super().__init__(site)
        self._log, self._serial = log, 0

    def find(self, target):
        head, body = super().find(target)
        if not head.startswith(b"HTTP/1.1 200"):
            return head, body
        self._serial += 1
        label = b"%d" % self._serial
        print(self._serial, target.decode(), file=self._log)
        body = body.replace(ROW, b' data-serial="' + label + b'"' + ROW)
        return review_server.answer("200 OK", body.replace(HEADING, b'<h1 data-serial="' + label + b'" ', 1))


def recipe_text():
    """The review recipe with the serial of each row, and an item more: one record a page."""
    text = YELP.read_text(encoding="utf-8")
    fields = "[items.fields]\n"
    assert text.count(fields) == 1
    text = text.replace(fields, fields + 'serial    = { css = "::attr(data-serial)", type = "number" }\n')
    page = '[[items]]\nname = "page"\n\n[items.fields]\ntitle  = "h1.biz-page-title"\n' \
           'serial = { css = "h1.biz-page-title::attr(data-serial)", type = "number" }\n\n'
    return text.replace("[[follow]]", page + "[[follow]]", 1)


class LabelledSite:
    """The site, served until `stop`. `log` is a file that it writes.

    On several `ports` it is the same site several times: take_next() goes from one to the next.
    """

    def __init__(self, businesses, log, pages=10, page_bytes=12_000, seed=1, delay_ms=0, ready_made=False, ports=1):
        self.site = ReviewSite(businesses, pages, page_bytes, seed)
        self.pages_count = businesses * pages
        self.records_count = self.pages_count * REVIEWS_PER_PAGE
        self.log = pathlib.Path(log)
        command = [sys.executable, __file__, "--log", str(log), "--ports", str(ports), "--businesses", str(businesses),
                   "--pages", str(pages), "--page-bytes", str(page_bytes), "--seed", str(seed), "--delay-ms", str(delay_ms)]
        self._process = subprocess.Popen(command + ["--ready-made"] * ready_made, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True, start_new_session=True)
        words = self._process.stdout.readline().split()
        assert words[:1] == ["listening"], "the site did not start"
        self.url, *self._more = words[1:]
        self._served, self._log_bytes, self._reading = {}, 0, threading.Lock()

    def take_next(self):
        """Goes on at the next port; what was served before is forgotten."""
        self.served()
        self._served = {}
        self.url = self._more.pop(0)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.stop()

    def stop(self):
        """Safe to repeat. It also goes with our process: then its stdin closes."""
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    @property
    def urls(self):
        """The first page of each business."""
        return self.site.urls(self.url)

    def served(self):
        """The path of each response by its serial."""
        with self._reading:  # Crawls that run at once are judged at once: two that read on would leave out what neither has read.
            with self.log.open("rb") as log:
                log.seek(self._log_bytes)
                lines = log.read()
            lines = lines[:lines.rfind(b"\n") + 1]
            self._log_bytes += len(lines)
            self._served.update((int(serial), path) for serial, path in (line.split(" ", 1) for line in lines.decode().splitlines()))
            return self._served

    @functools.cached_property
    def truth(self):
        """The reviews of each (business, page)."""
        return {place: self.site.reviews(*place) for place in self.site.places()}

    def judge(self, out, businesses=None, examples=None):
        """Compares the records in the folder `out` with the generator's truth.

        lost, duplicate: records, of either item; wrong: lines that are no record of the site, or
        with a field that is not the generator's; mixed: pages whose lines come of more than one
        response, or are not together or not in order; dead: lines of dead.ndjson.
        `businesses`: only so many were crawled. `examples`, a list, gets a sentence about each fault.
        """
        judge = _Judge(self, businesses, [] if examples is None else examples)
        judge.reviews(pathlib.Path(out, "review.ndjson"))
        judge.titles(pathlib.Path(out, "page.ndjson"))
        judge.mixtures()
        dead = pathlib.Path(out, "dead.ndjson")
        letters = dead.read_text(errors="replace").splitlines() if dead.exists() else []
        judge.examples.extend(letters[:3])
        return judge.verdict(len(letters))


class _Judge:
    def __init__(self, labelled, businesses, examples):
        self.site, self.examples = labelled.site, examples
        self.served = labelled.served()
        count = self.site.businesses if businesses is None else businesses
        self.paths = {self.site.path(b, p): (b, p) for b in range(count) for p in range(self.site.pages)}
        self.truth = labelled.truth
        self.serials = collections.defaultdict(set)  # of a path
        self.rows = collections.defaultdict(list)  # of a path: (line number, row of the page)
        self.base = labelled.url
        self.lost = self.duplicate = self.wrong = self.mixed = 0

    def _records(self, path):
        """(line number, record, its page's path) of each line that is a record of the site."""
        data = path.read_bytes() if path.exists() else b""
        if data and not data.endswith(b"\n"):
            self._fault("%s ends in a torn line: %r" % (path.name, data[-80:]))
        for number, line in enumerate(data.split(b"\n")[:-1], 1):
            try:
                record = json.loads(line.decode("utf-8"))
                page = record["_url"].removeprefix(self.base)
                self.paths[page]
            except (ValueError, KeyError, TypeError, AttributeError):
                self._fault("%s line %d is no record of the site: %r" % (path.name, number, line[:200]))
                continue
            yield number, record, page

    def _fault(self, sentence):
        self.wrong += 1
        self.examples.append(sentence)

    def _serial(self, record, page):
        serial = record.get("serial")
        if self.served.get(serial) != page:
            self._fault("%s has serial %r, which was served for %s" % (page, serial, self.served.get(serial)))
        self.serials[page].add(serial)

    def reviews(self, path):
        seen = set()
        for number, record, page in self._records(path):
            b, p = self.paths[page]
            row = next((row for row, review in enumerate(self.truth[b, p]) if review.review_id == record.get("review_id")), None)
            if row is None:
                self._fault("%s line %d: no such review on %s" % (path.name, number, page))
                continue
            if (page, row) in seen:
                self.duplicate += 1
                self.examples.append("%s line %d: a second time row %d of %s" % (path.name, number, row, page))
                continue
            seen.add((page, row))
            self._compare(record, self.truth[b, p][row], self.site.business(b), number)
            self._serial(record, page)
            self.rows[page].append((number, row))
        self.lost += len(self.paths) * REVIEWS_PER_PAGE - len(seen)

    def _compare(self, record, review, business, number):
        expected = {"business": business, "author": review.author, "location": review.location, "rating": review.rating,
                    "date": review.date.isoformat(), "text": review.text}
        for key, value in expected.items():
            if record.get(key) != value:
                self._fault("review.ndjson line %d: %s is %r, expected %r" % (number, key, record.get(key), value))
                return

    def titles(self, path):
        seen = set()
        for number, record, page in self._records(path):
            if page in seen:
                self.duplicate += 1
                self.examples.append("%s line %d: a second time %s" % (path.name, number, page))
                continue
            seen.add(page)
            if record.get("title") != self.site.business(self.paths[page][0]):
                self._fault("%s line %d: title %r" % (path.name, number, record.get("title")))
            self._serial(record, page)
        self.lost += len(self.paths) - len(seen)

    def mixtures(self):
        for page, serials in self.serials.items():
            lines = self.rows[page]
            together = all(line == lines[0][0] + n and row == lines[0][1] + n for n, (line, row) in enumerate(lines))
            if len(serials) > 1 or not together:
                self.mixed += 1
                self.examples.append("%s: serials %s, (line, row) %s" % (page, sorted(map(str, serials)), lines))

    def verdict(self, dead):
        return Verdict(self.lost, self.duplicate, self.mixed, self.wrong, dead)


def main():
    """The server: as review_site.py serve --until-stdin-closes, with labels."""
    parser = argparse.ArgumentParser()
    add_site_options(parser)
    parser.add_argument("--log", required=True)
    parser.add_argument("--delay-ms", type=int, default=0)
    parser.add_argument("--ready-made", action="store_true")
    parser.add_argument("--ports", type=int, default=1)
    options = parser.parse_args()
    options.port, options.seeds, options.lazy, options.until_stdin_closes = 0, None, not options.ready_made, True
    with open(options.log, "w", buffering=1, encoding="utf-8") as log:
        review_server.Answers = lambda site: LabelledAnswers(site, log)
        return review_server.main(site_of(options), options)


if __name__ == "__main__":
    sys.exit(main())
