#!/usr/bin/python3
"""`limit_by = "ip"`: hosts of one address are one, from the first request on.

Names of the test's own, by an /etc/hosts in a mount namespace of its own: needs root.
"""
import threading
import unittest

from support.flow import FlowTest
from support.http_server import Response, TestServer
from support.mounts import in_own_mounts, run

NAMES = ["shop-%d.test" % n for n in range(8)]
RECIPE = """name = "page"
allow = ["http://*"]
[fetch]
allow_private = ["127.0.0.0/8"]
limit_by = "ip"
%s
[[items]]
name = "page"
[items.fields]
title = "title"
"""


class OneAddressTest(FlowTest):
    def setUp(self):
        super().setUp()
        hosts = self.write("hosts", "127.0.0.1 localhost %s\n127.0.0.2 other.test\n" % " ".join(NAMES))
        run("mount", "--bind", hosts, "/etc/hosts")
        self.addCleanup(run, "umount", "/etc/hosts")
        self.server = TestServer("0.0.0.0").start()
        self.addCleanup(self.server.stop)
        self.lock, self.now, self.most = threading.Lock(), {}, {}
        self.server.default(self.answer)

    def answer(self, request):
        key = request.headers["host"].partition(":")[0] == "other.test"
        with self.lock:
            self.now[key] = self.now.get(key, 0) + 1
            self.most[key] = max(self.most.get(key, 0), self.now[key])
        threading.Event().wait(0.05)  # An answer takes its time.
        with self.lock:
            self.now[key] -= 1
        if request.path == "/robots.txt":
            return Response(404)
        return Response(200, b"<title>page</title>", {"Content-Type": "text/html"})

    def crawl_all(self, fetch, pages=2, names=(*NAMES, "other.test")):
        urls = ["http://%s:%d/%d" % (name, self.server.port, page) for page in range(pages) for name in names]
        done = self.thresh("run", "-r", self.write("page.toml", RECIPE % fetch), "-f", self.write_list(urls), "-o", self.out, "-j", "1")
        self.assertEqual(done.code, 0, done)
        self.assertEqual(len(self.records("page")), len(urls))

    def test_no_address_has_more_requests_at_once_than_its_limit_not_even_at_first(self):
        self.crawl_all("per_host = 2")
        self.assertLessEqual(self.most[False], 2)
        self.assertLessEqual(self.most[True], 2)

    def test_nor_sooner_one_after_the_other(self):
        self.crawl_all("delay_ms = 100", pages=1, names=NAMES)
        times = [request.time for request in self.server.requests]
        self.assertEqual(len(times), 2 * len(NAMES))
        self.assertGreaterEqual(min(b - a for a, b in zip(times, times[1:])), 0.1 - 0.06)

    def test_a_name_that_leads_nowhere_is_dead_of_that(self):
        urls = ["http://nowhere.test/", "http://%s:%d/" % (NAMES[0], self.server.port)]
        done = self.thresh("run", "-r", self.write("page.toml", RECIPE % "attempts = 1"), "-f", self.write_list(urls), "-o", self.out, "-j", "1")
        self.assertEqual(done.code, 3, done)
        self.assertEqual(self.dead()[urls[0]]["reason"], "dns")
        self.assertEqual(len(self.records("page")), 1)


if __name__ == "__main__":
    in_own_mounts()
    unittest.main()
