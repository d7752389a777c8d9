#!/usr/bin/python3
"""Politeness through the real programs: robots.txt, delays, backoff, dead hosts, and restarts."""
import json
import threading
import time
import unittest
from email.utils import formatdate

from support.flow import RECIPES, FlowTest, wait_for
from support.http_server import Close, Response, TestServer
from support.pipeline import Pipeline

PAGE = RECIPES / "page.toml"
HTML = {"Content-Type": "text/html; charset=utf-8"}
ROBOTS_ON = ("--set", "fetch.respect_robots_txt=true")
# A timer may be some milliseconds early or late on either side of the wire.
EARLY_S = 0.06


class PoliteTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = self.new_server()

    def new_server(self, robots=None, address="127.0.0.1", **answer):
        """A host that has every page; `robots` is its robots.txt."""
        server = TestServer(address).start()
        self.addCleanup(server.stop)
        server.default(lambda request: Response(200, b"<title>page</title>", HTML))
        if robots is None:
            server.route("/robots.txt", status=404)
        else:
            server.route("/robots.txt", body=robots, **answer)
        return server

    def pages(self, server=None):
        return [r for r in (server or self.server).requests if r.path != "/robots.txt"]

    def run_urls(self, *urls, arguments=(), code=0):
        done = self.thresh("run", "-r", PAGE, "-f", self.write_list(urls), "-o", self.out, "-j", "1",
                           *ROBOTS_ON, *arguments)
        self.assertEqual(done.code, code, done)
        self.summary = done.err
        return done

    def pipeline(self, *arguments):
        return Pipeline(self, [PAGE], fetcher=(*ROBOTS_ON, *arguments))

    def restart_fetcher(self, pipeline):
        pipeline.kill(pipeline.fetcher)
        pipeline.start_fetcher()
        pipeline.wait_until_listening()

    def url(self, path, server=None):
        return (server or self.server).url + path


