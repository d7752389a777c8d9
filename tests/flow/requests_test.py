#!/usr/bin/python3
"""What a feed line may say beside its URL reaches the server, and a time and a line are kept to."""
import json
import os
import time
import unittest

from support.flow import RECIPES, FlowTest, wait_for
from support.http_server import Response, TestServer
from support.pipeline import Pipeline, is_balanced

PAGE = RECIPES / "page.toml"


class RequestsTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = self.enterContext(TestServer()) if hasattr(self, "enterContext") else TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.default(lambda request: Response(200, b"<title>%s</title>" % request.body, {"Content-Type": "text/html"}))

    def line(self, path, **keys):
        return json.dumps({"url": self.server.url + path, **keys})

    def asked(self, path):
        return [request for request in self.server.requests if request.path == path]


class RequestTest(RequestsTest):
    def test_method_headers_and_body_are_sent_and_make_another_task(self):
        pipeline = Pipeline(self, [PAGE])
        answers = pipeline.feed(self.line("/a"), self.line("/a", body={"page": 2}), self.line("/a", body={"page": 2}),
                                self.line("/a", body={"page": 3}, headers={"X-Key": "v", "Content-Type": "text/x"}),
                                self.line("/a", method="PUT"))
        self.assertEqual([answer.get("duplicate", False) for answer in answers], [False, False, True, False, False])
        pipeline.wait_until_done(5)
        asked = {(r.method, r.body, r.headers.get("content-type"), r.headers.get("x-key")) for r in self.asked("/a")}
        self.assertEqual(asked, {("GET", b"", None, None), ("POST", b'{"page":2}', "application/json", None),
                                 ("POST", b'{"page":3}', "text/x", "v"), ("PUT", b"", None, None)})

    def test_a_request_survives_kill_9_of_the_fetcher(self):
        pipeline = Pipeline(self, [PAGE], parsers=0)
        pipeline.feed(self.line("/a", body="q=1", method="PATCH", headers={"x-a": "b"}))
        pipeline.kill(pipeline.fetcher)
        self.server.clear()
        pipeline.start_fetcher()
        pipeline.add_parser()
        pipeline.wait_until_done(1)
        request = self.asked("/a")[-1]
        self.assertEqual((request.method, request.body, request.headers["x-a"]), ("PATCH", b"q=1", "b"))


class TimeTest(RequestsTest):
    def test_what_did_not_begin_in_time_is_dropped(self):
        pipeline = Pipeline(self, [PAGE], fetcher=["--set", "fetch.per_host=1", "--set", "fetch.delay_ms=3000"])
        pipeline.feed(self.line("/first"))
        wait_for(lambda: self.asked("/first"), "the first request")
        pipeline.feed(self.line("/late", expires=1), self.line("/in-time", expires="1h"),
                      self.line("/past", expires="2001-01-01"))
        wait_for(lambda: (pipeline.status() or {}).get("dropped") == {"expires": 2}, "two that expired")
        wait_for(lambda: pipeline.status()["pending"] == 0, "the end")
        self.assertEqual((self.asked("/late"), self.asked("/past")), ([], []))
        self.assertEqual(len(self.asked("/in-time")), 1)


class ResumedRunTest(RequestsTest):
    def test_lines_with_dont_filter_are_no_new_tasks_in_a_resumed_run(self):
        lines = self.write("lines", "".join(self.line("/%d" % (n % 3), dont_filter=True) + "\n" for n in range(9)))
        self.server.hang("/2")
        run = self.start_crawl(PAGE, "-f", lines, "-j", "1")
        self.wait_for_status(lambda s: s["done"] == 6, "all that answer")
        run.kill()
        run.wait()
        self.server.route("/2", body=b"<title>2</title>", headers={"Content-Type": "text/html"})
        self.crawl(PAGE, "-f", lines, "-j", "1")
        self.assertEqual(len(self.records("page")), 9)
        self.assertEqual(sorted(record["_n"] for record in self.records("page")), list(range(1, 10)))


if __name__ == "__main__":
    unittest.main()
