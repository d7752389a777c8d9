#!/usr/bin/python3
"""Where a record comes from: its page, the URL that was fed, its line, and an id that stays."""
import datetime
import json
import unittest

from support.flow import YELP, FlowTest
from support.pipeline import Pipeline
from support.review_pages import ReviewPages

LAST = 9  # page 10, counted from 0
FETCHER = ("--set", 'allow=["http://127.0.0.1:*"]', "--set", 'fetch.allow_private=["127.0.0.0/8"]',
           "--set", "fetch.respect_robots_txt=false")


class IdentityTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.pages = ReviewPages(self, 3)

    def crawl_lines(self, *lines, name="pipeline"):
        """Feeds the lines to a pipeline of its own; returns its records."""
        pipeline = Pipeline(self, [YELP], parsers=2, fetcher=FETCHER, name=name)
        self.answers = pipeline.feed(*lines)
        pipeline.wait_until_done(len(lines))
        self.assertEqual(pipeline.stop(), [0, 0, 0, 0])
        return self.records("review", pipeline.out)

    def of_page(self, records, b, p):
        """The records of a page in the order of its rows, by the generator's truth."""
        wanted = [review.review_id for review in self.pages.site.reviews(b, p)]
        found = {record["review_id"]: record for record in records}
        return [found[review_id] for review_id in wanted]


class RootTest(IdentityTest):
    def test_records_of_page_10_know_their_page_and_the_url_that_was_fed(self):
        urls = self.pages.urls
        records = self.crawl_lines(urls[0], "nonsense", urls[1], "", urls[2])
        self.assertEqual(len(records), self.pages.records_count)
        for b, line in ((0, 1), (1, 3), (2, 5)):
            for record in self.of_page(records, b, LAST):
                self.assertEqual((record["_url"], record["_root"], record["_n"]), (self.pages.page_url(b, LAST), urls[b], line))
        self.assertTrue(all("_meta" not in record for record in records))

    def test_the_root_is_canonical(self):
        fed = self.pages.urls[0].replace("/biz/", "/x/../biz/") + "#reviews"
        records = self.crawl_lines(fed)
        self.assertEqual({record["_root"] for record in records}, {self.pages.urls[0]})

    def test_meta_is_copied_to_every_record_that_descends_from_the_line(self):
        meta = {"city": "Zürich", "rank": 3, "tags": ["a", None], "deep": {"x": 1.5}}
        records = self.crawl_lines(json.dumps({"url": self.pages.urls[0], "meta": meta}), self.pages.urls[1])
        for record in self.of_page(records, 0, 0) + self.of_page(records, 0, LAST):
            self.assertEqual(record["_meta"], meta)
        for record in self.of_page(records, 1, LAST):
            self.assertNotIn("_meta", record)

    def test_fetched_at_is_the_time_of_the_fetch_in_utc_with_milliseconds(self):
        before = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(milliseconds=1)
        records = self.crawl_lines(*self.pages.urls)
        after = datetime.datetime.now(datetime.timezone.utc)
        for record in records:
            self.assertRegex(record["_fetched_at"], r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")
            at = datetime.datetime.fromisoformat(record["_fetched_at"])
            self.assertTrue(before <= at <= after, record["_fetched_at"])


class IdTest(IdentityTest):
    def ids(self, records):
        return {record["review_id"]: record["_id"] for record in records}

    def test_ids_are_distinct_and_the_same_in_another_run(self):
        first = self.ids(self.crawl_lines(*self.pages.urls, name="first"))
        other_order = self.ids(self.crawl_lines("nonsense", *reversed(self.pages.urls), name="second"))
        self.assertEqual(first, other_order)
        self.assertEqual(len(set(first.values())), self.pages.records_count)
        for record_id in first.values():
            self.assertRegex(record_id, r"\A[0-9a-f]{32}\Z")

    def test_thresh_run_gives_the_same_ids_as_the_daemons_by_themselves(self):
        daemons = self.crawl_lines(*self.pages.urls)
        self.crawl(YELP, *self.pages.urls)
        self.assertEqual(self.ids(daemons), self.ids(self.records("review")))
        last = self.of_page(self.records("review"), 2, LAST)[0]
        self.assertEqual((last["_root"], last["_n"]), (self.pages.urls[2], 3))

    def test_with_dont_filter_each_fetch_has_ids_of_its_own(self):
        line = json.dumps({"url": self.pages.page_url(0, LAST), "dont_filter": True})
        records = self.crawl_lines(line, line, self.pages.page_url(0, LAST))
        self.assertEqual(len({answer["id"] for answer in self.answers}), 3)
        self.assertEqual(len(records), 60)
        self.assertEqual(len({record["_id"] for record in records}), 60)
        self.assertEqual(sorted({record["_n"] for record in records}), [1, 2, 3])


if __name__ == "__main__":
    unittest.main()
