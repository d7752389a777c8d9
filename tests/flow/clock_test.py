#!/usr/bin/python3
"""The wall clock jumps by days, back and forth, while a crawl goes on: nothing expires, nothing spins.

Needs libfaketime (package faketime), which moves CLOCK_REALTIME as an administrator would.
"""
import glob
import time
import unittest

from support.flow import RECIPES
from support.http_server import Response, TestServer
from support.pipeline import Pipeline
from support.small_crawl import SmallCrawlTest

STEPS = ("+1d", "-1d", "+0", "-1h", "+1h", "@2038-01-19 03:14:00", "+0")
WATCHED_LOOKS = 10


class ClockTest(SmallCrawlTest):
    BUSINESSES = 20

    def setUp(self):
        super().setUp()
        libraries = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        self.assertTrue(libraries, "libfaketime is not installed (apt-get install faketime)")
        self.clock, self.steps = self.tmp / "clock", 0
        self.set_clock("+0")
        self.env.update(LD_PRELOAD=libraries[0], FAKETIME_TIMESTAMP_FILE=str(self.clock), FAKETIME_NO_CACHE="1",
                        FAKETIME_DONT_FAKE_MONOTONIC="1", ASAN_OPTIONS="verify_asan_link_order=0")

    def set_clock(self, offset):
        """+1d: a day ahead of the machine's clock; takes effect at once."""
        new = self.clock.with_suffix(".new")
        new.write_text(offset + "\n")
        new.rename(self.clock)

    def step(self):
        self.set_clock(STEPS[self.steps % len(STEPS)])
        self.steps += 1

    def crawl(self, name, every_pages):
        """Seconds of a crawl with a step of the clock each time that so many pages more are done."""
        start = time.monotonic()
        self.pipeline = self.start_small(name, parsers=2)
        self.pipeline.wait_until_listening()
        client = self.pipeline.connect()
        for url in self.site.urls:
            self.assertTrue(client.ask(url)["ok"])
        for due in range(every_pages, self.site.pages_count + 1, every_pages):
            self.pipeline.wait_for_status(lambda s, due=due: s["done"] >= due, "%d pages" % due)
            self.step()
        self.pipeline.wait_for_status(lambda s: s["pending"] == 0, "the end of the crawl")
        seconds = time.monotonic() - start
        self.assert_exact(self.pipeline, name)
        return seconds


class CrawlTest(ClockTest):
    def test_a_crawl_is_exact_and_no_slower_and_no_page_goes_out_twice(self):
        calm = self.crawl("calm", self.site.pages_count + 1)
        served = len(self.site.served())
        self.end_all(self.pipeline)
        jumpy = self.crawl("jumpy", 5)
        self.assertGreaterEqual(self.steps, 30)
        self.assertEqual(len(self.site.served()) - served, self.site.pages_count, "pages were fetched again")
        self.assertEqual(self.pipeline.sink_status()["late_dropped"], 0, "a lease ran out")
        self.assertLess(jumpy, 2 * calm + 1)

    def test_idle_processes_stay_idle(self):
        self.crawl("idle", 50)
        used = self.pipeline.cpu_shares_while(WATCHED_LOOKS, between=self.step)
        self.assertLess(max(used), 0.1, used)


class DelayTest(ClockTest):
    """A page that is to be asked for again after half a second is, whatever the clock says then."""

    def crawl_with_delay(self, name, restart, offset):
        server = TestServer().start()
        self.addCleanup(server.stop)
        answers = iter([Response(503, b"later")])
        page = Response(200, b"<title>here</title>", {"Content-Type": "text/html"})
        server.route("/moody", lambda request: next(answers, page))
        self.set_clock("+0")
        pipeline = Pipeline(self, [RECIPES / "page.toml"], name=name)
        pipeline.feed(server.url + "/moody")
        waits = lambda s: len(server.requests) == 1 and s["in_flight"] == 0 and s["pending"] == 1  # noqa: E731
        pipeline.wait_for_status(waits, "the page to wait for its time")
        # Asked of the state on the disk, behind what is being written.
        self.assertEqual([task["state"] for task in pipeline.ask("why", url=server.url + "/moody")["tasks"]], ["retry"])
        first = server.requests[0].time
        if restart:
            pipeline.kill(pipeline.fetcher)
        self.set_clock(offset)
        if restart:
            pipeline.start_fetcher()
        pipeline.wait_for_status(lambda s: s["done"] == 1, "the page to come", 20)
        self.end_all(pipeline)
        return server.requests[1].time - first

    def test_it_is_not_put_off_by_a_clock_set_back(self):
        for restart in (False, True):
            with self.subTest(restart):
                waited = self.crawl_with_delay("back-%d" % restart, restart, "-1d")
                self.assertGreater(waited, 0.4)

    def test_it_comes_too_early_at_most_after_a_restart_by_a_clock_set_forward(self):
        waited = self.crawl_with_delay("ahead", False, "+1d")
        self.assertGreater(waited, 0.4)
        self.crawl_with_delay("ahead-restarted", True, "+1d")


if __name__ == "__main__":
    unittest.main()
