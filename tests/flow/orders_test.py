#!/usr/bin/python3
"""`thresh pause`, `resume`, `drain` and `cancel`: what they do, what the ledger says, and kill -9 in between."""
import json
import threading
import time
import unittest

from support.flow import DEADLINE_S, LOOPBACK, RECIPES, FlowTest, ask_socket, read_records, wait_for
from support.http_server import TestServer
from support.pipeline import Pipeline, is_balanced

PAGE = RECIPES / "page.toml"
OTHER = PAGE.read_text(encoding="utf-8").replace('name = "any"', 'name = "other"')


class OrdersTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.default(lambda request: b"<title>any page</title>")

    def start_pipeline(self, *recipes, paused=False, **how):
        self.pipeline = Pipeline(self, recipes or [PAGE], **{"fetcher": LOOPBACK, **how})
        if paused:
            self.assertTrue(self.pipeline.ask("pause")["ok"])
        return self.pipeline

    def urls(self, count, begin=0):
        return [self.server.url + "/%d" % i for i in range(begin, begin + count)]

    def feed_many(self, numbers, hosts):
        """One URL a number, at which nobody listens."""
        lines = [json.dumps({"url": "http://127.0.0.%d:1/%d" % (i % hosts + 1, i), "recipe": "any"}) for i in numbers]
        self.assertTrue(all(answer["ok"] for answer in self.pipeline.feed(*lines)))

    def ask(self, *arguments, code=0):
        done = self.thresh(*arguments, "--state", self.pipeline.state)
        self.assertEqual(done.code, code, done)
        return done

    def ledger(self):
        ledger = self.pipeline.ask("ledger")
        self.assertTrue(ledger["balanced"] and is_balanced(ledger), ledger)
        return ledger

    def wait_for_ledger(self, condition, what):
        return wait_for(lambda: (lambda l: l if condition(l) else None)(self.ledger()), what)


class PauseTest(OrdersTest):
    def test_nothing_is_asked_for_until_resume_not_even_by_a_new_fetcher(self):
        self.start_pipeline()
        self.assertEqual(self.ask("pause").out, "fetching: paused\n")
        self.pipeline.feed(*self.urls(10))
        self.assertEqual(self.pipeline.status()["fetching"], "paused")
        Pipeline.kill(self.pipeline.fetcher)
        self.pipeline.restart(self.pipeline.fetcher)
        self.pipeline.wait_until_listening()
        # What is fed behind them would be asked for as soon as they.
        self.pipeline.feed(*self.urls(10, begin=10))
        self.pipeline.wait_for_status(lambda s: s["sink"] and len(s["parsers"]) == 1, "all to be there")
        self.assertEqual((self.pipeline.status()["fetching"], self.pipeline.status()["pages"], self.server.count("/0")), ("paused", 0, 0))
        self.assertEqual(self.ask("resume").out, "fetching: on\n")
        self.wait_for_ledger(lambda l: l["done"] == 20, "all to be done")

    def test_one_host_is_left_alone_while_the_others_go_on(self):
        other = TestServer().start()
        self.addCleanup(other.stop)
        other.default(lambda request: b"<p>other")
        self.start_pipeline()
        host = self.server.url[7:]
        self.assertEqual(self.ask("pause", "--host", host).out, "fetching: on\npaused: %s\n" % host)
        self.pipeline.feed(*self.urls(5), *[other.url + "/%d" % i for i in range(5)])
        self.wait_for_ledger(lambda l: l["done"] == 5, "the other host to be done")
        self.assertTrue(self.pipeline.ask("hosts", host=host)["hosts"][0]["paused"])
        Pipeline.kill(self.pipeline.fetcher)
        self.pipeline.restart(self.pipeline.fetcher)
        self.pipeline.wait_until_listening()
        self.pipeline.feed(other.url + "/again")
        self.wait_for_ledger(lambda l: l["done"] == 6, "the other host's next page")
        self.assertEqual(sum(self.server.count("/%d" % i) for i in range(5)), 0)
        self.ask("resume", "--host", self.server.url + "/any/page")
        self.wait_for_ledger(lambda l: l["done"] == 11, "all to be done")

    def test_drain_is_answered_when_nothing_is_under_way(self):
        held = threading.Event()
        self.addCleanup(held.set)
        self.server.route("/slow", lambda request: held.wait(DEADLINE_S) and b"late")
        self.start_pipeline()
        self.pipeline.feed(self.server.url + "/slow")
        self.pipeline.wait_for_status(lambda s: s["in_flight"] == 1, "a request under way")
        drain = self.start("thresh", "drain", "--state", self.pipeline.state, stderr=self.tmp / "drain.err")
        wait_for(lambda: (self.tmp / "drain.err").read_text() == "1 page under way\n", "drain to say what it waits for")
        self.pipeline.feed(*self.urls(3))
        self.assertIsNone(drain.poll())
        held.set()
        self.assertEqual(self.wait_for_exit(drain), 0)
        ledger = self.ledger()
        self.assertEqual((ledger["done"], ledger["pending"]), (1, 3))
        self.ask("resume")
        self.wait_for_ledger(lambda l: l["done"] == 4, "the rest")

    def test_a_run_says_that_it_is_paused_and_ends_after_resume(self):
        urls = self.write_list(self.urls(200))
        held = threading.Event()
        self.addCleanup(held.set)
        self.server.default(lambda request: held.wait(DEADLINE_S) and b"late")
        run = self.start_crawl(PAGE, "-f", urls)
        self.wait_for_status(lambda s: s["in_flight"] >= 1, "the run")
        self.assertEqual(self.thresh("pause", "-o", self.out).out, "fetching: paused\n")
        held.set()
        self.wait_for_status(lambda s: s["done"] > 0 and s["in_flight"] == 0, "what was under way to end")
        self.assertIsNone(run.poll())
        self.assertEqual(self.thresh("resume", "-o", self.out).code, 0)
        self.assertEqual(self.wait_for_exit(run), 0)


