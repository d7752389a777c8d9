#!/usr/bin/python3
"""Parsers on another machine: over TCP with keys, in a network namespace of their own."""
import os
import re
import signal
import stat
import unittest

from support.flow import BIN, RECIPES, FlowTest, own, read_records, wait_for
from support.http_server import TestServer
from support.labelled_site import EXACT
from support.pipeline import FETCH_LOOPBACK, Pipeline, is_balanced
from support.small_crawl import FETCHER, SmallCrawlTest
from support.tcp_cable import TcpCable
from support.two_machines import HERE, TwoMachines, in_own_network
from sandbox_test import threads_of

HTML = {"Content-Type": "text/html; charset=utf-8"}


def listening(log):
    """The endpoint that a daemon has opened for others, as its log says."""
    found = re.findall(r"bus\.listening endpoint=(tcp://\S+)", log.read_text()) if log.exists() else []
    return found[-1] if found else None


class RemoteTest(FlowTest):
    def setUp(self):
        super().setUp()
        TwoMachines.start()
        self.addCleanup(TwoMachines.plug_in)
        self.make_keys("server", "worker", "stranger")
        (self.tmp / "clients.pub").write_text((self.tmp / "worker.pub").read_text())

    def make_keys(self, *names):
        done = self.thresh("keys", *[self.tmp / name for name in names])
        self.assertEqual(done.code, 0, done)

    @property
    def door(self):
        return ("--listen", "tcp://%s:0" % HERE, "--key", self.tmp / "server.key", "--clients", self.tmp / "clients.pub")

    def start_pipeline(self, recipe, fetcher=(), parsers=0, **how):
        self.pipeline = Pipeline(self, [recipe], parsers, fetcher=(*FETCH_LOOPBACK, "--set", "fetch.per_host=20", *self.door, *fetcher),
                                 sink=self.door, **how)
        self.find_endpoints()
        return self.pipeline

    def find_endpoints(self):
        logs = [self.pipeline.log_of(name) for name in ("thresh-fetcher", "thresh-sink")]
        self.fetcher_endpoint, self.sink_endpoint = (wait_for(lambda: listening(log), "a port to be open") for log in logs)

    def start_there(self, key="worker", server="server", log="there.log", arguments=()):
        """A parser on the other machine."""
        self.log = self.tmp / log
        command = TwoMachines.command_there(BIN / "thresh-parser", "--fetcher", self.fetcher_endpoint, "--sink", self.sink_endpoint,
                                            "--key", self.tmp / (key + ".key"), "--server-key", self.tmp / (server + ".pub"),
                                            "--die-with", os.getpid(), *arguments)
        return self.start(command[0], *command[1:], stderr=self.log)

    def wait_for_word(self, log, word):
        return wait_for(lambda: next((line for line in log.read_text().splitlines() if word in line), None), word)

    def wait_for_parsers(self, count):
        return self.wait_for_status(lambda s: len(s["parsers"]) == count, "%d parsers" % count, self.pipeline.state)


class ServedTest(RemoteTest):
    """With a server of pages."""

    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)

    def routes(self, count, size=100):
        """Pages on the server; their URLs."""
        for n in range(count):
            self.server.route("/%d" % n, body=b"<title>%d</title>%s" % (n, b"x" * size), headers=HTML)
        return ["%s/%d" % (self.server.url, n) for n in range(count)]

    def assert_records(self, count):
        self.pipeline.wait_until_done(count)
        titles = [own(record)["title"] for record in read_records(self.pipeline.out / "page.ndjson")]
        self.assertEqual(sorted(titles), sorted(map(str, range(count))))
        self.assertEqual(self.dead(self.pipeline.out), {})
        self.assertTrue(is_balanced(self.pipeline.ask("ledger")))


