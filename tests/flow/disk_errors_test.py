#!/usr/bin/python3
"""A disk that reports errors: what was acknowledged stays, no error is taken for a success."""
import shutil
import threading
import time
import unittest

from support.disk_faults import DiskFaults
from support.flow import RECIPES, wait_for
from support.http_server import Response, TestServer
from support.pipeline import Pipeline
from support.small_crawl import SmallCrawlTest

FAILED = 70
MOMENT_S = 3


class ErrorTest(SmallCrawlTest):
    def disk(self, name, *prefixes, **fault):
        """A disk for a pipeline `name`; the prefixes are folders of it."""
        (self.tmp / name).mkdir(exist_ok=True)
        return DiskFaults(self.tmp / name, [self.tmp / name / prefix for prefix in prefixes], **fault)

    def operations_of_a_start(self, ops):
        """How many operations the frontier takes until the fetcher listens."""
        name = "start-" + ops[0]
        disk = self.disk(name, "state/frontier", ops=ops)
        shutil.rmtree(self.tmp / name / "state", ignore_errors=True)
        pipeline = self.start_small(name, fetcher_env=disk.env)
        pipeline.wait_until_listening()
        self.end_all(pipeline)
        return len(disk.operations())


class FailedSyncTest(ErrorTest):
    """After a sync that failed nobody knows what is on the disk: the process must not go on."""

    def crawl_with_failing(self, victim, name, folder, ops, at):
        disk = self.disk(name, folder, do="EIO", at=at, count=0, ops=ops, log=False)
        pipeline = self.start_small(name, **{victim + "_env": disk.env})
        deaths = []

        def revive(process):
            self.assertIs(process, getattr(pipeline, victim), self.last_words(pipeline))
            self.assertEqual(process.returncode, FAILED, self.last_words(pipeline))
            deaths.append((self.visible(pipeline), pipeline.status()))
            pipeline.restart(process)
        self.finish(pipeline, revive)
        self.assertEqual(len(deaths), 1, "the error was not noticed: %s" % disk.hits[:3])
        hits = [hit for hit in disk.hits if not hit.endswith("/LOG")]  # the database's words about it
        self.assertEqual(len(hits), 1, "it went on after an error: %s" % hits[:5])
        self.assert_exact(pipeline, name)
        self.end_all(pipeline)
        return deaths[0]

    def test_a_journal_that_cannot_be_synced_ends_the_sink_and_nothing_is_acknowledged_after(self):
        for at in (2, 5, 9):
            with self.subTest(at):
                visible, status = self.crawl_with_failing("sink", "journal-%d" % at, "state/journal", ("fdatasync",), at)
                shown = visible.get("page.ndjson", b"").count(b"\n")
                self.assertLessEqual(status["done"], shown, "pages were acknowledged that no reader could see")

    def test_an_error_of_any_write_to_the_journal_ends_the_sink(self):
        for ops in (("write",), ("fallocate",), ("rename",), ("open",)):
            disk = self.disk("try-" + ops[0], "state/journal", ops=ops)
            pipeline = self.start_small("try-" + ops[0], sink_env=disk.env)
            self.finish(pipeline, lambda process: self.fail("a process died by itself"))
            self.end_all(pipeline)
            count = len(disk.operations())
            at = count // (4 if count > 8 else 2) + 1  # Well before the end: there may be fewer of them next time.
            if count:
                with self.subTest(ops[0]):
                    self.crawl_with_failing("sink", "journal-" + ops[0], "state/journal", ops, at)

    def test_an_error_of_the_output_ends_the_sink(self):
        for at in (1, 3):
            with self.subTest(at):
                self.crawl_with_failing("sink", "out-%d" % at, "out", ("write",), at)

    def test_an_error_of_the_frontier_ends_the_fetcher(self):
        for ops in (("write",), ("fdatasync", "fsync")):
            for later in (1, 7):
                with self.subTest((ops[0], later)):
                    at = self.operations_of_a_start(ops) + later
                    self.crawl_with_failing("fetcher", "frontier-%s-%d" % (ops[0], later), "state/frontier", ops, at)

    def test_it_ends_within_a_moment(self):
        for victim, folder in (("sink", "state/journal"), ("fetcher", "state/frontier")):
            flag = self.tmp / ("broken-" + victim)
            disk = self.disk(victim, folder, do="EIO", while_file=flag, ops=("fdatasync", "fsync"), log=False)
            pipeline = self.start_small(victim, **{victim + "_env": disk.env})
            pipeline.wait_until_listening()
            flag.touch()
            pipeline.connect().send((self.site.urls[0] + "\n").encode())
            wait_for(lambda disk=disk: disk.hits, "the sync to fail")
            self.assertEqual(self.wait_for_exit(getattr(pipeline, victim), MOMENT_S), FAILED)
            self.end_all(pipeline)