class CancelTest(OrdersTest):
    def test_a_job_a_recipe_a_host_and_urls(self):
        self.start_pipeline(PAGE, self.write("other.toml", OTHER), paused=True)
        lines = [json.dumps({"url": url, "recipe": "any", "job": "one" if i < 4 else "two"}) for i, url in enumerate(self.urls(10))]
        lines += [json.dumps({"url": url, "recipe": "other"}) for url in self.urls(5, begin=10)]
        lines += [json.dumps({"url": "http://127.0.0.2:1/%d" % i, "recipe": "any"}) for i in range(7)]
        self.assertTrue(all(answer["ok"] for answer in self.pipeline.feed(*lines)))
        self.assertEqual(self.ask("cancel", "--job", "one").out, "4 URLs cancelled\n")
        self.assertEqual(self.ask("cancel", "--recipe", "other").out, "5 URLs cancelled\n")
        self.assertEqual(self.ask("cancel", "--host", "127.0.0.2:1").out, "7 URLs cancelled\n")
        self.assertEqual(self.ask("cancel", self.server.url + "/4", self.server.url + "/5#part").out, "2 URLs cancelled\n")
        self.assertEqual(json.loads(self.ask("cancel", "--job", "two", "--host", self.server.url, "--json").out)["cancelled"], 4)
        self.assertIn("no URL that waits", self.ask("cancel", "--all", code=1).err)
        ledger = self.ledger()
        self.assertEqual((ledger["dropped"], ledger["pending"]), ({"cancelled": 22}, 0))
        why = self.ask("why", self.server.url + "/4").out
        self.assertIn("dropped (cancelled)", why)
        self.ask("resume")
        self.assertEqual(self.pipeline.feed(self.server.url + "/new")[0]["ok"], True)
        self.wait_for_ledger(lambda l: l["done"] == 1, "what was fed afterwards")

    def test_usage(self):
        self.start_pipeline()
        self.ask("cancel", code=64)
        self.ask("cancel", "--all", "--recipe", "any", code=64)
        self.assertEqual(self.ask("cancel", "not a url", code=65).out, "")

    def test_those_that_wait_for_another_try_are_cancelled_too(self):
        self.server.route("/busy", status=500)
        recipe = self.write("patient.toml", PAGE.read_text(encoding="utf-8").replace(
            "[fetch]", '[fetch]\nretry_when = [{ status = [500], delay_ms = 3600000, attempts = 9 }]'))
        self.start_pipeline(recipe)
        self.pipeline.feed(self.server.url + "/busy")
        wait_for(lambda: self.pipeline.ask("why", url=self.server.url + "/busy")["tasks"][0]["state"] == "retry", "a retry")
        self.assertEqual(self.ask("cancel", "--all").out, "1 URL cancelled\n")
        ledger = self.ledger()
        self.assertEqual((ledger["dropped"], ledger["pending"]), ({"cancelled": 1}, 0))

    def test_a_page_under_way_ends_but_nothing_follows_from_it(self):
        held = threading.Event()
        self.addCleanup(held.set)
        self.server.route("/root", lambda request: held.wait(DEADLINE_S) and b"<title>r</title><a href=/x>x</a><a href=/y>y</a>")
        self.server.route("/fails", lambda request: held.wait(DEADLINE_S) and b"")
        self.start_pipeline()
        self.pipeline.feed(json.dumps({"url": self.server.url + "/root", "job": "j"}))
        self.pipeline.wait_for_status(lambda s: s["in_flight"] == 1, "it to be under way")
        answer = json.loads(self.ask("cancel", "--job", "j", "--json").out)
        self.assertEqual((answer["cancelled"], answer["under_way"]), (0, 1))
        held.set()
        ledger = self.wait_for_ledger(lambda l: l["pending"] == 0, "the job to end")
        self.assertEqual((ledger["done"], ledger["dropped"]), (1, {"cancelled": 2}))
        self.assertEqual([record["title"] for record in read_records(self.pipeline.out / "page.ndjson")], ["r"])
        # The order is over: the same label may be used again.
        self.pipeline.feed(json.dumps({"url": self.server.url + "/fresh", "job": "j"}))
        self.wait_for_ledger(lambda l: l["done"] == 2, "what was fed afterwards")

    def test_a_page_under_way_that_fails_is_not_tried_again(self):
        held = threading.Event()
        self.addCleanup(held.set)

        def fail(request):
            held.wait(DEADLINE_S)
            from support.http_server import Response
            return Response(503, b"later")
        self.server.route("/fails", fail)
        self.start_pipeline()
        self.pipeline.feed(self.server.url + "/fails")
        self.pipeline.wait_for_status(lambda s: s["in_flight"] == 1, "it to be under way")
        self.ask("cancel", "--all")
        held.set()
        ledger = self.wait_for_ledger(lambda l: l["pending"] == 0, "it to end")
        self.assertEqual((ledger["dropped"], ledger["dead"]), ({"cancelled": 1}, {}))
        self.assertEqual(self.server.count("/fails"), 1)

    def test_many_are_cancelled_while_the_loop_answers(self):
        self.start_pipeline(paused=True)
        count = 100_000
        for begin in range(0, count, 20_000):
            self.feed_many(range(begin, begin + 20_000), hosts=200)
        cancelling = threading.Thread(target=lambda: self.ask("cancel", "--all"))
        cancelling.start()
        slowest, looks = 0, 0
        while cancelling.is_alive():
            begin = time.monotonic()
            self.assertTrue(self.pipeline.status() is not None)
            slowest, looks = max(slowest, time.monotonic() - begin), looks + 1
            cancelling.join(0.005)
        self.assertEqual(self.ledger()["dropped"], {"cancelled": count})
        self.assertGreater(looks, 5)
        self.assertLess(slowest, 2)


