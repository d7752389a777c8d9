#!/usr/bin/python3
"""Metrics, hosts, parsers, taps, `thresh status`, `tap`, `tail` and `jobs` of daemons at work."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest

from support.flow import BIN, DEADLINE_S, LOOPBACK, RECIPES, FlowTest, ask_socket, read_lines, wait_for
from support.http_server import Response, TestServer
from support.pipeline import Pipeline

PAGE = RECIPES / "page.toml"


class ObserveTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.default(lambda request: b"<title>any page</title>")
        self.server.route("/gone", status=410)

    def start_pipeline(self, **how):
        self.pipeline = Pipeline(self, [PAGE], fetcher=LOOPBACK, **how)
        return self.pipeline

    def urls(self, count, begin=0):
        return [self.server.url + "/%d" % i for i in range(begin, begin + count)]

    def ask_sink(self, op, **more):
        return ask_socket(self.pipeline.state / "sink.sock", op, **more)

    def ask(self, *arguments, code=0):
        done = self.thresh(*arguments, "--state", self.pipeline.state)
        self.assertEqual(done.code, code, done)
        return done

    def watch(self, socket_name, **request):
        """A generator of the lines that a control socket pushes."""
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(DEADLINE_S)
        client.connect(str(self.pipeline.state / socket_name))
        self.addCleanup(client.close)
        client.sendall(json.dumps(request).encode() + b"\n")
        lines = client.makefile("rb")
        self.assertEqual(json.loads(lines.readline()), {"ok": True})
        return (json.loads(line) for line in lines)


class MetricsTest(ObserveTest):
    def test_counts_are_those_of_the_crawl(self):
        self.start_pipeline()
        self.pipeline.feed(*self.urls(20), self.server.url + "/gone", self.server.url + "/0")
        self.pipeline.wait_until_done(22)
        m = self.pipeline.ask("metrics")["metrics"]
        self.assertEqual(m["thresh_tasks_created_total"]["origin"]["fed"], 21)
        self.assertEqual(m["thresh_tasks_done_total"], 20)
        self.assertEqual(m["thresh_tasks_dead_total"], {"reason": {"http_410": 1}})
        self.assertEqual(m["thresh_fetch_failures_total"], {"reason": {"http_410": 1}})
        self.assertEqual(m["thresh_responses_total"]["status"], {"200": 20, "410": 1})
        self.assertEqual(m["thresh_feed_duplicates_total"], 1)
        self.assertEqual(m["thresh_tasks_pending"], 0)
        self.assertEqual(m["thresh_fetch_seconds"]["count"], 21)
        self.assertGreater(m["thresh_fetch_seconds"]["p99"], 0)
        wait_for(lambda: self.pipeline.ask("metrics")["metrics"]["thresh_parse_seconds"]["count"] == 20,
                 "the parse times, which come by another way than the results")
        committed = {"page": 20, "dead": 1, "job": 21}  # Jobs a little after their pages.
        wait_for(lambda: self.ask_sink("metrics")["metrics"]["thresh_results_committed_total"]["kind"] == committed, "the results")
        sink = self.ask_sink("metrics")["metrics"]
        self.assertEqual(sink["thresh_records_total"], 20)
        self.assertGreater(sink["thresh_commit_seconds"]["count"], 0)
        self.assertIn("page.ndjson", sink["thresh_output_file_bytes"]["file"])

    def test_hosts_and_parsers_say_what_they_do(self):
        held = threading.Event()
        self.addCleanup(held.set)
        self.server.route("/slow", lambda request: held.wait(DEADLINE_S) and b"late")
        self.start_pipeline()
        self.pipeline.feed(*self.urls(5))
        self.pipeline.wait_until_done(5)
        self.pipeline.feed(self.server.url + "/slow")
        self.pipeline.wait_for_status(lambda s: s["in_flight"] == 1, "a request under way")
        host = self.pipeline.ask("hosts")["hosts"][0]
        self.assertEqual((host["host"], host["in_flight"], host["breaker"], host["paused"]),
                         (self.server.url[7:], 1, "closed", False))
        held.set()
        self.pipeline.wait_until_done(6)
        wait_for(lambda: self.pipeline.ask("parsers")["parsers"][0]["parsed"] == 6, "what the parser tells")
        wait_for(lambda: self.pipeline.ask("parsers")["parsers"][0]["memory_bytes"] > 1 << 20, "the parser's memory")
        parser = self.pipeline.ask("parsers")["parsers"][0]
        self.assertEqual((parser["pid"], parser["state"]), (self.pipeline.parsers[0].pid, "idle"))
        self.assertEqual(parser["last_url"], self.server.url + "/slow")

    def test_a_request_that_is_wrong_is_told_so(self):
        self.start_pipeline()
        for request, word in (({"op": "tap"}, "stage"), ({"op": "nonsense"}, "one of"), ({"op": "cancel"}, "expected some"),
                              ({"op": "cancel", "all": True, "job": "x"}, "expected some"), ({"op": "search"}, "url"),
                              ({"op": "pause", "host": "no host"}, "host"), ({"op": "jobs", "limit": "x"}, "limit")):
            answer = self.pipeline.ask(**request)
            self.assertEqual((answer["ok"], word in answer["error"]), (False, True), answer)
        self.assertFalse(self.ask_sink("letter_body", name="../../etc/passwd")["ok"])
        self.assertFalse(self.ask_sink("letter_body", name="7.body")["ok"])

    def test_hostile_cursors_and_numbers_hurt_nobody(self):
        self.start_pipeline()
        self.pipeline.feed(*self.urls(3))
        self.pipeline.wait_until_done(3)
        for cursor in ("zz", "51", "51ff", "4b", "44" * 50, "\x00", "é"):
            self.assertIn("ok", self.pipeline.ask("search", url="x", **{"from": cursor}))
            self.assertIn("ok", self.pipeline.ask("jobs", **{"from": cursor}))
        for before in (0, 1, 10**18, 2**64 - 1):
            self.assertTrue(self.ask_sink("letters", before=before)["ok"])
        self.assertTrue(self.pipeline.ask("ledger")["balanced"])


class SearchTest(ObserveTest):
    def test_parts_of_urls_are_found_wherever_they_are(self):
        self.start_pipeline()
        self.pipeline.feed(self.server.url + "/done-one", self.server.url + "/gone")
        self.pipeline.wait_until_done(2)
        self.assertTrue(self.pipeline.ask("pause")["ok"])
        self.pipeline.feed(*[self.server.url + "/waits-%d" % i for i in range(300)])
        found = self.pipeline.ask("search", url="/waits-1", limit=1000)
        self.assertEqual(len(found["tasks"]), 111)
        self.assertEqual({task["state"] for task in found["tasks"]}, {"queued"})
        self.assertEqual([task["state"] for task in self.pipeline.ask("search", url="/done-")["ended"]], ["done"])
        dead = self.pipeline.ask("search", url="/gone")
        self.assertEqual([(task["state"], task["reason"]) for task in dead["tasks"]], [("dead", "http_410")])

    def test_many_are_given_part_by_part_and_none_twice(self):
        self.start_pipeline()
        self.pipeline.ask("pause")
        self.pipeline.feed(*self.urls(250))
        urls, cursor = [], None
        while cursor != "":
            found = self.pipeline.ask("search", url=self.server.url, limit=60, **({"from": cursor} if cursor else {}))
            urls += [task["url"] for task in found["tasks"]]
            cursor = found["next"] or ""
        self.assertEqual(sorted(urls), sorted(self.urls(250)))


class JobsTest(ObserveTest):
    def test_open_jobs_are_listed_with_their_counts(self):
        self.start_pipeline()
        self.pipeline.ask("pause")
        lines = [json.dumps({"url": url, "job": "a" if i % 3 else "b"}) for i, url in enumerate(self.urls(9))]
        self.pipeline.feed(*lines)
        jobs = [json.loads(line) for line in self.ask("jobs", "--json").out.splitlines()]
        self.assertEqual((len(jobs), {job["pending"] for job in jobs}), (9, {1}))
        self.assertEqual(len(self.ask("jobs", "--job", "b").out.splitlines()), 3)
        self.assertEqual(len(self.ask("jobs", "--limit", "4").out.splitlines()), 4)
        self.pipeline.ask("resume")
        self.pipeline.wait_until_done(9)
        wait_for(lambda: self.thresh("jobs", "--state", self.pipeline.state).code == 1, "all jobs to end")


class TapTest(ObserveTest):
    def test_each_stage_shows_its_pages(self):
        self.start_pipeline()
        fetch = self.watch("fetcher.sock", op="tap", stage="fetch", per_s=1000)
        parse = self.watch("fetcher.sock", op="tap", stage="parse", per_s=1000)
        sink = self.watch("sink.sock", op="tap", per_s=1000)
        self.pipeline.feed(self.server.url + "/a")
        event = next(fetch)
        self.assertEqual((event["url"], event["status"], event["recipe"]), (self.server.url + "/a", 200, "any"))
        self.assertEqual(next(parse)["pid"], self.pipeline.parsers[0].pid)
        written = next(sink)
        self.assertEqual((written["outcome"], written["records"], written["record"]["_url"]), ("done", 1, self.server.url + "/a"))

    def test_filters_leave_out_the_rest(self):
        self.start_pipeline()
        other = self.watch("fetcher.sock", op="tap", stage="fetch", host="127.0.0.1:1", per_s=1000)
        ours = self.watch("fetcher.sock", op="tap", stage="fetch", host=self.server.url[7:], recipe="any", per_s=1000)
        self.pipeline.feed(self.server.url + "/a", "http://127.0.0.1:1/")
        self.assertEqual(next(ours)["url"], self.server.url + "/a")
        self.assertEqual(next(other)["failure"], "connect")

    def test_it_is_sampled_and_says_what_it_left_out(self):
        self.start_pipeline()
        events = self.watch("fetcher.sock", op="tap", stage="fetch", per_s=1)
        self.pipeline.feed(*self.urls(200))
        self.pipeline.wait_until_done(200)
        first = next(events)
        self.assertEqual(first["skipped"], 0)
        begun = time.monotonic()
        later = threading.Event()
        self.addCleanup(later.set)

        def feed_on():  # One after another: whenever the share of a second is there again, one is shown.
            for url in iter(self.urls(100_000, begin=1000)):
                if later.is_set():
                    break
                self.pipeline.feed(url)
        feeder = threading.Thread(target=feed_on)
        feeder.start()
        shown, skipped, event = 1, 0, next(events)
        while int(event["url"].rsplit("/", 1)[1]) < 1000:
            shown, skipped, event = shown + 1, skipped + event["skipped"], next(events)
        later.set()
        feeder.join()
        self.assertLessEqual(shown, 2 + time.monotonic() - begun)
        self.assertGreaterEqual(shown + skipped + event["skipped"], 200)

    def test_a_watcher_that_does_not_read_costs_bounded_memory(self):
        self.start_pipeline(parsers=1)
        self.server.default(lambda request: Response(200, b"x", {"X-Long": "y" * 1000}))
        stuck = socket.socket(socket.AF_UNIX)
        self.addCleanup(stuck.close)
        stuck.connect(str(self.pipeline.state / "fetcher.sock"))
        stuck.sendall(b'{"op":"tap","stage":"fetch","per_s":1000}\n{"op":"watch"}\n')
        self.pipeline.feed(*[url + "?" + "q" * 1500 for url in self.urls(3000)])
        self.pipeline.wait_until_done(3000)
        self.assertTrue(self.pipeline.ask("ledger")["balanced"])

    def test_the_command_prints_lines_and_ends_after_a_number(self):
        self.start_pipeline()
        with (self.tmp / "tap.out").open("wb") as out:
            tap = self.start("thresh", "tap", "fetch", "-n", "2", "--per-s", "1000", "--state", self.pipeline.state,
                             stdout=out, stderr=self.tmp / "tap.err")
        urls = iter(self.urls(100_000))
        wait_for(lambda: self.pipeline.feed(next(urls)) and tap.poll() is not None, "the tap to end")
        self.assertEqual(tap.returncode, 0)
        lines = read_lines(self.tmp / "tap.out")
        self.assertEqual(len(lines), 2)
        self.assertRegex(lines[0], r"^\d\d:\d\d:\d\d\.\d{3}  200  23 B  \d+(\.\d)? ms  any  http://127\.0\.0\.1:")


class StatusTest(ObserveTest):
    def test_it_fits_on_a_screen_and_has_rates_hosts_and_parsers(self):
        self.start_pipeline(parsers=3)
        self.pipeline.feed(*self.urls(50))
        self.pipeline.wait_until_done(50)
        wait_for(lambda: [p["state"] for p in self.pipeline.ask("parsers")["parsers"]] == ["idle"] * 3, "three at rest")
        text = self.ask("status").out
        self.assertLessEqual(len(text.splitlines()), 24 + 6)
        self.assertRegex(text, r"(?m)^  p50/p99 +fetch [\d.]+ ms / [\d.]+ ms, parse ")
        self.assertRegex(text, r"(?m)^  host +127\.0\.0\.1:%d, 0 in flight" % self.server.port)
        self.assertEqual(len(re.findall(r"(?m)^  parser +pid \d+, idle", text)), 3)
        both = json.loads(self.ask("status", "--json").out)
        self.assertEqual(both["metrics"]["thresh_tasks_done_total"], 50)


class TailTest(ObserveTest):
    def start_tail(self, *arguments):
        """`thresh tail` at work; the lines it has printed so far are in tail.out."""
        self.tailed = self.tmp / "tail.out"
        with self.tailed.open("wb") as out:
            return self.start("thresh", "tail", *arguments, "--state", self.pipeline.state, stdout=out,
                              stderr=self.tmp / "tail.err")

    def wait_for_lines(self, count):
        wait_for(lambda: len(read_lines(self.tailed)) >= count, "%d lines" % count)
        return [json.loads(line) for line in read_lines(self.tailed)]

    def test_it_begins_with_the_last_lines_and_goes_on(self):
        self.start_pipeline()
        self.pipeline.feed(*self.urls(30))
        self.pipeline.wait_until_done(30)
        self.start_tail("page", "-n", "5")
        self.wait_for_lines(5)
        self.pipeline.feed(*self.urls(10, begin=30))
        records = self.wait_for_lines(15)
        written = [json.loads(line) for line in read_lines(self.pipeline.out / "page.ndjson")]
        self.assertEqual(records, written[-15:])

    def test_no_line_is_lost_or_comes_twice_over_rotation(self):
        self.start_pipeline(sink=("--rotate-bytes", "3000", "--rotate-zstd"))
        self.start_tail("--from-start")
        self.pipeline.feed(*self.urls(1))
        self.wait_for_lines(1)
        for begin in range(1, 401, 40):
            self.pipeline.feed(*self.urls(40, begin=begin))
        self.pipeline.wait_until_done(401)
        records = self.wait_for_lines(401)
        self.assertEqual(sorted(record["_url"] for record in records), sorted(self.urls(401)))
        self.assertGreater(len(list(self.pipeline.out.glob("page-*"))), 3)

    def test_a_tail_that_was_stopped_meanwhile_misses_no_file(self):
        self.start_pipeline(sink=("--rotate-bytes", "2000"))
        tail = self.start_tail("page", "--from-start")
        self.pipeline.feed(*self.urls(3))
        self.wait_for_lines(3)
        tail.send_signal(signal.SIGSTOP)
        for begin in range(3, 203, 20):
            self.pipeline.feed(*self.urls(20, begin=begin))
            self.pipeline.wait_for_status(lambda s: s["pending"] == 0, "a part to end")
        self.assertGreater(len(list(self.pipeline.out.glob("page-*"))), 3)
        tail.send_signal(signal.SIGCONT)
        records = self.wait_for_lines(203)
        self.assertEqual(sorted(record["_url"] for record in records), sorted(self.urls(203)))

    def test_only_whole_lines_come(self):
        self.start_pipeline()
        self.pipeline.feed(*self.urls(1))
        self.pipeline.wait_until_done(1)
        self.start_tail("other", "--from-start")
        path = self.pipeline.out / "other.ndjson"
        with path.open("wb") as file:
            file.write(b'{"a":1}\n{"b"')
            file.flush()
            self.assertEqual(self.wait_for_lines(1), [{"a": 1}])
            file.write(b":2}\n")
            file.flush()
            self.assertEqual(self.wait_for_lines(2), [{"a": 1}, {"b": 2}])


class TopTest(ObserveTest):
    def setUp(self):
        super().setUp()
        self.session = "thresh-top-%d-%d" % (os.getpid(), id(self))
        self.socket = self.tmp / "tmux.sock"

    def tmux(self, *arguments):
        done = subprocess.run(["tmux", "-S", str(self.socket), *map(str, arguments)], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def start_top(self, columns, rows, environment=""):
        if shutil.which("tmux") is None:
            raise AssertionError("tmux is missing: scripts/install_deps --test")
        command = "%s %s top --state %s; echo ended $?; cat" % (environment, BIN / "thresh", self.pipeline.state)
        self.tmux("-f", "/dev/null", "new-session", "-d", "-s", self.session, "-x", columns, "-y", rows, command)
        self.addCleanup(lambda: subprocess.run(["tmux", "-S", str(self.socket), "kill-server"], check=False, capture_output=True))

    def screen(self, *arguments):
        return self.tmux("capture-pane", "-p", *arguments, "-t", self.session)

    def wait_for_screen(self, pattern):
        wait_for(lambda: re.search(pattern, self.screen(), re.M), "%r on the screen" % pattern)
        return self.screen()

    def test_it_lives_in_80_by_24_resizes_sorts_and_quits(self):
        self.start_pipeline(parsers=2)
        self.pipeline.feed(*self.urls(40))
        self.pipeline.wait_until_done(40)
        self.start_top(80, 24)
        text = self.wait_for_screen(r"^ended +40 done +0 dead +0 dropped +40 records$")
        self.assertRegex(text, r"(?m)^thresh top  ")
        self.assertRegex(text, r"(?m)^ *PARSER +STATE +\*PAGES/S")
        self.assertRegex(text, r"(?m)^ *%d +idle" % self.pipeline.parsers[0].pid)
        self.assertRegex(text, r"(?m)^127\.0\.0\.1:%d " % self.server.port)
        self.assertRegex(text, r"(?m)^q quit")
        self.assertTrue(all(len(line) <= 80 for line in text.splitlines()))
        self.tmux("send-keys", "-t", self.session, "p")
        self.wait_for_screen(r"\*MEMORY")
        self.tmux("send-keys", "-t", self.session, "m")
        self.wait_for_screen(r"^thresh_tasks_created_total +40  origin=fed")
        self.tmux("send-keys", "-t", self.session, "m")
        self.tmux("resize-window", "-t", self.session, "-x", "120", "-y", "40")
        self.wait_for_screen(r"\*MEMORY LAST PAGE")
        self.tmux("resize-window", "-t", self.session, "-x", "50", "-y", "12")
        self.wait_for_screen(r"^q quit")
        self.assertLessEqual(len(self.screen().splitlines()), 12)
        self.tmux("send-keys", "-t", self.session, "q")
        self.wait_for_screen(r"^ended 0")

    def test_numbers_move_and_a_sink_that_is_gone_is_told(self):
        self.start_pipeline()
        self.start_top(100, 30, "NO_COLOR=1")
        self.wait_for_screen(r"^ended +0 done")
        self.pipeline.feed(*self.urls(25))
        self.wait_for_screen(r"^ended +25 done")
        self.assertNotIn("\x1b[31m", self.screen("-e"))
        Pipeline.kill(self.pipeline.sink)
        self.wait_for_screen(r"^thresh-sink: not at work")
        self.tmux("send-keys", "-t", self.session, "q")
        self.wait_for_screen(r"^ended 0")

    def test_without_a_terminal_it_is_one_picture(self):
        self.start_pipeline()
        self.pipeline.feed(*self.urls(5))
        self.pipeline.wait_until_done(5)
        text = self.ask("top").out
        self.assertRegex(text, r"(?m)^ended +5 done")
        self.assertNotIn("\x1b", text)


if __name__ == "__main__":
    unittest.main()
