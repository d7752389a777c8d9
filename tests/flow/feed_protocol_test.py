#!/usr/bin/python3
"""The feed socket, byte by byte: one line in, one JSON answer out, whatever the line is."""
import json
import threading
import unittest

from support.flow import RECIPES, FlowTest
from support.http_server import TestServer
from support.pipeline import Pipeline

MAX_LINE_BYTES = 65536


class FeedProtocolTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.default(lambda request: b"<title>any page</title>")
        self.pipeline = Pipeline(self, [RECIPES / "page.toml"])
        self.feed = self.pipeline.connect()

    def url(self, path):
        return self.server.url + path

    def assert_new(self, answer):
        self.assertEqual(answer.keys(), {"ok", "id"})
        self.assertIs(answer["ok"], True)
        self.assertRegex(answer["id"], r"\A[0-9]+\Z")

    def assert_refused(self, answer, reason, line):
        """`reason` is how the error begins."""
        self.assertEqual(answer.keys(), {"ok", "error", "line"})
        self.assertIs(answer["ok"], False)
        self.assertTrue(answer["error"].startswith(reason), answer)
        self.assertEqual(answer["line"], line)

    def done(self, lines):
        """The records, once all is done."""
        self.pipeline.wait_until_done(lines)
        return self.records("page", self.pipeline.out)


class LineTest(FeedProtocolTest):
    def test_a_bare_url_and_a_json_line_are_accepted(self):
        answers = [self.feed.ask(self.url("/a")), self.feed.ask(json.dumps({"url": self.url("/b"), "recipe": "any"}))]
        for answer in answers:
            self.assert_new(answer)
        self.assertNotEqual(answers[0]["id"], answers[1]["id"])
        self.assertEqual({record["_url"] for record in self.done(2)}, {self.url("/a"), self.url("/b")})

    def test_what_was_fed_before_is_a_duplicate_in_any_spelling(self):
        self.assert_new(self.feed.ask(self.url("/a")))
        for again in (self.url("/a"), self.url("/x/../a"), self.url("/a#part"), self.url("/a").replace("http:", "HTTP:"),
                      json.dumps({"url": self.url("/a")})):
            self.assertEqual(self.feed.ask(again), {"ok": True, "duplicate": True}, again)
        self.assertEqual(len(self.done(6)), 1)
        self.assertEqual(self.server.count("/a"), 1)

    def test_a_query_makes_another_url(self):
        self.assert_new(self.feed.ask(self.url("/a")))
        self.assert_new(self.feed.ask(self.url("/a?p=2")))
        self.assertEqual(len(self.done(2)), 2)

    def test_malformed_json_is_refused_and_the_connection_goes_on(self):
        for number, line in enumerate(('{"url":', "{}", '{"url":3}', '{"url":"http://127.0.0.1/"} more', '{"url":""}'), 1):
            answer = self.feed.ask(line)
            self.assert_refused(answer, "expected" if not line.startswith('{"url":3') else "url: expected a string", number)
        self.assert_new(self.feed.ask(self.url("/a")))

    def test_an_unknown_key_is_refused_by_name(self):
        self.assert_refused(self.feed.ask(json.dumps({"url": self.url("/a"), "prioritty": 1})), 'unknown key "prioritty"', 1)
        self.assertEqual(self.server.requests, [])

    def test_keys_of_the_wrong_kind_are_refused(self):
        for number, (key, value) in enumerate((("recipe", 1), ("priority", "high"), ("dont_filter", "yes"), ("meta", [1])), 1):
            self.assert_refused(self.feed.ask(json.dumps({"url": self.url("/a"), key: value})), key + ": expected ", number)

    def test_an_unknown_recipe_is_no_recipe(self):
        self.assert_refused(self.feed.ask(json.dumps({"url": self.url("/a"), "recipe": "anny"})), "no_recipe:", 1)

    def test_a_url_that_no_recipe_allows_is_no_recipe(self):
        self.assert_refused(self.feed.ask("https://elsewhere.example/"), "no_recipe:", 1)

    def test_what_is_no_http_url_is_refused(self):
        for number, line in enumerate(("ftp://127.0.0.1/a", "mailto:a@example.org", "file:///etc/passwd", "javascript:alert(1)",
                                       "127.0.0.1/a", "/a", "http://", "http://[::1/", "hello"), 1):
            answer = self.feed.ask(line)
            self.assertEqual((answer["ok"], answer["line"]), (False, number), (line, answer))
            self.assertGreater(len(answer["error"]), 10)

    def test_a_blank_line_is_refused_and_counted(self):
        self.assert_refused(self.feed.ask(""), "expected a URL", 1)
        self.assert_refused(self.feed.ask(" \t"), "expected a URL", 2)
        self.assert_new(self.feed.ask(self.url("/a")))
        self.assertEqual(self.done(3)[0]["_n"], 3)

    def test_refused_lines_are_not_counted_as_fed(self):
        self.feed.ask("nonsense")
        self.feed.ask(self.url("/a"))
        self.done(2)
        status = self.pipeline.status()
        self.assertEqual((status["fed"], status["refused"], status["done"]), (1, 1, 1))

    def test_priority_comes_first(self):
        go_on = threading.Event()
        self.server.delay("/held", go_on)
        self.addCleanup(go_on.set)
        pipeline = Pipeline(self, [RECIPES / "page.toml"], fetcher=("--set", "fetch.per_host=1"), name="one-by-one")
        pipeline.feed(self.url("/held"))
        self.wait_for_status(lambda s: s["in_flight"] == 1, "the one place to be taken", pipeline.state)
        pipeline.feed(self.url("/late"), json.dumps({"url": self.url("/soon"), "priority": 1}),
                      json.dumps({"url": self.url("/first"), "priority": 7}))
        go_on.set()
        pipeline.wait_until_done(4)
        self.assertEqual([request.target for request in self.server.requests], ["/held", "/first", "/soon", "/late"])


