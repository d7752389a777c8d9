"""W4, an API: 27,000 JSON answers of 3.6 KB with 20 places each, 540,000 records."""
import json
import random

import review_words as words

from .base import BENCH, Workload

QUERIES, PLACES, FOLDERS = 27_000, 20, 100
KINDS = ("bar", "cafe", "canteen", "takeaway")
STREETS = ("Cooper's Row", "Dyer Street", "Fennel Lane", "Long Acre", "Mill Road", "Saddler's Wharf", "Tallow Hill")


def place(rng):
    """One place, as a record."""
    return {"place_id": "%016x" % rng.getrandbits(64), "name": words.business_name(rng), "lat": round(rng.uniform(-60, 60), 6),
            "lng": round(rng.uniform(-180, 180), 6), "rating": rng.randint(10, 50) / 10, "ratings": rng.randint(1, 9000),
            "address": "%d %s" % (rng.randint(1, 400), rng.choice(STREETS))}


def answer(places):
    """The API's answer that holds these places."""
    results = [{"place_id": p["place_id"], "name": p["name"], "location": {"lat": p["lat"], "lng": p["lng"]},
                "rating": p["rating"], "ratings": p["ratings"], "address": p["address"],
                "kind": KINDS[p["ratings"] % len(KINDS)]} for p in places]
    return json.dumps({"status": "OK", "results": results}, separators=(",", ":"), ensure_ascii=False).encode()


class Places(Workload):
    name, title, kind, item = "W4", "27,000 JSON answers of 3.6 KB, 540,000 records", "places", "place"
    recipe = BENCH / "workloads" / "w4.toml"
    sources = ["review_words.py", "workloads/w4.py"]
    nginx = """
    location ~ ^/W4/place/([0-9]+)/json$ { try_files /W4/$1/$arg_q.json =404; }"""

    def __init__(self, times):
        self.pages = max(1, round(QUERIES * times))

    def parameters(self):
        return {"count": self.pages}

    @staticmethod
    def places(query):
        rng = random.Random("thresh/places/%d" % query)
        return [place(rng) for _ in range(PLACES)]

    def write_pages(self, folder):
        for number in range(min(FOLDERS, self.pages)):
            (folder / "W4" / str(number)).mkdir(parents=True)
        for query in range(self.pages):
            (folder / "W4" / str(query % FOLDERS) / ("%d.json" % query)).write_bytes(answer(self.places(query)))

    def truth(self):
        return (record for query in range(self.pages) for record in self.places(query))

    def seeds(self, base):
        return ["%s/W4/place/%d/json?q=%d&key=none" % (base, query % FOLDERS, query) for query in range(self.pages)]

    @staticmethod
    def canonical(record):
        return [record["place_id"], record["name"], "%.6f" % record["lat"], "%.6f" % record["lng"], "%.1f" % record["rating"],
                "%d" % record["ratings"], record["address"]]


workload = Places
