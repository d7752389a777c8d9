#!/usr/bin/python3
"""`thresh-web` without a browser: /metrics, /healthz, who is let in, feeding, and requests that are no good."""
import json
import re
import socket
import subprocess
import threading
import time
import unittest

from web_support import ROOT, TOKEN, WebTest, wait_for

ALLOWED = {"Authorization": "Bearer " + TOKEN}


class MetricsTest(WebTest):
    def test_promtool_finds_no_fault(self):
        self.start_all()
        self.server.route("/gone", status=410)
        self.pipeline.feed(*[self.server.url + "/%d" % i for i in range(30)], self.server.url + "/gone")
        self.pipeline.wait_until_done(31)
        status, headers, body = self.request("GET", "/metrics")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        checked = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True, check=False)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, b""), body.decode())
        text = body.decode()
        for sample in ('thresh_tasks_done_total 30', 'thresh_tasks_dead_total{reason="http_410"} 1', 'thresh_up{process="sink"} 1',
                       'thresh_fetch_seconds_count 31', 'thresh_records_total 30', 'thresh_responses_total{status="200"} 30'):
            self.assertIn("\n" + sample + "\n", text)

    def test_hostile_labels_do_not_break_it(self):
        self.start_all(sink=())
        recipe = self.write("fails.toml", (ROOT / "tests/flow/recipes/page.toml").read_text(encoding="utf-8"))
        self.assertTrue(recipe.exists())
        for n in range(200):
            self.server.route("/s%d" % n, status=400 + n)
        self.pipeline.feed(*[self.server.url + "/s%d" % n for n in range(200)])
        self.pipeline.wait_for_status(lambda s: sum(s["dead"].values()) > 100, "many reasons")
        _, _, body = self.request("GET", "/metrics")
        checked = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True, check=False)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, b""))
        self.assertLessEqual(body.count(b"\nthresh_tasks_dead_total{"), 65)
        self.assertIn(b'reason="all others"', body)

    def test_every_name_is_in_the_docs_and_none_other(self):
        self.start_all()
        self.pipeline.feed(self.server.url + "/a")
        self.pipeline.wait_until_done(1)
        docs = set(re.findall(r"^\| `(thresh_\w+)` ", (ROOT / "docs/metrics.md").read_text(encoding="utf-8"), re.M))
        table = set(re.findall(r'MetricInfo\{"(thresh_\w+)"', (ROOT / "lib/metrics/metric.h").read_text(encoding="utf-8")))
        self.assertEqual(docs, table)
        _, _, body = self.request("GET", "/metrics")
        self.assertLessEqual(set(re.findall(r"^# TYPE (\w+)", body.decode(), re.M)), table)

    def test_they_are_there_while_a_daemon_is_not(self):
        self.start_all()
        self.pipeline.kill(self.pipeline.fetcher)
        _, _, body = self.request("GET", "/metrics")
        self.assertIn(b'\nthresh_up{process="fetcher"} 0\n', body)
        self.assertIn(b'\nthresh_up{process="sink"} 1\n', body)


class HealthTest(WebTest):
    def test_it_says_which_one_does_not_answer(self):
        self.start_all()
        self.assertEqual(self.get_json("/healthz"), {"ok": True, "fetcher": "ok", "sink": "ok"})
        self.pipeline.kill(self.pipeline.sink)
        said = self.get_json("/healthz", status=503)
        self.assertEqual((said["ok"], said["fetcher"], "thresh-sink" in said["sink"]), (False, "ok", True))
        self.pipeline.restart(self.pipeline.sink)
        wait_for(lambda: self.request("GET", "/healthz")[0] == 200, "the sink to be back")

    def test_it_starts_before_them_and_ends_at_once(self):
        self.start_all()
        self.pipeline.kill(self.pipeline.fetcher)
        self.pipeline.kill(self.pipeline.sink)
        self.assertEqual(self.request("GET", "/")[0], 200)
        self.assertEqual(self.request("GET", "/healthz")[0], 503)
        self.web.terminate()
        self.assertEqual(self.wait_for_exit(self.web), 0)

    def test_a_port_that_is_taken_is_told(self):
        self.start_all()
        second = self.thresh("--state", self.pipeline.state, "--listen", "127.0.0.1:%d" % self.port, program="thresh-web")
        self.assertEqual(second.code, 69)
        self.assertIn("the port is taken", second.err)