class BytesTest(FeedProtocolTest):
    def test_crlf_ends_a_line_too(self):
        self.feed.send((self.url("/a") + "\r\n").encode())
        self.assert_new(self.feed.answer())
        self.assertEqual(self.done(1)[0]["_url"], self.url("/a"))

    def test_a_last_line_without_newline_counts(self):
        self.feed.send(self.url("/a").encode())
        self.feed.half_close()
        answers = self.feed.all_answers()
        self.assertEqual(len(answers), 1)
        self.assert_new(answers[0])
        self.assertEqual(len(self.done(1)), 1)

    def test_a_half_closed_connection_gets_every_answer_and_is_then_closed(self):
        lines = [self.url("/p%d" % number) for number in range(3000)]
        self.feed.send("".join(line + "\n" for line in lines).encode())
        self.feed.half_close()
        answers = self.feed.all_answers()  # until the server closes
        self.assertEqual(len(answers), 3000)
        for answer in answers:
            self.assert_new(answer)
        self.assertEqual(len({answer["id"] for answer in answers}), 3000)

    def test_answers_come_in_the_order_of_the_lines_with_their_numbers(self):
        lines, kinds = [], []
        for number in range(1, 1501):
            kind = ("new", "duplicate", "refused")[number % 3]
            lines.append({"new": self.url("/p%d" % number), "duplicate": self.url("/seen"), "refused": "nonsense"}[kind])
            kinds.append(kind)
        self.feed.ask(self.url("/seen"))
        self.feed.send("".join(line + "\n" for line in lines).encode())
        for number, kind in enumerate(kinds, 2):  # /seen was line 1
            answer = self.feed.answer()
            self.assertEqual("new" if "id" in answer else "duplicate" if answer["ok"] else "refused", kind, number)
            if kind == "refused":
                self.assertEqual(answer["line"], number)

    def test_each_connection_counts_its_own_lines(self):
        other = self.pipeline.connect()
        self.assert_refused(self.feed.ask("x"), "", 1)
        self.assert_refused(self.feed.ask("x"), "", 2)
        self.assert_refused(other.ask("x"), "", 1)

    def test_a_line_of_64_kib_is_read_and_one_byte_more_is_refused(self):
        start = self.url("/long?")
        fits = start + (MAX_LINE_BYTES - len(start)) * "a"
        self.assert_new(self.feed.ask(fits))
        self.assert_refused(self.feed.ask(fits + "a"), "line too long", 2)
        self.assert_new(self.feed.ask(self.url("/a")))
        self.assertIn(self.url("/a"), [record["_url"] for record in self.done(3)])

    def test_an_endless_line_is_skipped_and_the_connection_goes_on(self):
        for _ in range(160):
            self.feed.send(b"x" * 65536)  # 10 MB
        self.assert_refused(self.feed.ask(b"end"), "line too long", 1)
        self.assert_new(self.feed.ask(self.url("/a")))
        self.assertEqual(self.done(2)[0]["_n"], 2)

    def test_a_line_may_come_byte_by_byte(self):
        for byte in (self.url("/a") + "\n").encode():
            self.feed.send(bytes([byte]))
        self.assert_new(self.feed.answer())

    def test_invalid_utf_8_in_json_is_refused(self):
        self.assert_refused(self.feed.ask(b'{"url":"' + self.url("/\xff").encode("latin-1") + b'"}'), "expected", 1)
        self.assert_new(self.feed.ask(self.url("/a")))

    def test_invalid_utf_8_in_a_bare_url_gets_a_valid_answer(self):
        for line in (b"\xff\xfe", b"http://127.0.0.1:1\xff/", self.url("/\xff").encode("latin-1")):
            self.feed.ask(line)  # answer() fails unless it is UTF-8 and JSON
        self.assert_new(self.feed.ask(self.url("/a")))

    def test_control_characters_and_nul_do_no_harm(self):
        for line in (b"\x00", b"http://127.0.0.1/\x00", b'{"url":"http://127.0.0.1\\u0000/"}', b"\x1b[31m", b"\x7f"):
            self.assertIn("ok", self.feed.ask(line))
        self.assert_new(self.feed.ask(self.url("/a")))

    def test_a_client_that_leaves_in_mid_line_and_one_that_never_reads_do_no_harm(self):
        leaves, deaf = self.pipeline.connect(), self.pipeline.connect()
        leaves.send(b"http://127.0")
        leaves.close()
        deaf.send(b"nonsense\n" * 2000)
        self.assert_new(self.feed.ask(self.url("/a")))
        deaf.close()
        self.assert_new(self.feed.ask(self.url("/b")))


if __name__ == "__main__":
    unittest.main()
