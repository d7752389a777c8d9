#!/usr/bin/python3
"""Real answers of two APIs, served as those APIs do: next-page tokens that need time, limits told
inside answers, cursors in POST bodies, and keys that are nowhere but in the requests."""
import json
import unittest
import urllib.parse

from support.flow import FlowTest, corpora, own
from support.http_server import Response, TestServer

JSON = {"Content-Type": "application/json; charset=UTF-8"}
KEY = "AIza-very&secret=key"
PLACES = """
name = "places"
[[start]]
from = "terms.csv"
url = "%(url)s/textsearch/json?query={meta.term}&key={secret.places-key}"
[[fetch.retry_when]]
json = "$.status"
in = ["OVER_QUERY_LIMIT"]
delay_ms = 50
attempts = 6
[[fetch.fail_when]]
json = "$.status"
not_in = ["OK", "ZERO_RESULTS"]
[[items]]
name = "place"
rows = "$.results[*]"
[items.fields]
place_id = "$.place_id"
name = { json = "$.name", required = true }
query = { meta = "term" }
[[follow]]
json = "$.next_page_token"
delay_ms = 400
url = "%(url)s/textsearch/json?pagetoken={value}&key={secret.places-key}"
"""
TWEETS = """
name = "tweets"
[fetch]
auth = { bearer = "{secret.twitter}" }
[[start]]
from = [{ q = 'from:me "x"', max = 100 }]
url = "%(url)s/search"
body = { query = "{meta.q}", maxResults = "{meta.max}" }
[[items]]
name = "tweet"
rows = "$.results[*]"
[items.fields]
id = "$.id_str"
text = "$.text"
[[follow]]
json = "$.next"
url = "%(url)s/search"
body = { query = "{meta.q}", maxResults = "{meta.max}", next = "{value}" }
"""


class ApiTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)

    def write_recipe(self, text):
        path = self.tmp / "api.toml"
        path.write_text(text % {"url": self.server.url}, encoding="utf-8")
        return path

    def assert_nowhere(self, secret):
        """Neither as it stands nor percent-encoded, in any file that the crawl left."""
        for text in (secret, urllib.parse.quote(secret, safe="")):
            for path in self.out.rglob("*"):
                if path.is_file():
                    self.assertNotIn(text.encode(), path.read_bytes(), path)


