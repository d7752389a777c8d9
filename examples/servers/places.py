"""Google's Places API: text search, with pages by token, limits told inside answers, and a key.

GET /maps/api/place/textsearch/json?query=TEXT&key=KEY, and ?pagetoken=TOKEN&key=KEY for the next page:
  {"status": "OK", "results": [20 of up to 60], "next_page_token": TOKEN, ...}
A token is good only some time after it was given (before: INVALID_REQUEST), and for one answer's next page alone.
Every answer is 200 and says in `status` what it is: REQUEST_DENIED without the key, OVER_QUERY_LIMIT for more than
--per-s requests in a second, ZERO_RESULTS for a query with the word "nothing", NOT_FOUND for one with "nowhere",
INVALID_REQUEST without a query. All content is invented.
"""
import collections
import hashlib
import itertools
import time

from _http import NOT_FOUND, json_response

RESULTS_PER_PAGE = 20
MOST_RESULTS = 60
MESSAGES = {"OVER_QUERY_LIMIT": "You have exceeded your rate-limit for this API.",
            "REQUEST_DENIED": "The provided API key is invalid."}


def add_options(parser):
    parser.add_argument("--key", default="demo-key", help="the only one that is let in; demo-key")
    parser.add_argument("--per-s", type=int, default=0, help="requests a second before OVER_QUERY_LIMIT; 0: any number")
    parser.add_argument("--token-delay-ms", type=float, default=2000, help="until a token is good; 2000")


def make_service(options):
    return Places(options.key, options.per_s, options.token_delay_ms / 1000)


def number_of(query):
    """A number that is always the same for a query."""
    return int.from_bytes(hashlib.sha256(query.encode()).digest()[:6], "big")


def result_count(query):
    """How many places there are for a query: 20 to 60."""
    words = query.lower().split()
    return 0 if "nothing" in words else RESULTS_PER_PAGE + number_of(query) % (MOST_RESULTS - RESULTS_PER_PAGE + 1)


def place(query, index):
    """The place at `index` among those of a query."""
    seed = number_of("%s/%d" % (query, index))
    return {"business_status": "OPERATIONAL", "formatted_address": "%d Quay St, Port Haven" % (seed % 900 + 1),
            "geometry": {"location": {"lat": 45 + seed % 1000 / 1e4, "lng": -122 - seed % 777 / 1e4}},
            "name": "Place %d of %s" % (index + 1, query), "opening_hours": {"open_now": seed % 2 == 0},
            "place_id": "ChIJ%021x" % seed, "price_level": seed % 5, "rating": 1 + seed % 41 / 10,
            "reference": "ChIJ%021x" % seed, "types": ["restaurant", "food", "point_of_interest"],
            "user_ratings_total": seed % 5000}


class Places:
    """`answer(request)` is the service."""

    def __init__(self, key, per_s, token_delay_s, clock=time.monotonic):
        self.key, self.per_s, self.token_delay_s, self._clock = key, per_s, token_delay_s, clock
        self.asked = collections.Counter()
        self._tokens, self._numbers = {}, itertools.count(1)
        self._second, self._in_second = 0, 0

    def __call__(self, request):
        if request.path != "/maps/api/place/textsearch/json":
            return NOT_FOUND
        status, found = self.search(request.query)
        self.asked[status] += 1
        answer = {"html_attributions": [], "results": [], **found, "status": status}
        if status in MESSAGES:
            answer["error_message"] = MESSAGES[status]
        return json_response(answer)

    def summary(self):
        """How often which status was answered."""
        return ", ".join("%s %d" % pair for pair in sorted(self.asked.items())) or "nothing was asked"

    def search(self, query):
        if query.get("key") != self.key:
            return "REQUEST_DENIED", {}
        if self.is_over_limit():
            return "OVER_QUERY_LIMIT", {}
        if "pagetoken" in query:
            known = self._tokens.get(query["pagetoken"])
            if known is None or self._clock() < known[2]:
                return "INVALID_REQUEST", {}
            return self.page(*known[:2])
        text = query.get("query", "")
        if not text:
            return "INVALID_REQUEST", {}
        return ("NOT_FOUND", {}) if "nowhere" in text.lower().split() else self.page(text, 0)

    def is_over_limit(self):
        second = int(self._clock())
        self._in_second = self._in_second + 1 if second == self._second else 1
        self._second = second
        return 0 < self.per_s < self._in_second

    def page(self, text, begin):
        end, total = begin + RESULTS_PER_PAGE, result_count(text)
        if total == 0:
            return "ZERO_RESULTS", {}
        found = {"results": [place(text, index) for index in range(begin, min(end, total))]}
        if end < total:
            token = "token-%d-%012x" % (next(self._numbers), number_of(text))
            self._tokens[token] = (text, end, self._clock() + self.token_delay_s)
            found["next_page_token"] = token
        return "OK", found
