#!/usr/bin/python3
"""`thresh feed --wait`: returns when all that it fed has ended, with all that followed, and says what became of
each line."""
import json
import signal
import threading
import unittest

from support.flow import FlowTest, corpora, wait_for
from support.http_server import Response, TestServer
from support.pipeline import Pipeline

HTML = {"Content-Type": "text/html"}
CHAIN = """name = "chain"
allow = ["http://127.0.0.1:*"]
[[items]]
name = "page"
[items.fields]
title = "title"
[[follow]]
css = "a.next"
[[follow]]
css = "a.own"
root = true
"""


def page(*links):
    return b"<title>t</title>" + "".join('<a class="%s" href="%s">x</a>' % link for link in links).encode()


class FeedWaitTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.route("/robots.txt", status=404)
        self.server.default(lambda request: Response(200, page(), HTML))

    def url(self, path):
        return self.server.url + path

    def pipeline(self, **how):
        fetcher = ("--set", 'fetch.allow_private=["127.0.0.0/8"]', "--set", "fetch.per_host=16")
        return Pipeline(self, [self.write("chain.toml", CHAIN)], fetcher=fetcher, **how)

    def chain(self, name, length, last=page()):
        """Pages /NAME/0 to /NAME/length-1, each with a link to the next one."""
        for n in range(length):
            body = last if n == length - 1 else page(("next", "/%s/%d" % (name, n + 1)))
            self.server.route("/%s/%d" % (name, n), body=body, headers=HTML)
        return self.url("/%s/0" % name)

    def feed(self, pipeline, *lines, code=0, arguments=()):
        """What it printed for each line."""
        done = self.thresh("feed", "--wait", "--socket", pipeline.feed_socket, *arguments,
                           stdin="".join(line + "\n" for line in lines).encode())
        self.assertEqual(done.code, code, done)
        self.said = done.err
        return [json.loads(line) for line in done.out.splitlines()]


    def start_feed(self, socket, *urls):
        """`thresh feed --wait` in the background; what it prints is in the file `told`."""
        with open(self.tmp / "told", "wb") as told:
            return self.start("thresh", "feed", "--wait", "--socket", socket, self.write_list(urls), stdout=told)

    def told(self):
        return [json.loads(line) for line in (self.tmp / "told").read_text(encoding="utf-8").splitlines()]


