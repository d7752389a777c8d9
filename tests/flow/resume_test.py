#!/usr/bin/python3
"""A run that is broken off, in whatever way, is gone on with by the same command, and its output is
what it would have been without that: each record once, with the same `_n`."""
import contextlib
import os
import signal
import subprocess
import threading
import unittest

from support.flow import BIN, LOOPBACK, RECIPES, YELP, FlowTest, ask_control, processes_naming, wait_for
from support.http_server import TestServer
from support.review_pages import ReviewPages
from review_site import check

PAGE = RECIPES / "page.toml"


class ResumeTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.log = self.tmp / "run.log"

    def pid_of(self, program):
        return wait_for(lambda: processes_naming("/bin/%s\0--state\0%s" % (program, self.state)), program)[0]

    def kill(self, program):
        """Kills the process; returns once another is at work in its place."""
        killed = self.pid_of(program)
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: self.pid_of(program) != killed, "another %s" % program)

    def kill_all(self, run):
        """Kills the run, which takes its children along."""
        run.kill()
        run.wait()
        wait_for(lambda: not processes_naming(str(self.state)), "the children of a killed run to end")

    def assert_exact(self, pages):
        self.assertEqual(tuple(check(self.out / "review.ndjson", pages.site)), (0, 0, 0, 0))

    def assert_positions(self, pages):
        """Every record has the place of its business in the list of URLs."""
        place = {url: number for number, url in enumerate(pages.urls, 1)}
        for record in self.records("review"):
            self.assertEqual(record["_n"], place[record["_root"]], record)


