"""Hosts whose pages say nothing, but that see who asks them, how, and how many at once."""
import threading

from support.http_server import Response, TestServer

HTML = {"Content-Type": "text/html; charset=utf-8"}


class WatchedHost(TestServer):
    """Answers every path; `most` is the most requests that it ever had at once.

    A request is held for `hold_s`, or until another one comes beside it, so that two at once meet.
    """

    def __init__(self, hold_s=0.04, body=b"<title>page</title>"):
        super().__init__()
        self.most, self._now, self._meet, self.body = 0, 0, threading.Condition(), body
        self._hold_s = hold_s
        self.default(self._answer)

    @property
    def host(self):
        return "127.0.0.1:%d" % self.port

    def watch(self, path, status=200, body=None, headers=None):
        """Answers a path so, and counts it as all others."""
        self.route(path, lambda request: self._answer(request, Response(status, body or self.body, headers or HTML)))

    def _answer(self, request, response=None):
        with self._meet:
            self._now += 1
            self.most = max(self.most, self._now)
            self._meet.notify_all()
            before = self._now
            self._meet.wait_for(lambda: self._now > before, self._hold_s)
        with self._meet:
            self._now -= 1
        return response or Response(200, self.body, HTML)
