"""A small HTTP/1.1 server that misbehaves on request, for tests that drive the real programs.

    with TestServer() as server:
        server.route("/robots.txt", status=404)
        server.route("/page", body=b"<p>hi", headers={"Content-Type": "text/html"})
        server.route("/echo", lambda request: Response(200, request.body))
        server.redirect("/old", "/page")
        ...crawl server.url + "/page"...
        assert server.count("/page") == 1

A path with a query names that one target; a path without one stands for every query of it, and the
longer name wins. What no route names goes to the `default` handler, else it is 404.
Each connection has a thread of its own, so handlers may block; they must not share unlocked state.
Routes may be added and changed while the server runs. `stop` closes all connections.
"""
import dataclasses
import socket
import threading
import time
import traceback
from http import HTTPStatus

MAX_HEAD_BYTES = 1 << 16
BLOCK = b"0123456789abcde\n" * 4096  # 64 KiB
PHRASES = {status.value: status.phrase for status in HTTPStatus}
POLL_S = 0.05  # how soon a delayed answer notices that the server stops


@dataclasses.dataclass(frozen=True)
class Request:
    """One request as it came. `target` is path and query as sent; header names are in lower case."""
    method: str
    target: str
    headers: dict
    body: bytes
    time: float  # time.monotonic()
    wall_time: float  # time.time()
    connection: int  # counts the server's connections from 1

    @property
    def path(self):
        return self.target.partition("?")[0]

    @property
    def query(self):
        return self.target.partition("?")[2]


@dataclasses.dataclass(frozen=True)
class Response:
    """An answer. `body` is bytes, or an iterable of bytes that is then sent chunked."""
    status: int = 200
    body: object = b""
    headers: dict = dataclasses.field(default_factory=dict)


class Close(Exception):
    """Raised by a handler to close the connection without an answer."""


class TestServer:
    """Listens on `address` from `start` (or `with`) to `stop`; `url` has no slash at its end."""

    __test__ = False  # no test case, whatever its name says

    def __init__(self, address="127.0.0.1"):
        self._lock = threading.Lock()
        self._routes, self._default = {}, lambda request: Response(404, b"not found\n")
        self._requests, self._connections, self._opened = [], set(), 0
        self._stopping = threading.Event()
        self._listener = socket.create_server((address, 0), backlog=1024)
        self.port = self._listener.getsockname()[1]
        self.url = "http://127.0.0.1:%d" % self.port

    def __enter__(self):
        return self.start()

    def __exit__(self, *exception):
        self.stop()

    def start(self):
        """Starts answering; returns the server."""
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def stop(self):
        """Closes every connection, those that hang too; new ones are refused. Safe to repeat."""
        self._stopping.set()
        with self._lock:
            connections = list(self._connections)
        for connection in (self._listener, *connections):
            _shut(connection)
        self._listener.close()

    # What to answer.

    def route(self, path, handler=None, *, status=200, body=b"", headers=None):
        """Answers `path` by `handler(request)`, which returns a Response, bytes or text, or by a constant."""
        constant = Response(status, body, headers or {})
        with self._lock:
            self._routes[path] = handler or (lambda request: constant)

    def default(self, handler):
        """Answers by `handler(request)` whatever no route names."""
        with self._lock:
            self._default = handler

    def redirect(self, path, location, status=302):
        """Redirects; `location` goes out as it is, so it may be relative, absolute or nonsense."""
        self.route(path, status=status, headers={"Location": location})

    def hang(self, path):
        """Takes requests and never answers; the connection stays open until the server stops."""
        self.route(path, lambda request: self._wait_for_ever())

    def drop(self, path):
        """Closes the connection without a byte of answer."""
        def handler(request):
            raise Close
        self.route(path, handler)

    def big(self, path, nbytes, chunked=False, headers=None):
        """Streams `nbytes` of text, with a Content-Length or, if `chunked`, without."""
        def handler(request):
            length = {} if chunked else {"Content-Length": str(nbytes)}
            return Response(200, _blocks(nbytes), {"Content-Type": "text/plain", **length, **(headers or {})})
        self.route(path, handler)

    def delay(self, path, event, *, status=200, body=b"", headers=None):
        """Answers once the threading.Event `event` is set."""
        response = Response(status, body, headers or {})

        def handler(request):
            while not event.wait(POLL_S):
                if self._stopping.is_set():
                    raise Close
            return response
        self.route(path, handler)

    # What was asked.

    @property
    def requests(self):
        """All requests so far, in the order they came; a copy."""
        with self._lock:
            return list(self._requests)

    def count(self, path):
        """How often `path` was asked for: with a query exactly this target, without one any query."""
        return sum(path in (request.target, request.path) for request in self.requests)

    def clear(self):
        """Forgets the requests so far."""
        with self._lock:
            self._requests.clear()

    @property
    def connections(self):
        """How many connections were opened so far."""
        with self._lock:
            return self._opened

    def open_connections(self):
        """How many of them are open."""
        with self._lock:
            return len(self._connections)

    # The connections.

    def _accept(self):
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._opened += 1
                self._connections.add(connection)
                number = self._opened
            threading.Thread(target=self._serve, args=(connection, number), daemon=True).start()
            if self._stopping.is_set():  # stop() may have missed this one
                _shut(connection)

    def _serve(self, connection, number):
        try:
            with connection, connection.makefile("rb") as stream:
                while self._answer_one(connection, stream, number):
                    pass
        except (OSError, Close):
            pass  # the client left, or the test wants it so
        finally:
            with self._lock:
                self._connections.discard(connection)

    def _answer_one(self, connection, stream, number):
        """Serves one request; False when the connection is to be closed."""
        request, version = _read_request(stream, number)
        if request is None:
            return False
        with self._lock:
            self._requests.append(request)
            handler = self._routes.get(request.target) or self._routes.get(request.path) or self._default
        keep = _keeps_alive(request, version)
        _send(connection, request, _call(handler, request), keep)
        return keep

    def _wait_for_ever(self):
        self._stopping.wait()
        raise Close