class CancelAndKillTest(OrdersTest):
    def test_a_cancel_that_was_begun_goes_on_after_kill_9(self):
        self.start_pipeline(paused=True)
        count = 60_000
        for begin in range(0, count, 20_000):
            self.feed_many(range(begin, begin + 20_000), hosts=50)
        self.start("thresh", "cancel", "--all", "--state", self.pipeline.state, stderr=self.tmp / "cancel.err")
        for _ in range(4):
            before = self.pipeline.ask("ledger")["dropped"].get("cancelled", 0)
            wait_for(lambda b=before: self.ledger()["dropped"].get("cancelled", 0) > b, "a step")
            Pipeline.kill(self.pipeline.fetcher)
            self.pipeline.restart(self.pipeline.fetcher)
            self.pipeline.wait_until_listening()
            ledger = self.ledger()
            if ledger["pending"] == 0:
                break
        # Fed after the order: not meant.
        self.feed_many([count], hosts=1)
        ledger = self.wait_for_ledger(lambda l: l["pending"] == 1, "all others to be cancelled")
        self.assertEqual(ledger["dropped"], {"cancelled": count})
        fsck_state = self.pipeline.state
        for process in (*self.pipeline.parsers, self.pipeline.fetcher, self.pipeline.sink):
            Pipeline.kill(process)
        self.assertEqual(self.thresh("fsck", fsck_state).code, 0)

    def test_what_is_in_the_output_is_done_though_it_was_cancelled_meanwhile(self):
        self.start_pipeline()
        self.server.default(lambda request: b"<title>t</title>")
        for cycle in range(3):
            urls = self.urls(400, begin=cycle * 1000)
            self.pipeline.feed(*urls)
            self.start("thresh", "cancel", "--all", "--state", self.pipeline.state, stderr=self.tmp / "cancel.err")
            wait_for(lambda: self.ledger()["done"] > 0, "a page")
            Pipeline.kill(self.pipeline.fetcher)
            self.pipeline.restart(self.pipeline.fetcher)
            self.pipeline.wait_until_listening()
            self.wait_for_ledger(lambda l: l["pending"] == 0, "all to end")
        ledger = self.ledger()
        records = read_records(self.pipeline.out / "page.ndjson")
        self.assertEqual(len({record["_url"] for record in records}), len(records))
        self.assertEqual(len(records), ledger["done"])
        self.assertEqual(ledger["done"] + ledger["dropped"].get("cancelled", 0), 1200)


if __name__ == "__main__":
    unittest.main()
