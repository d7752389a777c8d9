#!/usr/bin/python3
"""examples/tweet_search, and its recipe on real answers: every field of every tweet is what Python's json says."""
import datetime
import json
import unittest

from support.example import ExampleTest
from support.flow import corpora, own
from support.http_server import Response
from support.real_answers import RecipeOnRealAnswers

JSON = {"Content-Type": "application/json; charset=utf-8"}
ALLOW = ("--set", 'fetch.allow_private=["127.0.0.0/8"]')


def time_of(tweet):
    if "postedTime" in tweet:
        return datetime.datetime.strptime(tweet["postedTime"], "%Y-%m-%dT%H:%M:%S.000Z")
    return datetime.datetime.strptime(tweet["created_at"], "%a %b %d %H:%M:%S +0000 %Y")


def wanted_of(tweet):
    """The record of a tweet of either format."""
    activity = "postedTime" in tweet
    whole = tweet.get("long_object" if activity else "extended_tweet")
    entities = (whole or tweet)["twitter_entities" if activity else "entities"]
    user = tweet["actor" if activity else "user"]
    quoted = tweet.get("twitter_quoted_status" if activity else "quoted_status")
    return {
        "id": tweet["id"].rsplit(":", 1)[-1] if activity else tweet["id_str"],
        "user": user["preferredUsername" if activity else "screen_name"],
        "user_id": user["id"].rsplit(":", 1)[-1] if activity else user["id_str"],
        "user_name": user["displayName" if activity else "name"],
        "user_bio": user["summary" if activity else "description"],
        "text": (whole or tweet)["body"] if activity else whole["full_text"] if whole else tweet["text"],
        "created_at": time_of(tweet).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "lang": tweet["twitter_lang" if activity else "lang"],
        "links": [link["expanded_url"] for link in entities["urls"] if link["expanded_url"] is not None],
        "hashtags": [tag["text"] for tag in entities["hashtags"]],
        "mentions": [user["screen_name"] for user in entities["user_mentions"]],
        "retweets": tweet["retweetCount" if activity else "retweet_count"],
        "favorites": tweet["favoritesCount" if activity else "favorite_count"],
        "replies": tweet.get("reply_count"), "quotes": tweet.get("quote_count"), "query": "pizza",
        "quoted": None if quoted is None else quoted_of(quoted),
        "retweeted": retweeted_of(tweet)}


def retweeted_of(tweet):
    if tweet.get("verb") == "share":
        original, whole, entities = tweet["object"], tweet["object"].get("long_object"), "twitter_entities"
    elif "retweeted_status" in tweet:
        original, whole, entities = tweet["retweeted_status"], tweet["retweeted_status"].get("extended_tweet"), "entities"
    else:
        return None
    said = (whole or original)[entities]
    return {**quoted_of(original), "links": [link["expanded_url"] for link in said["urls"] if link["expanded_url"] is not None],
            "hashtags": [tag["text"] for tag in said["hashtags"]],
            "mentions": [user["screen_name"] for user in said["user_mentions"]]}


def quoted_of(tweet):
    activity = "actor" in tweet
    whole = tweet.get("long_object" if activity else "extended_tweet") or {}
    return {"id": tweet["id"].rsplit(":", 1)[-1] if activity else tweet["id_str"],
            "user": tweet["actor"]["preferredUsername"] if activity else tweet["user"]["screen_name"],
            "text": whole.get("body") or tweet["body"] if activity else whole.get("full_text") or tweet["text"]}


class ReadmeTest(ExampleTest):
    example = "tweet_search"

    def test_what_the_readme_tells_to_type_does_what_it_says(self):
        self.run_readme()
        tweets = self.records("tweet", self.tmp / "build/tweets/out")
        self.assertEqual(len({tweet["id"] for tweet in tweets}), 600)
        self.assertEqual({tweet["_n"] for tweet in tweets}, {1, 2, 3, 4, 5, 6})
        self.assertEqual({tweet["query"] for tweet in tweets}, {"tea", "kettle", "harbour", "rain & wind", "ferry", "bread"})
        for tweet in tweets:
            self.assertGreater(int(tweet["id"]), 2 ** 53)
            self.assertFalse(tweet["text"].endswith("\N{HORIZONTAL ELLIPSIS}"))
            self.assertFalse([link for link in tweet["links"] if "/i/web/status/" in link])
        more = self.records("tweet", self.tmp / "build/tweets/more")
        self.assertEqual(len({tweet["id"] for tweet in more}), 2700)

    def test_a_wrong_password_is_told_with_the_start_of_the_answer(self):
        for mark, text in self.blocks()[:2]:
            self.type(text)
        (self.tmp / "build/tweets/gnip-password").write_text("wrong", encoding="utf-8")
        done = self.thresh("run", "-r", "build/tweets/gnip-search.toml", "--secrets-dir", "build/tweets", *ALLOW, "-o", "out")
        self.assertEqual(done.code, 3, done)
        letters = self.records("dead")
        self.assertEqual(sorted(letter["n"] for letter in letters), [1, 2, 3, 4, 5, 6])
        for letter in letters:
            self.assertEqual((letter["status"], letter["reason"]), (401, "http_401"))
            self.assertTrue(letter["body_start"].startswith('{"error":{"message":"Invalid or missing credentials."'))


