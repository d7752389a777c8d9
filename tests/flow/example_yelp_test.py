#!/usr/bin/python3
"""examples/yelp_reviews: from a search API to every review; jobs; the list of the tutorial; and the recipe on the
API's real answer."""
import collections
import json
import unittest
import urllib.parse

from support.example import ExampleTest
from support.flow import LOOPBACK, ROOT, FlowTest, corpora, own, read_lines, read_records
from support.http_server import Response, TestServer

ALLOW = ("--set", 'fetch.allow_private=["127.0.0.0/8"]')
JSON = {"Content-Type": "application/json"}
REVIEWS = 3652
YELP = ROOT / "recipes" / "yelp-reviews.toml"


class YelpTest(ExampleTest):
    example = "yelp_reviews"

    def prepare(self, *more):
        """The README's recipes, for a server with these options beside its own; where it serves, and its truth."""
        truth = self.tmp / "truth.ndjson"
        address = self.serve(["yelp", "--truth", str(truth), *more])
        self.addresses["127.0.0.1:8701"] = address
        self.type(self.blocks()[1][1])
        return address, read_records(truth)

    def run_both(self, *more, code=0):
        done = self.thresh("run", "-r", "build/yelp/yelp-fusion.toml", "-r", "build/yelp/yelp-reviews.toml",
                           "--secrets-dir", "build/yelp", *ALLOW, "-o", self.out, *more)
        self.assertEqual(done.code, code, done)
        return done


class ReadmeTest(YelpTest):
    def test_what_the_readme_tells_to_type_does_what_it_says(self):
        self.run_readme()
        out = self.tmp / "build/yelp/out"
        self.assertEqual(len({review["review_id"] for review in self.records("review", out)}), REVIEWS)
        self.assertEqual(len(read_lines(self.tmp / "build/yelp/restaurants.csv")), 5)
        self.assertEqual(len(self.records("jobs", out)), 6)