class PagesTest(ServedTest):
    def test_records_come_exactly_large_bodies_too(self):
        self.start_pipeline(RECIPES / "page.toml")
        parser = self.start_there()
        urls = self.routes(200)
        self.server.route("/0", body=b"<title>0</title>" + b"x" * 5_000_000, headers=HTML)
        self.pipeline.feed(*urls)
        self.assert_records(200)
        self.assertEqual(set(threads_of(parser.pid)), {("1", "2")})
        self.wait_for_word(self.log, "sandbox.on")

    def test_a_key_that_is_not_on_the_list_is_refused_until_it_is(self):
        self.start_pipeline(RECIPES / "page.toml")
        parser = self.start_there("stranger", log="stranger.log")
        self.assertEqual(self.wait_for_exit(parser), 69)
        said = self.wait_for_word(self.log, "link.refused")
        self.assertIn("our key is not on its list", said)
        refuser = re.search(r" peer=(fetcher|sink) ", said).group(1)  # The parser ends with the first refusal; the other may never come.
        line = self.wait_for_word(self.pipeline.log_of("thresh-" + refuser), "peer.refused")
        self.assertIn("its key is not in", line)
        self.assertIn("10.184.7.2", line)
        public = (self.tmp / "stranger.pub").read_text().split()[1]
        self.assertIn(public, line)
        self.assertIn(public, said)
        with open(self.tmp / "clients.pub", "a") as clients:  # Without a restart of anything.
            clients.write((self.tmp / "stranger.pub").read_text())
        self.start_there("stranger")
        self.pipeline.feed(*self.routes(5))
        self.assert_records(5)

    def test_a_server_with_another_key_is_not_talked_to(self):
        self.start_pipeline(RECIPES / "page.toml")
        parser = self.start_there(server="stranger")
        self.assertIn("is not its key", self.wait_for_word(self.log, "link.hung_up"))
        self.assertIn("another key than ours", self.wait_for_word(self.pipeline.log_of("thresh-fetcher"), "peer.refused"))
        self.assertIsNone(parser.poll())
        self.pipeline.feed(*self.routes(2))
        self.assertEqual(self.pipeline.status()["parsers"], [])
        self.start_there(log="right.log")
        self.assert_records(2)

    def test_a_stopped_instance_hands_its_pages_over_at_once_and_is_blamed_for_none(self):
        self.start_pipeline(RECIPES / "page.toml", fetcher=("--lease-ms", "600000"))
        first = self.start_there(arguments=("--cpu-ms", "400"), log="first.log")
        self.wait_for_parsers(1)
        self.pipeline.feed(*self.routes(8))
        self.pipeline.wait_for_status(lambda s: s["leased"] > 1, "pages to lie at the first")
        second = self.start_there(log="second.log")
        self.wait_for_parsers(2)
        first.send_signal(signal.SIGTERM)
        self.assertEqual(self.wait_for_exit(first), 0)
        self.assert_records(8)
        log = self.pipeline.log_of("thresh-fetcher").read_text()
        self.assertIn('why="it said goodbye"', log)
        self.assertNotIn("page.suspected", log)
        self.assertIsNone(second.poll())

    def test_both_daemons_may_start_anew(self):
        self.start_pipeline(RECIPES / "page.toml")
        ports = [endpoint.rsplit(":", 1)[1] for endpoint in (self.fetcher_endpoint, self.sink_endpoint)]
        for process in (self.pipeline.fetcher, self.pipeline.sink):  # The same ports again.
            self.pipeline.kill(process)
        place = "--listen", "tcp://%s:" % HERE
        keys = self.door[2:]
        self.pipeline = Pipeline(self, [RECIPES / "page.toml"], 0, fetcher=(*FETCH_LOOPBACK, place[0], place[1] + ports[0], *keys),
                                 sink=(place[0], place[1] + ports[1], *keys))
        self.start_there()
        urls = self.routes(30)
        self.pipeline.feed(*urls[:10])
        self.pipeline.wait_until_done(10)
        for process, part in ((self.pipeline.sink, urls[10:20]), (self.pipeline.fetcher, urls[20:])):
            self.pipeline.kill(process)
            self.pipeline.restart(process)
            self.pipeline.wait_until_listening()
            self.pipeline.feed(*part)
            wait_for(lambda: (self.pipeline.status() or {"pending": 1})["pending"] == 0, "all pages to end")
        titles = [own(record)["title"] for record in read_records(self.pipeline.out / "page.ndjson")]
        self.assertEqual(sorted(titles), sorted(map(str, range(30))))


class CableTest(RemoteTest, SmallCrawlTest):
    """A crawl with links whose every answer is labelled: a page that was done twice would show."""

    def pull_and_plug(self, between):
        self.start_pipeline(self.recipe, fetcher=FETCHER, parsers=0)
        parser = self.start_there(arguments=("--cpu-ms", "15"))
        answered = []
        self.pipeline.wait_until_listening()
        for url in self.site.urls:
            self.pipeline.feed(url)
            answered.append(url)
        self.pipeline.wait_for_status(lambda s: s["done"] >= 5, "some pages")
        TwoMachines.pull_out()
        between()
        TwoMachines.plug_in()
        self.pipeline.wait_for_status(lambda s: s["pending"] == 0, "the crawl to end")
        self.assertIsNone(parser.poll())
        self.assert_exact(self.pipeline)

    def test_a_short_cut_loses_nothing(self):
        before = lambda: self.pipeline.status()["done"]  # noqa: E731
        self.pull_and_plug(before)

    def test_a_cut_that_both_ends_notice_loses_nothing(self):
        def until_noticed():
            self.wait_for_parsers(0)
            self.wait_for_word(self.log, "link.cut")
        self.pull_and_plug(until_noticed)

    def test_meanwhile_others_do_the_work(self):
        def until_done():
            self.pipeline.add_parser()
            self.pipeline.wait_for_status(lambda s: s["pending"] == 0, "the parser here to do it all")
        self.pull_and_plug(until_done)