class RobotsTest(PoliteTest):
    def test_robots_txt_is_asked_for_once_and_first_and_what_it_forbids_is_dropped(self):
        server = self.new_server(b"User-agent: *\nDisallow: /\n\nUser-agent: thresh\nDisallow: /private\n")
        urls = [self.url("/private/%d" % n, server) for n in range(20)] + [self.url("/%d" % n, server) for n in range(20)]
        self.run_urls(*urls)
        self.assertEqual(server.requests[0].path, "/robots.txt")
        self.assertEqual(server.count("/robots.txt"), 1)
        self.assertEqual(sorted(r.path for r in self.pages(server)), sorted("/%d" % n for n in range(20)))
        self.assertIn("dropped 20", self.summary)
        ledger = self.thresh("why", urls[0], "-o", self.out)
        self.assertEqual(len(self.records("page")), 20, ledger)

    def test_each_host_has_its_own(self):
        other = self.new_server(b"User-agent: *\nDisallow: /\n")
        self.run_urls(self.url("/a"), self.url("/a", other))
        self.assertEqual([r.path for r in self.pages()], ["/a"])
        self.assertEqual(self.pages(other), [])

    def test_the_agent_that_the_recipe_names_is_looked_up(self):
        server = self.new_server(b"User-agent: curious\nDisallow: /\n")
        self.run_urls(self.url("/a", server), code=1,
                      arguments=("--set", "fetch.robots_agent=curious"))
        self.assertEqual(self.pages(server), [])

    def test_a_recipe_may_go_without(self):
        server = self.new_server(b"User-agent: *\nDisallow: /\n")
        self.run_urls(self.url("/a", server), arguments=("--set", "fetch.respect_robots_txt=false"))
        self.assertEqual([r.path for r in server.requests], ["/a"])

    def test_while_the_server_fails_nothing_is_asked_and_then_it_is(self):
        answers = [500, 503]
        self.server.route("/robots.txt", lambda request: Response(answers.pop(0) if answers else 200,
                                                                  b"User-agent: *\nDisallow: /b\n"))
        self.run_urls(self.url("/a"), self.url("/b"))
        self.assertEqual([r.path for r in self.server.requests], ["/robots.txt"] * 3 + ["/a"])

    def test_a_server_that_goes_on_failing_is_given_up(self):
        self.server.route("/robots.txt", status=503)
        self.run_urls(self.url("/a"), code=3)
        self.assertEqual(self.pages(), [])
        self.assertEqual(self.server.count("/robots.txt"), 5)
        letter = self.dead()[self.url("/a")]
        self.assertEqual((letter["reason"], letter["attempts"]), ("robots_unreachable", 0))

    def test_a_host_that_cannot_be_reached_dies_of_that(self):
        closed = self.new_server()
        closed.stop()
        self.run_urls(self.url("/a", closed), self.url("/a"), code=3)
        self.assertEqual(self.dead()[self.url("/a", closed)]["reason"], "connect")
        self.assertEqual(len(self.records("page")), 1)

    def test_its_redirects_are_followed_five_times(self):
        other = self.new_server(b"User-agent: *\nDisallow: /b\n")
        for hop in range(4):
            self.server.redirect("/r%d" % hop, "/r%d" % (hop + 1))
        self.server.redirect("/robots.txt", "/r0")
        self.server.redirect("/r4", self.url("/robots.txt", other))
        self.run_urls(self.url("/a"), self.url("/b"))  # Six: there is none.
        self.assertEqual(sum(r.path in ("/a", "/b") for r in self.server.requests), 2)

        self.server.clear()
        self.server.redirect("/r3", self.url("/robots.txt", other))
        self.out = self.tmp / "again"
        self.run_urls(self.url("/a"), self.url("/b"))
        self.assertEqual([r.path for r in self.server.requests if r.path in "/a /b"], ["/a"])

    def test_a_redirected_page_asks_the_robots_txt_of_where_it_leads(self):
        other = self.new_server(b"User-agent: *\nDisallow: /private\n")
        self.server.redirect("/a", self.url("/private", other))
        self.server.redirect("/b", self.url("/public", other))
        self.run_urls(self.url("/a"), self.url("/b"))
        self.assertEqual([r.path for r in other.requests], ["/robots.txt", "/public"])

    def test_a_packed_file_is_unpacked(self):
        import gzip
        server = self.new_server(gzip.compress(b"User-agent: *\nDisallow: /b\n"), headers={"Content-Encoding": "gzip"})
        self.run_urls(self.url("/a", server), self.url("/b", server))
        self.assertEqual([r.path for r in self.pages(server)], ["/a"])

    def test_a_huge_file_is_read_to_its_limit(self):
        for filler in (300_000, 1_200_000):  # The second is longer than anything that is still taken in.
            rules = b"User-agent: *\nDisallow: /b\n" + b"# filler\n" * filler
            server = self.new_server(rules)
            self.run_urls(self.url("/a", server), self.url("/b", server), arguments=("--fresh",))
            self.assertEqual([r.path for r in self.pages(server)], ["/a"], filler)

    def test_it_counts_as_long_as_it_says_and_over_a_restart(self):
        server = self.new_server(b"User-agent: *\nDisallow: /b\n", headers={"Cache-Control": "max-age=3600"})
        brief = self.new_server(b"", headers={"Cache-Control": "max-age=1"})
        pipeline = self.pipeline()
        pipeline.feed(self.url("/a", server), self.url("/a", brief))
        pipeline.wait_until_done(2)
        self.restart_fetcher(pipeline)
        asked = brief.requests[0].time
        wait_for(lambda: time.monotonic() > asked + 1.2, "the brief one to be over")
        pipeline.feed(self.url("/b", server), self.url("/c", server), self.url("/c", brief))
        pipeline.wait_until_done(5)
        self.assertEqual([r.path for r in server.requests], ["/robots.txt", "/a", "/c"])
        self.assertEqual([r.path for r in brief.requests], ["/robots.txt", "/a", "/robots.txt", "/c"])


