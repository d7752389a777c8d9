#!/usr/bin/python3
"""`thresh plot` draws what a run did, of what its fetcher wrote: whole, of runs that were broken off, and of those under way."""
import json
import re
import signal
import unittest
import xml.etree.ElementTree as ET

from support.flow import LOOPBACK, FlowTest, read_lines, wait_for
from support.http_server import Response, TestServer

SVG = "{http://www.w3.org/2000/svg}"
PANELS = ["Pages fetched", "Records written", "Under way", "Queue", "Requests by how long they took"]
HTML = {"Content-Type": "text/html"}


class PlotTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.route("/robots.txt", status=404)
        self.server.default(lambda request: Response(200, b"<title>t</title>", HTML))

    def urls(self, count, prefix="/p"):
        return ["%s%s%d" % (self.server.url, prefix, n) for n in range(count)]

    def run_all(self, urls, *more, code=0):
        done = self.thresh("run", "-f", self.write_list(urls), "-o", self.out, *LOOPBACK, *more)
        self.assertEqual(done.code, code, done)

    def plot(self, folder=None, *more):
        done = self.thresh("plot", folder or self.out, "-o", "-", *more)
        self.assertEqual(done.code, 0, done)
        return ET.fromstring(done.out)

    @staticmethod
    def texts(picture):
        return [text.text for text in picture.iter(SVG + "text")]

    @staticmethod
    def titles(picture):
        return [text.text for text in picture.iter(SVG + "text") if text.get("font-weight")]

    def statistics(self):
        return [json.loads(line) for line in read_lines(self.state / "statistics.ndjson")]

    def test_a_run_is_drawn_with_all_its_panels(self):
        self.run_all(self.urls(80) + self.urls(20, "/gone/"), code=0)
        picture = self.plot()
        self.assertEqual(self.titles(picture)[:6], ["out"] + PANELS)
        self.assertIn("Errors so far", self.titles(picture)[6])
        subtitle = self.texts(picture)[1]
        self.assertRegex(subtitle, r"^From \d{4}-\d\d-\d\dT[\d:]+Z, [\d.]+ \w+: 10[01] pages \([\d.]+ \w+\), 100 records, 0 dead$")
        for label in ("pages/s", "records/s", "URLs", "requests"):
            self.assertIn(label, self.texts(picture))
        self.assertTrue([text for text in self.texts(picture) if text.startswith("time, ")])

    def test_what_it_draws_is_what_was_written(self):
        self.server.default(lambda request: Response(404, b"") if request.path.startswith("/gone/") else Response(200, b"<title>t", HTML))
        self.run_all(self.urls(60) + self.urls(7, "/gone/"), code=3)
        lines = self.statistics()
        last = lines[-1]
        self.assertEqual((last["done"], last["records"], last["dead"]), (60, 60, {"http_404": 7}))
        self.assertEqual((last["queued"], last["in_flight"], last["waiting"], last["leased"]), (0, 0, 0, 0))
        self.assertEqual((lines[0]["done"], lines[0]["pages"], lines[0]["records"]), (0, 0, 0))
        self.assertEqual(sum(count for _, count in last["latency_us"]), last["pages"])
        self.assertEqual([bound for bound, _ in last["latency_us"]], sorted({bound for bound, _ in last["latency_us"]}))
        for before, after in zip(lines, lines[1:]):
            self.assertLessEqual(before["at"], after["at"])
            self.assertLessEqual(before["pages"], after["pages"])
        self.assertIn("Errors so far: http_404 (7)", self.titles(self.plot()))

    def test_it_is_written_into_the_folder_unless_another_file_is_named(self):
        self.run_all(self.urls(3))
        self.assertEqual(self.thresh("plot", self.out).code, 0)
        ET.parse(self.out / "run.svg")
        named = self.tmp / "elsewhere.svg"
        self.assertEqual(self.thresh("plot", self.state, "-o", named).code, 0)
        ET.parse(named)
        self.assertEqual(self.thresh("fsck", self.out).code, 0)

    def test_a_run_that_was_killed_and_went_on_is_one_picture(self):
        self.run_all(self.urls(30))
        run = self.start("thresh", "run", "-f", str(self.write_list(self.urls(120), "more.txt")), "-o", str(self.out), *LOOPBACK,
                         "--set", "fetch.delay_ms=20", "--set", "fetch.per_host=1")
        wait_for(lambda: len({line["pid"] for line in self.statistics()}) == 2 and self.statistics()[-1]["done"] > 50, "its second half")
        fetcher = self.statistics()[-1]["pid"]
        run.send_signal(signal.SIGKILL)
        self.wait_for_exit(run)
        self.wait_for_no_process()
        with open(self.state / "statistics.ndjson", "a", encoding="utf-8") as file:
            file.write('{"at":"2026-01-')  # torn
        self.run_all(self.urls(120))
        lines = [line for line in read_lines(self.state / "statistics.ndjson") if line.endswith("}")]
        pids = [json.loads(line)["pid"] for line in lines]
        self.assertEqual(len(set(pids)), 3)
        self.assertIn(fetcher, pids)
        pages, records = re.search(r": ([\d,]+) pages .*, ([\d,]+) records", self.texts(self.plot())[1]).groups()
        self.assertEqual(records, "120")
        self.assertGreaterEqual(int(pages), 100)  # the killed one's last fifth of a second is not known
        self.assertLess(int(pages), 140, "what was begun anew is not counted twice")

    def test_a_run_under_way_can_be_drawn(self):
        run = self.start("thresh", "run", "-f", str(self.write_list(self.urls(200))), "-o", str(self.out), *LOOPBACK, "--set", "fetch.delay_ms=20")
        wait_for(lambda: (self.state / "statistics.ndjson").exists() and any(line["done"] > 20 for line in self.statistics()), "twenty pages")
        self.assertEqual(self.titles(self.plot())[1], "Pages fetched")
        self.end(run)

    def test_fresh_begins_a_new_picture(self):
        self.run_all(self.urls(10))
        self.run_all(self.urls(4), "--fresh")
        self.assertEqual(self.statistics()[-1]["done"], 4)
        self.assertEqual(len({line["pid"] for line in self.statistics()}), 1)

    def test_a_folder_without_a_run_is_said(self):
        for folder in (self.tmp, self.tmp / "none"):
            done = self.thresh("plot", folder)
            self.assertEqual((done.code, done.out), (65, ""))
            self.assertIn("expected the folder of a thresh run", done.err)
        for content in ("", "nonsense\n" * 5, "\x00\xff" * 100):
            (self.tmp / "statistics.ndjson").write_bytes(content.encode("latin-1"))
            done = self.thresh("plot", self.tmp)
            self.assertEqual(done.code, 65)
            self.assertIn("expected lines of statistics", done.err)
        self.assertFalse((self.tmp / "run.svg").exists())

    def test_a_picture_that_cannot_be_written_is_said(self):
        self.run_all(self.urls(2))
        done = self.thresh("plot", self.out, "-o", self.tmp / "no" / "folder.svg")
        self.assertEqual(done.code, 73)
        self.assertIn("cannot write", done.err)
        done = self.thresh("plot", self.out, "-o", "/dev/full")
        self.assertEqual(done.code, 73)


if __name__ == "__main__":
    unittest.main()
