#!/usr/bin/python3
"""However `thresh run` ends, it ends soon, says what is left, and leaves no process behind."""
import os
import signal
import subprocess
import unittest

from support.flow import LOOPBACK, RECIPES, YELP, FlowTest, ask_control, processes_naming, wait_for
from support.http_server import TestServer
from support.review_pages import ReviewPages
from review_site import check

PAGE = RECIPES / "page.toml"


class EndTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.default(lambda request: b"<title>any page</title>")
        self.server.hang("/hang")
        self.log = self.tmp / "run.log"

    def start_stuck(self, *arguments):
        """A run with one page done and one that is never answered."""
        run = self.start_crawl(PAGE, self.server.url + "/a", self.server.url + "/hang", "-j", "2", *arguments, stderr=self.log)
        self.wait_for_status(lambda s: s["done"] == 1 and s["in_flight"] == 1 and len(s["parsers"]) == 2, "the run to be stuck")
        self.assertEqual(len(self.children()), 4)
        return run

    def children(self):
        """A run's children all have its state folder in their command line; itself has not."""
        return processes_naming(str(self.state))


class SignalTest(EndTest):
    def test_interrupted_it_ends_with_130_and_takes_its_children_along(self):
        run = self.start_stuck()
        run.send_signal(signal.SIGINT)
        self.assertEqual(self.wait_for_exit(run), 130)
        self.assertEqual(self.children(), [])
        self.assertIn("interrupted with 1 URL left; the same command goes on\n", self.log.read_text())
        self.assertEqual(len(self.records("page")), 1)

    def test_terminated_it_ends_with_143_and_takes_its_children_along(self):
        run = self.start_stuck()
        run.terminate()
        self.assertEqual(self.wait_for_exit(run), 143)
        self.assertEqual(self.children(), [])

    def test_killed_it_takes_its_children_along(self):
        run = self.start_stuck()
        run.kill()
        run.wait()
        wait_for(lambda: not self.children(), "the children of a killed run to end")
        self.assertEqual(len(self.records("page")), 1)
        self.crawl(PAGE, self.server.url + "/b", "--fresh")

    def test_a_joined_parser_leaves_when_the_run_is_killed(self):
        run = self.start_stuck()
        parser = self.start("thresh-parser", "--join", self.out)
        self.wait_for_status(lambda s: len(s["parsers"]) == 3, "the parser to join")
        run.kill()
        run.wait()
        self.assertEqual(self.wait_for_exit(parser), 0)

    def test_children_that_do_not_listen_are_ended_too(self):
        run = self.start_stuck()
        stuck = ask_control(self.state)["parsers"][0]["pid"]
        os.kill(stuck, signal.SIGSTOP)
        run.terminate()
        self.assertEqual(self.wait_for_exit(run), 143)
        self.assertEqual(self.children(), [])

    def test_in_mid_crawl_what_was_written_are_whole_lines_of_the_truth(self):
        pages = ReviewPages(self, 6, open_to=5)
        run = self.start_crawl(YELP, *pages.urls, stderr=self.log)
        self.wait_for_status(lambda s: s["done"] == 30, "half of the pages")
        pages.open()
        run.send_signal(signal.SIGINT)
        self.assertIn(self.wait_for_exit(run), (130, 0))  # 0: it was through before it was asked
        lost, *others = check(self.out / "review.ndjson", pages.site)
        self.assertEqual(others, [0, 0, 0])
        self.assertLessEqual(lost, 600)


class StdoutTest(EndTest):
    def start_to_pipe(self, *arguments):
        return self.start_crawl(PAGE, *arguments, out="-", stdout=subprocess.PIPE, stderr=self.log)

    def wait_for_nothing_left(self):
        """No process, and no temporary folder either: `-o -` keeps its state in TMPDIR."""
        self.assertEqual(processes_naming(str(self.tmp / "t")), [])
        self.assertEqual(list((self.tmp / "t").iterdir()), [])

    def test_records_go_to_stdout_and_all_else_to_stderr(self):
        pages = ReviewPages(self, 3)
        done = self.thresh("run", "-r", YELP, *pages.urls, "-o", "-", *LOOPBACK)
        self.assertEqual(done.code, 0, done)
        path = self.write("stdout.ndjson", done.out)
        self.assertEqual(tuple(check(path, pages.site)), (0, 0, 0, 0))
        self.assertEqual(done.out.count('"_item":"review"}\n'), pages.records_count)
        self.assertIn("balance    fed 3 + followed 27 = done 30", done.err)
        self.wait_for_nothing_left()

    def test_a_reader_that_leaves_ends_the_run_with_73(self):
        chain = ["%s/p%d" % (self.server.url, number) for number in range(20_000)]
        run = self.start_to_pipe("-f", self.write_list(chain))
        self.assertTrue(run.stdout.readline().startswith(b'{"title":"any page"'))
        run.stdout.close()  # as `| head -1` does
        self.assertEqual(self.wait_for_exit(run), 73)
        self.assertIn("its reader has gone", self.log.read_text())
        self.assertLess(len(self.server.requests), 20_000)
        self.wait_for_nothing_left()

    def test_a_reader_that_pauses_gets_every_line_once(self):
        pages = ReviewPages(self, 10, pages=10)  # 600 KB of records: more than a pipe holds
        run = self.start("thresh", "run", "-r", YELP, *pages.urls, "-o", "-", *LOOPBACK, stdout=subprocess.PIPE, stderr=self.log)
        first = run.stdout.read(10)
        (state,) = (self.tmp / "t").iterdir()
        self.wait_for_status(lambda s: s["awaiting_ack"] > 0 and s["in_flight"] == 0,
                             "pages to wait for the reader", state)
        path = self.tmp / "stdout.ndjson"
        path.write_bytes(first + run.stdout.read())
        self.assertEqual(self.wait_for_exit(run), 0)
        self.assertEqual(tuple(check(path, pages.site)), (0, 0, 0, 0))

    def test_interrupted_it_leaves_no_temporary_folder(self):
        run = self.start_to_pipe(self.server.url + "/a", self.server.url + "/hang")
        self.assertTrue(run.stdout.readline())
        run.send_signal(signal.SIGINT)
        self.assertEqual(self.wait_for_exit(run), 130)
        self.wait_for_nothing_left()


class DiskTest(EndTest):
    def test_an_output_that_cannot_be_written_ends_the_run_with_73(self):
        self.out.mkdir()
        (self.out / "page.ndjson").mkdir()  # a folder, where the file should be
        done = self.crawl(PAGE, self.server.url + "/a", code=73)
        self.assertIn("page.ndjson", done.err)


if __name__ == "__main__":
    unittest.main()
