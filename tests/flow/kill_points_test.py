#!/usr/bin/python3
"""kill -9 at every operation on the disk, one after the other: before it, in its middle, after it.

A sample of the points; THRESH_ALL=1 (or --all) tries every one. THRESH_SEED repeats a sample.
"""
import concurrent.futures
import os
import random
import sys
import unittest

from support.chaos import seed_of_environment
from support.disk_faults import DEFAULT_OPS, DiskFaults
from support.flow import RECIPES
from support.http_server import TestServer
from support.pipeline import Pipeline
from support.small_crawl import SmallCrawlTest

ALL = "--all" in sys.argv or os.environ.get("THRESH_ALL") == "1"
AT_ONCE = 2
KILLS = ("kill_before", "kill_half", "kill_after")
BIG = 8 << 20


class KillPointsTest(SmallCrawlTest):
    def setUp(self):
        super().setUp()
        self.rng = random.Random(seed_of_environment())

    def crawl_killed_at(self, victim, name, **fault):
        """One crawl whose sink or fetcher dies at a point, is started again and goes on to the end.

        Returns whether the point was reached. `again`: dies at that operation of its second life too.
        """
        again = fault.pop("again", None)
        prefixes = fault.pop("prefixes", None)
        (self.tmp / name).mkdir()
        prefixes = [self.tmp / name / prefix for prefix in prefixes or ("state", "out")]
        disks = [DiskFaults(self.tmp / name, prefixes, log=False, **fault)]
        if again:
            disks.append(DiskFaults(self.tmp / name, prefixes, log=False, **{**fault, "at": again}))
        pipeline = self.start_small(name, **{victim + "_env": disks[0].env})
        lives = [disk.env for disk in disks[1:]]
        seen = {}

        def revive(process):
            self.assertEqual((process.returncode, process is getattr(pipeline, victim)), (-9, True),
                             "%s: %s" % (name, self.last_words(pipeline)))
            seen.update(self.visible(pipeline))
            pipeline.restart(process, lives.pop(0) if lives else None)
        self.finish(pipeline, revive)
        self.assert_exact(pipeline, "%s %s" % (name, fault), revive)
        now = self.visible(pipeline)
        for file, data in seen.items():
            self.assertTrue(now[file].startswith(data), "%s %s: %s lost bytes that were seen" % (name, fault, file))
        self.end_all(pipeline)
        return bool(disks[0].hits)

    def count_operations(self, victim, ops=DEFAULT_OPS, prefixes=("state", "out")):
        """How many operations an undisturbed crawl takes."""
        (self.tmp / "count").mkdir(exist_ok=True)
        disk = DiskFaults(self.tmp / "count", [self.tmp / "count" / prefix for prefix in prefixes], ops=ops)
        pipeline = self.start_small("count", **{victim + "_env": disk.env})
        self.finish(pipeline, lambda process: self.fail(self.last_words(pipeline)))
        self.assert_exact(pipeline)
        self.end_all(pipeline)
        count = len(disk.operations())
        self.assertGreater(count, 0, "no operation was seen: nothing would be tested")
        return count

    def sample(self, operations, points):
        """(number, how to die) spread over all operations; all of them with THRESH_ALL."""
        if ALL:
            return [(number, do) for number in range(1, operations + 1) for do in KILLS]
        step = operations * 0.8 / points
        numbers = sorted({1 + int(step * (n + self.rng.random())) for n in range(points)})
        return [(number, KILLS[n % 3]) for n, number in enumerate(numbers)]

    def try_all(self, victim, faults):
        """One crawl for each fault, some at once; half of the points must have been reached."""
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            crawls = [pool.submit(self.crawl_killed_at, victim, "%s-%d" % (victim, number), **fault)
                      for number, fault in enumerate(faults)]
            reached = sum(crawl.result() for crawl in crawls)
        print("%s: %d points, %d reached" % (victim, len(faults), reached), flush=True)
        # Work done in fewer batches takes fewer operations than the crawl that was counted: by how many is the machine's.
        self.assertGreaterEqual(reached, 0.5 * len(faults))

    def test_the_sink_at_any_operation(self):
        points = self.sample(self.count_operations("sink"), 24)
        self.try_all("sink", [{"at": number, "do": do} for number, do in points])

    def test_the_sink_in_the_middle_of_an_append(self):
        count = self.count_operations("sink", ("write",), ("out",))
        few = max(1, count * 2 // 3)  # results may come in fewer batches than they did
        numbers = range(1, count + 1) if ALL else sorted(self.rng.sample(range(1, few + 1), min(few, 8)))
        self.try_all("sink", [{"at": number, "do": "kill_half", "ops": ("write",), "prefixes": ("out",)} for number in numbers])

    def test_the_sink_while_it_recovers(self):
        points = self.sample(self.count_operations("sink"), 10)
        self.try_all("sink", [{"at": number, "do": do, "again": 1 + n % 14} for n, (number, do) in enumerate(points)])

    def test_the_sink_when_it_sends(self):
        points = self.sample(self.count_operations("sink", ("send",)), 6)
        self.try_all("sink", [{"at": number, "do": do, "ops": ("send",)} for number, do in points])

    def test_the_fetcher_at_any_operation(self):
        points = self.sample(self.count_operations("fetcher"), 24)
        self.try_all("fetcher", [{"at": number, "do": do} for number, do in points])

    def test_the_fetcher_while_it_recovers(self):
        points = self.sample(self.count_operations("fetcher"), 8)
        self.try_all("fetcher", [{"at": number, "do": do, "again": 1 + self.rng.randrange(30)} for number, do in points])

    def test_the_fetcher_when_it_sends(self):
        points = self.sample(self.count_operations("fetcher", ("send",)), 6)
        self.try_all("fetcher", [{"at": number, "do": do, "ops": ("send",)} for number, do in points])


class BigAppendTest(SmallCrawlTest):
    def test_half_of_a_line_of_8_mib_is_completed(self):
        server = TestServer().start()
        self.addCleanup(server.stop)
        title = "".join(chr(97 + n % 26) for n in range(26)) * (BIG // 26)
        server.route("/big", body=b"<title>" + title.encode() + b"</title>", headers={"Content-Type": "text/html"})
        (self.tmp / "big").mkdir()
        disk = DiskFaults(self.tmp / "big", [self.tmp / "big" / "out"], do="kill_half", ops=("write",), log=False)
        pipeline = Pipeline(self, [RECIPES / "page.toml"], name="big", sink_env=disk.env)
        pipeline.feed(server.url + "/big")
        self.assertEqual(self.wait_for_exit(pipeline.sink), -9)
        torn = (pipeline.out / "page.ndjson").read_bytes()
        self.assertTrue(BIG // 4 < len(torn) < BIG and b"\n" not in torn, len(torn))
        pipeline.start_sink()
        pipeline.wait_until_done(1)
        (record,) = self.records("page", pipeline.out)
        self.assertEqual(record["title"], title)
        self.assertTrue((pipeline.out / "page.ndjson").read_bytes().startswith(torn))


if __name__ == "__main__":
    unittest.main(argv=[word for word in sys.argv if word != "--all"])
