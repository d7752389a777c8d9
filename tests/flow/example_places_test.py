#!/usr/bin/python3
"""examples/google_places: query templates, tokens, limits and failures by row; and the recipe on real answers."""
import collections
import json
import sys
import unittest
import urllib.parse

from support.example import ExampleTest
from support.flow import ROOT, corpora, own
from support.http_server import Response
from support.real_answers import RecipeOnRealAnswers

sys.path.insert(0, str(ROOT / "examples" / "servers"))
import places  # noqa: E402

ALLOW = ("--set", 'fetch.allow_private=["127.0.0.0/8"]')
JSON = {"Content-Type": "application/json; charset=UTF-8"}
KEY = "AIza-very&secret=key"
PATH = "/maps/api/place/textsearch/json"


class PlacesTest(ExampleTest):
    example = "google_places"

    def prepare(self, terms, *more):
        """The README's recipe, for these terms and a server with these options beside its own."""
        self.addresses["127.0.0.1:8702"] = self.serve(["places", "--token-delay-ms", "300", *more])
        self.type(self.blocks()[1][1])
        self.edit("delay_ms = 2000", "delay_ms = 350")
        (self.tmp / "build/places/places-terms.csv").write_text("term\n" + "".join(term + "\n" for term in terms), encoding="utf-8")

    def edit(self, old, new):
        recipe = self.tmp / "build/places/google-places.toml"
        text = recipe.read_text(encoding="utf-8")
        self.assertIn(old, text)
        recipe.write_text(text.replace(old, new), encoding="utf-8")

    def run_recipe(self, code=0):
        done = self.thresh("run", "-r", "build/places/google-places.toml", "--secrets-dir", "build/places", *ALLOW,
                           "--set", "fetch.per_host=50", "-o", self.out)
        self.assertEqual(done.code, code, done)
        return done


class ReadmeTest(PlacesTest):
    def test_what_the_readme_tells_to_type_does_what_it_says(self):
        self.run_readme()
        out = self.tmp / "build/places/out"
        terms = ["pizza in town %d" % n for n in range(1, 297)] + ["tea"] * 3
        wanted = {n: places.result_count(term) for n, term in enumerate(terms, 1)}
        self.assertEqual(collections.Counter(record["_n"] for record in self.records("place", out)), wanted)


