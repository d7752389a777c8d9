#!/usr/bin/python3
"""bench/run checks what it measures: each workload's records are the site's, and a wrong one is told."""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree

from support.flow import BIN, ROOT, FlowTest

BENCH = ROOT / "bench"
sys.path.insert(0, str(BENCH))
sys.path.insert(0, str(BENCH / "peers" / "programs"))
import chart  # noqa: E402
import digest  # noqa: E402
import extract  # noqa: E402
import flame  # noqa: E402
import perf_stacks  # noqa: E402
import report  # noqa: E402
import workloads  # noqa: E402

SMALL = 0.01


class BenchTest(FlowTest):
    def bench(self, *words):
        return subprocess.run([str(BENCH / "run"), "--bin", str(BIN), "--work", str(self.tmp / "work"), *words],
                              capture_output=True, text=True, timeout=300)

    def pages_of(self, workload):
        """(body, URL) of every page as it lies on disk."""
        workload.generate(self.tmp)
        for url in workload.every_url(""):
            path, _, query = url.partition("?")
            number = dict(word.split("=") for word in query.split("&")) if query else {}
            if workload.kind == "places":
                yield (self.tmp / "W4" / path.split("/")[3] / (number["q"] + ".json")).read_bytes(), url
            else:
                yield (self.tmp / path.lstrip("/") / ("p%s.html" % number.get("start", "0"))).read_bytes(), url

    def test_all_workloads_are_crawled_and_exact(self):
        done = self.bench("W1", "W2", "W3", "W4", "W5", "--times", str(SMALL), "--runs", "2",
                          "--report", str(self.tmp / "report"), "--json", str(self.tmp / "report.json"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        runs = json.loads((self.tmp / "report.json").read_text())["runs"]
        self.assertEqual([(run["workload"], run["round"], run["records"]) for run in runs],
                         [(name, number, "exact") for name in workloads.WORKLOADS for number in (0, 1, 2)])
        for run in runs:
            self.assertEqual(run["peak_pss_bytes"] > 0, run["round"] == 0, "memory is watched in a round of its own")
        text = (self.tmp / "report.md").read_text()
        self.assertEqual(re.findall(r"^## (W\d)", text, re.M), list(workloads.WORKLOADS))
        self.assertIn("| thresh ", text)
        xml.etree.ElementTree.parse(self.tmp / "report.svg")

    def test_a_crawl_that_lacks_records_is_told(self):
        done = self.bench("W2", "--times", str(SMALL), "--runs", "1", "--", "--max-pages", "7")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("140 records, expected 400", done.stdout)
        self.assertRegex(done.stdout, r"\| thresh \| ~?[0-9.]+ \| ~?0\.0 \|", "a crawl that lost records has no speed")

    def test_a_start_and_daemons_at_rest_are_measured(self):
        done = subprocess.run([str(BENCH / "startup"), "--bin", str(BIN), "--work", str(self.tmp / "work"), "--starts", "2",
                               "--seconds", "1"], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        number = r"[0-9.]+"
        self.assertRegex(done.stdout, r"exec to first record, ms \| %s \(%s to %s, 2 starts\)" % (number, number, number))
        for daemon in ("fetcher", "parser", "sink", "web"):
            self.assertRegex(done.stdout, r"thresh-%s at rest, CPU \| %s %%" % (daemon, number))
            self.assertRegex(done.stdout, r"thresh-%s at rest, memory .* \| %s MB; %s MB" % (daemon, number, number))

    def test_a_long_crawl_is_looked_at_by_the_tenth_and_its_records_counted(self):
        done = subprocess.run([str(BENCH / "million"), "--pages", "3000", "--bin", str(BIN), "--work", str(self.tmp / "work"), "--", "--max-pages", "2990"],
                              capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(done.returncode, 1, done)
        self.assertRegex(done.stdout, "10 records are missing, 0 are there twice\n(only [0-9] tenths were seen|)")

    def test_an_unknown_workload_or_no_programs_is_said(self):
        self.assertIn("no workload W9", self.bench("W9").stderr)
        shutil.rmtree(self.tmp / "empty", ignore_errors=True)
        done = subprocess.run([str(BENCH / "run"), "--bin", str(self.tmp / "empty")], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn("no thresh in %s" % (self.tmp / "empty"), done.stderr)

    def test_what_the_peers_extract_is_the_truth(self):
        for name in ("W2", "W4"):
            workload = workloads.make(name, SMALL)
            pages = list(self.pages_of(workload))
            self.assertEqual(len(pages), workload.pages)
            for library in ("lxml", "bs4"):
                records = []
                for body, url in pages:
                    lines, _ = extract.page(workload.kind, library, 0, body, url)
                    records += map(json.loads, lines.splitlines())
                found = digest.of_records(records, workload.canonical)
                self.assertEqual(found.difference(workload.expected(self.tmp)), "exact", "%s with %s" % (name, library))

    def test_next_links_of_the_peers_lead_through_the_chain(self):
        workload = workloads.make("W2", SMALL)
        following = {url: extract.page("reviews", "lxml", 0, body, "http://h" + url)[1] for body, url in self.pages_of(workload)}
        self.assertEqual(sorted(filter(None, following.values())), sorted("http://h" + url for url in following if "?" in url))


class DigestTest(FlowTest):
    RECORDS = [{"title": "page %d" % number} for number in range(50)]

    @staticmethod
    def canonical(record):
        return [record["title"]]

    def of(self, records, part_bytes=digest.PART_BYTES, tail=""):
        path = self.tmp / "records.ndjson"
        path.write_text("".join(json.dumps(record) + "\n" for record in records) + tail)
        kept, digest.PART_BYTES = digest.PART_BYTES, part_bytes
        try:
            return digest.of_file(path, title_of)
        finally:
            digest.PART_BYTES = kept

    def test_order_does_not_count_and_everything_else_does(self):
        expected = digest.of_records(self.RECORDS, self.canonical)
        self.assertEqual(self.of(self.RECORDS[::-1]).difference(expected), "exact")
        self.assertEqual(self.of([{**record, "_id": "x"} for record in self.RECORDS]).difference(expected), "exact")
        self.assertEqual(self.of(self.RECORDS[1:]).difference(expected), "49 records, expected 50")
        self.assertEqual(self.of(self.RECORDS + self.RECORDS[:1]).difference(expected), "51 records, expected 50")
        self.assertEqual(self.of(self.RECORDS[1:] + self.RECORDS[1:2]).difference(expected), "as many records, not the same")
        self.assertEqual(self.of(self.RECORDS[1:] + [{"title": "page"}]).difference(expected), "as many records, not the same")
        self.assertEqual(self.of(self.RECORDS, tail='{"title": \n[]\n{"other": 1}\n').difference(expected), "3 bad lines")
        self.assertEqual(digest.of_file(pathlib.Path(self.tmp, "none"), title_of).difference(expected), "0 records, expected 50")

    def test_a_file_read_in_parts_is_the_same_wherever_they_are_cut(self):
        whole = self.of(self.RECORDS)
        for length in range(1, 20):
            self.assertEqual(self.of(self.RECORDS, part_bytes=1), whole)
            self.RECORDS[0] = {"title": "page 0", "filler": "x" * length}
        self.RECORDS[0] = {"title": "page 0"}


def title_of(record):
    return [record["title"]]


class ReportTest(FlowTest):
    def run_of(self, program, number, rate, disturbed=False, memory_mb=0):
        return {"workload": "W2", "program": program, "round": number, "pages_per_s": rate, "disturbed": disturbed,
                "pages": 10, "cpu_s": 1, "memory_watched": memory_mb > 0, "peak_pss_bytes": memory_mb * 1e6, "wall_s": 10 / rate, "server_cpu_s": 0.1, "records": "exact",
                "cpu_by_process": {"thresh": 1}, "processes_count": {"thresh": 1}, "cores": 2}

    def test_a_ratio_is_of_each_round_and_disturbed_runs_are_left_out(self):
        runs = [self.run_of("thresh", 1, 100), self.run_of("goquery", 1, 10), self.run_of("thresh", 2, 50),
                self.run_of("goquery", 2, 10), self.run_of("thresh", 3, 60), self.run_of("goquery", 3, 6),
                self.run_of("goquery", 4, 1000, True), self.run_of("thresh", 4, 1, True)]
        results = report.Results(runs)
        self.assertEqual(results.ratio("W2", "goquery"), 10)
        self.assertEqual(results.number("W2", "thresh", "pages_per_s"), 60)

    def test_a_round_that_watched_memory_counts_for_memory_alone(self):
        results = report.Results([self.run_of("thresh", 0, 10, memory_mb=50), self.run_of("thresh", 1, 100)])
        self.assertEqual(results.number("W2", "thresh", "pages_per_s"), 100)
        self.assertEqual(results.number("W2", "thresh", "peak_mb"), 50)
        alone = report.Results([self.run_of("thresh", 1, 10, memory_mb=50)])
        self.assertEqual(alone.number("W2", "thresh", "pages_per_s"), 10)

    def test_a_program_without_a_speed_is_not_compared(self):
        results = report.Results([self.run_of("thresh", 1, 100), {**self.run_of("goquery", 1, 1), "pages_per_s": 0.0}])
        self.assertIn("| – |", report.table(results, workloads.make("W2", SMALL)))

    def test_numbers_of_disturbed_runs_alone_are_marked(self):
        results = report.Results([self.run_of("thresh", 1, 100, True)])
        text = report.table(results, workloads.make("W2", SMALL))
        self.assertIn("~100", text)
        self.assertIn("1, 1 disturbed", text)
        self.assertIn("missed", report.promises(results))

    PERF = """thresh-fetcher  100/100
\tffffffff81000010 copy_to_user+0x10 ([kernel.kallsyms])
\t    7f0000000010 recv+0x1b (/usr/lib/libc.so.6)
\t    7f0000000020 [unknown] (/usr/lib/x86_64-linux-gnu/libcurl.so.4.8.0)
\t    550000000030 thresh::Drive(int, char const*)+0x5 (/opt/thresh-fetcher)

ZMQbg/IO/0  100/101
\t    7f0000000040 [unknown] (/usr/lib/libzmq.so.5.2.4)

nginx  7/7
\t    7f0000000010 recv+0x1b (/usr/lib/libc.so.6)

"""

    def test_stacks_are_those_of_our_processes_with_their_threads(self):
        self.assertEqual(perf_stacks.read(self.PERF), {
            ("thresh-fetcher", "thresh::Drive(int, char const*)", "[libcurl]", "recv", "copy_to_user_[k]"): 1,
            ("thresh-fetcher", "[libzmq]"): 1})

    def test_a_flame_graph_is_as_wide_as_its_samples(self):
        drawn = xml.etree.ElementTree.fromstring(flame.draw("<t>", {("a", "b<"): 3, ("a", "c"): 1, ("d",): 4}))
        widths = {group.find("{*}title").text: float(group.find("{*}rect").get("width")) for group in drawn.findall("{*}g")}
        self.assertEqual(widths, {"all: 100.00 %": 1180.0, "a: 50.00 %": 590.0, "b<: 37.50 %": 442.5, "c: 12.50 %": 147.5,
                                  "d: 50.00 %": 590.0})

    def test_the_chart_is_xml_whatever_the_names(self):
        drawn = chart.draw("<&>", "", [("a", [chart.Bar("<b>", 3, "peer"), chart.Bar("&", 0, "thresh")], ("x<y", 5))])
        self.assertEqual(len(xml.etree.ElementTree.fromstring(drawn).findall("{*}rect")), 3)


if __name__ == "__main__":
    import unittest
    unittest.main()
