#!/usr/bin/python3
"""`thresh feed`: lists of URLs, repeats, and what a peer that is not there means."""
import re
import unittest

from support.flow import RECIPES, FlowTest, corpora
from support.http_server import TestServer
from support.pipeline import Pipeline

PAGE = b"<!doctype html><title>any page</title>"


class FeedListTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.default(lambda request: PAGE)

    def start_pipeline(self):
        return Pipeline(self, [RECIPES / "page.toml"], parsers=2, fetcher=("--set", "fetch.per_host=16"))

    def feed(self, pipeline, *arguments, code=0, stdin=b""):
        """`thresh feed`; returns (sent, new, duplicates, refused) as it counts them itself."""
        done = self.thresh("feed", "--socket", pipeline.feed_socket, *arguments, stdin=stdin)
        self.assertEqual(done.code, code, done)
        counts = re.search(r"^([\d,]+) lines? fed: ([\d,]+) new, ([\d,]+) duplicates?, ([\d,]+) refused$", done.err, re.M)
        self.assertIsNotNone(counts, done)
        self.assertEqual(done.out, "")
        self.said = done.err
        return tuple(int(count.replace(",", "")) for count in counts.groups())

    def fetches(self):
        """What the server was asked for, each as often as it was."""
        return [request.target for request in self.server.requests]


class YelpListTest(FeedListTest):
    def setUp(self):
        super().setUp()
        lines = corpora("urls", "yelp-1000.csv").read_text().split()
        self.paths = [line.removeprefix("https://www.yelp.com") for line in lines]
        self.list = self.write_list([self.server.url + path for path in self.paths], "restaurants.csv")

    def test_1000_urls_fed_twice_are_844_fetches(self):
        pipeline = self.start_pipeline()
        self.assertEqual(self.feed(pipeline, "--repeat", 2, self.list), (2000, 844, 1156, 0))
        pipeline.wait_until_done(2000)
        fetched = self.fetches()
        self.assertEqual(len(fetched), 844)
        self.assertEqual(set(fetched), set(self.paths))
        records = self.records("page", pipeline.out)
        self.assertEqual(sorted(record["_url"] for record in records), sorted(self.server.url + path for path in fetched))
        self.assertEqual(len({record["_id"] for record in records}), 844)

    def test_with_dont_filter_each_repeat_is_fetched_again(self):
        pipeline = self.start_pipeline()
        lines = ['{"url":"%s%s","dont_filter":true}' % (self.server.url, path) for path in self.paths[:100]]
        again = self.write_list(lines, "again.ndjson")
        self.assertEqual(self.feed(pipeline, "--repeat", 3, again), (300, 300, 0, 0))
        pipeline.wait_until_done(300)
        self.assertEqual(sorted(self.fetches()), sorted(3 * self.paths[:100]))
        records = self.records("page", pipeline.out)
        self.assertEqual(len({record["_id"] for record in records}), 300)

    def test_a_url_is_known_however_often_it_is_fed_and_by_whom(self):
        pipeline = self.start_pipeline()
        self.assertEqual(self.feed(pipeline, stdin=self.list.read_bytes()), (1000, 844, 156, 0))
        self.write_list([self.server.url + path for path in self.paths[:200]], "part.txt")
        self.assertEqual(self.feed(pipeline, self.tmp / "part.txt"), (200, 0, 200, 0))
        pipeline.wait_until_done(1200)
        self.assertEqual(len(self.fetches()), 844)


