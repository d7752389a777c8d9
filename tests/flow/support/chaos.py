"""A kill storm: processes of a crawl die by kill -9 at random points of its progress and are started
again at once, while readers follow its output. What comes out is compared with the truth.

All that is random comes of one seed: who dies, at which line of the output, in which order they come
back. (What the machine makes of it differs from run to run all the same.)
"""
import collections
import contextlib
import os
import pathlib
import random
import threading
import time

from support.flow import FlowTest, wait_for
from support.follower import Follower, Tail
from support.labelled_site import EXACT, LabelledSite, recipe_text
from support.pipeline import FETCH_LOOPBACK, FeedClient, Pipeline, is_balanced

KINDS = ("sink", "fetcher", "parser")
AHEAD = 40  # businesses at work at once: the feed goes on all through the crawl
FETCHER = (*FETCH_LOOPBACK, "--set", "fetch.per_host=100")
MOST_LOOKS = 20  # so many questions after its line a strike falls at most: not only right after a commit
Strike = collections.namedtuple("Strike", "at_line looks kinds")
Outcome = collections.namedtuple(
    "Outcome", "verdict kills ledger status readers tails seconds served refetched faults examples")


def seed_of_environment():
    """THRESH_SEED, or a new seed; printed, so that a storm can be had again."""
    seed = int(os.environ.get("THRESH_SEED") or random.SystemRandom().randrange(1 << 32))
    print("THRESH_SEED=%d" % seed, flush=True)
    return seed


def plan_strikes(rng, kills, lines):
    """Strikes in the order of the lines at which they fall: single ones, one in six a burst of three.

    Each kind comes up equally often. The last three fall when every line is written.
    """
    deck = [KINDS[number % 3] for number in range(kills)]
    rng.shuffle(deck)
    groups = []
    while deck:
        size = min(len(deck), 3 if rng.random() < 1 / 6 else 1)
        groups.append([deck.pop() for _ in range(size)])
    points = sorted([rng.randrange(1, lines) for _ in groups[:-3]] + [lines] * len(groups[-3:]))
    return [Strike(at, rng.randrange(MOST_LOOKS), kinds) for at, kinds in zip(points, groups)]


class Feeder:
    """Feeds URLs one by one, `AHEAD` businesses before the output; after a lost connection it feeds
    again what was not answered. `faults` has the answers that were not ok."""

    def __init__(self, pipeline, urls, lines_each, follower):
        self._pipeline, self._urls, self._lines_each, self._follower = pipeline, urls, lines_each, follower
        self.faults, self.connections_count, self.fed_count, self._stopping = [], 0, 0, False
        self._thread = threading.Thread(target=self._feed_all, daemon=True)
        self._thread.start()

    def join(self):
        """Until all is fed. Safe to repeat."""
        self._thread.join()

    def stop(self):
        self._stopping = True
        self._thread.join()

    def _feed_all(self):
        while self.fed_count < len(self._urls) and not self._stopping:
            with contextlib.suppress(OSError, AssertionError, ValueError):
                client = FeedClient(self._pipeline.feed_socket)
                self.connections_count += 1
                with contextlib.closing(client):
                    self._feed_by(client)
            wait_for(lambda: self._stopping or self._pipeline.status(), "the fetcher to be there again")

    def _feed_by(self, client):
        while self.fed_count < len(self._urls) and not self._stopping:
            needed = (self.fed_count - AHEAD) * self._lines_each
            if not self._follower.has_lines(needed):
                continue
            answer = client.ask(self._urls[self.fed_count])
            if not answer.get("ok"):
                self.faults.append("%s: %s" % (self._urls[self.fed_count], answer))
            self.fed_count += 1