class PlacesTest(ApiTest):
    """Three pages of 20, each token good only after a while."""

    def setUp(self):
        super().setUp()
        folder = corpora("api", "google-places")
        self.pages = [json.loads((folder / ("vcr-multiple_page_request-%d.json" % n)).read_text()) for n in (1, 2, 3)]
        self.limit = (folder / "OverQueryLimitResponse.json").read_bytes()
        self.tokens, self.refusals, self.denied = {}, 2, []
        self.server.route("/textsearch/json", self.answer)
        (self.tmp / "terms.csv").write_text("term,n\npizza & pasta,1\n", encoding="utf-8")
        self.env["THRESH_SECRET_PLACES_KEY"] = KEY

    def answer(self, request):
        query = dict(urllib.parse.parse_qsl(request.query))
        if query.get("key") != KEY:
            self.denied.append(request.target)
            return Response(200, b'{"status":"REQUEST_DENIED","results":[]}', JSON)
        if "pagetoken" not in query:
            if query.get("query") == "nothing":
                return Response(200, b'{"status":"INVALID_REQUEST","results":[]}', JSON)
            if self.refusals > 0:
                self.refusals -= 1
                return Response(200, self.limit, JSON)
            return self.page(0, request)
        number, ready_at = self.tokens[query["pagetoken"]]
        if request.time < ready_at:
            return Response(200, b'{"status":"INVALID_REQUEST","results":[]}', JSON)
        return self.page(number, request)

    def page(self, number, request):
        page = self.pages[number]
        if "next_page_token" in page:
            self.tokens[page["next_page_token"]] = (number + 1, request.time + 0.35)
        return Response(200, json.dumps(page).encode(), JSON)

    def test_the_chain_gives_all_places_once_after_two_refusals(self):
        done = self.crawl(self.write_recipe(PLACES))
        self.assertIn("held back  delays that recipes ask for", done.err)
        records = self.records("place")
        wanted = [place["place_id"] if "place_id" in place else None for page in self.pages for place in page["results"]]
        self.assertEqual([record["place_id"] for record in records], wanted)
        self.assertEqual(len(records), 60)
        self.assertEqual({record["query"] for record in records}, {"pizza & pasta"})
        self.assertEqual(self.server.count("/textsearch/json"), 5)
        self.assertEqual(self.denied, [])
        self.assertEqual({record["_meta"]["n"] for record in records}, {"1"})

    def test_the_key_is_in_requests_alone(self):
        self.crawl(self.write_recipe(PLACES))
        self.assert_nowhere(KEY)
        for record in self.records("place"):
            self.assertIn("key={secret.places-key}", record["_url"])

    def test_a_refusal_inside_an_answer_is_a_dead_letter_with_its_reason(self):
        (self.tmp / "terms.csv").write_text("term\nnothing\n", encoding="utf-8")
        self.crawl(self.write_recipe(PLACES), code=3)
        self.assertEqual([letter["reason"] for letter in self.dead().values()], ["INVALID_REQUEST"])
        letter, = self.dead().values()
        self.assertEqual((letter["n"], letter["meta"], letter["status"]), (1, {"term": "nothing"}, 200))
        self.assertEqual(letter["body_start"], '{"status":"INVALID_REQUEST","results":[]}')

    def test_a_row_that_is_there_twice_is_asked_for_twice_with_dont_filter(self):
        self.refusals = 0
        (self.tmp / "terms.csv").write_text("term\n" + "pizza\n" * 5, encoding="utf-8")
        for number, (start, asked) in enumerate((("[[start]]", 1), ("[[start]]\ndont_filter = true", 5))):
            self.server.clear()
            self.out = self.tmp / ("out-%d" % number)
            self.crawl(self.write_recipe(PLACES.replace("[[start]]", start, 1)))
            firsts = [request for request in self.server.requests if "query=" in request.query]
            self.assertEqual(len(firsts), asked)
            roots = [job["n"] for job in self.records("jobs")]
            self.assertEqual(sorted(roots), list(range(1, asked + 1)))

    def test_a_limit_that_stays_is_dead_after_the_attempts_of_the_rule(self):
        self.refusals = 100
        self.crawl(self.write_recipe(PLACES), code=3)
        letter, = self.dead().values()
        self.assertEqual((letter["reason"], letter["attempts"]), ("retries", 6))
        self.assertEqual((letter["status"], letter["n"]), (200, 1))
        self.assertEqual(letter["body_start"], self.limit.decode()[:200])
        self.assertEqual(self.server.count("/textsearch/json"), 6)

    def test_a_rule_without_attempts_has_those_of_the_recipe_for_a_page_and_for_a_host(self):
        for scope in ("page", "host"):
            with self.subTest(scope):
                self.refusals, self.out = 100, self.tmp / scope
                self.server.clear()
                rule = 'attempts = 6\n'
                recipe = PLACES.replace(rule, 'scope = "%s"\n' % scope, 1).replace("[[start]]", "[fetch]\nattempts = 2\n[[start]]", 1)
                self.crawl(self.write_recipe(recipe), code=3)
                letter, = self.dead().values()
                self.assertEqual((letter["reason"], letter["attempts"]), ("retries", 2))
                self.assertEqual(self.server.count("/textsearch/json"), 2)

    def test_a_key_in_the_path(self):
        self.server.route("/v1/" + urllib.parse.quote(KEY, safe="") + "/list", lambda request: self.page(2, request))
        (self.tmp / "terms.csv").write_text("term\nx\n", encoding="utf-8")
        recipe = PLACES.replace("/textsearch/json?query={meta.term}&key={secret.places-key}",
                                "/v1/{secret.places-key}/list", 1)
        self.crawl(self.write_recipe(recipe))
        self.assertEqual(len(self.records("place")), 20)
        self.assert_nowhere(KEY)

    def test_without_the_secret_no_request_is_made(self):
        del self.env["THRESH_SECRET_PLACES_KEY"]
        done = self.thresh("run", "-r", self.write_recipe(PLACES), "-o", self.out)
        self.assertEqual(done.code, 65, done)
        self.assertIn('secret "places-key" is in none of', done.err)
        self.assertIn("$THRESH_SECRET_PLACES_KEY", done.err)
        self.assertEqual(self.server.count("/textsearch/json"), 0)
        checked = self.thresh("check", self.write_recipe(PLACES))
        self.assertEqual(checked.code, 0, checked)
        self.assertIn('secret "places-key"', checked.err)


class TweetsTest(ApiTest):
    """POST with a cursor in its JSON body, and a bearer token."""

    def test_the_cursor_leads_to_the_last_page(self):
        folder = corpora("api", "twitter-search")
        first, last = (folder / name for name in ("premium_search_next.json", "premium_search_last.json"))
        cursor = json.loads(first.read_text())["next"]
        bodies = []

        def answer(request):
            if request.headers.get("authorization") != "Bearer t0ken-of-the-test":
                return Response(401)
            if request.method != "POST" or request.headers.get("content-type") != "application/json":
                return Response(400)
            body = json.loads(request.body)
            bodies.append(body)
            return Response(200, (last if body.get("next") == cursor else first).read_bytes(), JSON)

        self.server.route("/search", answer)
        self.env["THRESH_SECRET_TWITTER"] = "t0ken-of-the-test"
        self.crawl(self.write_recipe(TWEETS))
        wanted = [tweet["id_str"] for path in (first, last) for tweet in json.loads(path.read_text())["results"]]
        self.assertEqual([own(record)["id"] for record in self.records("tweet")], wanted)
        self.assertEqual(bodies, [{"query": 'from:me "x"', "maxResults": 100},
                                  {"query": 'from:me "x"', "maxResults": 100, "next": cursor}])
        self.assert_nowhere("t0ken-of-the-test")


if __name__ == "__main__":
    unittest.main()