class FeedAnswerTest(ErrorTest):
    def test_a_url_that_was_answered_ok_before_an_error_is_done_after_the_restart(self):
        server = TestServer().start()
        self.addCleanup(server.stop)
        server.default(lambda request: Response(200, b"<title>x</title>", {"Content-Type": "text/html"}))
        started = self.operations_of_a_start(("fdatasync", "fsync"))
        for at in (started + 1, started + 4, started + 20):
            with self.subTest(at):
                name = "feed-%d" % at
                disk = self.disk(name, "state/frontier", do="EIO", at=at, count=0, ops=("fdatasync", "fsync"), log=False)
                pipeline = Pipeline(self, [RECIPES / "page.toml"], name=name, fetcher_env=disk.env, listening=False)
                accepted = []

                def revive(process, pipeline=pipeline):
                    self.assertEqual((process is pipeline.fetcher, process.returncode), (True, FAILED))
                    pipeline.restart(process)
                urls = ["%s/%d/%d" % (server.url, at, number) for number in range(200)]
                accepted = self.finish(pipeline, revive, urls)
                self.assertEqual(sorted(record["_url"] for record in self.records("page", pipeline.out)), sorted(accepted))
                self.assertTrue(disk.hits)
                self.end_all(pipeline)


class HarmlessTest(ErrorTest):
    def test_short_writes_do_no_harm(self):
        for victim, folder in (("sink", "state/journal"), ("sink", "out"), ("fetcher", "state/frontier")):
            with self.subTest(folder):
                name = "short-" + folder.replace("/", "-")
                disk = self.disk(name, folder, do="short", count=0, ops=("write",), log=False)
                self.crawl(name, victim, disk)

    def test_interrupted_writes_do_no_harm(self):
        for victim, folder in (("sink", "state/journal"), ("sink", "out")):
            for at in (1, 3, 6):
                with self.subTest((folder, at)):
                    name = "eintr-%s-%d" % (folder.replace("/", "-"), at)
                    self.crawl(name, victim, self.disk(name, folder, do="EINTR", at=at, ops=("write",), log=False))

    def crawl(self, name, victim, disk):
        pipeline = self.start_small(name, **{victim + "_env": disk.env})
        self.finish(pipeline, lambda process: self.fail("a process died by itself: " + self.last_words(pipeline)))
        self.assertTrue(disk.hits)
        self.assert_exact(pipeline, name)
        self.end_all(pipeline)


class NoSpaceTest(ErrorTest):
    """Full, by every operation's account, for as long as a flag stands; then there is room again."""

    def crawl_with_full(self, victim, name, folder):
        flag = self.tmp / (name + ".full")
        disk = self.disk(name, folder, do="ENOSPC", while_file=flag, ops=("write", "fallocate", "truncate"), log=False)
        pipeline = self.start_small(name, **{victim + "_env": disk.env})
        pipeline.wait_until_listening()
        flag.touch()
        feeding = threading.Thread(target=lambda: self.finish(pipeline, lambda process: None), daemon=True)
        feeding.start()
        wait_for(lambda: pipeline.assert_alive() and disk.hits, "the disk to be full")
        status = pipeline.sink_status if victim == "sink" else pipeline.status
        paused = wait_for(lambda: pipeline.assert_alive() and (status() or {}).get("paused"), "a status that says why it waits")
        self.assertIsInstance(paused, str)
        flag.unlink()
        freed = time.monotonic()
        feeding.join(30)
        self.assertFalse(feeding.is_alive(), "it does not go on: %s" % pipeline.status())
        self.assertLess(time.monotonic() - freed, 10)
        pipeline.assert_alive()
        self.assertEqual(status()["paused"], "")
        self.assert_exact(pipeline, name)
        self.end_all(pipeline)

    def test_a_full_journal_pauses_and_goes_on(self):
        self.crawl_with_full("sink", "journal", "state/journal")

    def test_a_full_output_pauses_and_goes_on(self):
        self.crawl_with_full("sink", "output", "out")

    def test_a_full_frontier_pauses_and_goes_on(self):
        self.crawl_with_full("fetcher", "frontier", "state/frontier")


if __name__ == "__main__":
    unittest.main()
