#!/usr/bin/python3
"""`thresh bench server` keeps the contract of the delay-server experiment, whoever asks and however."""
import asyncio
import json
import re
import resource
import socket
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from support.flow import DEADLINE_S, FlowTest

AT_ONCE = 1500


def answers(sock):
    """All that comes until the other side closes."""
    got = b""
    while piece := sock.recv(1 << 16):
        got += piece
    return got


class BenchServerTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = self.start("thresh", "bench", "server", "--port", "0", stdout=subprocess.PIPE)
        self.url = self.server.stdout.readline().decode().strip()
        self.assertRegex(self.url, r"^http://127\.0\.0\.1:\d+$")
        self.port = int(self.url.rpartition(":")[2])
        self.addCleanup(self.server.stdout.close)

    def get(self, target, method="GET"):
        """Status, body and seconds."""
        began = time.monotonic()
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + target, method=method), timeout=DEADLINE_S) as answer:
                return answer.status, answer.read(), time.monotonic() - began
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read(), time.monotonic() - began

    def flushed(self):
        self.assertEqual(self.get("/add?flush=1")[:2], (200, b""))
        return json.loads((self.tmp / "metric_data.json").read_text())

    def connect(self):
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE_S)
        self.addCleanup(sock.close)
        return sock

    def test_an_answer_is_a_dot_after_the_delay_and_never_before(self):
        for delay in (0, 1, 37, 250):
            status, body, took = self.get("/add?name=n&delay=%d&whatever" % delay)
            self.assertEqual((status, body), (200, b"."))
            self.assertGreaterEqual(took * 1000, delay)

    def test_without_a_delay_it_is_1024_ms(self):
        status, body, took = self.get("/add?name=n")
        self.assertEqual((status, body), (200, b"."))
        self.assertGreaterEqual(took, 1.024)

    def test_what_is_wrong_is_answered_at_once(self):
        for query in ("name=n&delay=abc", "name=n&delay=", "name=n&delay=-1", "name=n&delay=1.5", "name=n&delay=3600001",
                      "name=n&delay=0x10", "name=n&delay=99999999999999999999", "delay=60000", "", "name=&delay=0", "name&delay=0",
                      "flush=0", "flush=", "name=" + "x" * 300):
            status, body, took = self.get("/add?" + query)
            self.assertEqual(status, 400, query)
            self.assertRegex(body, rb"^(delay|name): expected ")
            self.assertLess(took, 30)
        self.assertEqual(self.get("/other?name=n")[0], 404)
        self.assertEqual(self.get("/add?name=n", method="POST")[0], 405)
        self.assertEqual(self.flushed(), {}, "what was refused is not noted")

    def test_no_flush_is_none(self):
        self.assertEqual(self.get("/add?name=n&delay=0&flush=0")[:2], (200, b"."))
        self.assertFalse((self.tmp / "metric_data.json").exists())

    def test_a_flush_writes_what_was_noted_under_its_names(self):
        for name, delay in (("a%20b", 20), ("a+b", 30), ("c", 40)):
            self.get("/add?name=%s&delay=%d" % (name, delay))
        noted = self.flushed()
        self.assertEqual({name: len(spans) for name, spans in noted.items()}, {"a b": 2, "c": 1})
        for span, delay in zip(noted["a b"] + noted["c"], (20, 30, 40)):
            self.assertEqual(set(span), {"start", "end", "dt"})
            self.assertAlmostEqual(span["end"] - span["start"], span["dt"], places=5)
            self.assertGreaterEqual(span["dt"] * 1000, delay)
            self.assertAlmostEqual(span["start"], time.time(), delta=DEADLINE_S)
        self.assertEqual(len(self.flushed()["c"]), 1, "a flush forgets nothing")

    def test_a_file_that_cannot_be_written_is_said(self):
        server = self.start("thresh", "bench", "server", "--port", "0", "--metrics", str(self.tmp / "none" / "m.json"),
                            stdout=subprocess.PIPE)
        self.addCleanup(server.stdout.close)
        self.url = server.stdout.readline().decode().strip()
        status, body, _ = self.get("/add?flush=1")
        self.assertEqual(status, 500)
        self.assertIn(b"cannot write", body)

    def test_it_holds_more_than_a_thousand_requests_at_once(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))

        async def one(n):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(b"GET /add?name=many&delay=2000&n=%d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % n)
            answer = await reader.read()
            writer.close()
            return answer

        async def all_of_them():
            return await asyncio.gather(*(one(n) for n in range(AT_ONCE)))

        for answer in asyncio.run(all_of_them()):
            self.assertTrue(answer.startswith(b"HTTP/1.1 200 OK\r\n") and answer.endswith(b"\r\n\r\n."), answer)
        spans = self.flushed()["many"]
        self.assertEqual(len(spans), AT_ONCE)
        self.assertTrue(all(span["dt"] >= 2 for span in spans))
        at_once = max(sum(other["start"] <= span["start"] < other["end"] for other in spans) for span in spans)
        self.assertGreater(at_once, 1000)

    def test_requests_sent_in_one_piece_or_byte_by_byte_are_answered_in_order(self):
        sock = self.connect()
        sock.sendall(b"GET /add?name=n&delay=80 HTTP/1.1\r\nHost: x\r\n\r\n"
                     b"POST /add HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
                     b"GET /add?name=n&delay=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        statuses = re.findall(rb"HTTP/1\.1 (\d+) ", answers(sock))
        self.assertEqual(statuses, [b"200", b"405", b"200"])
        sock = self.connect()
        for byte in b"GET /add?name=n&delay=0 HTTP/1.0\r\n\r\n":
            sock.sendall(bytes([byte]))
        self.assertTrue(answers(sock).endswith(b"\r\n\r\n."))

    def test_a_client_that_has_finished_sending_is_still_answered(self):
        sock = self.connect()
        sock.sendall(b"GET /add?name=n&delay=100 HTTP/1.1\r\nHost: x\r\n\r\n")
        sock.shutdown(socket.SHUT_WR)
        self.assertTrue(answers(sock).endswith(b"\r\n\r\n."))

    def test_a_head_has_no_body(self):
        sock = self.connect()
        sock.sendall(b"HEAD /add?name=n HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = answers(sock)
        self.assertTrue(answer.startswith(b"HTTP/1.1 405 ") and answer.endswith(b"\r\n\r\n"), answer)
        self.assertIn(b"\r\nAllow: GET\r\n", answer)

    def test_what_is_no_http_costs_only_its_connection(self):
        for nonsense in (b"\x16\x03\x01\x02\x00\x01\x00\xff" * 20, b"hello\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
                         b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n",
                         b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 50_000,
                         b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"):
            sock = self.connect()
            try:
                sock.sendall(nonsense)
                answer = answers(sock)
                self.assertIn(answer[:12], (b"HTTP/1.1 400", b""), nonsense[:40])
            except ConnectionError:
                pass  # it had not read all of it
        for _ in range(200):  # those that leave before their answer
            sock = socket.create_connection(("127.0.0.1", self.port))
            sock.sendall(b"GET /add?name=gone&delay=50 HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
            sock.close()
        self.assertEqual(self.get("/add?name=n&delay=300")[:2], (200, b"."))
        self.assertIsNone(self.server.poll())

    def test_a_port_that_is_taken_is_said(self):
        done = self.thresh("bench", "server", "--port", self.port)
        self.assertEqual(done.code, 69)
        self.assertIn("cannot listen on 127.0.0.1:%d" % self.port, done.err)
        done = self.thresh("bench", "server", "--listen", "localhost")
        self.assertEqual(done.code, 64)
        self.assertIn("expected an IP address", done.err)

    def test_the_port_is_8082_unless_it_is_said(self):
        self.assertRegex(self.thresh("bench", "server", "--help").out, r"--port INT\S* in \[0 - 65535\]=8082")

    def test_it_ends_when_asked(self):
        self.server.terminate()
        self.assertEqual(self.wait_for_exit(self.server), 0)


if __name__ == "__main__":
    unittest.main()
