#!/usr/bin/python3
"""The feed's socket, held by systemd, in a box: no line is lost, whoever feeds and whatever dies."""
import concurrent.futures
import contextlib
import os
import pathlib
import socket
import threading
import unittest

from support import box
from support.service import (FEED, FETCHER, LONG, RUN, FeedClient, ServiceTest, TestServer, add_user, command, drop_in, feed,
                             is_active, journal, pid_of, read_pages, stop_all, systemctl, wait_for, wait_for_status)


class ActivationTest(ServiceTest):
    def test_the_first_line_starts_the_fetcher_and_is_not_lost(self):
        with TestServer() as server:
            server.default(lambda request: b"<title>any page</title>")
            stop_all()
            systemctl("start", "thresh-feed.socket")
            self.assertEqual(pid_of(FETCHER), 0)
            answers = feed(server.url + "/first", server.url + "/second")
            self.assertEqual([answer["ok"] for answer in answers], [True, True])
            self.assertTrue(is_active(FETCHER))
            systemctl("start", "thresh.target")
            wait_for_status(lambda s: s["pending"] == 0 and s["done"] == 2, "both pages")
            self.assertEqual({page["_url"] for page in read_pages()}, {server.url + "/first", server.url + "/second"})

    def test_however_often_the_fetcher_fails_to_start_the_socket_stays(self):
        drop_in(FETCHER, "[Service]\nExecStartPre=/bin/false\nRestartSec=10ms\n")
        systemctl("kill", "--signal=KILL", FETCHER)
        with contextlib.closing(FeedClient(FEED)) as client:
            client.send(b"http://127.0.0.1:1/waits\n")
            wait_for(lambda: self.restarts_of(FETCHER) > 40, "the fetcher to fail often")
            self.assertTrue(is_active("thresh-feed.socket"))
            drop_in(FETCHER, "")
            self.assertTrue(client.answer()["ok"])


class RestartTest(ServiceTest):
    LINES = 10_000
    PART = 200

    def feed_all(self, urls, reached, restarting):
        """All answers. Connects again as often as it is hung up on; the last lines go to the fetcher's last life."""
        left, said = list(urls), []
        while left:
            for mark in (mark for mark in reached if len(said) > mark):
                reached[mark].set()
            if len(left) <= self.PART:
                restarting.result()
            with contextlib.suppress(OSError, AssertionError), contextlib.closing(FeedClient(FEED)) as client:
                part, taken = left[:self.PART], 0
                try:
                    client.send("".join(url + "\n" for url in part).encode())
                    for _ in part:
                        said.append(client.answer())
                        taken += 1
                finally:
                    left = left[taken:]
        return said

    def restart_at(self, reached):
        for event, restart in zip(reached.values(), (["restart", FETCHER], ["kill", "--signal=KILL", FETCHER])):
            event.wait(120)
            pid = pid_of(FETCHER)
            systemctl(*restart)
            self.wait_for_new_life(FETCHER, pid)

    def test_ten_thousand_lines_through_restarts(self):
        with TestServer() as server, concurrent.futures.ThreadPoolExecutor() as pool:
            server.default(lambda request: b"<title>any page</title>")
            urls = [server.url + "/%d" % n for n in range(self.LINES)]
            reached = {self.LINES // 4: threading.Event(), self.LINES // 2: threading.Event()}
            said = self.feed_all(urls, reached, pool.submit(self.restart_at, reached))
            self.assertEqual(len(said), self.LINES)
            self.assertEqual([answer for answer in said if not answer["ok"]], [])
            self.assertEqual(self.assert_balanced()["fed"], self.LINES)  # Those fed twice are duplicates.
            if not LONG:
                return
            wait_for_status(lambda s: s["pending"] == 0, "all pages", 300)
            pages = [page["_url"] for page in read_pages()]
            self.assertEqual((len(pages), set(pages)), (self.LINES, set(urls)))


class UsersTest(ServiceTest):
    URL = "http://127.0.0.1:1/"

    def test_who_is_not_in_the_group_cannot_feed(self):
        add_user("outsider")
        done = command("thresh", "feed", "--socket", FEED, "-", user="outsider", stdin=self.URL + "outsider\n", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("Permission denied", done.stderr)
        self.assertIn("usermod -aG thresh", done.stderr)
        done = command("nc", "-U", "-N", FEED, user="outsider", stdin=self.URL + "outsider\n", check=False)
        self.assertNotEqual(done.returncode, 0)
        for path in (RUN / "fetcher.sock", RUN / "parsers.ipc", RUN / "sink.ipc"):
            done = command("nc", "-U", "-N", path, user="outsider", stdin="x\n", check=False)
            self.assertNotEqual(done.returncode, 0, path)
        self.assertNotIn(self.URL + "outsider", command("thresh", "why", "--state", RUN, self.URL + "outsider", check=False).stdout)

    def test_who_is_in_the_group_can(self):
        add_user("member", "thresh")
        done = command("thresh", "feed", "--socket", FEED, "-", user="member", stdin=self.URL + "member\n")
        self.assertIn("1 new", done.stderr)


class HostileFeederTest(ServiceTest):
    """Each costs its own connection; the others are served meanwhile, by the same process."""
    GIGABYTE = 1 << 30

    @staticmethod
    def connect():
        client = socket.socket(socket.AF_UNIX)
        client.connect(str(FEED))  # Waits if many do; with a timeout it would be refused.
        client.settimeout(60)
        return client

    def garbage(self):
        with contextlib.suppress(OSError), contextlib.closing(self.connect()) as client:
            for _ in range(200):
                client.sendall(os.urandom(1 << 14))

    def never_reads(self):
        client = self.connect()
        self.addCleanup(client.close)
        client.settimeout(2)
        with contextlib.suppress(OSError):
            while True:
                client.sendall(b"x\n" * 4096)

    def endless_line(self):
        block, sent = b"a" * (1 << 20), 0
        with contextlib.closing(self.connect()) as client:
            while sent < self.GIGABYTE:
                client.sendall(block)
                sent += len(block)
            client.sendall(b"\nhttp://127.0.0.1:1/after\n")
            client.shutdown(socket.SHUT_WR)
            with client.makefile("rb") as answers:
                self.long_answers = answers.read().splitlines()

    def rss_mib(self):
        status = pathlib.Path("/proc/%d/status" % pid_of(FETCHER)).read_text()
        return int(status.split("VmRSS:")[1].split()[0]) >> 10

    def test_it_costs_only_its_own_connection(self):
        pid, before = pid_of(FETCHER), self.rss_mib()
        half = [self.connect() for _ in range(200)]
        for client in half:
            self.addCleanup(client.close)
            client.sendall(b"http://127.0.0.1:1/half")  # And never an end of the line.
        hostile = [threading.Thread(target=act, daemon=True) for act in (self.garbage, self.never_reads, self.endless_line)]
        for thread in hostile:
            thread.start()
        fed = 0
        while any(thread.is_alive() for thread in hostile) or fed < 5:
            answers = feed(*("http://127.0.0.1:1/good/%d" % n for n in range(fed * 20, fed * 20 + 20)))
            self.assertEqual([answer["ok"] for answer in answers], [True] * 20)
            fed += 1
        self.assertEqual(pid_of(FETCHER), pid, journal(FETCHER))
        self.assertIn(b"too long", self.long_answers[0])
        self.assertIn(b'"ok":true', self.long_answers[1])
        self.assertLess(self.rss_mib() - before, 64)


if __name__ == "__main__":
    box.go_inside("unified")
    unittest.main()
