#!/usr/bin/python3
"""Daemons without work keep little memory, and are at hand all the same."""
import unittest

from support.flow import RECIPES, FlowTest, wait_for
from support.http_server import Response, TestServer
from support.pipeline import Pipeline

MOST_BYTES = 12 << 20  # of programs and libraries, in memory; a fetcher that has just started has some 25 MB


def file_bytes(pid):
    """How much of the files that a process has mapped is in memory for it (its share of what others have, too)."""
    with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as rollup:
        return next(int(line.split()[1]) for line in rollup if line.startswith("Pss_File:")) << 10


def places_for_descriptors(pid):
    """How many descriptors the kernel's table for a process has room for."""
    with open("/proc/%d/status" % pid, encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("FDSize:"))


class RestTest(FlowTest):
    def test_many_connections_need_no_larger_table(self):
        """To make it larger stops a process with threads for some 10 ms."""
        pipeline = Pipeline(self, [RECIPES / "page.toml"])
        for process in pipeline.processes:
            wait_for(lambda process=process: places_for_descriptors(process.pid) >= 4096, "room in the table of %s" % process.args[0])

    def test_what_a_start_needed_is_given_back(self):
        server = TestServer().start()
        self.addCleanup(server.stop)
        server.default(lambda request: Response(200, b"<title>x</title>", {"Content-Type": "text/html"}))
        pipeline = Pipeline(self, [RECIPES / "page.toml"])
        for count in (20, 40):
            pipeline.feed(*("%s/p%d" % (server.url, number) for number in range(count)))
            pipeline.wait_for_status(lambda s, count=count: s["done"] == count, "the pages")
            for process in pipeline.processes:
                wait_for(lambda process=process: file_bytes(process.pid) < MOST_BYTES,
                         "%s to give back what it does not need" % process.args[0])
        pipeline.assert_alive()
        self.assertEqual(len({record["_url"] for record in self.records("page", pipeline.out)}), 40)


if __name__ == "__main__":
    unittest.main()
