"""A server of large bodies that are all under way at once, and what a pipeline needs in memory meanwhile."""
import asyncio
import pathlib
import re
import threading

PIECE = b"All work and no play makes a page long. " * 1638  # 64 KiB, nearly


class LargeBodies:
    """Serves `/N` as a page of about `body_bytes`; no body ends before `at_once` have begun.

    Pages with odd numbers are sent in chunks, so that nobody knows how long they are.
    """

    def __init__(self, at_once, body_bytes):
        self.at_once, self.body_bytes, self.begun = at_once, body_bytes, 0
        self._loop, self._ready = asyncio.new_event_loop(), threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        self._ready.wait()
        self.url = "http://127.0.0.1:%d" % self.port

    def stop(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self):
        asyncio.set_event_loop(self._loop)
        self._all_begun = asyncio.Event()
        server = self._loop.run_until_complete(asyncio.start_server(self._answer_all, "127.0.0.1", 0, backlog=2048))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()

    async def _answer_all(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await self._answer(int(re.match(rb"GET /(\d+)", head).group(1)), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def pieces(self, number):
        yield b"<title>Page %d</title><pre>" % number
        for _ in range(self.body_bytes // len(PIECE)):
            yield PIECE
        yield b"</pre><b>End of %d</b>" % number

    async def _answer(self, number, writer):
        pieces = self.pieces(number)
        chunked = number % 2
        length = "Transfer-Encoding: chunked" if chunked else "Content-Length: %d" % sum(map(len, self.pieces(number)))
        writer.write(("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n%s\r\n\r\n" % length).encode())
        for n, piece in enumerate(pieces):
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
            await writer.drain()
            if n == 3:
                self.begun += 1
                if self.begun >= self.at_once:
                    self._all_begun.set()
                await self._all_begun.wait()
        if chunked:
            writer.write(b"0\r\n\r\n")
        await writer.drain()


def peak_rss_bytes(pid):
    """The most that a process ever had in memory, the page cache of files it maps included."""
    text = pathlib.Path("/proc/%d/status" % pid).read_text()
    return int(re.search(r"^VmHWM:\s+(\d+) kB", text, re.M).group(1)) * 1024
