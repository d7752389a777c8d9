#!/usr/bin/python3
"""Pages that kill, hang or exhaust a parser end as dead letters, with their bodies; no other page suffers.

thresh-poison-parser is thresh-parser, but obeys words in a page:
POISON:SEGV, POISON:ABORT, POISON:SPIN, POISON:SLEEP, POISON:OOM, POISON:KILL.
"""
import os
import pathlib
import threading
import unittest

from support.flow import BIN, RECIPES, FlowTest, wait_for
from support.http_server import Response, TestServer
from support.pipeline import Pipeline, is_balanced

GOOD = 1000
HTML = {"Content-Type": "text/html; charset=utf-8"}
CRASHES, HANGS = ("SEGV", "ABORT", "OOM", "KILL"), ("SPIN", "SLEEP")
REASONS = {**dict.fromkeys(CRASHES, "parse_crash"), **dict.fromkeys(HANGS, "parse_timeout")}


def poison_parser():
    """The program, wherever the build puts it."""
    for folder in (BIN, BIN.parent / "tests"):
        if (folder / "thresh-poison-parser").exists():
            return folder / "thresh-poison-parser"
    raise AssertionError("thresh-poison-parser is not built")


class Parsers:
    """Keeps `count` parsers running, as a supervisor does: who dies is replaced at once."""

    def __init__(self, test, pipeline, count):
        self._pipeline, self._stopping, self.deaths_count = pipeline, threading.Event(), 0
        for _ in range(count):
            pipeline.add_parser()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        test.addCleanup(self.stop)

    def stop(self):
        """From now on nobody is replaced; at this moment all live. Safe to repeat."""
        if not self._stopping.is_set():
            self._stopping.set()
            self._thread.join()
            self._replace()

    def _watch(self):
        while not self._stopping.wait(0.01):
            self._replace()

    def _replace(self):
        for process in list(self._pipeline.parsers):
            if process.poll() is not None:
                self.deaths_count += 1
                self._pipeline.restart(process)


class PoisonTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.bodies = {}

    def page(self, path, text, size=2000):
        """A page on the server; its exact bytes are kept in `bodies`. Some are no valid UTF-8."""
        body = ("<!doctype html><title>%s</title>\r\n<p>%s</p>" % (path, text)).encode() + b"\x00\xff\xfe\r\n" + os.urandom(size)
        self.bodies[self.server.url + path] = body
        self.server.route(path, body=body, headers=HTML)
        return self.server.url + path

    def crawl_with(self, poisons, good=GOOD, parsers=4, deaths=0):
        """Crawls good pages with the poisoned among them, until so many parsers have died; returns the letters by URL."""
        urls = [self.page("/good-%d" % number, "fine", 100) for number in range(good)]
        self.good = list(urls)
        self.poisoned = {}
        for number, kind in enumerate(poisons):
            url = self.page("/bad-%d" % number, "POISON:" + kind)
            self.poisoned[url] = kind
            urls.insert((number * 61 + 7) % len(urls), url)
        self.pipeline = Pipeline(self, [RECIPES / "page.toml"], parsers=0, parser_program=str(poison_parser()),
                                 fetcher=("--lease-ms", "1500", "--set", "fetch.per_host=50"),
                                 parser=("--parse-timeout-ms", "800", "--max-memory-bytes", str(384 << 20)))
        self.parsers = Parsers(self, self.pipeline, parsers)
        self.pipeline.feed(*urls)
        ended = lambda s: s["pending"] == 0 and s["done"] + sum(s["dead"].values()) == len(urls)  # noqa: E731
        self.wait_for_status(ended, "every page to end", self.pipeline.state)
        wait_for(lambda: self.parsers.deaths_count >= deaths, "%d parsers to have died" % deaths)
        self.parsers.stop()
        return self.dead(self.pipeline.out)

    def assert_good_pages_are_done(self):
        titles = [record["title"] for record in self.records("page", self.pipeline.out)]
        self.assertEqual(sorted(titles), sorted(url.removeprefix(self.server.url) for url in self.good))

    def assert_letter(self, letter, reason, attempts):
        url = letter["url"]
        self.assertEqual((letter["reason"], letter["attempts"]), (reason, attempts), letter)
        body = pathlib.Path(letter["body_path"])
        self.assertEqual((body if body.is_absolute() else self.pipeline.out / body).read_bytes(), self.bodies[url])