class LostTest(RemoteTest, SmallCrawlTest):
    """One connection of the two loses what was on its way, and is cut; the other one stands."""

    def crawl_with_loss(self, which, has_lost):
        self.start_pipeline(self.recipe, fetcher=FETCHER)
        cable = TcpCable(getattr(self, which))
        self.addCleanup(cable.stop)
        setattr(self, which, cable.endpoint)
        parser = self.start_there(arguments=("--cpu-ms", "5"))
        self.pipeline.feed(*self.site.urls)
        self.pipeline.wait_for_status(lambda s: s["done"] >= 3, "both connections to work")
        for _ in range(3):
            done = self.pipeline.wait_for_status(lambda s: s["pending"] == 0 or s["leased"] > 0, "work")["done"]
            cable.lose()
            self.pipeline.wait_for_status(lambda s: s["pending"] == 0 or has_lost(cable, s, done), "something to be lost")
            cut_at = self.pipeline.status()["done"]
            cable.cut()
            self.pipeline.wait_for_status(lambda s: s["pending"] == 0 or s["done"] > cut_at, "both connections to work again")
        self.pipeline.wait_for_status(lambda s: s["pending"] == 0, "the crawl to end")
        self.assertIsNone(parser.poll())
        self.assertIn("link.cut", self.log.read_text())
        self.assert_exact(self.pipeline)

    def test_results_that_never_came_are_made_again(self):
        self.crawl_with_loss("sink_endpoint", lambda cable, status, done: cable.lost_bytes > 5000 and status["awaiting_ack"] > 0)

    def test_what_the_fetcher_was_never_told_is_asked_again(self):
        self.crawl_with_loss("fetcher_endpoint", lambda cable, status, done: cable.lost_bytes > 0 and status["done"] > done)


class CreditTest(ServedTest):
    def test_credit_that_never_came_is_granted_anew(self):
        recipe = self.write("text.toml", (RECIPES / "page.toml").read_text().replace("[[follow]]", 'text = "body"\n[[follow]]'))
        self.start_pipeline(recipe, fetcher=("--lease-ms", "600000"))
        cable = TcpCable(self.sink_endpoint)
        self.addCleanup(cable.stop)
        self.sink_endpoint = cable.endpoint
        self.start_there()
        urls = self.routes(12, 2_000_000)  # More than the 8 MiB that may be on their way.
        self.pipeline.feed(urls[0])
        self.pipeline.wait_until_done(1)
        cable.lose(backwards=True)
        self.pipeline.feed(*urls[1:])
        self.pipeline.wait_for_status(lambda s: cable.lost_bytes and any(parser["blocked"] for parser in s["parsers"]), "credit to be used up")
        cable.cut()
        self.assert_records(12)


    def test_results_after_a_cut_are_those_of_the_new_life(self):
        """Small ones, and more of them than credit that is granted to a life that is over."""
        recipe = self.write("text.toml", (RECIPES / "page.toml").read_text().replace("[[follow]]", 'text = "body"\n[[follow]]'))
        self.start_pipeline(recipe)
        cable = TcpCable(self.sink_endpoint)
        self.addCleanup(cable.stop)
        self.sink_endpoint = cable.endpoint
        self.start_there()
        urls = self.routes(401, 30_000)
        self.pipeline.feed(urls[0])
        self.pipeline.wait_until_done(1)
        cable.cut()
        self.pipeline.feed(*urls[1:])
        self.assert_records(401)


