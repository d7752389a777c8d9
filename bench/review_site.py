#!/usr/bin/python3
"""A review site made of invented data: pages, the records they hold, and a check of what a crawl got.

As a module:
    site = ReviewSite(businesses=60, pages=10, seed=1)
    site.page(3, 0)      # bytes of the first page of the fourth business
    site.truth()         # the records of all pages, in order
    check("out/review.ndjson", site)

As a command (all take --businesses --pages --page-bytes --seed --base-path):
    review_site.py write DIR [--base URL]   DIR/biz/NAME/p0.html, p20.html ..., DIR/truth.ndjson, DIR/seeds.txt
    review_site.py serve [--port 0]         its own server on 127.0.0.1
    review_site.py check FILE               compares records with the truth; exit 1 unless exact

Each page depends on the parameters and its own place only, so pages can be made in any order.
Other paths, and `?start=` beyond the last page, do not exist.
"""
import argparse
import collections
import dataclasses
import datetime
import json
import pathlib
import random
import re
import sys
import unicodedata

import review_markup
import review_words as words

REVIEWS_PER_PAGE = 20
ID_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
Check = collections.namedtuple("Check", "lost duplicate wrong extra")


@dataclasses.dataclass(frozen=True)
class Review:
    """One review. `text` is what remains of its markup when white space is collapsed."""
    review_id: str
    author: str
    location: str
    rating: float
    date: datetime.date
    paragraphs: list

    @property
    def text(self):
        return " ".join(self.paragraphs)


def _review(rng):
    rating = rng.choice((1, 2, 3, 3, 4, 4, 4, 5, 5, 5))
    date = datetime.date(2009, 1, 1) + datetime.timedelta(days=rng.randrange(3500))
    return Review(review_id="".join(rng.choices(ID_LETTERS, k=22)), author=words.author_name(rng),
                  location=rng.choice(words.TOWNS), rating=float(rating), date=date,
                  paragraphs=words.paragraphs(rng, rating))


