"""Serves a ReviewSite on loopback: HTTP/1.1 with keep-alive, one thread, answers kept ready-made.

Knows GET and HEAD. A request body is not expected. What is no page of the site is 404.
"""
import asyncio
import signal
import sys
import threading

import review_site

MAX_HEAD_BYTES = 65_536
NOT_FOUND = b"<!DOCTYPE html><title>404</title><h1>We&rsquo;re sorry. There is no such page.</h1>\n"


def answer(status, body):
    """A whole HTTP answer as (head, body)."""
    head = "HTTP/1.1 %s\r\nContent-Type: text/html; charset=UTF-8\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
    return head.encode(), body


class Answers:
    """Finds the answer for a target; pages are made on first use and then kept."""

    def __init__(self, site):
        self._site = site
        self._places = {site.path(b, p).encode(): (b, p) for b, p in site.places()}
        self._ready = {}
        self._not_found = answer("404 Not Found", NOT_FOUND)

    def make_all(self):
        for target in self._places:
            self.find(target)

    def find(self, target):
        """(head, body) for a request target such as b"/biz/NAME?start=20"."""
        found = self._ready.get(target)
        if found is None:
            place = self._places.get(target)
            if place is None:
                return self._not_found
            found = self._ready[target] = answer("200 OK", self._site.page(*place))
        return found


class Connection(asyncio.Protocol):
    """One client. Requests are answered one after the other; what arrives meanwhile waits in `_input`."""

    def __init__(self, answers, delay_s):
        self._answers, self._delay_s = answers, delay_s
        self._input, self._busy, self._transport = b"", False, None

    def connection_made(self, transport):
        self._transport = transport

    def data_received(self, data):
        self._input += data
        self._next_request()

    def _next_request(self):
        while not self._busy and not self._transport.is_closing():
            head, end, rest = self._input.partition(b"\r\n\r\n")
            if not end:
                if len(head) > MAX_HEAD_BYTES:
                    self._transport.close()
                return
            self._input = rest
            self._take(head)

    def _take(self, head):
        line, _, headers = head.partition(b"\r\n")
        words = line.split(b" ")
        if len(words) != 3 or words[0] not in (b"GET", b"HEAD"):
            self._transport.write(b"HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return self._transport.close()
        close = words[2] == b"HTTP/1.0" or b"connection: close" in headers.lower()
        if self._delay_s == 0:
            return self._answer(words[0], words[1], close)
        self._busy = True
        asyncio.get_running_loop().call_later(self._delay_s, self._answer_late, words[0], words[1], close)

    def _answer_late(self, method, target, close):
        self._busy = False
        if not self._transport.is_closing():
            self._answer(method, target, close)
            self._next_request()

    def _answer(self, method, target, close):
        head, body = self._answers.find(target)
        self._transport.write(head if method == b"HEAD" else head + body)
        if close:
            self._transport.close()


def _watch_stdin(loop, stop):
    """Calls stop() on the loop when stdin ends. A thread, since stdin may be a file or a pipe."""
    def watch():
        while sys.stdin.buffer.raw.read(4096):
            pass
        loop.call_soon_threadsafe(stop)
    threading.Thread(target=watch, daemon=True).start()


async def _run(site, options):
    answers = Answers(site)
    if not options.lazy:
        answers.make_all()
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    servers = [await loop.create_server(lambda: Connection(answers, options.delay_ms / 1000), "127.0.0.1",
                                        options.port, backlog=1024) for _ in range(options.ports)]
    bases = ["http://127.0.0.1:%d" % server.sockets[0].getsockname()[1] for server in servers]
    if options.seeds:
        review_site.write_lines(options.seeds, site.urls(bases[0]) + site.missing_urls(bases[0], options.missing))
    print("listening " + " ".join(bases), flush=True)
    if options.until_stdin_closes:
        _watch_stdin(loop, stopped.set)
    await stopped.wait()
    for server in servers:
        server.close()


def main(site, options):
    """Serve until SIGTERM, SIGINT or, if asked for, the end of stdin. Returns the exit code."""
    asyncio.run(_run(site, options))
    return 0