def _shut(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # closed already


def _blocks(nbytes):
    while nbytes > 0:
        yield BLOCK[:nbytes]
        nbytes -= len(BLOCK)


def _read_request(stream, number):
    """(Request, version), or (None, "") at the end of the connection."""
    line = stream.readline(MAX_HEAD_BYTES).decode("latin-1").rstrip("\r\n")
    if not line:
        return None, ""
    words = line.split(" ")
    if len(words) != 3:
        raise Close  # no HTTP
    method, target, version = words
    headers = {}
    while header := stream.readline(MAX_HEAD_BYTES).decode("latin-1").rstrip("\r\n"):
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))
    return Request(method, target, headers, body, time.monotonic(), time.time(), number), version


def _keeps_alive(request, version):
    wish = request.headers.get("connection", "").lower()
    return wish != "close" if version == "HTTP/1.1" else wish == "keep-alive"


def _call(handler, request):
    """The handler's Response; a mistake in a handler is shown and answered 500."""
    try:
        answer = handler(request)
    except Close:
        raise
    except Exception:  # anything may stand in a test
        traceback.print_exc()
        return Response(500, b"the handler failed\n")
    if isinstance(answer, Response):
        return answer
    return Response(200, answer.encode() if isinstance(answer, str) else answer, {"Content-Type": "text/html; charset=utf-8"})


def _send(connection, request, response, keep):
    whole = isinstance(response.body, bytes)
    headers = {"Connection": "keep-alive" if keep else "close", **response.headers}
    names = {name.lower() for name in headers}
    if whole and "content-length" not in names and response.status not in (204, 304):
        headers["Content-Length"] = str(len(response.body))
    chunked = keep and not whole and "content-length" not in names  # else the end of the connection ends the body
    if chunked:
        headers["Transfer-Encoding"] = "chunked"
    lines = ["HTTP/1.1 %d %s" % (response.status, PHRASES.get(response.status, "Unknown")), *("%s: %s" % pair for pair in headers.items())]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    if request.method == "HEAD" or response.status in (204, 304):
        connection.sendall(head)
    elif whole:
        connection.sendall(head + response.body)
    else:
        _send_blocks(connection, head, response.body, chunked)


def _send_blocks(connection, head, blocks, chunked):
    connection.sendall(head)
    for block in blocks:
        if block:
            connection.sendall(b"%x\r\n%b\r\n" % (len(block), block) if chunked else block)
    if chunked:
        connection.sendall(b"0\r\n\r\n")
