#!/usr/bin/python3
"""kill -9 while pages are saved: what was saved and what came out agree, and every file is whole.

The site labels every answer, so a page that was fetched twice is two different pages: the records that
are extracted from the saved pages must be those of the output, byte by byte.
"""
import random
import unittest

from support import warc
from support.chaos import seed_of_environment
from support.disk_faults import DiskFaults
from support.flow import read_lines
from support.small_crawl import SmallCrawlTest

KILLS = ("kill_before", "kill_half", "kill_after")
OPS = ("open", "write", "fsync", "fdatasync", "truncate")


class ArchiveKillTest(SmallCrawlTest):
    def setUp(self):
        super().setUp()
        self.rng = random.Random(seed_of_environment())
        text = self.recipe.read_text(encoding="utf-8")
        self.recipe.write_text('save.format = "warc"\n' + text, encoding="utf-8")

    def assert_agree(self, pipeline, name):
        """Every WARC file is by the standard, each page is there, and records are those of the output."""
        pages = pipeline.state / "pages"
        saved = warc.responses(pages)
        self.assertEqual(len(saved), self.site.pages_count, name)
        again = self.tmp / (name + "-again")
        done = self.thresh("extract", "--warc", pages, "-r", self.recipe, "-o", again)
        self.assertEqual(done.code, 0, done)
        for item in ("review", "page"):
            self.assertEqual(sorted(read_lines(again / (item + ".ndjson"))),
                             sorted(read_lines(pipeline.out / (item + ".ndjson"))), "%s: %s" % (name, item))
        return sum(map(len, saved.values()))

    def crawl(self, name, revive=None, **how):
        pipeline = self.start_small(name, **how)
        self.finish(pipeline, revive(pipeline) if revive else lambda process: self.fail(self.last_words(pipeline)))
        self.assert_exact(pipeline, name)
        self.end_all(pipeline)
        return pipeline

    def count_operations(self):
        (self.tmp / "count").mkdir()
        disk = DiskFaults(self.tmp / "count", [self.tmp / "count" / "state" / "pages"], ops=OPS)
        pipeline = self.crawl("count", fetcher_env=disk.env)
        self.assertEqual(self.assert_agree(pipeline, "count"), self.site.pages_count)
        return len(disk.operations())

    def test_at_any_operation_on_the_pages(self):
        operations = self.count_operations()
        self.assertGreater(operations, 30)
        reached = 0
        points = [(1 + self.rng.randrange(max(1, operations * 2 // 3)), KILLS[n % 3]) for n in range(9)]
        for n, (at, do) in enumerate(points):
            name = "kill-%d" % n
            (self.tmp / name).mkdir()
            disk = DiskFaults(self.tmp / name, [self.tmp / name / "state" / "pages"], do=do, at=at, ops=OPS, log=False)

            def revive(pipeline):
                def again(process):
                    self.assertEqual(process.returncode, -9, self.last_words(pipeline))
                    pipeline.restart(process)
                return again
            pipeline = self.crawl(name, revive, fetcher_env=disk.env)
            reached += bool(disk.hits)
            with self.subTest(at=at, do=do):
                self.assert_agree(pipeline, name)
        self.assertGreater(reached, len(points) // 2)

    def test_the_sink_and_parsers_as_often_as_you_like(self):
        pipeline = self.start_small("storm", parsers=2)
        kills = iter(range(12))

        def revive(process):
            pipeline.restart(process)

        answered = []

        def storm():
            if next(kills, None) is not None and answered:
                pipeline.kill(self.rng.choice(pipeline.processes))
            answered.append(1)
        original = self.revive_all
        self.revive_all = lambda p, r: (storm(), original(p, r))
        self.finish(pipeline, revive)
        del self.revive_all
        self.assert_exact(pipeline, "storm", revive)
        self.end_all(pipeline)
        self.assert_agree(pipeline, "storm")


if __name__ == "__main__":
    unittest.main()