class KeysTest(RemoteTest):
    def refused(self, program, *arguments):
        done = self.thresh(*arguments, program=program)
        self.assertEqual(done.code, 65, done)
        return done.err

    def daemon(self, *arguments):
        (self.tmp / "state").mkdir(exist_ok=True)
        return self.refused("thresh-sink", "--state", self.tmp / "state", "--out", self.tmp / "o", *arguments)

    def parser(self, *arguments):
        there = ("--fetcher", "tcp://10.184.7.1:7001", "--sink", "tcp://10.184.7.1:7002")
        return self.refused("thresh-parser", *there, *arguments)

    def test_key_files_have_their_modes_and_are_not_overwritten(self):
        self.assertEqual(stat.S_IMODE((self.tmp / "worker.key").stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE((self.tmp / "worker.pub").stat().st_mode), 0o644)
        before = (self.tmp / "worker.key").read_bytes()
        done = self.thresh("keys", self.tmp / "worker")
        self.assertEqual(done.code, 73)
        self.assertIn("worker.key: File exists", done.err)
        self.assertEqual((self.tmp / "worker.key").read_bytes(), before)

    def test_tcp_without_keys_is_refused_but_on_loopback(self):
        self.assertIn("expected --key and --clients", self.daemon("--listen", "tcp://127.0.0.1:0"))
        for place in ("10.184.7.1", "*", "0.0.0.0", "[::]"):
            err = self.daemon("--listen", "tcp://%s:0" % place, "--listen-without-keys")
            self.assertIn("is not loopback", err)
        self.assertIn("expected --key and --server-key", self.parser())
        self.assertIn("is not loopback", self.parser("--without-keys"))

    def test_wrong_files_are_told_by_name(self):
        worker, server = self.tmp / "worker.key", self.tmp / "server.pub"
        self.assertIn("expected a thresh-secret-key, found a thresh-public-key", self.parser("--key", server, "--server-key", server))
        self.assertIn("expected a thresh-public-key, found a thresh-secret-key", self.parser("--key", worker, "--server-key", worker))
        broken = self.write("broken.pub", "thresh-public-key 12ab\n")
        self.assertIn("broken.pub:1: expected", self.parser("--key", worker, "--server-key", broken))
        empty = self.write("empty.pub", "# nobody yet\n")
        self.assertIn("expected a line with a thresh-public-key", self.daemon("--listen", "tcp://127.0.0.1:0", "--key", worker, "--clients", empty))
        self.assertIn("no-such.key", self.parser("--key", self.tmp / "no-such.key", "--server-key", server))
        worker.chmod(0o640)
        self.assertIn("others may read this secret key", self.parser("--key", worker, "--server-key", server))

    def test_wrong_endpoints_are_told(self):
        keys = ("--key", self.tmp / "server.key", "--clients", self.tmp / "clients.pub")
        for endpoint in ("10.184.7.1:70", "tcp://", "tcp://x", "tcp://:80", "tcp://h:99999", "tcp://h:8a", "udp://h:1", "tcp://::1:80"):
            self.assertIn("expected tcp://HOST:PORT", self.daemon("--listen", endpoint, *keys))

    def test_a_parser_takes_one_place_only(self):
        for arguments in (("--fetcher", "tcp://h:1"), ("--state", "s", "--fetcher", "tcp://h:1", "--sink", "tcp://h:2")):
            self.assertEqual(self.thresh(*arguments, program="thresh-parser").code, 64)

    def test_keys_come_from_the_service_managers_folder(self):
        folder = self.tmp / "credentials"
        folder.mkdir()
        for name in ("server.key", "clients.pub", "worker.key", "server.pub"):
            (folder / name).write_bytes((self.tmp / name).read_bytes())
        self.env["CREDENTIALS_DIRECTORY"] = str(folder)
        self.door_by_name = ("--listen", "tcp://%s:0" % HERE, "--key", "server.key", "--clients", "clients.pub")
        self.pipeline = Pipeline(self, [RECIPES / "page.toml"], 0, fetcher=self.door_by_name, sink=self.door_by_name)
        self.find_endpoints()
        command = TwoMachines.command_there(BIN / "thresh-parser", "--fetcher", self.fetcher_endpoint, "--sink", self.sink_endpoint,
                                            "--key", "worker.key", "--server-key", "server.pub")
        self.start(command[0], *command[1:], stderr=self.tmp / "there.log")
        self.wait_for_parsers(1)


class LoopbackTest(FlowTest):
    def test_without_keys_on_loopback(self):
        TwoMachines.start()
        door = ("--listen", "tcp://127.0.0.1:0", "--listen-without-keys")
        pipeline = Pipeline(self, [RECIPES / "page.toml"], 0, fetcher=door, sink=door)
        endpoints = [wait_for(lambda: listening(pipeline.log_of(name)), "a port") for name in ("thresh-fetcher", "thresh-sink")]
        self.start("thresh-parser", "--fetcher", endpoints[0], "--sink", endpoints[1], "--without-keys")
        self.wait_for_status(lambda s: len(s["parsers"]) == 1, "the parser", pipeline.state)


if __name__ == "__main__":
    in_own_network()
    unittest.main()