class Storm:
    """One crawl of a LabelledSite under `kills` kills; `run` returns its Outcome.

    `test` is a FlowTest. `say` is called with a line about each strike.
    """

    def __init__(self, test, site, kills, seed, parsers=4, name="storm", deadline_s=30, say=lambda line: None,
                 fetcher=(), sink=(), parser=()):
        self._test, self._site, self._rng, self._deadline_s = test, site, random.Random(seed), deadline_s
        self._say, self._kills = say, kills
        self._served_before = len(site.served())
        recipe = test.write(name + ".toml", recipe_text())
        self._start = time.monotonic()
        self.pipeline = Pipeline(test, [recipe], parsers, fetcher=(*FETCHER, *fetcher), sink=sink, parser=parser, name=name)
        self.out = self.pipeline.out
        self.follower, self._pages = Follower(self.out / "review.ndjson"), Follower(self.out / "page.ndjson")
        self._tails = [Tail(test, self.out / file) for file in ("review.ndjson", "page.ndjson")]
        self._feeder = Feeder(self.pipeline, site.urls, site.records_count // site.site.businesses, self.follower)
        for part in (self.follower, self._pages, self._feeder):
            test.addCleanup(part.stop)
        self._killed, self._struck = collections.Counter(), []

    def run(self):
        """The whole crawl. One that does not go on fails with what its processes say."""
        try:
            return self._run()
        except AssertionError as stuck:
            raise AssertionError("%s\nafter %s; %d lines, %d of %d seeds fed\n%s" % (
                stuck, self._struck[-3:], self.follower.lines_count, self._feeder.fed_count, len(self._site.urls),
                self.pipeline.state_of_affairs())) from None

    def _run(self):
        for number, strike in enumerate(plan_strikes(self._rng, self._kills, self._site.records_count), 1):
            self.follower.wait_for_lines(strike.at_line, self.pipeline.assert_alive, self._deadline_s)
            for _ in range(strike.looks):
                self.pipeline.status()
            self._struck.append("strike %d at line %d: %s" % (number, self.follower.lines_count, ", ".join(strike.kinds)))
            self._strike(strike.kinds)
            self._say(self._struck[-1])
        return self._finish()

    def _strike(self, kinds):
        self.pipeline.assert_alive()
        victims = []
        for kind in kinds:
            candidates = {"sink": [self.pipeline.sink], "fetcher": [self.pipeline.fetcher], "parser": self.pipeline.parsers}[kind]
            alive = [process for process in candidates if process not in victims]
            victims.append(self._rng.choice(alive or [p for p in self.pipeline.processes if p not in victims]))
        for victim in victims:
            victim.kill()
            self._killed[pathlib.Path(victim.args[0]).name.removeprefix("thresh-")] += 1
        for victim in self._rng.sample(victims, len(victims)):
            victim.wait()
            self.pipeline.restart(victim)
        for follower in (self.follower, self._pages):
            follower.recheck()

    def _finish(self):
        pipeline, site = self.pipeline, self._site
        wait_for(lambda: pipeline.assert_alive() and self._feeder.fed_count == len(site.urls), "all to be fed", self._deadline_s)
        self._feeder.join()
        status = pipeline.wait_for_status(lambda s: s["pending"] == 0, "nothing to be pending", self._deadline_s)
        seconds = time.monotonic() - self._start
        ledger = pipeline.ask("ledger")
        faults = [*self._feeder.faults, *("%s ended with %d" % pair for pair in zip(
            ["parser"] * len(pipeline.parsers) + ["fetcher", "sink"], pipeline.stop()) if pair[1] != 0)]
        for follower in (self.follower, self._pages):
            follower.wait_until_at_end()
            follower.recheck()
            follower.stop()
            faults += follower.faults + ["%s was replaced" % follower.path.name] * follower.replaced_count
        files = [follower.path.read_bytes() for follower in (self.follower, self._pages)]
        for tail, data in zip(self._tails, files):
            tail.wait_for_bytes(len(data))
        examples = []
        verdict = site.judge(self.out, examples=examples)
        served = len(site.served()) - self._served_before
        return Outcome(verdict, self._killed, ledger, status,
                       [follower.seen == data for follower, data in zip((self.follower, self._pages), files)],
                       [tail.shown == data for tail, data in zip(self._tails, files)],
                       seconds, served, served - site.pages_count, faults, examples)


def assert_exact(test, outcome, site):
    """Every promise of a crawl that was disturbed: nothing of it shows."""
    test.assertEqual(outcome.verdict, EXACT, "\n".join(outcome.examples[:5]))
    test.assertEqual(outcome.faults, [])
    test.assertEqual((outcome.readers, outcome.tails), ([True, True], [True, True]), "what readers saw is not the file")
    seeds, pages = site.site.businesses, site.pages_count
    test.assertTrue(is_balanced(outcome.ledger), outcome.ledger)
    counts = {key: outcome.ledger.get(key) for key in ("fed", "followed", "created", "done", "dead", "dropped", "pending")}
    test.assertEqual(counts, {"fed": seeds, "followed": pages - seeds, "created": pages, "done": pages, "dead": {},
                              "dropped": {}, "pending": 0})
    test.assertGreaterEqual(outcome.served, pages)


@contextlib.contextmanager
def outside_of_a_test():
    """A FlowTest for scripts: the folder and the processes go when the block ends."""
    test = FlowTest()
    test.setUp()
    try:
        yield test
    finally:
        test.doCleanups()
