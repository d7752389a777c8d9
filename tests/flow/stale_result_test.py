#!/usr/bin/python3
"""A parser that stands still longer than its lease: its pages are done elsewhere, its late results count nothing."""
import collections
import os
import signal
import unittest

from support.flow import RECIPES, FlowTest
from support.http_server import Response, TestServer
from support.pipeline import Pipeline, is_balanced

PAGES = 300
LEASE_MS = 700  # below the 5 s in which ZeroMQ misses a silent peer: it is the lease that runs out


class StaleResultTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server, self.answers = TestServer().start(), collections.Counter()
        self.addCleanup(self.server.stop)
        self.server.default(self.answer)
        self.pipeline = Pipeline(self, [RECIPES / "page.toml"], parsers=1,
                                 parser=("--cpu-ms", "400"),  # so that what stops it finds it at a page
                                 fetcher=("--lease-ms", str(LEASE_MS), "--set", "fetch.per_host=20"),
                                 sink=("--segment-bytes", str(16 << 10)))

    @staticmethod
    def answer(request):
        return Response(200, ("<title>page %s</title>" % request.target).encode(), {"Content-Type": "text/html"})

    def urls(self, start, count=PAGES):
        return ["%s/p%d" % (self.server.url, number) for number in range(start, start + count)]

    def leased_by(self, pid):
        status = self.pipeline.status() or {"parsers": []}
        return sum(parser["leased"] for parser in status["parsers"] if parser["pid"] == pid)

    def hold_pages(self):
        """Stops the parser at a page, with more in its hands, and has them all done by another."""
        self.sleeper = self.pipeline.parsers[0]
        self.pipeline.feed(*self.urls(0, PAGES + 1))
        self.pipeline.wait_for_status(lambda s: s["done"] >= 1 and self.leased_by(self.sleeper.pid) > 1, "the parser to be at work")
        os.kill(self.sleeper.pid, signal.SIGSTOP)
        self.addCleanup(self.resume, self.sleeper.pid)
        self.pipeline.add_parser(arguments=())
        self.pipeline.wait_for_status(lambda s: s["pending"] == 0 and s["done"] == PAGES + 1, "all to be done without the sleeper")
        self.before = (self.pipeline.out / "page.ndjson").read_bytes()
        self.assertEqual(self.before.count(b"\n"), PAGES + 1)

    def go_on(self):
        """More pages, which also close and recycle segments of the journal."""
        self.pipeline.feed(*self.urls(1000))
        self.pipeline.wait_for_status(lambda s: s["pending"] == 0 and s["done"] == 2 * PAGES + 1, "later pages")

    def test_results_that_come_after_their_pages_were_closed_change_nothing(self):
        self.hold_pages()
        self.go_on()
        self.resume(self.sleeper.pid)
        self.pipeline.wait_for_sink_status(lambda s: s["late_dropped"] > 0, "a late result to be dropped")
        self.assert_each_once()

    def test_a_late_result_is_dropped_by_a_sink_that_was_killed_meanwhile(self):
        self.hold_pages()
        self.pipeline.kill(self.pipeline.sink)
        self.pipeline.start_sink()
        self.resume(self.sleeper.pid)
        self.go_on()
        self.assert_each_once()

    def assert_each_once(self):
        urls = self.urls(0, PAGES + 1) + self.urls(1000)
        counts = collections.Counter(record["_url"] for record in self.records("page", self.pipeline.out))
        self.assertEqual(counts, collections.Counter(urls))
        self.assertTrue((self.pipeline.out / "page.ndjson").read_bytes().startswith(self.before))
        self.assertTrue(is_balanced(self.pipeline.ask("ledger")))
        self.assertEqual(self.dead(self.pipeline.out), {})

    @staticmethod
    def resume(pid):
        try:
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            pass


if __name__ == "__main__":
    unittest.main()
