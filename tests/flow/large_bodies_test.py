#!/usr/bin/python3
"""Bodies too large for memory: many at once, to parsers here and elsewhere.

A hundred of 4 MB; THRESH_ALL=1 (or --all) makes it a thousand of 10 MB.
"""
import os
import sys
import unittest

from support.flow import DEADLINE_S, FlowTest, own, read_records, wait_for
from support.large_bodies import LargeBodies, peak_rss_bytes
from support.pipeline import FETCH_LOOPBACK, Pipeline

ALL = "--all" in sys.argv or os.environ.get("THRESH_ALL") == "1"
AT_ONCE, BODY_BYTES = (1000, 10_000_000) if ALL else (100, 4_000_000)
MOST_BYTES = 300_000_000 if ALL else 160_000_000

RECIPE = """name = "large"
allow = ["http://127.0.0.1:*"]
[fetch]
timeout_ms = 1800000
[[items]]
name = "page"
[items.fields]
title = "title"
end = "b"
"""


class LargeBodiesTest(FlowTest):
    def serve(self, at_once, body_bytes):
        self.server = LargeBodies(at_once, body_bytes)
        self.addCleanup(self.server.stop)

    def start_pipeline(self, text=RECIPE, parsers=1, fetcher=()):
        recipe = self.write("large.toml", text)
        return Pipeline(self, [recipe], parsers, fetcher=(*FETCH_LOOPBACK, "--set", "fetch.per_host=2000", "--concurrency", "2000", *fetcher))

    def feed_all(self, pipeline, count, deadline_s=DEADLINE_S):
        for answer in pipeline.feed(*["%s/%d" % (self.server.url, n) for n in range(count)]):
            self.assertTrue(answer["ok"], answer)
        wait_for(lambda: pipeline.assert_alive() and (pipeline.status() or {"pending": 1})["pending"] == 0, "all pages to end", deadline_s)

    def assert_records(self, pipeline, count):
        found = sorted((own(record) for record in read_records(pipeline.out / "page.ndjson")), key=str)
        self.assertEqual(found, sorted(({"title": "Page %d" % n, "end": "End of %d" % n} for n in range(count)), key=str))

    def test_many_at_once_take_little_memory(self):
        self.serve(AT_ONCE, BODY_BYTES)
        pipeline = self.start_pipeline()
        before = peak_rss_bytes(pipeline.fetcher.pid)
        self.feed_all(pipeline, AT_ONCE, 20 * DEADLINE_S)
        self.assertGreaterEqual(self.server.begun, AT_ONCE)
        peak = peak_rss_bytes(pipeline.fetcher.pid)
        print("%d bodies of %d bytes at once: the fetcher's peak is %.1f MB, %.1f before" % (
            AT_ONCE, BODY_BYTES, peak / 1e6, before / 1e6), flush=True)
        self.assertLess(peak, MOST_BYTES)
        self.assert_records(pipeline, AT_ONCE)
        self.assertEqual(list((pipeline.state / "spool").iterdir()), [])

    def test_downloads_of_many_at_once(self):
        self.serve(20, 4_000_000)
        pipeline = self.start_pipeline('save.format = "file"\nsave.path = "p-{url}"\n' + RECIPE.partition("[[items]]")[0], parsers=0)
        self.feed_all(pipeline, 20)
        saved = {path.read_bytes() for path in (pipeline.state / "pages").glob("p-*")}
        self.assertEqual(saved, {b"".join(self.server.pieces(n)) for n in range(20)})
        self.assertLess(peak_rss_bytes(pipeline.fetcher.pid), MOST_BYTES)

    def test_a_parser_elsewhere_gets_them_in_parts(self):
        self.serve(4, 5_000_000)
        pipeline = self.start_pipeline(parsers=0)
        elsewhere = self.tmp / "elsewhere"
        elsewhere.mkdir()
        for name in ("parsers.ipc", "sink.ipc"):  # and no bodies.sock
            (elsewhere / name).symlink_to(pipeline.state / name)
        self.start("thresh-parser", "--state", elsewhere, "--die-with", os.getpid())
        self.feed_all(pipeline, 4)
        self.assert_records(pipeline, 4)

    def test_they_come_through_the_death_of_each_process(self):
        self.serve(6, 3_000_000)
        pipeline = self.start_pipeline(parsers=2)
        pipeline.feed(*["%s/%d" % (self.server.url, n) for n in range(6)])
        wait_for(lambda: len(read_records(pipeline.out / "page.ndjson")) > 0, "the first record")
        for process in (pipeline.fetcher, pipeline.parsers[0], pipeline.sink):
            pipeline.kill(process)
            pipeline.restart(process)
        wait_for(lambda: (pipeline.status() or {"pending": 1})["pending"] == 0, "all pages to end")
        self.assert_records(pipeline, 6)


if __name__ == "__main__":
    sys.argv = [word for word in sys.argv if word != "--all"]
    unittest.main()
