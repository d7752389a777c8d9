"""What every peer in Python takes from a page: the same fields as thresh's recipes. Bytes in, (records, next URL or None) out.

lxml's and bs4's trees (libxml2) hold what stands in a text area as elements, so rows are asked for as children of the list.
"""
import datetime
import functools
import json
import re
import time
from urllib.parse import urljoin

NUMBER = re.compile(r"[\d.]+")


def burn(cpu_ms):
    """Uses so much CPU time of this thread."""
    end = time.thread_time() + cpu_ms / 1000
    while time.thread_time() < end:
        pass


def as_date(text):
    month, day, year = map(int, text.split("/"))
    return datetime.date(year, month, day).isoformat()


def squeezed(text):
    return " ".join(text.split())


@functools.cache
def _selectors():
    from lxml.cssselect import CSSSelector
    return {name: CSSSelector(css) for name, css in (
        ("title", "title"), ("business", "h1.biz-page-title"), ("row", "ul.ylist > li > div.review[data-review-id]"),
        ("author", ".user-display-name"), ("location", ".user-location > b"), ("rating", "div.i-stars"),
        ("date", "span.rating-qualifier"), ("text", "p[lang]"), ("next", "a.next.pagination-links_anchor"))}


def reviews_lxml(body, url):
    import lxml.html
    css, page = _selectors(), lxml.html.document_fromstring(body, parser=lxml.html.HTMLParser(encoding="utf-8"))
    business, records = squeezed(css["business"](page)[0].text_content()), []
    for row in css["row"](page):
        text = {name: squeezed(css[name](row)[0].text_content()) for name in ("author", "location", "date", "text")}
        records.append({"review_id": row.get("data-review-id"), "business": business, **text, "date": as_date(text["date"]),
                        "rating": float(NUMBER.search(css["rating"](row)[0].get("title"))[0])})
    following = css["next"](page)
    return records, urljoin(url, following[0].get("href")) if following else None


def reviews_bs4(body, url):
    from bs4 import BeautifulSoup
    page = BeautifulSoup(body, "lxml", from_encoding="utf-8")
    business, records = squeezed(page.select_one("h1.biz-page-title").get_text()), []
    for row in page.select("ul.ylist > li > div.review[data-review-id]"):
        records.append({"review_id": row["data-review-id"], "business": business,
                        "author": squeezed(row.select_one(".user-display-name").get_text()),
                        "location": squeezed(row.select_one(".user-location > b").get_text()),
                        "rating": float(NUMBER.search(row.select_one("div.i-stars")["title"])[0]),
                        "date": as_date(squeezed(row.select_one("span.rating-qualifier").get_text())),
                        "text": squeezed(row.select_one("p[lang]").get_text())})
    following = page.select_one("a.next.pagination-links_anchor")
    return records, urljoin(url, following["href"]) if following else None


def waiting_lxml(body, url):
    import lxml.html
    return [{"title": _selectors()["title"](lxml.html.document_fromstring(body))[0].text_content()}], None


def waiting_bs4(body, url):
    from bs4 import BeautifulSoup
    return [{"title": BeautifulSoup(body, "lxml").title.get_text()}], None


def places(body, url):
    return [{"place_id": place["place_id"], "name": place["name"], "lat": place["location"]["lat"],
             "lng": place["location"]["lng"], "rating": place["rating"], "ratings": place["ratings"],
             "address": place["address"]} for place in json.loads(body)["results"]], None


FUNCTIONS = {("reviews", "lxml"): reviews_lxml, ("reviews", "bs4"): reviews_bs4, ("waiting", "lxml"): waiting_lxml,
             ("waiting", "bs4"): waiting_bs4, ("places", "lxml"): places, ("places", "bs4"): places}


def lines(records):
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def page(kind, library, cpu_ms, body, url):
    """All that a page costs CPU: its records as lines, and the next URL."""
    records, following = FUNCTIONS[kind, library](body, url)
    burn(cpu_ms)
    return lines(records), following