class RowsTest(PlacesTest):
    def test_every_place_of_every_query_is_there_with_its_row(self):
        terms = ["pizza & pasta", "caf\u00e9 100%", "pizza & pasta"]
        self.prepare(terms)
        self.run_recipe()
        for n, term in enumerate(terms, 1):
            found = [record for record in self.records("place") if record["_n"] == n]
            self.assertEqual(len(found), places.result_count(term))
            for index, record in enumerate(sorted(found, key=lambda record: int(record["name"].split()[1]))):
                place = places.place(term, index)
                self.assertEqual(own(record), {
                    "place_id": place["place_id"], "name": place["name"], "address": place["formatted_address"],
                    "latitude": place["geometry"]["location"]["lat"], "longitude": place["geometry"]["location"]["lng"],
                    "rating": place["rating"], "ratings": place["user_ratings_total"], "price_level": place["price_level"],
                    "types": place["types"], "open_now": place["opening_hours"]["open_now"], "query": term})
            job, = [job for job in self.records("jobs") if job["n"] == n]
            self.assertEqual((job["records"], job["pages"]), (len(found), -(-len(found) // 20)))

    def test_success_and_failure_are_told_by_row(self):
        self.prepare(["tea", "nowhere to go", "nothing", "soup"])
        self.run_recipe(code=3)
        self.assertEqual({record["_n"] for record in self.records("place")}, {1, 4})
        jobs = {job["n"]: (job["done"] > 0, job["dead"]) for job in self.records("jobs")}
        self.assertEqual(jobs, {1: (True, 0), 2: (False, 1), 3: (True, 0), 4: (True, 0)})
        letter, = self.records("dead")
        self.assertEqual((letter["n"], letter["reason"], letter["status"], letter["meta"]), (2, "NOT_FOUND", 200, {"term": "nowhere to go"}))
        self.assertIn('"status":"NOT_FOUND"', letter["body_start"])

    def test_a_term_that_is_there_a_hundred_times_is_asked_for_a_hundred_times(self):
        self.prepare(["tea"] * 100)
        self.run_recipe()
        count = places.result_count("tea")
        self.assertEqual(collections.Counter(record["_n"] for record in self.records("place")), {n: count for n in range(1, 101)})
        self.assertEqual(len({record["_id"] for record in self.records("place")}), 100 * count)

    def test_a_limit_is_waited_for(self):
        terms = ["tea %d" % n for n in range(60)]
        self.prepare(terms, "--per-s", "30")
        self.edit("delay_ms = 1000", "delay_ms = 300")
        self.run_recipe()
        self.assertEqual(len(self.records("place")), sum(map(places.result_count, terms)))
        self.assertEqual(self.records("dead"), [])

    def test_a_wrong_key_is_told_and_no_file_has_the_right_one(self):
        self.prepare(["tea"])
        self.run_recipe()
        for path in self.out.rglob("*"):
            if path.is_file():
                self.assertNotIn(b"demo-key", path.read_bytes(), path)
        (self.tmp / "build/places/places").write_text("another", encoding="utf-8")
        self.out = self.tmp / "again"
        self.run_recipe(code=3)
        letter, = self.records("dead")
        self.assertEqual((letter["reason"], letter["attempts"]), ("REQUEST_DENIED", 1))
        self.assertIn("The provided API key is invalid.", letter["body_start"])


class RealAnswersTest(RecipeOnRealAnswers):
    recipe_name, service, item = "google-places", "https://maps.googleapis.com", "place"
    terms = {"places-terms.csv": "term\nmy term\n"}

    def setUp(self):
        super().setUp()
        self.env["THRESH_SECRET_PLACES"] = KEY

    def edited(self, text):
        self.assertIn("delay_ms = 1000", text)
        return text.replace("delay_ms = 1000", "delay_ms = 20")

    def answer(self, name):
        return corpora("api", "google-places", name + ".json").read_bytes()

    @staticmethod
    def wanted(answers):
        """The records that answers hold, by Python's own reading."""
        return [{"place_id": p["place_id"], "name": p["name"], "address": p.get("formatted_address", p.get("vicinity")),
                 "latitude": p["geometry"]["location"]["lat"], "longitude": p["geometry"]["location"]["lng"],
                 "rating": p.get("rating"), "ratings": p.get("user_ratings_total"), "price_level": p.get("price_level"),
                 "types": p["types"], "open_now": p.get("opening_hours", {}).get("open_now"), "query": "my term"}
                for answer in answers for p in json.loads(answer)["results"]]

    def test_the_three_pages_of_a_real_chain_are_60_records_after_two_refusals(self):
        pages = [self.answer("vcr-multiple_page_request-%d" % n) for n in (1, 2, 3)]
        tokens = {json.loads(page).get("next_page_token"): number + 1 for number, page in enumerate(pages)}
        refusals, times = [self.answer("OverQueryLimitResponse")] * 2, []

        def answer(request):
            query = dict(urllib.parse.parse_qsl(request.query))
            if query.get("key") != KEY:
                return Response(200, b'{"status":"REQUEST_DENIED","results":[]}', JSON)
            if refusals:
                return Response(200, refusals.pop(), JSON)
            times.append(request.time)
            return Response(200, pages[tokens[query["pagetoken"]] if "pagetoken" in query else 0], JSON)

        self.server.route(PATH, answer)
        self.assertEqual(self.run_recipe(), self.wanted(pages))
        self.assertEqual(len(self.records("place")), 60)
        self.assertEqual(len(times), 3)
        for before, after in zip(times, times[1:]):
            self.assertGreaterEqual(after - before, 2)  # A token needs that long to become good.

    def test_each_answer_of_any_search_is_read(self):
        for name in ("PlacesApiPizzaInNewYorkResponse", "PlacesApiNearbySearchRequestByKeywordResponse",
                     "vcr-list_spots_with_single_type-1", "vcr-multiple_page_request-4"):
            with self.subTest(name):
                self.out = self.tmp / name
                body = self.answer(name)
                last = {key: value for key, value in json.loads(body).items() if key != "next_page_token"}
                self.server.route(PATH, body=json.dumps(last).encode(), headers=JSON)
                self.assertEqual(self.run_recipe(), self.wanted([body]))


if __name__ == "__main__":
    unittest.main()
