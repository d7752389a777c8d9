#!/usr/bin/python3
"""The summary of `thresh run` says in how many of the records each field had a value."""
import os
import re
import signal
import threading
import unittest

from support.flow import FlowTest, ask_socket, processes_naming
from support.http_server import TestServer

RECIPE = """\
name = "filled"
[[items]]
name = "row"
rows = "p"
[items.fields]
always = "b"
third = { css = "i", type = "number" }
list = { css = "u", many = true }
never = "nav"
[[items]]
name = "page"
[items.fields]
title = "title"
"""
BODY = "<title>t</title>" + "<p><b>x</b><i>1</i><u>l</u>" + "<p><b></b><i>?</i>" * 2
LINE = "row (%d): always 100 %%, third 33.3 %%, list 33.3 %%, never 0 %%\n"


class FillRateTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)
        self.server.default(lambda request: BODY.encode())
        self.recipe = self.write("filled.toml", RECIPE)

    def urls(self, count):
        return ["%s/%d" % (self.server.url, i) for i in range(count)]

    def counted(self, text):
        """Item → (records, rates as they stand), of the summary."""
        found = re.findall(r"^(?:  fields|        ) {5}(\w+) \((\d[\d,]*)\): (.*)$", text, re.M)
        return {item: (int(records.replace(",", "")), rates) for item, records, rates in found}

    def test_every_field_of_every_item_is_told(self):
        done = self.crawl(self.recipe, *self.urls(10), "-j", "2")
        self.assertEqual(len(self.records("row")), 30)
        self.assertIn("  fields     page (10): title 100 %\n             " + LINE % 30, done.err)

    def test_with_records_on_stdout_too(self):
        done = self.crawl(self.recipe, *self.urls(4), out="-")
        self.assertEqual(self.counted(done.err), {"page": (4, "title 100 %"), "row": (12, (LINE % 12).partition(": ")[2].strip())})

    def test_a_run_that_is_taken_up_again_counts_its_own_records_and_says_so(self):
        self.crawl(self.recipe, *self.urls(2))
        done = self.crawl(self.recipe, *self.urls(5))
        self.assertEqual({item: records for item, (records, _) in self.counted(done.err).items()}, {"page": 3, "row": 9})
        self.assertIn("not counted: 8 records of earlier runs, or of a sink that was killed\n", done.err)

    def test_what_a_killed_sink_had_told_counts_and_the_rest_is_told_as_missing(self):
        gate = threading.Event()
        self.addCleanup(gate.set)
        for i in range(5, 10):
            self.server.delay("/%d" % i, gate, body=BODY.encode())
        log = self.tmp / "run.log"
        run = self.start_crawl(self.recipe, *self.urls(10), stderr=log)
        self.wait_for_status(lambda status: status["done"] == 5, "half of the pages")
        pid = ask_socket(self.state / "sink.sock", "status")["pid"]
        self.assertIn(pid, processes_naming(str(self.state)))
        os.kill(pid, signal.SIGKILL)
        gate.set()
        self.assertEqual(self.wait_for_exit(run), 0)
        self.assertEqual((len(self.records("row")), len(self.records("page"))), (30, 10))
        text = log.read_text()
        counted = sum(records for records, _ in self.counted(text).values())
        missing = re.search(r"not counted: (\d+) records?", text)
        self.assertEqual(counted + int(missing.group(1) if missing else 0), 40, text)
        self.assertGreaterEqual(counted, 20)
        self.assertEqual(self.counted(text)["row"][1], "always 100 %, third 33.3 %, list 33.3 %, never 0 %")


if __name__ == "__main__":
    unittest.main()