def _slug(name, number):
    """`Quince & Moth Crêperie` as the 8th business is `quince-moth-creperie-8`."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "%s-%d" % ("-".join(re.findall("[a-z]+", ascii_name)), number)


class ReviewSite:
    """All pages of the site. The truth depends on businesses, pages and seed; page_bytes adds furniture only."""

    def __init__(self, businesses=60, pages=10, page_bytes=25_000, seed=1, base_path=""):
        self.businesses, self.pages, self.page_bytes = businesses, pages, page_bytes
        self.seed, self.base_path = seed, base_path.rstrip("/")
        self._names = [words.business_name(self._rng("name", b)) for b in range(businesses)]

    def _rng(self, *place):
        return random.Random("/".join(str(part) for part in ("thresh", self.seed, *place)))

    def business(self, b):
        """Name of business `b`, counted from 0."""
        return self._names[b]

    def slug(self, b):
        """Name of business `b` in its URL; unique."""
        return _slug(self._names[b], b + 1)

    def path(self, b, p):
        """Path and query of page `p` of business `b`; the first page has no query."""
        start = "?start=%d" % (p * REVIEWS_PER_PAGE) if p else ""
        return "%s/biz/%s%s" % (self.base_path, self.slug(b), start)

    def urls(self, base):
        """The seed URLs: the first page of each business, on the server at `base` (http://host:port)."""
        return [base.rstrip("/") + self.path(b, 0) for b in range(self.businesses)]

    def missing_urls(self, base, count):
        """`count` further seed URLs, of businesses that do not exist."""
        return ["%s%s/biz/closed-for-good-%d" % (base.rstrip("/"), self.base_path, i + 1) for i in range(count)]

    def places(self):
        """(business, page) of every page."""
        return ((b, p) for b in range(self.businesses) for p in range(self.pages))

    def reviews(self, b, p):
        """The reviews on a page, top to bottom."""
        rng = self._rng("reviews", b, p)
        return [_review(rng) for _ in range(REVIEWS_PER_PAGE)]

    def page(self, b, p):
        """The HTML of a page as UTF-8."""
        paths = [self.path(b, other) for other in range(self.pages)]
        page = review_markup.Page(self.business(b), paths, p, self.reviews(b, p), self.page_bytes,
                                  self._rng("furniture", b, p))
        return review_markup.render(page).encode()

    def truth(self):
        """Every record of the site as a dict; `_path` and `_row` (from 0) say where it stands."""
        for b, p in self.places():
            for row, review in enumerate(self.reviews(b, p)):
                yield {"review_id": review.review_id, "business": self.business(b), "author": review.author,
                       "location": review.location, "rating": review.rating, "date": review.date.isoformat(),
                       "text": review.text, "_path": self.path(b, p), "_row": row}


def _fields(record):
    return {key: value for key, value in record.items() if not key.startswith("_")}


def _parse(line):
    """The record on a line, or None if it is none."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def check(records_path, site, examples=None):
    """Compare an NDJSON file with the truth: how many records are lost, duplicate, wrong and extra.

    A record is known by its review_id. Keys that begin with `_` are ignored, all others must be
    there and equal. A line that is no JSON object is wrong. `examples`, a list, gets a sentence
    about each wrong or extra line.
    """
    truth = {record["review_id"]: _fields(record) for record in site.truth()}
    examples = [] if examples is None else examples
    seen, duplicate, wrong, extra = set(), 0, 0, 0
    with open(records_path, encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            record = _parse(line)
            review_id = record.get("review_id") if record is not None else None
            if record is None:
                wrong += 1
                examples.append("line %d is no JSON object" % number)
            elif not isinstance(review_id, str) or review_id not in truth:
                extra += 1
                examples.append("line %d: no such review: %r" % (number, review_id))
            elif review_id in seen:
                duplicate += 1
            else:
                seen.add(review_id)
                if _fields(record) != truth[review_id]:
                    wrong += 1
                    examples.append("line %d: %s" % (number, _difference(_fields(record), truth[review_id])))
    return Check(len(truth) - len(seen), duplicate, wrong, extra)


def _difference(got, expected):
    for key in sorted(got.keys() | expected.keys()):
        if key not in got or key not in expected:
            return "%s is %s" % (key, "missing" if key not in got else "not of the site")
        if got[key] != expected[key]:
            return "%s is %r, expected %r" % (key, got[key], expected[key])
    return "equal"


def write_site(site, folder, base=None, truth=True):
    """Write every page, truth.ndjson if wished and, with `base`, seeds.txt into `folder`, laid out for nginx.py."""
    folder = pathlib.Path(folder)
    for b in range(site.businesses):
        business = folder / site.base_path.lstrip("/") / "biz" / site.slug(b)
        business.mkdir(parents=True, exist_ok=True)
        for p in range(site.pages):
            (business / ("p%d.html" % (p * REVIEWS_PER_PAGE))).write_bytes(site.page(b, p))
    if truth:
        with open(folder / "truth.ndjson", "w", encoding="utf-8") as out:
            out.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in site.truth())
    if base:
        write_lines(folder / "seeds.txt", site.urls(base))


def write_lines(path, lines):
    pathlib.Path(path).write_text("".join(line + "\n" for line in lines))


def add_site_options(parser):
    """The options that say which site is meant; `site_of` reads them back."""
    parser.add_argument("--businesses", type=int, default=60)
    parser.add_argument("--pages", type=int, default=10, help="pages of each business, 20 reviews each")
    parser.add_argument("--page-bytes", type=int, default=25_000, help="about how long a page is")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--base-path", default="", help="put before /biz/NAME, e.g. /site")


def site_of(options):
    return ReviewSite(options.businesses, options.pages, options.page_bytes, options.seed, options.base_path)


def _write(options):
    write_site(site_of(options), options.dir, options.base)
    return 0


def _serve(options):
    import review_server  # asyncio is slow to load and needed here only
    return review_server.main(site_of(options), options)


def _check(options):
    examples = []
    result = check(options.file, site_of(options), examples)
    for example in examples[:5]:
        print(example, file=sys.stderr)
    counts = ", ".join("%d %s" % (count, name) for name, count in result._asdict().items())
    print("records: " + (counts if any(result) else "exact"))
    return 1 if any(result) else 0


def _options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="write|serve|check")
    write = commands.add_parser("write", help="write the pages as files")
    write.add_argument("dir")
    write.add_argument("--base", help="URL of the server they will stand on; makes seeds.txt")
    write.set_defaults(run=_write)
    serve = commands.add_parser("serve", help="serve the pages on 127.0.0.1")
    serve.add_argument("--port", type=int, default=0)
    serve.add_argument("--seeds", metavar="FILE", help="write the seed URLs here before the first line is printed")
    serve.add_argument("--missing", type=int, default=0, help="add this many seed URLs that answer 404")
    serve.add_argument("--delay-ms", type=int, default=0, help="wait before each answer")
    serve.set_defaults(ports=1)
    serve.add_argument("--lazy", action="store_true", help="make pages when first asked for, not at the start")
    serve.add_argument("--until-stdin-closes", action="store_true", help="quit with whoever started it")
    serve.set_defaults(run=_serve)
    compare = commands.add_parser("check", help="compare records with the truth")
    compare.add_argument("file", help="NDJSON")
    compare.set_defaults(run=_check)
    for command in (write, serve, compare):
        add_site_options(command)
    return parser.parse_args()


if __name__ == "__main__":
    OPTIONS = _options()
    sys.exit(OPTIONS.run(OPTIONS))
