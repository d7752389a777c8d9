#!/usr/bin/python3
"""A disk that is full under the saved pages: nothing more is fetched, people are told why, and when there is
room it goes on, with every page saved once and readable.

Mounts small file systems, in a mount namespace of its own: needs root.
"""
import random
import unittest

from support import warc
from support.flow import FlowTest, wait_for
from support.http_server import Response, TestServer
from support.mounts import SmallDisk, in_own_mounts
from support.pipeline import Pipeline, is_balanced

RECIPE = """name = "saved"
save.format = "%s"
allow = ["http://127.0.0.1:*"]
[fetch]
allow_private = ["127.0.0.0/8"]
respect_robots_txt = false
max_body_bytes = 100000000
"""
ITEMS = """[[items]]
name = "page"
[items.fields]
title = "title"
"""
PAGES, PAGE_BYTES = 40, 150_000


def body_of(path, nbytes):
    """Of this path alone, and hard to pack."""
    return b"<title>%s</title><p>" % path.encode() + random.Random(path).randbytes(nbytes // 2).hex().encode()


class FullArchiveTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.page_bytes = PAGE_BYTES
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.default(lambda request: Response(200, body_of(request.path, self.page_bytes), {"Content-Type": "text/html"}))

    def urls(self, first, count):
        return [self.server.url + "/%d" % n for n in range(first, first + count)]

    def begin(self, save, kind="tmpfs", mib=16, items=ITEMS, fetcher=()):
        recipe = self.write("saved.toml", RECIPE % save + items)
        pages = self.tmp / "pages"
        self.disk = SmallDisk(self, pages, mib, kind, self.tmp / "image")
        pipeline = Pipeline(self, [recipe], fetcher=("--pages", pages, *fetcher), name="%s-%s" % (save, kind))
        self.addCleanup(self.end_all, pipeline)
        return pipeline, pages

    def end_all(self, pipeline):
        for process in pipeline.processes:
            self.end(process)

    def wait_paused(self, pipeline):
        return wait_for(lambda: pipeline.assert_alive() and (pipeline.status() or {}).get("paused"), "a status that says why")

    def crawl_on_full(self, pipeline, leave_bytes=400_000):
        """Ten pages, then a full disk under the next ten; the rest is fed and waits."""
        pipeline.feed(*self.urls(0, 10))
        pipeline.wait_until_done(10)
        self.disk.fill(leave_bytes=leave_bytes)
        pipeline.feed(*self.urls(10, 10))
        paused = self.wait_paused(pipeline)
        self.assertIn("No space left", paused)
        text = self.thresh("status", "--state", pipeline.state).out
        self.assertIn("No space left", text)
        asked = len(self.server.requests)
        pipeline.feed(*self.urls(20, PAGES - 20))
        used = pipeline.cpu_shares_while(15)
        self.assertLess(max(used), 0.05, used)
        self.assertEqual(len(self.server.requests), asked, "it went on fetching")
        self.assertLess(pipeline.status()["done"], 20)

    def finish(self, pipeline, count=PAGES):
        self.disk.free()
        pipeline.wait_until_done(count)
        self.assertEqual(pipeline.status()["paused"], "")
        self.assertTrue(is_balanced(pipeline.ask("ledger")))
        self.assertEqual(self.records("dead", pipeline.out), [])

    def assert_in_warc(self, pages, count=PAGES, times=(1,)):
        found = warc.responses(pages)
        self.assertEqual(sorted(found), sorted(self.urls(0, count)))
        for url, bodies in found.items():
            self.assertEqual(set(bodies), {body_of(url[len(self.server.url):], self.page_bytes)}, url)
            self.assertIn(len(bodies), times, url)

    def assert_in_files(self, pages, count=PAGES):
        folder, = [path for path in pages.iterdir() if not path.name.startswith(".") and path.name != "lost+found"]
        self.assertEqual(sorted(path.name for path in folder.iterdir()), sorted(str(n) for n in range(count)))
        for path in folder.iterdir():
            self.assertEqual(path.read_bytes(), body_of("/" + path.name, self.page_bytes))
        self.assertEqual(list((pages / ".tmp").iterdir()), [])

    def test_warc(self):
        for kind, mib in (("tmpfs", 16), ("ext4", 32)):
            with self.subTest(kind):
                pipeline, pages = self.begin("warc", kind, mib)
                # What ext4 keeps for root is none of what it says is free.
                self.crawl_on_full(pipeline, 400_000 if kind == "tmpfs" else 0)
                self.finish(pipeline)
                self.assert_in_warc(pages)
                self.assertEqual(len(self.records("page", pipeline.out)), PAGES)
                self.end_all(pipeline)
                self.disk.unmount()
                self.server.clear()

    def test_files(self):
        pipeline, pages = self.begin("file")
        self.crawl_on_full(pipeline)
        self.finish(pipeline)
        self.assert_in_files(pages)
        self.assertEqual(len(self.records("page", pipeline.out)), PAGES)

    def test_large_bodies_that_are_only_downloaded(self):
        self.page_bytes = 600_000
        pipeline, pages = self.begin("file", mib=32, items="", fetcher=("--spool-bytes", "100000"))
        self.crawl_on_full(pipeline)
        self.finish(pipeline)
        self.assert_in_files(pages)

    def test_a_fetcher_that_is_killed_and_started_on_the_full_disk_waits_too(self):
        for save in ("warc", "file"):
            with self.subTest(save):
                pipeline, pages = self.begin(save)
                self.crawl_on_full(pipeline)
                for _ in range(2):
                    pipeline.kill(pipeline.fetcher)
                    pipeline.start_fetcher()
                    pipeline.wait_until_listening()
                    self.wait_paused(pipeline)
                self.finish(pipeline)
                if save == "warc":
                    self.assert_in_warc(pages, times=range(1, 5))
                else:
                    self.assert_in_files(pages)
                self.assertEqual(len(self.records("page", pipeline.out)), PAGES)
                self.end_all(pipeline)
                self.disk.unmount()


if __name__ == "__main__":
    in_own_mounts()
    unittest.main()
