#!/usr/bin/python3
"""Sites that never end are left, with a reason for each link that is not followed; so are budgets kept to."""
import itertools
import json
import unittest

from support.flow import RECIPES, FlowTest, wait_for
from support.http_server import Response, TestServer
from support.pipeline import Pipeline, is_balanced

PAGE = RECIPES / "page.toml"
HTML = {"Content-Type": "text/html"}


def page(*links):
    return Response(200, ("<title>t</title>" + "".join('<a href="%s">n</a>' % link for link in links)).encode(), HTML)


class TrapTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)

    def crawl_all(self, *fetcher, start="/"):
        """Why links were dropped, and how many pages were asked for, once all has ended."""
        pipeline = Pipeline(self, [PAGE], fetcher=[word for pair in fetcher for word in ("--set", pair)])
        pipeline.feed(self.server.url + start)
        status = pipeline.wait_until_done(1)
        ledger = json.loads(self.thresh("ledger", "--json", "--state", pipeline.state).out)
        self.assertTrue(is_balanced(ledger), ledger)
        return status["dropped"], len(self.server.requests)

    def test_paths_that_only_grow(self):
        self.server.default(lambda request: page(request.path.rstrip("/") + "/%d" % request.path.count("/")))
        self.assertEqual(self.crawl_all(), ({"path_too_deep": 1}, 21))

    def test_paths_that_repeat_themselves(self):
        self.server.default(lambda request: page("a/"))
        self.assertEqual(self.crawl_all(), ({"path_repeats": 1}, 4))

    def test_urls_that_grow_and_queries_that_do(self):
        self.server.route("/", lambda request: page("/?" + "a" * 2100, "/?" + "&".join("a%d" % n for n in range(51)), "/b"))
        self.assertEqual(self.crawl_all(), ({"url_too_long": 1, "too_many_parameters": 1}, 2))

    def test_one_page_under_ever_new_urls(self):
        numbers = itertools.count()

        def answer(request):
            if request.path.endswith("/"):
                return page("p")
            return Response(302, b"", {"Location": "/%d/" % next(numbers)})
        self.server.default(answer)
        dropped, asked = self.crawl_all()
        self.assertEqual(dropped, {"body_repeats": 1})
        self.assertLess(asked, 20)

    def test_a_chain_ends_at_its_depth(self):
        self.server.default(lambda request: page("/%d" % (int(request.path.strip("/") or 0) + 1)))
        self.assertEqual(self.crawl_all("fetch.max_depth=3"), ({"depth": 1}, 4))

    def test_a_host_has_its_budget(self):
        self.server.default(lambda request: page(*["/%d" % n for n in range(20)]))
        self.assertEqual(self.crawl_all("fetch.max_host_pages=5"), ({"host_budget": 16}, 5))


if __name__ == "__main__":
    unittest.main()