class RealAnswersTest(RecipeOnRealAnswers):
    recipe_name, service, item = "gnip-search", "https://gnip-api.twitter.com", "tweet"
    terms = {"gnip-terms.csv": "term\npizza\n"}

    def setUp(self):
        super().setUp()
        self.env.update(THRESH_SECRET_GNIP_USER="me", THRESH_SECRET_GNIP_PASSWORD="p:w")

    def serve(self, *pages):
        """Answers page by page, as the cursors say, to who has the password."""
        cursors = {json.loads(page).get("next"): number + 1 for number, page in enumerate(pages)}

        def answer(request):
            if request.headers.get("authorization") != "Basic bWU6cDp3":
                return Response(401)
            cursor = json.loads(request.body).get("next") if request.method == "POST" else None
            return Response(200, pages[cursors[cursor] if cursor else 0], JSON)

        self.server.route("/search/30day/accounts/ACCOUNT/LABEL.json", answer)

    def test_the_two_pages_of_a_real_search_are_200_records(self):
        folder = corpora("api", "twitter-search")
        pages = [(folder / name).read_bytes() for name in ("premium_search_next.json", "premium_search_last.json")]
        self.serve(*pages)
        tweets = [tweet for page in pages for tweet in json.loads(page)["results"]]
        self.assertEqual(self.run_recipe(), [wanted_of(tweet) for tweet in tweets])
        self.assertEqual(len(tweets), 200)
        first, second = (request for request in self.server.requests if request.path.startswith("/search/"))
        self.assertEqual((first.method, first.query), ("GET", "query=pizza%20lang%3Aen&maxResults=100"))
        self.assertEqual(json.loads(second.body), {"query": "pizza lang:en", "maxResults": 100,
                                                   "next": json.loads(pages[0])["next"]})

    def test_files_of_tweets_a_line_each_are_read_too(self):
        folder = corpora("api", "gnip")
        self.env["THRESH_SECRET_GNIP_USER"] = self.env["THRESH_SECRET_GNIP_PASSWORD"] = "x"
        for name in ("activity_streams_examples", "dummy_tweets_a"):
            with self.subTest(name):
                self.out = self.tmp / name
                body = (folder / (name + ".ndjson")).read_bytes()
                self.server.route("/search/" + name, body=body, headers={"Content-Type": "application/x-ndjson"})
                line = json.dumps({"url": self.server.url + "/search/" + name, "meta": {"term": "pizza"}})
                done = self.thresh("run", "-r", self.recipe, "-o", self.out, *ALLOW, "-f", self.write("lines", line + "\n"))
                self.assertEqual(done.code, 0, done)
                wanted = [wanted_of(json.loads(tweet)) for tweet in body.decode().splitlines()]
                self.assertEqual([own(record) for record in self.records("tweet")], wanted)

    def test_every_line_of_both_formats_is_a_record_and_broken_ones_are_dead_letters(self):
        folder = corpora("api", "gnip")
        lines = [line for name in ("activity_streams_examples", "dummy_tweets_a")
                 for line in (folder / (name + ".ndjson")).read_text(encoding="utf-8").splitlines()]
        broken = sorted((folder / "broken").glob("*.json"))
        texts = lines + [path.read_text(encoding="utf-8") for path in broken]
        self.serve(('{"results":[%s]}' % ",".join(texts)).encode())
        self.assertEqual(self.run_recipe(), [wanted_of(json.loads(line)) for line in lines])
        letters = {letter["row"]: letter for letter in self.records("dead")}
        self.assertEqual(sorted(letters), list(range(len(lines), len(texts))))
        for letter in letters.values():
            self.assertEqual((letter["reason"], letter["item"], letter["n"]), ("required_field", "tweet", 1))
            self.assertRegex(letter["detail"], r'^field "(user|quoted\.user)" found nothing$')


if __name__ == "__main__":
    unittest.main()