class ReviewsTest(YelpTest):
    def test_every_review_is_there_once_as_it_is(self):
        _, truth = self.prepare()
        self.run_both()
        self.assertEqual(len(truth), REVIEWS)
        found = {review["review_id"]: own(review) for review in self.records("review")}
        self.assertEqual(len(self.records("review")), REVIEWS)
        self.assertEqual(found, {review["review_id"]: review for review in truth})

    def test_a_job_tells_of_all_pages_of_one_business(self):
        self.prepare()
        self.run_both()
        businesses = {business["url"]: business for business in self.records("business")}
        self.assertEqual(len(businesses), 5)
        jobs = {job["url"]: job for job in self.records("jobs")}
        search, = set(jobs) - set(businesses)
        self.assertIn("/v3/businesses/search?location=San%20Francisco", search)
        by_root = collections.Counter(review["_root"] for review in self.records("review"))
        for url, business in businesses.items():
            job, pages = jobs[url], -(-business["review_count"] // 20)
            self.assertEqual((job["records"], job["pages"], job["done"], job["dead"]), (business["review_count"], pages, pages, 0))
            self.assertEqual(by_root[url], business["review_count"])
            self.assertGreater(job["seconds"], 0)
            self.assertEqual((job["n"], job["recipe"]), (1, "yelp-reviews"))

    def test_the_pages_of_a_business_are_not_asked_for_one_after_another(self):
        """Each answer takes a second: one after another, its pages would take 19 s, and a job says how long it took."""
        self.prepare("--place", "San Francisco:1", "--reviews", "370", "--latency-ms", "1000")
        self.run_both("--set", "fetch.per_host=100", "--set", "fetch.adaptive=false")
        job, = [job for job in self.records("jobs") if job["recipe"] == "yelp-reviews"]
        self.assertEqual((job["pages"], job["records"]), (19, 370))
        self.assertLess(job["seconds"], 10)

    def test_without_a_total_pages_are_followed_by_next(self):
        self.prepare("--reviews", "400")
        recipe = self.tmp / "build/yelp/yelp-reviews.toml"
        recipe.write_text(recipe.read_text(encoding="utf-8").replace("span.review-count", "span.no-such-count"), encoding="utf-8")
        self.run_both()
        self.assertEqual(len({review["review_id"] for review in self.records("review")}), 400)

    def test_a_page_that_fails_is_a_failure_of_its_job(self):
        server = self.enter(TestServer())
        head = b"<h1 class=biz-page-title>X</h1><span class=review-count>%d reviews</span>"
        row = b'<div class=review data-review-id=r%d><div class=i-stars title="4.0"></div></div>'
        html = {"Content-Type": "text/html"}
        server.route("/biz/x", body=head % 60 + row % 1, headers=html)
        server.route("/biz/x?start=20", status=410, body=b"gone for good")
        server.route("/biz/x?start=40", body=head % 60 + b'<a class="prev pagination-links_anchor" href="/biz/x?start=20"></a>' + row % 3, headers=html)
        self.thresh("run", "-r", YELP, *LOOPBACK, "-o", self.out, server.url + "/biz/x?utm_source=a")
        job, = self.records("jobs")
        self.assertEqual((job["url"], job["pages"], job["done"], job["dead"], job["records"]), (server.url + "/biz/x?utm_source=a", 3, 2, 1, 2))
        letter, = self.records("dead")
        self.assertEqual((letter["root"], letter["n"], letter["status"], letter["body_start"]), (job["url"], 1, 410, "gone for good"))

    def enter(self, server):
        server.start()
        self.addCleanup(server.stop)
        return server


class SearchTest(YelpTest):
    def test_a_search_ends_at_a_thousand_and_each_place_is_searched(self):
        _, truth = self.prepare("--place", "San Francisco:1103", "--place", "Oakland:41", "--reviews", "1144", "--page-bytes", "2000")
        (self.tmp / "build/yelp/yelp-places.csv").write_text("location\nSan Francisco\nOakland\n", encoding="utf-8")
        done = self.thresh("run", "-r", "build/yelp/yelp-fusion.toml", "--secrets-dir", "build/yelp", *ALLOW, "-o", self.out)
        self.assertEqual(done.code, 0, done)
        by_place = collections.Counter(business["place"] for business in self.records("business"))
        self.assertEqual(by_place, {"San Francisco": 1000, "Oakland": 41})
        jobs = {job["n"]: job for job in self.records("jobs") if "/v3/" in job["url"]}
        self.assertEqual({n: (job["pages"], job["records"]) for n, job in jobs.items()}, {1: (50, 1000), 2: (3, 41)})

    def test_a_wrong_key_and_an_unknown_place_are_told_with_the_start_of_the_answer(self):
        self.prepare()
        (self.tmp / "build/yelp/yelp-places.csv").write_text("location\nSan Francisco\nNo Such Place\n", encoding="utf-8")
        self.run_both(code=3)
        letter, = self.records("dead")
        self.assertEqual((letter["n"], letter["meta"], letter["status"]), (2, {"location": "No Such Place"}, 400))
        self.assertTrue(letter["body_start"].startswith('{"error":{"code":"LOCATION_NOT_FOUND"'))
        (self.tmp / "build/yelp/yelp").write_text("another", encoding="utf-8")
        self.out = self.tmp / "again"
        self.run_both(code=3)
        self.assertEqual({letter["status"] for letter in self.records("dead")}, {401})

    def test_the_key_is_in_no_file(self):
        self.prepare()
        self.run_both()
        for path in self.out.rglob("*"):
            if path.is_file():
                self.assertNotIn(b"demo-key", path.read_bytes(), path)


class UrlsTest(YelpTest):
    def urls(self, *more, code=0):
        done = self.thresh("urls", "-r", "build/yelp/yelp-fusion.toml", "--secrets-dir", "build/yelp", *ALLOW, *more)
        self.assertEqual(done.code, code, done)
        return done.out.splitlines()

    def test_the_list_has_each_business_once_and_asks_for_none(self):
        address, _ = self.prepare("--place", "San Francisco:70", "--reviews", "70", "--page-bytes", "2000")
        (self.tmp / "build/yelp/yelp-places.csv").write_text("location\nSan Francisco\nsan francisco\n", encoding="utf-8")
        urls = self.urls()
        self.assertEqual(len(urls), 70)
        self.assertEqual(len(set(urls)), 70)
        for url in urls:
            self.assertRegex(url, r"^http://%s/biz/[a-z-]+-\d+$" % address)
        self.assertEqual(sorted(self.urls("--csv")), sorted(urls))

    def test_the_list_can_be_crawled(self):
        self.prepare("--reviews", "210", "--page-bytes", "2000")
        for name, flags in (("list", ()), ("list.csv", ("--csv",))):
            listed = self.write_list(self.urls(*flags), name)
            self.out = self.tmp / ("out-" + name)
            self.thresh("run", "-r", "build/yelp/yelp-reviews.toml", *ALLOW, "-f", listed, "-o", self.out)
            self.assertEqual(len({review["review_id"] for review in self.records("review")}), 210)

    def test_what_has_a_comma_is_quoted_in_csv_and_what_is_no_get_is_a_feed_line(self):
        server = TestServer().start()
        self.addCleanup(server.stop)
        server.route("/", body=b'{"l":["/a?b=1,2","/c"],"p":["x"]}', headers=JSON)
        recipe = self.write("lists.toml", """name = "lists"
[[follow]]
json = "$.l[*]"
root = true
[[follow]]
json = "$.p[*]"
root = true
url = "%s/post"
body = { q = "{value}" }
""" % server.url)
        lines = self.thresh("urls", "-r", recipe, server.url + "/").out.splitlines()
        self.assertEqual(lines[:2], [server.url + "/a?b=1,2", server.url + "/c"])
        self.assertEqual(json.loads(lines[2]), {"url": server.url + "/post", "method": "POST", "body": '{"q":"x"}',
                                                "headers": {"content-type": "application/json"}})
        csv = self.thresh("urls", "-r", recipe, "--csv", server.url + "/").out.splitlines()
        self.assertEqual(csv, ['"%s/a?b=1,2"' % server.url, server.url + "/c", server.url + "/post"])
        self.assertEqual(server.count("/c"), 0)

    def test_a_recipe_that_begins_no_jobs_is_refused_and_dead_searches_are_told(self):
        self.prepare()
        done = self.thresh("urls", "-r", "build/yelp/yelp-reviews.toml")
        self.assertEqual((done.code, done.out), (65, ""), done)
        self.assertRegex(done.err, r"\Athresh urls: .*root = true")
        done = self.thresh("urls", "-r", self.tmp / "none.toml")
        self.assertEqual((done.code, done.out), (65, ""), done)
        self.assertRegex(done.err, r"\Athresh urls: ")
        (self.tmp / "build/yelp/yelp").write_text("another", encoding="utf-8")
        done = self.thresh("urls", "-r", "build/yelp/yelp-fusion.toml", "--secrets-dir", "build/yelp", *ALLOW)
        self.assertEqual((done.code, done.out), (3, ""), done)
        self.assertIn("TOKEN_INVALID", done.err)


class RealAnswerTest(FlowTest):
    def test_every_field_of_the_20_businesses_is_what_the_answer_says(self):
        body = corpora("api", "yelp", "search-san-francisco.json").read_bytes()
        server = TestServer().start()
        self.addCleanup(server.stop)
        server.route("/v3/businesses/search", body=body, headers=JSON)
        (self.tmp / "yelp-places.csv").write_text("location\nSan Francisco\n", encoding="utf-8")
        text = (ROOT / "recipes/yelp-fusion.toml").read_text(encoding="utf-8")
        recipe = self.write("yelp-fusion.toml", text.replace("https://api.yelp.com", server.url))
        self.env["THRESH_SECRET_YELP"] = "k"
        done = self.thresh("run", "-r", recipe, *ALLOW, "-o", self.out, "--max-pages", "1")
        answer = json.loads(body)
        wanted = [{
            "id": b["id"], "name": b["name"], "url": b["url"].partition("?")[0], "rating": b["rating"],
            "review_count": b["review_count"], "price": b.get("price"), "categories": [c["title"] for c in b["categories"]],
            "address": ", ".join(b["location"]["display_address"]), "city": b["location"]["city"],
            "latitude": b["coordinates"]["latitude"], "longitude": b["coordinates"]["longitude"],
            "phone": b["phone"] or "", "is_closed": b["is_closed"], "place": "San Francisco"} for b in answer["businesses"]]
        self.assertEqual([own(record) for record in self.records("business")], wanted, done)
        self.assertEqual(len(wanted), 20)
        urls = self.thresh("urls", "-r", recipe, *ALLOW, "--max-pages", "1").out.splitlines()
        self.assertEqual(urls, [business["url"] for business in wanted])
        asked = {urllib.parse.parse_qs(request.query).get("offset", ["0"])[0] for request in server.requests}
        self.assertLessEqual({int(offset) for offset in asked}, set(range(0, 1000, 20)))


class TutorialListTest(FlowTest):
    def test_the_thousand_lines_of_the_original_list_are_844_fetches(self):
        lines = corpora("urls", "yelp-1000.csv").read_text(encoding="utf-8").splitlines()
        self.assertEqual((len(lines), len(set(lines))), (1000, 844))
        server = TestServer().start()
        self.addCleanup(server.stop)
        row = b'<div class=review data-review-id=%s><div class=i-stars title="4.0"></div></div>'
        server.default(lambda request: Response(200, row % request.path.rpartition("/")[2].encode(), {"Content-Type": "text/html"}))
        server.route("/robots.txt", status=404)
        listed = self.write("restaurants.csv", "".join(line.replace("https://www.yelp.com", server.url) + "\n" for line in lines))
        done = self.thresh("run", "-r", YELP, *LOOPBACK, "-f", listed, "-o", self.out, "--set", "fetch.per_host=100")
        self.assertEqual(done.code, 0, done)
        asked = [request.target for request in server.requests if request.path.startswith("/biz/")]
        self.assertEqual((len(asked), len(set(asked))), (844, 844))
        self.assertEqual(len(self.records("review")), 844)
        self.assertEqual(len(self.records("jobs")), 844)
        self.assertIn("duplicates 156", done.err)


if __name__ == "__main__":
    unittest.main()
