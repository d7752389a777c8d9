"""Yelp: the search of the Fusion API (v3), and the review pages of businesses in the markup of 2016 to 2018.

GET /v3/businesses/search?location=PLACE&limit=20&offset=40, with `Authorization: Bearer KEY`:
  {"businesses": [...], "total": N, "region": ...}; at most 50 a page, and limit + offset at most 1,000
GET /biz/NAME?start=20: a page of 20 reviews, with a link to the next one

Wrong keys, unknown places and too large offsets are refused with the API's own errors. All content is invented.
"""
import collections
import json
import pathlib
import sys
import urllib.parse

from _http import NOT_FOUND, Response, json_response

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))
import review_markup  # noqa: E402
import review_site  # noqa: E402

REVIEWS_PER_PAGE = review_site.REVIEWS_PER_PAGE
MOST_RESULTS = 1000  # that a search lets anyone see
MOST_A_PAGE = 50


def add_options(parser):
    parser.add_argument("--place", action="append", metavar="NAME:COUNT", default=[],
                        help="a place to search, and how many businesses are there; San Francisco:5")
    parser.add_argument("--reviews", type=int, default=3652, help="of all businesses together; 3652")
    parser.add_argument("--key", default="demo-key", help="the only one that is let in; demo-key")
    parser.add_argument("--page-bytes", type=int, default=45_000, help="how large a page of reviews is; 45000")
    parser.add_argument("--truth", metavar="FILE", help="write every review there is into FILE, as NDJSON")


def make_service(options):
    places = dict(named.rpartition(":")[::2] for named in options.place or ["San Francisco:5"])
    service = Yelp({name: int(count) for name, count in places.items()}, options.reviews, options.key, options.page_bytes)
    if options.truth:
        with open(options.truth, "w", encoding="utf-8") as out:
            out.writelines(json.dumps(review, ensure_ascii=False) + "\n" for review in service.truth())
    return service


def shares(total, parts):
    """`total` in `parts` numbers that are all different where that can be, the largest first."""
    weights = range(parts + 4, 4, -1)
    found = [total * weight // sum(weights) for weight in weights]
    found[0] += total - sum(found)
    return found


class Yelp:
    """All businesses of all places; `answer(request)` is the service."""

    def __init__(self, places, reviews, key, page_bytes):
        self.key, self.asked, self._ready = key, collections.Counter(), {}
        self.site = review_site.ReviewSite(businesses=sum(places.values()), page_bytes=page_bytes)
        self.counts = shares(reviews, self.site.businesses) if self.site.businesses else []
        self.places, begin = {}, 0
        for name, count in places.items():
            self.places[name.lower()] = range(begin, begin + count)
            begin += count
        self._numbers = {self.site.slug(b): b for b in range(self.site.businesses)}

    def __call__(self, request):
        if request.path == "/v3/businesses/search":
            return self.search(request)
        if request.path.startswith("/biz/"):
            return self.business(request)
        return NOT_FOUND

    def summary(self):
        """How often what was asked for."""
        return "searches %(search)d, pages %(page)d, refused %(refused)d" % {
            "search": 0, "page": 0, "refused": 0, **self.asked}

    # The API.

    def search(self, request):
        query = request.query
        if request.headers.get("authorization") != "Bearer " + self.key:
            return self.refuse(401, "TOKEN_INVALID", "Invalid access token or authorization header.")
        limit, offset = query.get("limit", "20"), query.get("offset", "0")
        if not limit.isdigit() or not offset.isdigit() or not 0 < int(limit) <= MOST_A_PAGE:
            return self.refuse(400, "VALIDATION_ERROR", "%r is not an integer that limit or offset may be" % limit)
        limit, offset = int(limit), int(offset)
        if limit + offset > MOST_RESULTS:
            return self.refuse(400, "VALIDATION_ERROR", "Too many results requested, limit+offset must be <= 1000.")
        found = self.places.get(query.get("location", "").lower())
        if found is None:
            return self.refuse(400, "LOCATION_NOT_FOUND", "Could not execute search, try specifying a more exact location.")
        self.asked["search"] += 1
        base = "http://" + request.headers.get("host", "localhost")
        return json_response({"businesses": [self.listed(b, base, query["location"]) for b in found[offset:offset + limit]],
                              "total": len(found), "region": {"center": {"latitude": 37.77, "longitude": -122.42}}})

    def refuse(self, status, code, description):
        self.asked["refused"] += 1
        return json_response({"error": {"code": code, "description": description}}, status)

    def listed(self, b, base, place):
        """A business as a search lists it."""
        slug = self.site.slug(b)
        tracking = urllib.parse.urlencode({"adjust_creative": "x1", "utm_campaign": "yelp_api_v3", "utm_source": "x1",
                                           "utm_medium": "api_v3_business_search"})
        return {"id": "b%021d" % b, "alias": slug, "name": self.site.business(b), "is_closed": False,
                "url": "%s/biz/%s?%s" % (base, slug, tracking), "review_count": self.counts[b], "rating": 3.5,
                "categories": [{"alias": "restaurants", "title": "Restaurants"}],
                "coordinates": {"latitude": 37.7 + b / 1e4, "longitude": -122.4}, "price": "$$",
                "location": {"address1": "%d Main St" % (b + 1), "city": place, "display_address": ["%d Main St" % (b + 1), place]},
                "phone": "+1415555%04d" % b}

    # The pages.

    def business(self, request):
        slug, start = request.path.removeprefix("/biz/"), request.query.get("start", "0")
        b = self._numbers.get(slug)
        page = int(start) // REVIEWS_PER_PAGE if start.isdigit() else -1
        if b is None or not 0 <= page < self.pages(b):
            return NOT_FOUND
        self.asked["page"] += 1
        if (b, page) not in self._ready:
            self._ready[b, page] = Response(body=self.page(b, page))
        return self._ready[b, page]

    def pages(self, b):
        return max(1, -(-self.counts[b] // REVIEWS_PER_PAGE))

    def reviews(self, b, p):
        return self.site.reviews(b, p)[:max(0, self.counts[b] - p * REVIEWS_PER_PAGE)]

    def page(self, b, p):
        paths = [self.site.path(b, other) for other in range(self.pages(b))]
        rng = review_site.random.Random("yelp/%d/%d" % (b, p))
        return review_markup.render(review_markup.Page(self.site.business(b), paths, p, self.reviews(b, p),
                                                       self.site.page_bytes, rng, self.counts[b])).encode()

    def truth(self):
        """Every review as a crawl of all pages gives it."""
        for b in range(self.site.businesses):
            for p in range(self.pages(b)):
                for review in self.reviews(b, p):
                    yield {"review_id": review.review_id, "business": self.site.business(b), "author": review.author,
                           "location": review.location, "rating": review.rating, "date": review.date.isoformat(),
                           "text": review.text}
