#!/usr/bin/python3
"""The parser in Perl: made from proto/README.md alone, it does as the others do."""
import gzip
import os
import unittest

from support.flow import ROOT, FlowTest, own
from support.http_server import TestServer

PARSER = "perl %s" % (ROOT / "clients" / "perl" / "thresh-parser.pl")
HTML = {"Content-Type": "text/html; charset=utf-8"}


class PerlTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)

    def run_perl(self, *arguments, code=0):
        done = self.thresh("run", "--parser", PARSER, "-j", 2, "-o", self.out, "--set", 'fetch.allow_private=["127.0.0.0/8"]',
                           "--set", "fetch.respect_robots_txt=false", *arguments)
        self.assertEqual(done.code, code, done)
        return done

    def add(self, path, body, **headers):
        self.server.route(path, body=body, headers={**HTML, **headers})
        return self.server.url + path

    def test_records_links_and_who_they_are(self):
        for number in range(40):
            self.add("/%d" % number, ('<title>Pa\u00f1o %d</title><a href="%d">next</a><a href="mailto:x">'
                                      % (number, number + 1)).encode())
        self.add("/40", b"no title")
        self.run_perl(self.server.url + "/0", "-f", self.write_list([self.server.url + "/20"]))
        records = self.records("page")
        self.assertEqual(sorted((r["_url"], r["title"]) for r in records),
                         sorted([("%s/%d" % (self.server.url, n), "Pa\u00f1o %d" % n) for n in range(40)] + [(self.server.url + "/40", None)]))
        native = self.tmp / "native"
        self.thresh("run", "-o", native, "--set", 'fetch.allow_private=["127.0.0.0/8"]', self.server.url + "/0")
        self.assertEqual(self.records("page", native)[0]["_id"], next(r["_id"] for r in records if r["_url"].endswith("/0")))

    def test_packed_and_large_bodies(self):
        text = b"<title>packed</title>" + b"x" * 3000
        large = b"<title>large</title>" + os.urandom(3 << 20)
        urls = [self.add("/gzip", gzip.compress(text), **{"Content-Encoding": "gzip"}), self.add("/large", large),
                self.add("/br", text, **{"Content-Encoding": "br"}), self.add("/cut", gzip.compress(text)[:-9], **{"Content-Encoding": "gzip"}),
                self.add("/bomb", gzip.compress(bytes(80 << 20)), **{"Content-Encoding": "gzip"})]
        self.run_perl(*urls, code=3)
        self.assertEqual({r["title"]: r["bytes"] for r in map(own, self.records("page"))}, {"packed": len(text), "large": len(large)})
        self.assertEqual({url.rpartition("/")[2]: letter["reason"] for url, letter in self.dead().items()},
                         {"br": "bad_encoding", "cut": "bad_encoding", "bomb": "too_large"})

    def test_killed_again_and_again_it_loses_nothing(self):
        urls = [self.add("/%d" % number, b"<title>%d</title>" % number) for number in range(200)]
        run = self.start("thresh", "run", "--parser", PARSER, "-j", 2, "-o", self.out, "-f", self.write_list(urls),
                         "--set", 'fetch.allow_private=["127.0.0.0/8"]', "--set", "fetch.respect_robots_txt=false",
                         "--set", "fetch.delay_ms=15")
        for done in (10, 40, 70, 100):
            self.wait_for_status(lambda s: s["done"] >= done, "%d pages" % done)
            self.kill_a_parser()
        self.assertEqual(self.wait_for_exit(run), 0)
        self.assertEqual(sorted(int(r["title"]) for r in self.records("page")), list(range(200)))
        self.assertEqual(self.dead(), {})

    def test_sigterm_gives_the_pages_back(self):
        urls = [self.add("/%d" % number, b"<title>%d</title>" % number) for number in range(100)]
        run = self.start("thresh", "run", "--parser", "-", "-o", self.out, "-f", self.write_list(urls), "--set", "fetch.delay_ms=15",
                         "--set", 'fetch.allow_private=["127.0.0.0/8"]', "--set", "fetch.respect_robots_txt=false")
        self.wait_for_status(lambda s: s["fed"] == 100, "the list to be fed")
        for done in (20, 40, 100):
            log = self.tmp / ("perl-%d.log" % done)
            parser = self.start_perl(log)
            self.wait_for_status(lambda s: s["done"] >= min(done, 90), "%d pages" % done)
            if done < 100:
                parser.terminate()
                self.assertEqual(self.wait_for_exit(parser), 0, log.read_text())
        self.assertEqual(self.wait_for_exit(run), 0)
        self.assertEqual(len(self.records("page")), 100)
        self.assertEqual(self.dead(), {})

    def start_perl(self, log):
        return self.start("/usr/bin/perl", *PARSER.split()[1:], "--join", self.out, stderr=log)


if __name__ == "__main__":
    unittest.main()