class GateTest(WebTest):
    def test_names_of_others_are_refused(self):
        self.start_all()
        for host in ("evil.example", "evil.example:%d" % self.port, ""):
            for path in ("/", "/metrics", "/healthz", "/api/live"):
                self.assertIn(self.request("GET", path, host=host)[0], (400, 403), (host, path))
        self.assertEqual(self.request("GET", "/", host="localhost:%d" % self.port)[0], 200)

    def test_every_answer_has_its_safety_headers(self):
        self.start_all()
        for path in ("/", "/app.js", "/metrics", "/api/live", "/nothing", "/healthz"):
            _, headers, _ = self.request("GET", path)
            self.assertIn("default-src 'none'", headers["Content-Security-Policy"], path)
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertNotIn("Access-Control-Allow-Origin", headers)

    def test_the_page_brings_all_it_needs(self):
        self.start_all()
        _, _, body = self.request("GET", "/")
        for path in re.findall(rb'(?:src|href)="(/[\w.]+)"', body):
            self.assertEqual(self.request("GET", path.decode())[0], 200, path)
        for file in (ROOT / "web/page").iterdir():
            text = file.read_text(encoding="utf-8")
            self.assertNotIn("innerHTML", text)
            self.assertEqual(re.findall(r"https?://(?!www\.w3\.org/|example\.org)[\w.]+", text), [], file)

    def test_requests_that_are_no_good(self):
        self.start_all()
        self.assertEqual(self.request("GET", "/../../etc/passwd")[0], 404)
        self.assertEqual(self.request("PUT", "/feed", "x")[0], 403)
        self.assertEqual(self.request("GET", "/api/letter?name=../../token")[0], 400)
        self.assertEqual(self.request("GET", "/api/why?url=nonsense")[0], 400)
        self.assertEqual(self.request("GET", "/api/search?url=")[0], 400)
        self.assertEqual(self.request("GET", "/api/search?url=x&from=zz")[0], 200)
        status, _, body = self.request("POST", "/feed", b"x" * (2 << 20), ALLOWED)
        form = {**ALLOWED, "Content-Type": "multipart/form-data; boundary=b"}
        self.assertEqual(self.request("POST", "/feed", b"--b\r\n\r\nx\r\n--b--\r\n", form)[0], 415)
        self.assertEqual((status, json.loads(body)["error"]), (413, "expected at most 1048576 bytes of lines: feed them in parts"))
        for raw in (b"\r\n\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 5000 + b"\r\n", b"\x16\x03\x01\x00",
                    b"GET " + b"/x" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", self.port)) as client:
                client.sendall(raw)
                client.settimeout(60)
                try:
                    client.recv(100)
                except ConnectionError:
                    pass
        self.assertEqual(self.request("GET", "/healthz")[0], 200)


class FeedTest(WebTest):
    def test_a_token_lets_in_and_nothing_else_does(self):
        self.start_all()
        url = self.server.url + "/fed"
        self.assertEqual(self.request("POST", "/feed", url)[0], 401)
        self.assertEqual(self.request("POST", "/feed", url, {"Authorization": "Bearer wrong token of some"})[0], 401)
        self.assertEqual(self.request("POST", "/feed", url, {**ALLOWED, "Origin": "http://evil.example"})[0], 403)
        self.assertEqual(self.request("POST", "/feed", url, {**ALLOWED, "Sec-Fetch-Site": "cross-site"})[0], 403)
        self.assertEqual(self.pipeline.status()["fed"], 0)
        status, _, body = self.request("POST", "/feed", url + "\n" + url + "\nnonsense\n", ALLOWED)
        answers = [json.loads(line) for line in body.splitlines()]
        self.assertEqual((status, answers[0]["ok"], answers[1].get("duplicate"), answers[2]["ok"]), (200, True, True, False))
        self.pipeline.wait_until_done(3)

    def test_thousands_of_lines_at_once(self):
        self.start_all()
        self.assertTrue(self.pipeline.ask("pause")["ok"])
        lines = "".join("%s/%d\n" % (self.server.url, i) for i in range(20_000))
        # As curl --data-binary sends them.
        status, _, body = self.request("POST", "/feed", lines, {**ALLOWED, "Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual((status, len(body.splitlines())), (200, 20_000))
        self.assertEqual(self.pipeline.status()["fed"], 20_000)

    def test_without_a_token_it_is_off(self):
        self.start_all()
        self.web.terminate()
        self.wait_for_exit(self.web)
        port = self.tmp / "other.port"
        other = self.start("thresh-web", "--state", self.pipeline.state, "--listen", "127.0.0.1:0", "--port-file", port)
        wait_for(port.exists, "thresh-web")
        self.port = int(port.read_text())
        self.assertEqual(self.request("POST", "/feed", self.server.url, ALLOWED)[0], 403)
        self.assertIsNone(other.poll())


class LoadTest(WebTest):
    def test_clients_that_hang_leave_room_for_others(self):
        self.start_all()
        idle = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(60)]
        try:
            begin = time.monotonic()
            self.assertEqual(self.request("GET", "/healthz")[0], 200)
            self.assertLess(time.monotonic() - begin, 45)
        finally:
            for client in idle:
                client.close()

    def test_many_look_at_once(self):
        self.start_all()
        faults = []

        def look():
            for _ in range(20):
                if self.request("GET", "/api/live")[0] != 200:
                    faults.append(1)
        threads = [threading.Thread(target=look) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(faults, [])


if __name__ == "__main__":
    unittest.main()