class FormsTest(FeedListTest):
    def test_a_csv_gives_its_first_column_without_the_heading(self):
        pipeline = self.start_pipeline()
        path = self.write("list.csv", 'url,name\n%s/a,"first, of all"\n"%s/b?x=1,2",second\n' % (2 * (self.server.url,)))
        self.assertEqual(self.feed(pipeline, path), (2, 2, 0, 0))
        pipeline.wait_until_done(2)
        self.assertEqual(sorted(self.fetches()), ["/a", "/b?x=1,2"])

    def test_a_list_may_have_comments_blank_lines_crlf_and_no_last_newline(self):
        pipeline = self.start_pipeline()
        path = self.tmp / "list.txt"
        path.write_bytes(("# of mine\r\n\r\n%s/a\r\n  %s/b  \n%s/c" % (3 * (self.server.url,))).encode())
        self.assertEqual(self.feed(pipeline, path), (3, 3, 0, 0))
        pipeline.wait_until_done(3)
        self.assertEqual(sorted(self.fetches()), ["/a", "/b", "/c"])

    def test_stdin_is_read_when_no_file_is_named(self):
        pipeline = self.start_pipeline()
        self.assertEqual(self.feed(pipeline, stdin=(self.server.url + "/a\n").encode()), (1, 1, 0, 0))
        pipeline.wait_until_done(1)

    def test_refused_lines_are_told_with_their_reason_and_the_rest_is_fed(self):
        pipeline = self.start_pipeline()
        path = self.write_list([self.server.url + "/a", "ftp://example.org/", '{"url":"http://x/","colour":1}', self.server.url + "/b"])
        self.assertEqual(self.feed(pipeline, path, code=65), (4, 2, 0, 2))
        self.assertIn("line 2: expected an http or https URL, found ftp://example.org/", self.said)
        self.assertIn('line 3: unknown key "colour"', self.said)
        pipeline.wait_until_done(4)
        self.assertEqual(sorted(self.fetches()), ["/a", "/b"])

    def test_without_a_fetcher_it_says_so_and_ends(self):
        done = self.thresh("feed", "--socket", self.tmp / "none.sock", stdin=b"http://127.0.0.1/\n")
        self.assertEqual(done.code, 69, done)
        self.assertIn(str(self.tmp / "none.sock"), done.err)

    def test_a_list_that_cannot_be_read_is_named(self):
        pipeline = self.start_pipeline()
        done = self.thresh("feed", "--socket", pipeline.feed_socket, self.tmp / "none.txt")
        self.assertEqual(done.code, 65, done)
        self.assertIn("cannot read %s/none.txt" % self.tmp, done.err)

    def test_a_folder_is_no_list(self):
        pipeline = self.start_pipeline()
        done = self.thresh("feed", "--socket", pipeline.feed_socket, self.tmp)
        self.assertEqual(done.code, 65, done)
        self.assertIn("cannot read %s" % self.tmp, done.err)

    def test_repeat_of_stdin_is_done_or_refused_but_not_ignored(self):
        pipeline = self.start_pipeline()
        done = self.thresh("feed", "--socket", pipeline.feed_socket, "--repeat", 3, stdin=(self.server.url + "/a\n").encode())
        if done.code != 64:
            self.assertIn("3 lines fed: 1 new, 2 duplicates, 0 refused", done.err)

    def test_a_list_may_be_repeated_thousands_of_times(self):
        pipeline = self.start_pipeline()
        path = self.write_list([self.server.url + "/a"])
        self.assertEqual(self.feed(pipeline, "--repeat", 3000, path), (3000, 1, 2999, 0))

    def test_when_the_fetcher_dies_it_says_how_many_lines_have_no_answer(self):
        pipeline = self.start_pipeline()
        log = self.tmp / "feed.log"
        feed = self.start("thresh", "feed", "--socket", pipeline.feed_socket, self.endless_list(), stderr=log)
        self.wait_for_status(lambda status: status["fed"] + status["duplicates"] > 0, "some lines to be fed", pipeline.state)
        pipeline.fetcher.kill()
        self.assertEqual(self.wait_for_exit(feed), 69)
        self.assertRegex(log.read_text(), r"the fetcher hung up; [\d,]+ lines have no answer")

    def endless_list(self):
        """So long that the fetcher cannot be through with it before it is killed."""
        return self.write("long.txt", ("http://127.0.0.1:1/x\n" * 1000) * 2000)


if __name__ == "__main__":
    unittest.main()