class AgainTest(ResumeTest):
    def half_done(self):
        """A run that cannot get beyond half of its pages until pages.open()."""
        pages = ReviewPages(self, 6, open_to=5)
        run = self.start_crawl(YELP, *pages.urls, "-j", "2", stderr=self.log)
        self.wait_for_status(lambda s: s["done"] == 30, "half of the pages")
        return pages, run

    def test_killed_with_all_its_processes_the_same_command_goes_on(self):
        pages, run = self.half_done()
        self.kill_all(run)
        pages.open()
        done = self.crawl(YELP, *pages.urls, "-j", "2")
        self.assert_exact(pages)
        self.assert_positions(pages)
        self.assertIn("taken up again with 30 done, ", done.err)
        self.assertIn("fed 6 + followed 54 = done 60 + dead 0 + dropped 0 + pending 0", done.err)
        self.assertNotIn("duplicates", done.err)

    def test_killed_again_and_again_too(self):
        pages = ReviewPages(self, 8)
        with contextlib.suppress(AssertionError):  # It may be through before it is killed.
            for part in range(1, 8):
                run = self.start_crawl(YELP, *pages.urls, "-j", "2", "--cpu-ms", "5", stderr=self.log)
                wait_for(lambda: run.poll() is not None or (ask_control(self.state) or {"done": 0})["done"] >= 10 * part, "some pages")
                self.assertIsNone(run.poll())
                self.kill_all(run)
        done = self.thresh("run", "-r", YELP, "-o", self.out, *LOOPBACK, *pages.urls)
        self.assertEqual(done.code, 0, done)
        self.assert_exact(pages)
        self.assert_positions(pages)

    def test_interrupted_the_same_command_goes_on(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(code):
                pages = ReviewPages(self, 6, open_to=5)
                self.log.write_text("")
                run = self.start_crawl(YELP, *pages.urls, "--fresh", stderr=self.log)
                self.wait_for_status(lambda s: s["done"] == 30, "half of the pages")
                run.send_signal(number)
                pages.open()
                self.assertIn(self.wait_for_exit(run), (code, 0))  # 0: it was through before it was asked
                if run.returncode == code:
                    self.assertRegex(self.log.read_text(), r"interrupted with \d+ URLs? left; the same command goes on")
                self.crawl(YELP, *pages.urls)
                self.assert_exact(pages)
                self.assert_positions(pages)

    def test_when_all_is_done_it_says_so_and_fresh_starts_over(self):
        pages = ReviewPages(self, 2)
        self.crawl(YELP, *pages.urls)
        before = (self.out / "review.ndjson").read_bytes()
        requests = len(pages.server.requests)
        done = self.crawl(YELP, *pages.urls)
        self.assertEqual(done.err, "all 20 done; --fresh starts over\n")
        self.assertEqual(len(pages.server.requests), requests)
        self.assertEqual((self.out / "review.ndjson").read_bytes(), before)
        self.crawl(YELP, *pages.urls, "--fresh")
        self.assert_exact(pages)
        self.assertEqual(len(pages.server.requests), 2 * requests)

    def test_when_all_has_ended_but_some_dead_it_says_so_with_3(self):
        server = TestServer().start()
        self.addCleanup(server.stop)
        server.route("/a", body=b"<title>x</title>")
        server.route("/gone", status=410)
        for expected in ("1 http_410", "all 2 ended: 1 done, 1 dead; --fresh starts over\n"):
            self.assertIn(expected, self.crawl(PAGE, server.url + "/a", server.url + "/gone", code=3).err)
        self.assertEqual(len(self.records("dead")), 1)

    def test_more_urls_for_a_folder_that_is_done_are_crawled(self):
        server = TestServer().start()
        self.addCleanup(server.stop)
        server.default(lambda request: b"<title>x</title>")
        self.crawl(PAGE, server.url + "/a")
        self.crawl(PAGE, server.url + "/a", server.url + "/b")
        self.assertEqual([record["_n"] for record in self.records("page")], [1, 2])

    def test_a_run_of_a_newer_version_is_refused(self):
        self.state.mkdir(parents=True)
        (self.state / "run.json").write_text('{"version":7}')
        self.assertIn("version 7 is a newer thresh's", self.crawl(PAGE, "http://127.0.0.1:1/", code=73).err)


class KilledChildTest(ResumeTest):
    def run_with_a_kill(self, program):
        pages = ReviewPages(self, 6, open_to=5)
        run = self.start_crawl(YELP, *pages.urls, "-j", "2", stderr=self.log)
        self.wait_for_status(lambda s: s["done"] == 30, "half of the pages")
        self.kill(program)
        pages.open()
        self.assertEqual(self.wait_for_exit(run), 0)
        self.assert_exact(pages)
        self.assert_positions(pages)
        return self.log.read_text()

    def test_a_killed_sink_costs_nothing(self):
        self.assertIn("  restarted  sink 1\n", self.run_with_a_kill("thresh-sink"))

    def test_a_killed_fetcher_costs_nothing(self):
        self.assertIn("  restarted  fetcher 1\n", self.run_with_a_kill("thresh-fetcher"))

    def test_a_killed_parser_costs_nothing(self):
        self.assertIn("  restarted  parsers 1\n", self.run_with_a_kill("thresh-parser"))

    def test_a_list_on_stdin_survives_the_fetcher(self):
        server = TestServer().start()
        self.addCleanup(server.stop)
        server.default(lambda request: b"<title>x</title>")
        with open(self.log, "wb") as log:
            run = subprocess.Popen([str(BIN / "thresh"), "run", "-r", str(PAGE), "-f", "-", "-o", str(self.out), *LOOPBACK],
                                   stdin=subprocess.PIPE, stderr=log, env=self.env, cwd=self.tmp)
        self.addCleanup(self.end, run)
        urls = ["%s/%d" % (server.url, number) for number in range(1, 20_001)]
        feeding = threading.Thread(target=lambda: (run.stdin.write("".join(u + "\n" for u in urls).encode()), run.stdin.close()))
        feeding.start()
        self.wait_for_status(lambda s: s["fed"] > 1000, "some lines to be fed")
        self.kill("thresh-fetcher")
        feeding.join()
        self.assertEqual(self.wait_for_exit(run, 120), 0)
        records = self.records("page")
        self.assertEqual(sorted(record["_n"] for record in records), list(range(1, 20_001)))
        self.assertTrue(all(record["_url"] == urls[record["_n"] - 1] for record in records))
        self.assertNotIn("duplicates", self.log.read_text())

    def test_on_stdout_a_killed_fetcher_is_restarted_and_a_killed_sink_is_the_end(self):
        for program, codes in (("thresh-fetcher", (0,)), ("thresh-sink", (70,))):
            with self.subTest(program):
                pages = ReviewPages(self, 2, open_to=5)
                out = self.tmp / "stdout.ndjson"
                with open(out, "wb") as stdout:
                    run = self.start_crawl(YELP, *pages.urls, out="-", stdout=stdout, stderr=self.log)
                (self.state,) = wait_for(lambda: list((self.tmp / "t").iterdir()), "the run's folder")
                self.wait_for_status(lambda s: s["done"] == 10, "half of the pages")
                os.kill(self.pid_of(program), signal.SIGKILL)
                pages.open()
                self.assertIn(self.wait_for_exit(run), codes)
                if codes == (0,):
                    self.assertEqual(tuple(check(out, pages.site)), (0, 0, 0, 0))
                else:
                    self.assertIn("what has been written to stdout cannot be looked up", self.log.read_text())


if __name__ == "__main__":
    unittest.main()
