#!/usr/bin/python3
"""The test server does what the flow tests rely on. Run it: /usr/bin/python3 http_server_test.py"""
import http.client
import threading
import unittest

from http_server import Response, TestServer


class TestServerTest(unittest.TestCase):
    def setUp(self):
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.client = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=5)
        self.addCleanup(self.client.close)

    def ask(self, target, method="GET"):
        self.client.request(method, target)
        response = self.client.getresponse()
        return response.status, response.read(), dict(response.getheaders())

    def test_answers_routes_over_one_connection(self):
        self.server.route("/a", body=b"A", headers={"X-Y": "z"})
        self.server.route("/b", lambda request: Response(201, request.query.encode()))
        self.assertEqual(self.ask("/a")[2]["X-Y"], "z")
        self.assertEqual(self.ask("/b?q=1")[:2], (201, b"q=1"))
        self.assertEqual(self.ask("/c")[0], 404)
        self.assertEqual(self.server.connections, 1)

    def test_counts_requests_with_and_without_query(self):
        self.server.default(lambda request: "any")
        for target in ("/p", "/p?start=20", "/p?start=20"):
            self.ask(target)
        self.assertEqual([self.server.count(p) for p in ("/p", "/p?start=20", "/q")], [3, 2, 0])
        self.assertEqual([r.target for r in self.server.requests], ["/p", "/p?start=20", "/p?start=20"])

    def test_the_route_with_a_query_wins(self):
        self.server.route("/p", body=b"any")
        self.server.route("/p?x=1", body=b"one")
        self.assertEqual((self.ask("/p?x=1")[1], self.ask("/p?x=2")[1]), (b"one", b"any"))

    def test_head_has_the_length_and_no_body(self):
        self.server.route("/a", body=b"four")
        status, body, headers = self.ask("/a", "HEAD")
        self.assertEqual((status, body, headers["Content-Length"]), (200, b"", "4"))
        self.assertEqual(self.ask("/a")[1], b"four")

    def test_hang_never_answers(self):
        self.server.hang("/x")
        self.client.timeout = 0.2
        self.assertRaises(TimeoutError, self.ask, "/x")
        self.assertEqual(self.server.count("/x"), 1)

    def test_drop_closes_without_answer(self):
        self.server.drop("/x")
        self.assertRaises(http.client.RemoteDisconnected, self.ask, "/x")

    def test_big_streams_as_many_bytes_as_asked(self):
        self.server.big("/with", 1_000_001)
        self.server.big("/without", 1_000_001, chunked=True)
        self.assertEqual([len(self.ask(p)[1]) for p in ("/with", "/without")], [1_000_001] * 2)

    def test_delay_waits_for_the_event(self):
        event = threading.Event()
        self.server.delay("/x", event, body=b"late")
        threading.Timer(0.1, event.set).start()
        self.assertEqual(self.ask("/x")[1], b"late")
        self.assertTrue(event.is_set())

    def test_redirects_as_told(self):
        self.server.redirect("/a", "/b", 308)
        status, _, headers = self.ask("/a")
        self.assertEqual((status, headers["Location"]), (308, "/b"))

    def test_stop_ends_hanging_connections_and_refuses_new_ones(self):
        self.server.hang("/x")
        threading.Timer(0.1, self.server.stop).start()
        self.assertRaises((http.client.RemoteDisconnected, ConnectionError), self.ask, "/x")
        self.assertRaises(ConnectionError, self.ask, "/x")


if __name__ == "__main__":
    unittest.main()
