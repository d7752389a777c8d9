#!/usr/bin/python3
"""`refresh`: what is done is asked for again, and if the server says that nothing is new, nothing is extracted."""
import json
import unittest

from support.flow import RECIPES, FlowTest, wait_for
from support.http_server import Response, TestServer
from support.pipeline import Pipeline, is_balanced

PAGE = RECIPES / "page.toml"
HTML = {"Content-Type": "text/html"}


class RecrawlTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.version = b"1"

        def page(request):
            tag = '"%s"' % self.version.decode()
            if request.headers.get("if-none-match") == tag:
                return Response(304, b"", {"ETag": tag})
            return Response(200, b"<title>%s</title>" % self.version, {**HTML, "ETag": tag})
        self.server.route("/page", page)

    def feed(self, pipeline, **keys):
        pipeline.feed(json.dumps({"url": self.server.url + "/page", **keys}))

    def test_it_is_asked_for_again_and_again_and_what_is_unchanged_is_not_extracted(self):
        pipeline = Pipeline(self, [PAGE])
        self.feed(pipeline, refresh="1s")
        wait_for(lambda: pipeline.status()["unchanged"] >= 2, "two answers that nothing is new")
        self.assertEqual([record["title"] for record in self.records("page", pipeline.out)], ["1"])
        self.version = b"2"
        wait_for(lambda: len(self.records("page", pipeline.out)) == 2, "the new version's record")
        first, second = self.records("page", pipeline.out)
        self.assertEqual((first["title"], second["title"]), ("1", "2"))
        ledger = json.loads(self.thresh("ledger", "--json", "--state", pipeline.state).out)
        self.assertTrue(is_balanced(ledger), ledger)
        self.assertGreaterEqual(ledger["recrawled"], 3)
        why = json.loads(self.thresh("why", "--json", "--state", pipeline.state, self.server.url + "/page").out)
        self.assertEqual(len(why["tasks"]), 2, why)

    def test_the_next_time_and_the_validators_survive_kill_9(self):
        pipeline = Pipeline(self, [PAGE])
        self.feed(pipeline, refresh="2s")
        wait_for(lambda: pipeline.status()["recrawled"] == 1, "the next task")
        pipeline.kill(pipeline.fetcher)
        pipeline.start_fetcher()
        wait_for(lambda: (pipeline.status() or {}).get("unchanged"), "an answer that nothing is new")
        self.assertEqual(len(self.records("page", pipeline.out)), 1)

    def test_a_run_does_not_refresh(self):
        lines = self.write("lines", json.dumps({"url": self.server.url + "/page", "refresh": "1s"}) + "\n")
        self.crawl(PAGE, "-f", lines)
        self.assertEqual(self.server.count("/page"), 1)


class RedirectLedgerTest(FlowTest):
    def test_redirects_are_in_the_ledger_and_in_why(self):
        with TestServer() as server:
            server.redirect("/a", "/b", status=301)
            server.redirect("/b", "/c")
            server.route("/c", body=b"<title>c</title>", headers=HTML)
            pipeline = Pipeline(self, [PAGE])
            pipeline.feed(server.url + "/a")
            pipeline.wait_until_done(1)
            self.assertEqual(pipeline.status()["redirects"], 2)
            why = json.loads(self.thresh("why", "--json", "--state", pipeline.state, server.url + "/a").out)
            self.assertEqual(why["tasks"][0]["redirects"],
                             [{"status": 301, "url": server.url + "/b"}, {"status": 302, "url": server.url + "/c"}])
            said = self.thresh("why", "--state", pipeline.state, server.url + "/a").out
            self.assertIn("    301 to " + server.url + "/b\n", said)


if __name__ == "__main__":
    unittest.main()
