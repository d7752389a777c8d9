#!/usr/bin/python3
"""`thresh bench crawl` counts, times and draws what its modes did; and says when a time says nothing."""
import http.server
import json
import re
import threading
import time
import unittest
import urllib.parse
import xml.etree.ElementTree as ET

from support.flow import FlowTest, read_records

SVG = "{http://www.w3.org/2000/svg}"


def parse(picture):
    root = ET.parse(picture).getroot()
    assert root.tag == SVG + "svg"
    return root


def titles(root):
    return [text.text for text in root.iter(SVG + "text") if text.get("font-weight")]


def graphs(root):
    """The number of lines in each call graph, and the polylines of the curves."""
    lines = [path.get("d").count("M") for path in root.iter(SVG + "path") if path.get("stroke") == "#1f6feb"]
    return lines, [line.get("points").split() for line in root.iter(SVG + "polyline")]


class OtherServer(threading.Thread):
    """The same contract, kept by a server with a thread a request."""

    def __init__(self, metrics):
        super().__init__(daemon=True)
        noted, lock = {}, threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
                body = b""
                if "flush" in query:
                    with lock:
                        metrics.write_text(json.dumps(noted))
                else:
                    start = time.time()
                    threading.Event().wait(int(query["delay"]) / 1000)
                    body, end = b"other", time.time()
                    with lock:
                        noted.setdefault(query["name"], []).append({"start": start, "end": end, "dt": end - start})
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 128

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d/" % self.server.server_address[1]

    def run(self):
        self.server.serve_forever()


class BenchCrawlTest(FlowTest):
    def bench(self, *arguments, code=0):
        done = self.thresh("bench", "crawl", "-o", "bench", *arguments)
        self.assertEqual(done.code, code, done)
        return done

    def by_mode(self, *arguments, code=0):
        lines = [json.loads(line) for line in self.bench("--json", *arguments, code=code).out.splitlines()]
        return {line["mode"]: line for line in lines}

    def test_each_mode_asks_for_all_and_waits_in_its_own_way(self):
        modes = self.by_mode("-n", "60", "-c", "20", "--delay-ms", "50")
        self.assertEqual(list(modes), ["serial", "concurrent", "pipeline"])
        for mode in modes.values():
            self.assertEqual((mode["requests"], mode["errors"], mode["body_bytes"]), (60, 0, 60), mode)
            self.assertEqual(mode["ideal_s"], 0.15)
            self.assertGreaterEqual(mode["wall_s"] + 0.01, mode["first_to_last_s"], "by two clocks")
            self.assertGreaterEqual(mode["first_to_last_s"], 0.15)
        self.assertEqual(modes["serial"]["most_at_once"], 1)
        self.assertGreaterEqual(modes["serial"]["wall_s"], 60 * 0.05)
        self.assertEqual(modes["concurrent"]["most_at_once"], 20)
        self.assertLess(modes["concurrent"]["wall_s"], 60 * 0.05 / 2)
        self.assertEqual(modes["pipeline"]["most_at_once"], 20)
        self.assertEqual(len(read_records(self.tmp / "bench" / "pipeline" / "page.ndjson")), 60)

        root = parse(self.tmp / "bench" / "crawl.svg")
        self.assertEqual(titles(root)[0], "60 requests, each answered after 50 ms")
        for name in modes:
            self.assertTrue(any(title.startswith(name + ": ") and title.endswith(" s") for title in titles(root)), titles(root))
            self.assertIn("%s: %d at once at most" % (name, modes[name]["most_at_once"]), titles(root))
        lines, curves = graphs(root)
        self.assertEqual(lines, [60, 60, 60], "a line for each request")
        self.assertEqual(len(curves), 3)

    def test_the_table_has_a_row_for_each_and_for_the_ideal(self):
        rows = self.bench("-n", "20", "-c", "10", "--delay-ms", "20", "--mode", "concurrent", "--mode", "serial").out.splitlines()
        self.assertEqual([row.split()[0] for row in rows], ["requests", "serial", "concurrent", "ideal"])
        self.assertRegex(rows[1], r"^serial +20 +0 +20 +0\.\d\d s +\d+\.\d\d +0\.\d\d s +1$")
        self.assertRegex(rows[3], r"^ideal +0\.04 s +1\.00 *$")

    def test_a_crawler_that_is_answered_with_errors_is_not_called_fast(self):
        done = self.bench("-n", "50", "--mode", "concurrent", "--mode", "pipeline", "--query", "delay={delay}&{n}", code=3)
        for mode in ("concurrent", "pipeline"):
            self.assertRegex(done.out, r"(?m)^%s +50 +50 " % mode)
            self.assertRegex(done.out, r"(?m)^%s: 50 of 50 requests failed \(.*400\): its time says nothing$" % mode)
        self.assertIn("the server noted no request", (self.tmp / "bench" / "crawl.svg").read_text())

    def test_another_server_of_the_same_contract_does(self):
        metrics = self.tmp / "other.json"
        other = OtherServer(metrics)
        other.start()
        self.addCleanup(other.server.server_close)
        self.addCleanup(other.server.shutdown)
        for _ in range(2):  # what it noted of an earlier time is not drawn
            modes = self.by_mode("-n", "30", "-c", "10", "--delay-ms", "40", "--server", other.url, "--metrics", str(metrics))
            for mode in modes.values():
                self.assertEqual((mode["requests"], mode["errors"], mode["body_bytes"]), (30, 0, 150), mode)
            lines, _ = graphs(parse(self.tmp / "bench" / "crawl.svg"))
            self.assertEqual(lines, [30, 30, 30])

    def test_one_process_that_computes_is_compared_with_pools_of_parsers(self):
        modes = self.by_mode("-n", "40", "-c", "20", "--delay-ms", "20", "--cpu-ms", "25")
        self.assertEqual(list(modes), ["one-process", "parsers-1", "parsers-2", "parsers-4"])
        for name, mode in modes.items():
            self.assertEqual((mode["requests"], mode["errors"], mode["body_bytes"]), (40, 0, 40), mode)
            if name in ("one-process", "parsers-1"):
                self.assertGreaterEqual(mode["wall_s"], 40 * 0.025)

    def test_what_cannot_be_done_is_said(self):
        for arguments, words in ((("--mode", "parallel"), "--mode: expected serial, concurrent or pipeline"),
                                 (("--server", "ftp://x"), "--server: expected a URL"),
                                 (("--metrics", "x"), "requires --server"), (("-c", "0"), "not in range"), (("-n", "0"), "not in range")):
            done = self.bench(*arguments, code=64)
            self.assertIn(words, done.err)

    def test_a_server_that_is_not_there_is_so_many_errors(self):
        modes = self.by_mode("-n", "5", "--mode", "concurrent", "--server", "http://127.0.0.1:1",
                             "--metrics", str(self.write("m.json", "{}")), code=3)
        self.assertEqual(modes["concurrent"]["errors"], 5)
        self.assertTrue(re.match(r"connect", modes["concurrent"]["first_error"]), modes)


if __name__ == "__main__":
    unittest.main()
