#!/usr/bin/python3
"""200 hosts that drip their pages, beside one good host: it keeps its speed."""
import asyncio
import threading
import time
import unittest

from support.flow import RECIPES, FlowTest, wait_for
from support.pipeline import Pipeline

SLOW_HOSTS, SLOW_PAGES, GOOD_PAGES = 200, 10, 320
LATENCY_S = 0.1
HEAD = b"HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"
PAGE = b"<title>good</title>"


class Sites:
    """Many hosts on ports of their own, in one thread: the first one is good, the others drip."""

    def __init__(self):
        self.asked = []  # When the good host's pages were answered.
        self.dripping = 0
        self.urls, self._servers = [], []
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait()

    def stop(self):
        """Ends all connections; returns once they are."""
        asyncio.run_coroutine_threadsafe(self._end_talks(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end_talks(self):
        for server in self._servers:
            server.close()
        talks = asyncio.all_tasks() - {asyncio.current_task()}
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    def _run(self, ready):
        asyncio.set_event_loop(self._loop)
        for number in range(SLOW_HOSTS + 1):
            serve = self._good if number == 0 else self._drip
            server = self._loop.run_until_complete(
                asyncio.start_server(lambda r, w, serve=serve: self._talk(r, w, serve), "127.0.0.1", 0))
            self._servers.append(server)
            self.urls.append("http://127.0.0.1:%d" % server.sockets[0].getsockname()[1])
        ready.set()
        self._loop.run_forever()

    async def _talk(self, reader, writer, serve):
        try:
            while True:
                target = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1]
                if target == b"/robots.txt":
                    writer.write(HEAD % (b"404 Not Found", 0))
                else:
                    await serve(writer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _good(self, writer):
        await asyncio.sleep(LATENCY_S)
        writer.write(HEAD % (b"200 OK", len(PAGE)) + PAGE)
        self.asked.append(time.monotonic())

    async def _drip(self, writer):
        writer.write(HEAD % (b"200 OK", 1_000_000))
        self.dripping += 1
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(1)


class SlowHostsTest(FlowTest):
    def setUp(self):
        super().setUp()
        self.sites = Sites()
        self.addCleanup(self.sites.stop)
        self.pipeline = Pipeline(self, [RECIPES / "page.toml"], fetcher=(
            "--set", "fetch.respect_robots_txt=true", "--set", "fetch.per_host=4"))

    def good_pages_per_second(self, kind):
        self.sites.asked.clear()
        self.pipeline.feed(*("%s/%s/%d" % (self.sites.urls[0], kind, n) for n in range(GOOD_PAGES)))
        wait_for(lambda: len(self.sites.asked) == GOOD_PAGES, "the good host's pages")
        return (GOOD_PAGES - 1) / (self.sites.asked[-1] - self.sites.asked[0])

    def test_the_good_host_keeps_nine_tenths_of_its_speed(self):
        alone = self.good_pages_per_second("alone")
        self.pipeline.feed(*("%s/%d" % (url, n) for n in range(SLOW_PAGES) for url in self.sites.urls[1:]))
        wait_for(lambda: self.sites.dripping >= SLOW_HOSTS, "all others to drip")
        beside = self.good_pages_per_second("beside")
        self.assertGreaterEqual(beside, 0.9 * alone, "%.1f pages/s alone" % alone)

    def test_it_is_not_shut_out_if_they_come_first(self):
        self.pipeline.feed(*("%s/%d" % (url, n) for n in range(SLOW_PAGES) for url in self.sites.urls[1:]),
                           *("%s/%d" % (self.sites.urls[0], n) for n in range(20)))
        wait_for(lambda: len(self.sites.asked) == 20, "the good host's pages")


if __name__ == "__main__":
    unittest.main()
