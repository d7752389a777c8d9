#!/usr/bin/python3
"""A process that stands still until its connections are given up, and then goes on, costs nothing:
what was lost with the connections is told again. Takes as long as that takes: some 20 s each."""
import os
import signal
import threading
import unittest

from support.flow import FlowTest, processes_naming, wait_for
from support.http_server import TestServer

STALL_S = 7  # ZeroMQ's heartbeat gives a silent peer 5 s.


class StallTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.server = TestServer().start()
        self.addCleanup(self.server.stop)

    def pid_of(self, program):
        return wait_for(lambda: processes_naming("/bin/%s\0--state\0%s" % (program, self.state)), program)[0]

    def stall(self, program):
        """Stops a process of a crawl in its middle until the others have cut it off."""
        half, go_on = threading.Event(), threading.Event()

        def answer(request):
            number = int(request.target.rsplit("/", 1)[1])
            if number >= 200:
                half.set()
                go_on.wait(60)
            return b"<title>x</title>"
        self.server.default(answer)
        self.addCleanup(go_on.set)
        urls = self.write_list(["%s/%d" % (self.server.url, n) for n in range(400)])
        recipe = self.write("any.toml", 'name = "any"\n[[items]]\nname = "page"\n[items.fields]\ntitle = "title"\n')
        run = self.start_crawl(recipe, "-f", urls, "-j", "2", stderr=self.tmp / "log")
        wait_for(half.is_set, "the middle of the crawl")
        pid = self.pid_of(program)
        os.kill(pid, signal.SIGSTOP)
        self.addCleanup(self.resume, pid)
        go_on.set()
        threading.Event().wait(STALL_S)  # The stall itself: there is nothing to wait for.
        self.resume(pid)
        self.assertEqual(self.wait_for_exit(run, 90), 0)
        records = self.records("page")
        self.assertEqual(len(records), 400)
        self.assertEqual(len({record["_url"] for record in records}), 400)

    @staticmethod
    def resume(pid):
        try:
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            pass

    def test_a_sink_that_stood_still_loses_nothing(self):
        self.stall("thresh-sink")

    def test_a_fetcher_that_stood_still_loses_nothing(self):
        self.stall("thresh-fetcher")


if __name__ == "__main__":
    unittest.main()
