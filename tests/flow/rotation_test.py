#!/usr/bin/python3
"""Output files that are moved away while they are written: put together they hold each record once."""
import shutil
import signal
import unittest

from support.flow import ask_socket, wait_for
from support.follower import Follower
from support.labelled_site import EXACT
from support.pipeline import is_balanced
from support.small_crawl import SmallCrawlTest

FILES = ("review.ndjson", "page.ndjson")


class RotationTest(SmallCrawlTest):
    BUSINESSES = 30  # 300 pages, 6,300 records

    def setUp(self):
        super().setUp()
        self.pipeline = self.start_small("rotated", parsers=2)
        self.pipeline.wait_until_listening()
        self.follower = Follower(self.pipeline.out / "review.ndjson")
        self.addCleanup(self.follower.stop)
        self.moved = 0
        self.old = self.pipeline.folder / "old"
        self.old.mkdir()

    def feed(self):
        client = self.pipeline.connect()
        for url in self.site.urls:
            self.assertTrue(client.ask(url)["ok"])

    def move(self, folder=None):
        """mv of the output files, as logrotate does it before the signal."""
        self.moved += 1
        for name in FILES:
            if (self.pipeline.out / name).exists():
                (self.pipeline.out / name).rename((folder or self.pipeline.out) / ("%s.%04d" % (name, self.moved)))

    def hang_up(self):
        """SIGHUP, and until the sink writes to files of these names again, unless nothing is left to write."""
        self.pipeline.sink.send_signal(signal.SIGHUP)
        self.wait_for_new_files()

    def wait_for_new_files(self):
        def ready():
            there = all((self.pipeline.out / name).exists() for name in FILES)
            return there or (self.pipeline.status() or {"pending": 1})["pending"] == 0
        wait_for(lambda: self.pipeline.assert_alive() and ready(), "new files after a rotation")

    def every(self, lines, do):
        """Calls `do` each time that so many lines more were written, until all are; how often."""
        total, due, calls = self.site.records_count, lines, 0
        while due < total:
            self.follower.wait_for_lines(due, self.pipeline.assert_alive)
            do()
            calls += 1
            due = max(due, self.follower.lines_count) + lines
        self.pipeline.wait_for_status(lambda s: s["pending"] == 0, "the end of the crawl")
        return calls

    def assert_together_exact(self, *folders):
        """All parts in their order, each of whole lines, hold each record once."""
        joined = self.tmp / "joined"
        joined.mkdir()
        for name in FILES:
            with open(joined / name, "wb") as out:
                for part in [p for folder in folders for p in sorted(folder.glob(name + ".*"))] + [self.pipeline.out / name]:
                    data = part.read_bytes() if part.exists() else b""
                    self.assertTrue(data == b"" or data.endswith(b"\n"), "%s ends within a line" % part)
                    out.write(data)
        examples = []
        verdict = self.site.judge(joined, examples=examples)
        self.assertEqual(verdict, EXACT, examples[:4])
        self.assertTrue(is_balanced(self.pipeline.ask("ledger")))

    def test_mv_and_sighup_under_load(self):
        self.feed()

        def rotate():
            self.move()
            self.hang_up()
        times = self.every(400, rotate)
        self.assertGreater(times, 4)
        self.assert_together_exact(self.pipeline.out)
        self.follower.wait_until_at_end()
        self.assertEqual(self.follower.faults, [])
        self.assertIn(self.follower.replaced_count, (times - 1, times))  # the last may fall on the end
        self.assertEqual(self.follower.lines_count, self.site.records_count)

    def test_the_control_socket_rotates_as_the_signal_does(self):
        self.feed()

        def rotate():
            self.move()
            self.assertEqual(ask_socket(self.pipeline.state / "sink.sock", "rotate"), {"ok": True})
            self.wait_for_new_files()
        self.assertGreater(self.every(1000, rotate), 2)
        self.assert_together_exact(self.pipeline.out)

    def kill_and_restart_sink(self):
        self.pipeline.kill(self.pipeline.sink)
        self.pipeline.start_sink()
        wait_for(lambda: self.pipeline.assert_alive() and self.pipeline.sink_status(), "the sink to be back")

    def test_a_kill_between_mv_and_sighup(self):
        """Redo goes to the file that was moved: it is found by its inode."""
        self.feed()

        def rotate():
            self.move()
            self.kill_and_restart_sink()
            self.hang_up()
        self.assertGreater(self.every(700, rotate), 3)
        self.assert_together_exact(self.pipeline.out)

    def test_a_kill_between_sighup_and_the_first_line(self):
        self.feed()

        def rotate():
            self.move()
            self.pipeline.sink.send_signal(signal.SIGHUP)
            self.kill_and_restart_sink()
            self.hang_up()
        self.assertGreater(self.every(700, rotate), 3)
        self.assert_together_exact(self.pipeline.out)

    def test_copytruncate_while_nothing_is_written_loses_nothing(self):
        """Under load it cannot be exact (docs say: use mv); between two crawls it is."""
        half = self.site.urls[:15]
        client = self.pipeline.connect()
        for url in half:
            self.assertTrue(client.ask(url)["ok"])
        self.pipeline.wait_for_status(lambda s: s["pending"] == 0 and s["done"] == 150, "half of it")
        for name in FILES:
            path = self.pipeline.out / name
            shutil.copy(path, self.old / (name + ".0001"))
            with open(path, "r+b") as file:
                file.truncate(0)
        for url in self.site.urls[15:]:
            self.assertTrue(client.ask(url)["ok"])
        self.pipeline.wait_for_status(lambda s: s["pending"] == 0 and s["done"] == 300, "the other half")
        self.assert_together_exact(self.old)

    def test_lines_that_another_appends_stay_and_cost_none_of_ours(self):
        client = self.pipeline.connect()
        self.assertTrue(client.ask(self.site.urls[0])["ok"])
        self.pipeline.wait_for_status(lambda s: s["pending"] == 0 and s["done"] == 10, "ten pages")
        with open(self.pipeline.out / "review.ndjson", "ab") as file:
            file.write(b'{"foreign":true}\n')
        for url in self.site.urls[1:]:
            self.assertTrue(client.ask(url)["ok"])
        self.pipeline.wait_for_status(lambda s: s["pending"] == 0 and s["done"] == 300, "the rest")
        path = self.pipeline.out / "review.ndjson"
        data = path.read_bytes()
        self.assertEqual(data.count(b'{"foreign":true}\n'), 1)
        path.write_bytes(data.replace(b'{"foreign":true}\n', b""))
        self.assert_together_exact(self.old)


if __name__ == "__main__":
    unittest.main()
