#!/usr/bin/python3
"""The quotes site, crawled whole: what comes out is what the site's own database holds."""
import unittest

from support.flow import RECIPES, FlowTest, corpora, own, read_records
from nginx import Nginx

QUOTES = RECIPES / "quotes.toml"


def collapsed(value):
    """White space collapsed, in lists too: neither the database nor the pages are strict about it."""
    if isinstance(value, list):
        return [collapsed(part) for part in value]
    return " ".join(value.split())


def in_order(records):
    return sorted(({key: collapsed(value) for key, value in record.items()} for record in records),
                  key=lambda record: sorted(record.items(), key=lambda pair: pair[0]))


class QuotesTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.site = corpora("site", "quotes.toscrape.com")
        server = Nginx(self.site)
        server.start()
        self.addCleanup(server.stop)
        self.crawl(QUOTES, server.url + "/page/1/", "-j", "2")

    def test_the_100_quotes_and_50_authors_are_those_of_the_database(self):
        quotes, authors = self.records("quote"), self.records("author")
        self.assertEqual((len(quotes), len(authors)), (100, 50))

        expected_quotes = [{"text": quote["text"], "author": quote["author"]["name"], "tags": quote["tags"]}
                           for quote in read_records(self.site / "EXPECTED-quotesdb.ndjson")]
        self.assertEqual(in_order(map(own, quotes)), in_order(expected_quotes))

        names = ("name", "born_at", "born_in", "description")
        expected_authors = [{name: author[name] for name in names}
                            for author in read_records(self.site / "EXPECTED-authorsdb.ndjson")]
        self.assertEqual(in_order(map(own, authors)), in_order(expected_authors))

        self.assertEqual(len({record["_id"] for record in quotes + authors}), 150)
        self.assertEqual(self.dead(), {})
        self.assertEqual({record["_root"].rpartition("/page/")[2] for record in quotes + authors}, {"1/"})


if __name__ == "__main__":
    unittest.main()