class CrowdTest(PoisonTest):
    def test_each_bad_page_is_a_letter_with_its_body_and_no_good_page_is_blamed(self):
        kinds = ["SEGV", "ABORT", "SPIN", "SLEEP", "OOM"] * 3
        letters = self.crawl_with(kinds, deaths=3 * len(kinds))
        self.assertEqual(set(letters), set(self.poisoned))
        for url, kind in self.poisoned.items():
            with self.subTest(kind):
                self.assert_letter(letters[url], REASONS[kind], 3)
        self.assert_good_pages_are_done()

    def test_the_ledger_tells_crashes_from_hangs(self):
        self.crawl_with(["SEGV", "SEGV", "SPIN"], good=50)
        ledger = self.pipeline.ask("ledger")
        self.assertEqual((ledger["done"], ledger["dead"], ledger["pending"]), (50, {"parse_crash": 2, "parse_timeout": 1}, 0))
        self.assertTrue(is_balanced(ledger), ledger)


class AloneTest(PoisonTest):
    def test_with_one_parser_all_good_pages_are_done_as_well(self):
        letters = self.crawl_with(["SEGV", "SPIN"], good=200, parsers=1)
        self.assertEqual(set(letters), set(self.poisoned))
        self.assert_good_pages_are_done()

    def test_a_page_under_which_parsers_are_killed_unmarked_has_ten_lives(self):
        letters = self.crawl_with(["KILL"], good=100, parsers=2)
        (letter,) = letters.values()
        self.assert_letter(letter, "parse_crash", 10)
        self.assert_good_pages_are_done()

    def test_a_letter_survives_a_kill_of_everything(self):
        letters = self.crawl_with(["SEGV"], good=20, parsers=1)
        for process in (self.pipeline.sink, self.pipeline.fetcher):
            self.pipeline.kill(process)
            self.pipeline.restart(process)
        wait_for(lambda: self.pipeline.status(), "the fetcher to be back")
        self.assertEqual(self.dead(self.pipeline.out), letters)
        (letter,) = letters.values()
        self.assert_letter(letter, "parse_crash", 3)
        self.assertEqual(self.pipeline.ask("ledger")["dead"], {"parse_crash": 1})


class RestartTest(PoisonTest):
    def test_crashes_count_on_over_restarts_of_the_fetcher(self):
        self.page("/bad", "POISON:SEGV")
        pipeline = Pipeline(self, [RECIPES / "page.toml"], parsers=0)
        pipeline.feed(self.server.url + "/bad")
        for crash in range(1, 4):
            pipeline.wait_until_listening()
            parser = pipeline.add_parser(poison_parser())
            self.wait_for_exit(parser)
            pipeline.parsers.remove(parser)
            if crash == 3:
                break
            log = pipeline.log_of("thresh-fetcher")
            wait_for(lambda: log.read_text().count("page.suspected") == crash, "the fetcher to notice")
            self.thresh("why", "--state", pipeline.state, self.server.url + "/bad")  # Answered, all before it is durable.
            pipeline.kill(pipeline.fetcher)
            pipeline.start_fetcher()
        pipeline.wait_until_listening()
        pipeline.wait_until_done(1)
        dead = self.dead(pipeline.out)[self.server.url + "/bad"]
        self.assertEqual((dead["reason"], dead["attempts"]), ("parse_crash", 3))
        self.assertIn("signal 11 (SIGSEGV) 3 times", dead["detail"])


if __name__ == "__main__":
    unittest.main()