class OutcomesTest(FeedWaitTest):
    def test_each_line_is_told_in_its_order_with_all_its_pages(self):
        pipeline = self.pipeline()
        found = self.feed(pipeline, self.chain("a", 5), self.chain("b", 1), self.chain("c", 3))
        self.assertEqual([(line["n"], line["url"], line["outcome"], line["pages"], line["records"]) for line in found],
                         [(1, self.url("/a/0"), "done", 5, 5), (2, self.url("/b/0"), "done", 1, 1), (3, self.url("/c/0"), "done", 3, 3)])
        self.assertEqual(len(self.records("page", pipeline.out)), 9)  # They are there when it returns.
        self.assertIn("3 lines fed: 3 new, 0 duplicates, 0 refused", self.said)
        self.assertIn("3 done; 9 pages, 9 records", self.said)

    def test_failures_are_told_by_their_position(self):
        self.server.route("/gone", status=410)
        last = page(("next", "/gone"))
        lines = [self.chain("a", 2), self.url("/gone"), "ftp://x/", self.chain("b", 2, last), '{"url":"%s","expires":"2001-01-01"}' % self.url("/late")]
        found = self.feed(self.pipeline(), *lines, code=65)
        self.assertEqual([line["outcome"] for line in found], ["done", "dead", "refused", "done", "dropped"])
        self.assertIn("expected an http or https URL", found[2]["error"])
        self.assertIn("2 done, 1 with dead pages (line 2), 1 dropped (line 5), 1 refused (line 3)", self.said)

    def test_a_dead_page_alone_is_exit_status_3(self):
        self.server.route("/gone", status=410)
        first, = self.feed(self.pipeline(), self.chain("a", 2, page(("next", "/gone"))), code=3)
        self.assertEqual((first["outcome"], first["pages"], first["dead"], first["records"]), ("dead", 3, 1, 2))

    def test_the_same_line_a_hundred_times_is_a_hundred_requests_with_dont_filter(self):
        line = json.dumps({"url": self.url("/a"), "dont_filter": True})
        found = self.feed(self.pipeline(), *[line] * 100)
        self.assertEqual([(one["n"], one["outcome"], one["records"]) for one in found], [(n, "done", 1) for n in range(1, 101)])
        self.assertEqual(self.server.count("/a"), 100)

    def test_jobs_that_follow_from_a_line_are_waited_for_and_counted(self):
        release = threading.Event()
        self.server.route("/list", body=page(("own", "/one"), ("own", "/two")), headers=HTML)
        self.server.delay("/two", release, body=page(("next", "/two/2")), headers=HTML)
        pipeline = self.pipeline()
        feed = self.start_feed(pipeline.feed_socket, self.url("/list"))
        wait_for(lambda: len(self.records("jobs", pipeline.out)) == 2, "all but one to end")
        self.assertIsNone(feed.poll())
        release.set()
        self.assertEqual(self.wait_for_exit(feed), 0)
        line, = self.told()
        self.assertEqual((line["pages"], line["records"], line["outcome"]), (4, 4, "done"))
        self.assertEqual(len(self.records("page", pipeline.out)), 4)


    def test_the_rows_of_a_recipe_are_waited_for_by_their_number(self):
        self.server.route("/gone", status=410)
        recipe = self.write("rows.toml", CHAIN.replace('"chain"', '"rows"') + """[[start]]
from = [{ p = "a" }, { p = "gone" }, { p = "c" }, { p = "a" }]
url = "%s/{meta.p}"
dont_filter = true
""" % self.server.url)
        pipeline = Pipeline(self, [recipe], fetcher=("--set", 'fetch.allow_private=["127.0.0.0/8"]'))
        found = self.feed(pipeline, code=3, arguments=("-r", recipe))
        self.assertEqual([(line["n"], line["outcome"]) for line in found], [(1, "done"), (2, "dead"), (3, "done"), (4, "done")])
        self.assertEqual([letter["n"] for letter in self.records("dead", pipeline.out)], [2])


class KnownTest(FeedWaitTest):
    def test_what_was_fed_before_is_waited_for_too(self):
        release = threading.Event()
        self.server.delay("/slow", release, body=page(), headers=HTML)
        pipeline = self.pipeline()
        pipeline.feed(self.url("/slow"))
        feed = self.start_feed(pipeline.feed_socket, self.url("/slow"), self.url("/b"))
        wait_for(lambda: self.records("page", pipeline.out), "the other one")
        self.assertIsNone(feed.poll())
        release.set()
        self.assertEqual(self.wait_for_exit(feed), 0)
        self.assertEqual([line["outcome"] for line in self.told()], ["duplicate", "done"])

    def test_what_is_asked_for_again_later_is_not_waited_for(self):
        line = json.dumps({"url": self.url("/a"), "refresh": "1h"})
        pipeline = self.pipeline()
        self.assertEqual([one["outcome"] for one in self.feed(pipeline, line, self.url("/b"))], ["done", "done"])
        wait_for(lambda: pipeline.status()["recrawled"] == 1, "the task for the next time")
        self.assertEqual([one["outcome"] for one in self.feed(pipeline, line)], ["duplicate"])
        self.assertEqual(pipeline.status()["pending"], 1)

    def test_the_tutorials_list_is_844_that_are_done_and_156_that_are_known(self):
        lines = corpora("urls", "yelp-1000.csv").read_text(encoding="utf-8").split()
        found = self.feed(self.pipeline(parsers=2), *[line.replace("https://www.yelp.com", self.server.url) for line in lines])
        outcomes = [line["outcome"] for line in found]
        self.assertEqual((len(found), outcomes.count("done"), outcomes.count("duplicate")), (1000, 844, 156))
        self.assertEqual([line["n"] for line in found], list(range(1, 1001)))
        self.assertIn("844 done, 156 known before; 844 pages, 844 records", self.said)

    def test_a_label_of_ones_own_is_in_the_jobs(self):
        pipeline = self.pipeline()
        found = self.feed(pipeline, self.url("/a"), json.dumps({"url": self.url("/b"), "job": "other", "n": 7}), arguments=("--job", "spring"))
        self.assertEqual([line["outcome"] for line in found], ["done", "done"])
        self.assertEqual(sorted((job["job"], job["n"]) for job in self.records("jobs", pipeline.out)), [("other", 7), ("spring", 1)])

    def test_a_label_without_wait(self):
        pipeline = self.pipeline()
        done = self.thresh("feed", "--job", "spring", "--socket", pipeline.feed_socket, stdin=self.url("/a").encode())
        self.assertEqual((done.code, done.out), (0, ""), done)
        job, = wait_for(lambda: self.records("jobs", pipeline.out), "the job's end")
        self.assertEqual((job["job"], job["n"]), ("spring", 1))