class PaceTest(PoliteTest):
    def gaps(self, server=None):
        times = [r.time for r in (server or self.server).requests]
        return [later - sooner for sooner, later in zip(times, times[1:])]

    def test_a_crawl_delay_is_kept_to_also_after_a_restart(self):
        server = self.new_server(b"User-agent: *\nCrawl-delay: 0.5\n")
        pipeline = self.pipeline()
        pipeline.feed(*(self.url("/%d" % n, server) for n in range(6)))
        wait_for(lambda: len(self.pages(server)) >= 3, "three pages")
        self.restart_fetcher(pipeline)
        pipeline.wait_until_done(6)
        times = [r.time for r in server.requests]
        self.assertEqual(server.count("/robots.txt"), 1)
        self.assertGreaterEqual(len(times), 7)
        self.assertGreaterEqual(min(self.gaps(server)), 0.5 - EARLY_S, self.gaps(server))

    def test_a_delay_is_kept_to_over_kill_9_at_any_moment(self):
        pipeline = self.pipeline("--set", "fetch.delay_ms=400")
        pipeline.feed(*(self.url("/%d" % n) for n in range(8)))
        for pages in (1, 3, 5):
            wait_for(lambda: len(self.pages()) >= pages, "%d pages" % pages)
            self.restart_fetcher(pipeline)
        pipeline.wait_until_done(8)
        self.assertGreaterEqual(min(self.gaps()), 0.4 - EARLY_S, self.gaps())
        self.assertLess(max(self.gaps()), 20)

    def test_a_crawl_delay_is_kept_to_among_very_many_hosts(self):
        server = self.new_server(b"User-agent: *\nCrawl-delay: 5\n", address="0.0.0.0")

        def line(number, page):
            url = "http://127.1.%d.%d:%d/%d" % (number // 200, 1 + number % 200, server.port, page)
            return json.dumps({"url": url, "recipe": "any"})
        pipeline = self.pipeline()
        pipeline.feed(line(0, 1))
        pipeline.wait_until_done(1)
        pipeline.feed(*(line(number, 1) for number in range(1, 1200)))
        wait_for(lambda: len(server.requests) >= 1100, "most of their robots.txt")  # So many hosts are known now.
        pipeline.feed(line(0, 2))
        wait_for(lambda: server.count("/2"), "the first one's second page")
        asked = [request.time for request in server.requests if request.headers["host"].startswith("127.1.0.1:")]
        self.assertEqual(len(asked), 3)
        self.assertGreaterEqual(asked[2] - asked[1], 5 - EARLY_S)

    def test_the_larger_of_both_delays_counts_and_a_crawl_delay_up_to_its_cap(self):
        server = self.new_server(b"User-agent: *\nCrawl-delay: 60\n")
        self.run_urls(*(self.url("/%d" % n, server) for n in range(3)),
                      arguments=("--set", "fetch.max_crawl_delay_ms=300", "--set", "fetch.delay_ms=100"))
        self.assertGreaterEqual(min(self.gaps(server)), 0.3 - EARLY_S)
        self.assertLess(max(self.gaps(server)), 20)

    def test_hosts_of_one_address_are_counted_together(self):
        servers = [self.new_server() for _ in range(4)]
        self.run_urls(*(self.url("/%d" % n, server) for n in range(3) for server in servers),
                      arguments=("--set", "fetch.limit_by=ip", "--set", "fetch.delay_ms=100"))
        times = sorted(r.time for server in servers for r in server.requests)
        self.assertEqual(len(times), 4 * 4)
        self.assertGreaterEqual(min(b - a for a, b in zip(times, times[1:])), 0.1 - EARLY_S)

    def refuse_once(self, status, retry_after, path="/1"):
        """The host refuses `path` once, and everything after it until it has told to."""
        refused = []

        def page(request):
            if request.path == path and not refused:
                refused.append(request.time)
                return Response(status, b"later", {"Retry-After": retry_after()} if retry_after else {})
            return Response(200, b"<title>page</title>", HTML)
        self.server.default(page)
        return refused

    def test_retry_after_holds_the_whole_host_and_no_other(self):
        other = self.new_server()
        for form in (lambda: "2", lambda: formatdate(time.time() + 3, usegmt=True)):
            with self.subTest(form()):
                self.server.clear()
                self.out = self.tmp / form().replace(" ", "")
                refused = self.refuse_once(429, form)
                self.run_urls(*(self.url("/%d" % n) for n in range(30)), *(self.url("/%d" % n, other) for n in range(30)),
                              arguments=("--set", "fetch.per_host=1"))
                after = [r.time - refused[0] for r in self.pages() if r.time > refused[0]]
                self.assertGreaterEqual(min(after), 2 - EARLY_S, after)
                self.assertEqual(len(self.records("page")), 60)

    def test_503_without_a_word_holds_the_host_for_a_second_or_more(self):
        refused = self.refuse_once(503, None)
        self.run_urls(*(self.url("/%d" % n) for n in range(10)), arguments=("--set", "fetch.per_host=1"))
        after = [r.time - refused[0] for r in self.pages() if r.time > refused[0]]
        self.assertGreaterEqual(min(after), 1 - EARLY_S, after)
        self.assertEqual(len(self.records("page")), 10)

    def test_a_backoff_is_kept_to_over_a_restart(self):
        refused = self.refuse_once(429, lambda: "4")
        pipeline = self.pipeline("--set", "fetch.per_host=1")
        pipeline.feed(*(self.url("/%d" % n) for n in range(5)))
        wait_for(lambda: refused, "the refusal")
        # Durable once the refused page is back in the queue.
        pipeline.wait_for_status(lambda s: s["in_flight"] == 0 and s["queued"] > 0, "the page to be queued again")
        wait_for(lambda: pipeline.ask("why", url=self.url("/1"))["tasks"][0]["state"] == "retry", "it to be written")
        self.restart_fetcher(pipeline)
        pipeline.wait_until_done(5)
        after = [r.time - refused[0] for r in self.pages() if r.time > refused[0]]
        self.assertGreaterEqual(min(after), 4 - EARLY_S, after)

    def test_servers_are_told_who_asks(self):
        self.run_urls(self.url("/a"), arguments=("--contact", "https://example.org/bot"))
        for request in self.server.requests:
            self.assertRegex(request.headers["user-agent"], r"\Athresh/[0-9.]+ \(\+https://example.org/bot\)\Z")


class DeadHostTest(PoliteTest):
    BREAKER = ("--breaker-failures", "5", "--breaker-probes", "3", "--breaker-probe-ms", "150")

    def drop_pages(self, dropping):
        def page(request):
            if dropping.is_set():
                raise Close
            return Response(200, b"<title>page</title>", HTML)
        self.server.default(page)

    def test_a_host_that_stops_answering_is_probed_and_then_its_urls_are_dead(self):
        dropping = threading.Event()
        dropping.set()
        self.drop_pages(dropping)
        other = self.new_server()
        pipeline = self.pipeline(*self.BREAKER, "--set", "fetch.per_host=2", "--max-attempts", "20")
        pipeline.feed(*(self.url("/%d" % n) for n in range(50)), *(self.url("/%d" % n, other) for n in range(50)))
        pipeline.wait_until_done(100)
        self.assertLessEqual(len(self.pages()), 5 + 2 + 3)
        self.assertEqual(len(self.records("page", pipeline.out)), 50)
        reasons = [letter["reason"] for letter in self.dead(pipeline.out).values()]
        self.assertEqual(reasons, ["host_down"] * 50)

    def test_a_host_that_comes_back_is_found_by_a_probe(self):
        dropping = threading.Event()
        dropping.set()
        self.drop_pages(dropping)
        pipeline = self.pipeline(*self.BREAKER[:2], "--breaker-probe-ms", "300", "--max-attempts", "20")
        pipeline.feed(*(self.url("/%d" % n) for n in range(50)))
        wait_for(lambda: len(self.pages()) >= 6, "the circuit to break")
        dropping.clear()
        pipeline.wait_until_done(50)
        self.assertEqual(len(self.records("page", pipeline.out)), 50)


if __name__ == "__main__":
    unittest.main()
