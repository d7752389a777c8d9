#!/usr/bin/python3
"""A URL that was answered ok is as good as done, whatever becomes of the fetcher or of the client."""
import contextlib
import threading
import unittest

from support.flow import RECIPES, FlowTest, wait_for
from support.http_server import Response, TestServer
from support.pipeline import FeedClient, Pipeline, is_balanced

URLS = 3000
HTML = {"Content-Type": "text/html; charset=utf-8"}


class FeedDurabilityTest(FlowTest):
    """A server whose pages are held until `open`, and a pipeline that knows nothing yet."""

    def setUp(self):
        super().setUp()
        self.server, self.is_open = TestServer().start(), threading.Event()
        self.addCleanup(self.server.stop)
        self.addCleanup(self.is_open.set)
        self.server.default(self.answer)
        self.urls = ["%s/p%d" % (self.server.url, number) for number in range(URLS)]
        self.pipeline = Pipeline(self, [RECIPES / "page.toml"], parsers=2, fetcher=("--set", "fetch.per_host=20"))

    def answer(self, request):
        self.is_open.wait(60)
        return Response(200, b"<title>page %s</title>" % request.target.encode(), HTML)

    def lines(self):
        return "".join(url + "\n" for url in self.urls).encode()

    def recorded(self):
        """How often each URL is in the output."""
        counts = dict.fromkeys(self.urls, 0)
        for record in self.records("page", self.pipeline.out):
            counts[record["_url"]] += 1
        return counts

    def wait_until_all_is_done(self, count):
        return self.pipeline.wait_for_status(lambda s: s["pending"] == 0 and s["done"] >= count, "all to be done")


class KilledFetcherTest(FeedDurabilityTest):
    def feed_and_kill_after(self, count):
        """Feeds all, kills the fetcher once `count` answers are here; returns all answers that came."""
        client, answers = self.pipeline.connect(), []
        sender = threading.Thread(target=self.send_all, args=(client,))
        sender.start()
        with contextlib.suppress(OSError, AssertionError):  # the connection breaks in the middle of things
            while len(answers) < URLS:
                answers.append(client.answer())
                if len(answers) == count:
                    self.pipeline.kill(self.pipeline.fetcher)
        sender.join()
        self.assertGreaterEqual(len(answers), count)
        return answers

    def send_all(self, client):
        with contextlib.suppress(OSError):
            client.send(self.lines())

    def go_on(self):
        self.pipeline.start_fetcher()
        self.pipeline.wait_until_listening()
        self.is_open.set()

    def test_every_url_that_was_answered_ok_before_a_kill_is_done_after_it(self):
        for count in (1, 40, 700, 2900):
            with self.subTest(count):
                self.pipeline = Pipeline(self, [RECIPES / "page.toml"], parsers=2, name="after-%d" % count)
                self.is_open.clear()
                accepted = self.urls[:len(self.feed_and_kill_after(count))]
                self.go_on()
                self.wait_until_all_is_done(len(accepted))
                recorded = self.recorded()
                self.assertEqual([url for url in accepted if recorded[url] != 1], [])
                self.assertLessEqual(max(recorded.values()), 1)

    def test_a_client_that_lost_its_connection_feeds_the_same_again_and_has_each_once(self):
        accepted = len(self.feed_and_kill_after(1500))
        self.go_on()
        answers = self.pipeline.feed(*self.urls)
        self.assertEqual(len(answers), URLS)
        self.assertTrue(all(answer["ok"] for answer in answers))
        self.assertTrue(all(answer.get("duplicate") for answer in answers[:accepted]), "an accepted URL was new again")
        self.wait_until_all_is_done(URLS)
        self.assertEqual(set(self.recorded().values()), {1})
        ledger = self.pipeline.ask("ledger")
        self.assertEqual((ledger["fed"], ledger["done"], ledger["pending"]), (URLS, URLS, 0))
        self.assertTrue(is_balanced(ledger), ledger)

    def test_what_was_done_before_a_kill_is_not_fetched_again(self):
        self.is_open.set()
        self.pipeline.feed(*self.urls)
        self.wait_until_all_is_done(URLS)
        self.pipeline.kill(self.pipeline.fetcher)
        self.go_on()
        answers = self.pipeline.feed(*self.urls, self.server.url + "/new")
        self.assertTrue(all(answer.get("duplicate") for answer in answers[:-1]), "what was done is new again")
        self.assertIn("id", answers[-1])
        self.wait_until_all_is_done(URLS + 1)
        self.assertEqual(len(self.server.requests), URLS + 1)

    def test_ids_go_on_where_they_were(self):
        first = {answer["id"] for answer in self.pipeline.feed(*self.urls[:1000])}
        self.pipeline.kill(self.pipeline.fetcher)
        self.go_on()
        second = {answer["id"] for answer in self.pipeline.feed(*self.urls[1000:2000])}
        self.assertEqual((len(first), len(second), len(first & second)), (1000, 1000, 0))


class LostClientTest(FeedDurabilityTest):
    def test_a_client_that_breaks_off_and_feeds_again_costs_no_second_fetch(self):
        self.is_open.set()
        client = FeedClient(self.pipeline.feed_socket)
        client.send(self.lines()[:40_000].rpartition(b"\n")[0] + b"\nhttp://127.0")
        client.answer()
        client.close()
        answers = self.pipeline.feed(*self.urls)
        self.assertEqual([answer["ok"] for answer in answers], [True] * URLS)
        self.assertTrue(any(answer.get("duplicate") for answer in answers))
        self.wait_until_all_is_done(URLS)
        wait_for(lambda: len(self.server.requests) >= URLS, "every page to be fetched")
        self.assertEqual(len({request.target for request in self.server.requests}), URLS)
        self.assertEqual(len(self.server.requests), URLS)
        self.assertEqual(set(self.recorded().values()), {1})


if __name__ == "__main__":
    unittest.main()
