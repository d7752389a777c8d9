"""Tweet search as Gnip and Twitter's premium API have it: Basic auth, GET or POST, pages by a `next` cursor.

GET  /search/30day/accounts/ACCOUNT/LABEL.json?query=TEXT&maxResults=100&next=CURSOR
POST the same path with {"query": TEXT, "maxResults": 100, "next": CURSOR}:
  {"results": [tweets], "next": CURSOR, "requestParameters": {...}}, without `next` on the last page
A cursor is good only with the query it was given for. Tweets come in the format of activity streams, in the original
one, or in turns. Refused are, with the API's errors: other credentials (401), and what cannot be asked (422). All
content is invented.
"""
import base64
import collections
import datetime
import json
import random

from _http import NOT_FOUND, json_response

MOST_A_PAGE = 500
WORDS = "barley tea kettle quay harbour rain ferry market window lamp bread soup story wind".split()
FIRST_ID = 860_000_000_000_000_000  # Above 2^53, as real ids are: a double cannot hold them.
BEGIN = datetime.datetime(2017, 5, 1, tzinfo=datetime.timezone.utc)


def add_options(parser):
    parser.add_argument("--user", default="demo", help="who is let in; demo")
    parser.add_argument("--password", default="demo-password", help="and by which password; demo-password")
    parser.add_argument("--results", type=int, default=100, help="tweets for each query; 100")
    parser.add_argument("--format", choices=("activity", "original", "both"), default="both", help="of tweets; both: in turns")


def make_service(options):
    return Tweets(options.user, options.password, options.results, options.format)


class Tweet:
    """One of a query's tweets, whatever format it is in."""

    def __init__(self, query, index):
        rng = random.Random("%s/%d" % (query, index))
        self.id = FIRST_ID + rng.randrange(10 ** 15)
        self.user_id, self.user = rng.randrange(10 ** 9), "%s_%d" % (rng.choice(WORDS), rng.randrange(1000))
        self.time = BEGIN + datetime.timedelta(seconds=rng.randrange(10 ** 6))
        self.hashtags = rng.sample(WORDS, rng.randrange(3))
        self.mentions = ["%s_m" % word for word in rng.sample(WORDS, rng.randrange(2))]
        self.links = ["https://example.com/%s?a=1&b=2" % word for word in rng.sample(WORDS, rng.randrange(2))]
        self.counts = {name: rng.randrange(90) for name in ("retweets", "favorites", "replies", "quotes")}
        words = " ".join(rng.choice(WORDS) for _ in range(rng.choice((6, 60))))
        self.text = "%s \N{HATCHING CHICK} %s %s" % (query, words, " ".join("#" + tag for tag in self.hashtags))

    @property
    def is_long(self):
        return len(self.text) > 140

    @property
    def entities(self):
        return {"hashtags": [{"text": tag, "indices": [0, 1]} for tag in self.hashtags], "symbols": [],
                "user_mentions": [{"screen_name": name, "name": name, "id": 1, "id_str": "1"} for name in self.mentions],
                "urls": [{"url": "https://t.co/x", "expanded_url": url, "display_url": "x"} for url in self.links]}

    @property
    def cut_entities(self):
        """What stands beside the text that is cut short: a link to the whole."""
        link = {"url": "https://t.co/y", "expanded_url": "https://twitter.com/i/web/status/%d" % self.id, "display_url": "y"}
        return {"hashtags": [], "symbols": [], "user_mentions": [], "urls": [link]}

    def original(self):
        tweet = {"created_at": self.time.strftime("%a %b %d %H:%M:%S +0000 %Y"), "id": self.id, "id_str": str(self.id),
                 "text": self.text, "truncated": self.is_long, "lang": "en", "entities": self.entities,
                 "user": {"id": self.user_id, "id_str": str(self.user_id), "screen_name": self.user, "name": self.user.title(),
                          "description": None, "followers_count": 7},
                 "retweet_count": self.counts["retweets"], "favorite_count": self.counts["favorites"],
                 "reply_count": self.counts["replies"], "quote_count": self.counts["quotes"]}
        if self.is_long:
            tweet["extended_tweet"] = {"full_text": self.text, "entities": self.entities}
            tweet.update(text=self.text[:139] + "\N{HORIZONTAL ELLIPSIS}", entities=self.cut_entities)
        return tweet

    def activity(self):
        tweet = {"id": "tag:search.twitter.com,2005:%d" % self.id, "objectType": "activity", "verb": "post",
                 "postedTime": self.time.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "body": self.text, "twitter_lang": "en",
                 "actor": {"id": "id:twitter.com:%d" % self.user_id, "preferredUsername": self.user,
                           "displayName": self.user.title(), "summary": None, "followersCount": 7},
                 "twitter_entities": self.entities, "retweetCount": self.counts["retweets"],
                 "favoritesCount": self.counts["favorites"]}
        if self.is_long:
            tweet["long_object"] = {"body": self.text, "twitter_entities": self.entities}
            tweet.update(body=self.text[:139] + "\N{HORIZONTAL ELLIPSIS}", twitter_entities=self.cut_entities)
        return tweet


class Tweets:
    """`answer(request)` is the service."""

    def __init__(self, user, password, results, form):
        self.user, self.password, self.results, self.form = user, password, results, form
        self.asked = collections.Counter()

    def __call__(self, request):
        parts = request.path.split("/")
        if len(parts) != 6 or parts[1] != "search" or parts[3] != "accounts" or not parts[5].endswith(".json"):
            return NOT_FOUND
        if not request.is_by(self.user, self.password):
            return self.refuse(401, "Invalid or missing credentials.")
        if request.method == "POST":
            try:
                asked = json.loads(request.body)
            except ValueError:
                asked = None
            if not isinstance(asked, dict):
                return self.refuse(422, "There were errors processing your request: the body is no JSON object.")
        else:
            asked = request.query
        return self.search(asked)

    def summary(self):
        return "pages %d, refused %d" % (self.asked["page"], self.asked["refused"])

    def refuse(self, status, message):
        self.asked["refused"] += 1
        return json_response({"error": {"message": message, "sent": "2017-05-01T00:00:00+00:00"}}, status)

    def search(self, asked):
        query, most = asked.get("query"), str(asked.get("maxResults", 100))
        if not isinstance(query, str) or not query:
            return self.refuse(422, "There were errors processing your request: query is missing.")
        if not most.isdigit() or not 10 <= int(most) <= MOST_A_PAGE:
            return self.refuse(422, "There were errors processing your request: maxResults must be between 10 and 500.")
        begin = self.place_of(asked.get("next"), query)
        if begin is None:
            return self.refuse(422, "There were errors processing your request: next is not valid for this query.")
        self.asked["page"] += 1
        end = min(begin + int(most), self.results)
        answer = {"results": [self.tweet(query, index) for index in range(begin, end)],
                  "requestParameters": {"maxResults": int(most), "fromDate": "201705010000", "toDate": "201706010000"}}
        if end < self.results:
            answer["next"] = base64.b64encode(json.dumps([query, end]).encode()).decode()
        return json_response(answer)

    @staticmethod
    def place_of(cursor, query):
        """Where a cursor says to go on; None if it is none of this query's."""
        if cursor is None:
            return 0
        try:
            of_query, place = json.loads(base64.b64decode(str(cursor), validate=True))
        except (ValueError, TypeError):
            return None
        return place if of_query == query and isinstance(place, int) else None

    def tweet(self, query, index):
        activity = self.form == "activity" or (self.form == "both" and index % 2 == 0)
        tweet = Tweet(query, index)
        return tweet.activity() if activity else tweet.original()
