#!/usr/bin/python3
"""Parsers come and go: how many there are, and whether one dies, makes no difference to the records."""
import os
import signal
import unittest

from support.flow import YELP, FlowTest, own
from support.review_pages import ReviewPages
from review_site import check


def parser_of(status, pid):
    """What a status says of the parser `pid`; None unless it has joined."""
    return next((parser for parser in status["parsers"] if parser["pid"] == pid), None)


class ParsersTest(FlowTest):
    def start_reviews(self, *arguments, businesses=8, **how):
        """A crawl in the background of a site that the test can hold back."""
        self.pages = ReviewPages(self, businesses, **how)
        urls = self.write_list(self.pages.urls)
        return self.start_crawl(YELP, "-f", urls, *arguments)

    def assert_exact(self, out=None):
        examples = []
        result = check((out or self.out) / "review.ndjson", self.pages.site, examples)
        self.assertEqual(tuple(result), (0, 0, 0, 0), examples[:3])

    def join(self):
        return self.start("thresh-parser", "--join", self.out)

    def wait_for_parser(self, pid, condition, what):
        return self.wait_for_status(lambda s: parser_of(s, pid) and condition(parser_of(s, pid)), what)

    def hold_pages_at(self, pid):
        """Stops a parser, so that what it is given stays with it until it dies."""
        os.kill(pid, signal.SIGSTOP)
        self.pages.open(8)
        self.wait_for_parser(pid, lambda parser: parser["leased"] > 0, "pages to lie at parser %d" % pid)


class CountTest(ParsersTest):
    def test_one_two_and_four_parsers_give_the_same_records(self):
        self.pages = ReviewPages(self, 6)
        urls, results = self.write_list(self.pages.urls), []
        for parsers in (1, 2, 4):
            out = self.tmp / ("out-%d" % parsers)
            self.crawl(YELP, "-f", urls, "-j", parsers, out=out)
            self.assert_exact(out)
            records = self.records("review", out)
            self.assertEqual(len(records), self.pages.records_count)
            for record in records:
                del record["_fetched_at"]
            results.append(sorted(records, key=lambda record: record["review_id"]))
        self.assertEqual(results[0], results[1])
        self.assertEqual(results[0], results[2])


class JoinTest(ParsersTest):
    def test_a_parser_started_in_mid_crawl_takes_work_and_leaves_when_the_run_ends(self):
        run = self.start_reviews("-j", "1", "--cpu-ms", "20", open_to=3)
        self.wait_for_status(lambda s: s["done"] == 24 and s["in_flight"] > 0, "the first three pages of each")
        joined = self.join()
        self.wait_for_parser(joined.pid, lambda parser: True, "the parser to join")
        self.pages.open(9)
        self.wait_for_parser(joined.pid, lambda parser: parser["parsed"] > 0, "the joined parser to parse")
        self.pages.open()
        self.assertEqual(self.wait_for_exit(run), 0)
        self.assertEqual(self.wait_for_exit(joined), 0)
        self.assert_exact()

    def test_without_a_run_to_join_a_parser_says_so_and_ends(self):
        log = self.tmp / "parser.log"
        parser = self.start("thresh-parser", "--join", self.out, stderr=log)
        self.assertEqual(self.wait_for_exit(parser), 69)
        self.assertIn("no run to join in %s" % self.out, log.read_text())


class KilledTest(ParsersTest):
    def test_killing_one_of_the_runs_parsers_costs_nothing(self):
        run = self.start_reviews("-j", "2", open_to=3)
        status = self.wait_for_status(lambda s: s["done"] == 24 and len(s["parsers"]) == 2, "two parsers at work")
        victim = status["parsers"][0]["pid"]
        self.hold_pages_at(victim)
        os.kill(victim, signal.SIGKILL)
        self.wait_for_status(lambda s: not parser_of(s, victim) and len(s["parsers"]) == 2, "another in its place")
        self.pages.open()
        self.assertEqual(self.wait_for_exit(run), 0)
        self.assert_exact()

    def test_killing_a_joined_parser_costs_nothing(self):
        run = self.start_reviews("-j", "1", open_to=3)
        self.wait_for_status(lambda s: s["done"] == 24, "the first three pages of each")
        joined = self.join()
        self.wait_for_parser(joined.pid, lambda parser: not parser["blocked"], "the parser to join, and to be granted bytes")
        self.hold_pages_at(joined.pid)
        joined.kill()
        self.wait_for_status(lambda s: not parser_of(s, joined.pid), "the dead parser to be missed")
        self.pages.open()
        self.assertEqual(self.wait_for_exit(run), 0)
        self.assert_exact()

    def test_a_run_whose_only_parser_is_killed_goes_on_with_another(self):
        run = self.start_reviews("-j", "1", businesses=4, open_to=3)
        status = self.wait_for_status(lambda s: s["done"] == 12 and s["parsers"], "a parser at work")
        victim = status["parsers"][0]["pid"]
        self.hold_pages_at(victim)
        self.pages.open()
        os.kill(victim, signal.SIGKILL)
        self.assertEqual(self.wait_for_exit(run), 0)
        self.assert_exact()
        self.assertEqual(len({record["_id"] for record in self.records("review")}), self.pages.records_count)
        self.assertTrue(all(own(record)["business"] for record in self.records("review")))


if __name__ == "__main__":
    unittest.main()