class EndsTest(FeedWaitTest):
    def test_it_goes_on_waiting_over_a_kill_of_the_fetcher_and_of_the_sink(self):
        release = threading.Event()
        self.server.delay("/slow", release, body=page(("next", "/slow/2")), headers=HTML)
        pipeline = self.pipeline()
        feed = self.start_feed(pipeline.feed_socket, self.url("/slow"))
        wait_for(lambda: self.server.count("/slow"), "the page to be asked for")
        for process in (pipeline.fetcher, pipeline.sink):
            pipeline.kill(process)
            pipeline.restart(process)
        release.set()
        self.assertEqual(self.wait_for_exit(feed), 0)
        self.assertEqual(len(self.records("page", pipeline.out)), 2)

    def test_daemons_that_are_not_there_yet_are_waited_for(self):
        pipeline = self.pipeline()
        pipeline.kill(pipeline.fetcher)
        feed = self.start_feed(pipeline.feed_socket, self.url("/a"))
        pipeline.restart(pipeline.fetcher)
        self.assertEqual(self.wait_for_exit(feed), 0)
        self.assertEqual([line["outcome"] for line in self.told()], ["done"])

    def test_interrupted_it_tells_what_has_ended(self):
        self.server.hang("/never")
        pipeline = self.pipeline()
        feed = self.start_feed(pipeline.feed_socket, self.url("/never"), self.url("/b"))
        wait_for(lambda: self.records("jobs", pipeline.out), "the other one's end")
        feed.send_signal(signal.SIGINT)
        self.assertEqual(self.wait_for_exit(feed), 130)
        self.assertEqual([line["outcome"] for line in self.told()], ["open", "done"])

    def test_a_run_that_ends_with_what_was_fed(self):
        release = threading.Event()
        self.server.delay("/first", release, body=page(), headers=HTML)
        run = self.start("thresh", "run", "-r", self.write("chain.toml", CHAIN), "-o", self.out, self.url("/first"))
        wait_for(lambda: self.server.count("/first"), "the run's own page")
        feed = self.start_feed(self.state / "feed.sock", self.chain("a", 3))
        wait_for(lambda: len(self.records("page")) == 3, "what was fed")
        release.set()
        self.assertEqual(self.wait_for_exit(feed), 0)
        self.assertEqual(self.wait_for_exit(run), 0)

    def test_a_run_that_writes_to_stdout_cannot_be_waited_for(self):
        self.server.hang("/never")
        run = self.start("thresh", "run", "-r", self.write("chain.toml", CHAIN), "-o", "-", self.url("/never"))
        sock, = wait_for(lambda: list((self.tmp / "t").glob("*/feed.sock")) + list((self.tmp / "t").glob("*/.thresh/feed.sock")), "its socket")
        done = self.thresh("feed", "--wait", "--socket", sock, stdin=self.url("/a").encode())
        self.assertEqual(done.code, 65, done)
        self.assertIn("-o DIR", done.err)
        run.terminate()
        self.wait_for_exit(run)


if __name__ == "__main__":
    unittest.main()
