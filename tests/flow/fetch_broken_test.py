#!/usr/bin/python3
"""Servers that break HTTP: every URL ends with a reason, in bounded time, and the pages beside it are not hurt."""
import time
import unittest

from support.real_servers import FetchFlowTest, RawServer, answer

GOOD = b'{"good":1}'
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class BrokenTest(FetchFlowTest):
    """One raw server; `ways` has what it does for each path."""

    def setUp(self):
        super().setUp()
        self.ways = {}
        self.server = RawServer(self._serve)
        self.addCleanup(self.server.stop)

    def _serve(self, connection, head):
        path = head.split(" ")[1]
        self.ways.get(path, lambda c: c.sendall(answer(GOOD)))(connection)

    @staticmethod
    def close(*pieces):
        def way(connection):
            for piece in pieces:
                connection.sendall(piece)
            raise EOFError
        return way

    def end_of(self, ways, **how):
        """What becomes of each path, with good pages before and behind; the good ones are checked here."""
        self.ways = ways
        good = ["%s/good%d" % (self.server.url, n) for n in range(8)]
        found = self.fetch(*good[:4], *[self.server.url + path for path in ways], *good[4:], **how)
        for url in good:
            self.assertEqual(found.pop(url), {"good": 1}, url)
        return {url[len(self.server.url):]: end for url, end in found.items()}

    def test_what_is_cut_short_or_false_has_a_reason(self):
        ways = {"/drop": self.close(), "/status": self.close(b"HTTP/1.1 2"), "/head": self.close(OK + b"X-A: b"),
                "/short": self.close(OK + b"Content-Length: 50\r\n\r\n{"),
                "/chunk": self.close(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}"),
                "/nochunk": self.close(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
                "/ssh": self.close(b"SSH-2.0-x\r\n"), "/nothing": self.close(b"\r\n\r\n"),
                "/zip": self.close(OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope")}
        found = self.end_of(ways, fetch="attempts = 1\n", code=3)
        self.assertEqual(found["/zip"], "bad_encoding")
        for path in ("/ssh", "/nothing"):
            self.assertIn(found[path], ("bad_answer", "fetch"), path)
        for path in ("/drop", "/head", "/short", "/chunk"):
            self.assertEqual(found[path], "broken_off", path)
        self.assertEqual(found["/nochunk"], "bad_answer")
        self.assertIn(found["/status"], ("broken_off", "bad_answer"))
        self.assertEqual(set(found), set(ways))

    def test_lengths_that_contradict_themselves_are_no_page(self):
        ways = {"/two": self.close(OK + b"Content-Length: 2\r\nContent-Length: 5\r\n\r\n{}abc"),
                "/less": self.close(OK + b"Content-Length: -5\r\n\r\n{}"), "/text": self.close(OK + b"Content-Length: x\r\n\r\n{}"),
                "/huge": self.close(OK + b"Content-Length: 99999999999999999999999\r\n\r\n{}")}
        ways["/list"] = self.close(OK + b"Content-Length: 2, 3\r\n\r\n{}a")
        ways["/plus"] = self.close(OK + b"Content-Length: +2\r\n\r\n{}")
        found = self.end_of(ways, fetch="attempts = 1\n", code=3)
        self.assertEqual(found.pop("/huge"), "too_large")
        self.assertEqual(found, {path: "bad_answer" for path in ways if path != "/huge"})
        detail = {letter["url"]: letter["detail"] for letter in self.records("dead")}[self.server.url + "/two"]
        self.assertEqual(detail, "Content-Length: 2, 5: expected one number")

    def test_folded_headers_are_one_line_and_trailers_none(self):
        chunks = b"Transfer-Encoding: chunked\r\n\r\na\r\n" + GOOD + b"\r\n0\r\n"
        ways = {"/folded": lambda c: c.sendall(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation:\r\n /good9\r\n\r\n"),
                "/packed": lambda c: c.sendall(OK + chunks + b"Content-Encoding: gzip\r\nContent-Type: image/png\r\n\r\n"),
                "/status": lambda c: c.sendall(OK + chunks + b"HTTP/x: 1\r\n\r\n"),
                "/lead": lambda c: c.sendall(b"HTTP/1.1 302 Found\r\n" + chunks + b"Location: /good9\r\n\r\n")}
        found = self.end_of(ways, code=3)
        self.assertEqual(found.pop("/lead"), "http_302")
        self.assertEqual(found, {path: {"good": 1} for path in ways if path != "/lead"})

    def test_fetch_prints_no_trailers(self):
        self.ways = {"/t": lambda c: c.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-T: 1\r\n\r\n")}
        done = self.thresh("fetch", "-i", self.server.url + "/t")
        self.assertEqual((done.code, done.out), (0, (OK + b"Transfer-Encoding: chunked\r\n\r\n{}").decode()))

    def test_endless_headers_bodies_and_drips_are_cut(self):
        def endless(start, piece, pause=0):
            def way(connection):
                connection.sendall(start)
                while not self.server.stopping.wait(pause):
                    connection.sendall(piece)
            return way
        ways = {"/header": endless(OK, b"X-Long: " + 1000 * b"x" + b"\r\n"), "/line": endless(OK + b"X-Line: ", 1000 * b"x"),
                "/body": endless(OK + b"\r\n", 65536 * b" "), "/interim": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
                "/status": endless(b"HTTP/1.1 200 ", 1000 * b"x"),
                "/extension": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n2;", 65536 * b"a"),
                "/chunks": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
                "/drip": endless(OK + b"\r\n", b" ", 0.05)}
        began = time.monotonic()
        found = self.end_of(ways, fetch="attempts = 3\ntimeout_ms = 6000\nmax_body_bytes = 300000\n", code=3)
        self.assertLess(time.monotonic() - began, 40)
        self.assertEqual(found["/drip"], "timeout")
        for path in ("/header", "/line", "/status", "/interim", "/body", "/extension"):
            self.assertEqual(found[path], "too_large", path)
            self.assertEqual(len([head for head in self.server.heads if head.split(" ")[1] == path]), 1, path)
        self.assertIn(found["/chunks"], ("too_large", "timeout"))

    def test_redirects_in_a_circle_and_without_end_stop(self):
        def hop(connection):
            number = int(self.server.heads[-1].split(" ")[1][2:])
            connection.sendall(answer(b"", b"HTTP/1.1 302 Found\r\nLocation: /n%d" % (number + 1)))
        ways = {"/circle": lambda c: c.sendall(answer(b"", b"HTTP/1.1 307 T\r\nLocation: /circle")),
                "/same": lambda c: c.sendall(answer(b"", b"HTTP/1.1 302 F\r\nLocation: "))}
        ways.update({"/n%d" % n: hop for n in range(1, 30)})
        self.ways = ways
        urls = [self.server.url + path for path in ("/circle", "/same", "/n1")]
        found = self.fetch(*urls, fetch="per_host = 1\n", code=3)
        self.assertEqual([found[url] for url in urls], ["too_many_redirects", "http_302", "too_many_redirects"])
        asked = [head.split(" ")[1] for head in self.server.heads]
        self.assertEqual(asked.count("/circle"), 11)
        self.assertEqual(asked.count("/n11"), 1)
        self.assertEqual(asked.count("/n12"), 0)

    def test_hops_wait_for_their_hosts_turn(self):
        times = []

        def late(connection):
            times.append(time.monotonic())
            connection.sendall(answer(b"", b"HTTP/1.1 302 Found\r\nLocation: /end"))

        def end(connection):
            times.append(time.monotonic())
            connection.sendall(answer(GOOD))
        self.ways = {"/start": late, "/end": end}
        self.assertEqual(self.fetch_one(self.server.url + "/start", fetch="delay_ms = 700\n", code=0), {"good": 1})
        self.assertGreaterEqual(times[1] - times[0], 0.69)
        self.assertEqual(self.records("page")[0]["_url"], self.server.url + "/start")

    def test_a_redirect_that_deny_names_is_dropped_and_the_sums_agree(self):
        self.ways = {"/start": lambda c: c.sendall(answer(b"", b"HTTP/1.1 301 M\r\nLocation: /private/x"))}
        self.fetch(self.server.url + "/start", arguments=("--set", 'deny=["*/private/*"]'))
        self.assertIn("fed 1 + followed 0 = done 0 + dead 0 + dropped 1 + pending 0", self.run_result.err)
        self.assertNotIn("GET /private", "".join(self.server.heads))


if __name__ == "__main__":
    unittest.main()
