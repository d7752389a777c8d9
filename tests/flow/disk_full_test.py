#!/usr/bin/python3
"""A disk that is really full: the crawl pauses, says so, takes no CPU, and goes on when there is room.

Mounts small file systems, in a mount namespace of its own: needs root.
"""
import time
import unittest

from support.flow import wait_for
from support.follower import Follower
from support.labelled_site import EXACT
from support.mounts import SmallDisk, in_own_mounts
from support.pipeline import is_balanced
from support.small_crawl import SmallCrawlTest

WATCHED_LOOKS = 15


class DiskFullTest(SmallCrawlTest):
    BUSINESSES = 12

    def crawl_on_full(self, where, mib, kind, sink=(), fetcher=(), rounds=2):
        """A crawl with one of its folders on a small disk that is filled and freed in its midst."""
        pipeline_folder = self.tmp / "full"
        folder = pipeline_folder / where
        disk = SmallDisk(self, folder, mib, kind, self.tmp / "image")
        pipeline = self.start_small("full", sink=sink, fetcher=fetcher)
        self.addCleanup(self.end_all, pipeline)
        pipeline.wait_until_listening()
        follower = Follower(pipeline.out / "review.ndjson")
        self.addCleanup(follower.stop)
        status = pipeline.status if where == "state/frontier" else pipeline.sink_status
        fed = 0
        for number in range(rounds):
            disk.fill()
            fed += self.feed_some(pipeline, fed, 12 // rounds)
            paused = self.wait_paused(pipeline, status)
            self.assertIsInstance(paused, str)
            self.assert_idle(pipeline)
            before = follower.lines_count
            disk.free()
            freed = time.monotonic()
            self.wait_resumed(pipeline, status)
            fed += self.feed_some(pipeline, fed, 12 * (number + 1) // rounds - fed)
            follower.wait_for_lines(before + 1, pipeline.assert_alive)
            self.assertLess(time.monotonic() - freed, 5, "it took long to notice that there is room")
            pipeline.wait_for_status(lambda s: s["pending"] == 0, "the round to end")
        follower.wait_until_at_end()
        follower.recheck()
        self.assertEqual((follower.faults, follower.replaced_count), ([], 0))
        self.assertEqual(follower.seen, (pipeline.out / "review.ndjson").read_bytes())
        examples = []
        self.assertEqual(self.site.judge(pipeline.out, examples=examples), EXACT, examples[:3])
        self.assertTrue(is_balanced(pipeline.ask("ledger")))

    def feed_some(self, pipeline, start, count):
        """Feeds seeds as far as they are answered: a full frontier answers none. How many were."""
        answered = 0
        for url in self.site.urls[start:start + count]:
            client = pipeline.connect()
            client.set_timeout(1)
            try:
                self.assertTrue(client.ask(url)["ok"])
            except (OSError, AssertionError):
                break  # it will be fed again
            answered += 1
        return answered

    def wait_paused(self, pipeline, status):
        return self.look(pipeline, lambda: (status() or {}).get("paused"), "a status that says why it waits")

    def wait_resumed(self, pipeline, status):
        self.look(pipeline, lambda: (status() or {"paused": "?"})["paused"] == "", "it to go on")

    @staticmethod
    def look(pipeline, condition, what):
        return wait_for(lambda: pipeline.assert_alive() and condition(), what)

    def assert_idle(self, pipeline):
        """While it waits no process takes more than 5 % of a CPU. This is a measurement: it takes its time."""
        used = pipeline.cpu_shares_while(WATCHED_LOOKS)
        self.assertLess(max(used), 0.05, used)

    def test_the_output_folder_is_full(self):
        self.crawl_on_full("out", 8, "tmpfs")

    def test_the_journal_is_full(self):
        self.crawl_on_full("state/journal", 32, "ext4", sink=("--segment-bytes", str(512 << 10)))

    def test_the_frontier_is_full(self):
        self.crawl_on_full("state/frontier", 64, "ext4", fetcher=("--min-free-bytes", str(4 << 20)))


if __name__ == "__main__":
    in_own_mounts()
    unittest.main()
