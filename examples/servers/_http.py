"""HTTP/1.1 on loopback for the examples' services: keep-alive, bodies by Content-Length, answers that take a while.

`serve(answer, port, latency_s)` calls `answer(request)` on one thread for each request, in the order they come, and
sends the Response after the latency. Requests on one connection are answered one after another; connections do not
wait for each other, so a thousand answers can be on their way at once.
"""
import asyncio
import base64
import dataclasses
import http
import json
import os
import signal
import urllib.parse

MAX_HEAD_BYTES = 64 << 10
MAX_BODY_BYTES = 16 << 20
PHRASES = {status.value: status.phrase for status in http.HTTPStatus}


@dataclasses.dataclass(frozen=True)
class Request:
    """As it came: names of headers in lower case."""
    method: str
    target: str
    headers: dict
    body: bytes

    @property
    def path(self):
        return urllib.parse.unquote(self.target.partition("?")[0])

    @property
    def query(self):
        """The query's parameters; of one that comes twice the last."""
        return dict(urllib.parse.parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    def is_by(self, user, password):
        """Whether it has these credentials as Basic auth (RFC 7617)."""
        wanted = base64.b64encode(("%s:%s" % (user, password)).encode()).decode()
        return self.headers.get("authorization") == "Basic " + wanted


@dataclasses.dataclass(frozen=True)
class Response:
    """`after_s`: how much later than others it is sent."""
    status: int = 200
    body: bytes = b""
    content_type: str = "text/html; charset=UTF-8"
    headers: dict = dataclasses.field(default_factory=dict)
    after_s: float = 0


def json_response(value, status=200, **more):
    """A value as JSON, as APIs send it."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, body, "application/json; charset=UTF-8", **more)


NOT_FOUND = Response(404, b"<!DOCTYPE html><title>404</title><h1>There is no such page.</h1>\n")


def _packed(response, with_body):
    phrase = PHRASES.get(response.status, "Unknown")
    lines = ["HTTP/1.1 %d %s" % (response.status, phrase), "Content-Type: " + response.content_type,
             "Content-Length: %d" % len(response.body), *("%s: %s" % pair for pair in response.headers.items())]
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    return head + response.body if with_body else head


class _Connection(asyncio.Protocol):
    """One client. What arrives while an answer waits for its time stays in `_input`."""

    def __init__(self, answer, latency_s):
        self._answer, self._latency_s = answer, latency_s
        self._input, self._busy, self._transport = b"", False, None

    def connection_made(self, transport):
        self._transport = transport

    def data_received(self, data):
        self._input += data
        self._take()

    def _take(self):
        while not self._busy and not self._transport.is_closing():
            head, end, rest = self._input.partition(b"\r\n\r\n")
            if not end:
                return self._refuse(431) if len(head) > MAX_HEAD_BYTES else None
            lines = head.decode("latin-1").split("\r\n")
            words = lines[0].split(" ")
            pairs = (line.partition(":") for line in lines[1:])
            headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
            length = headers.get("content-length", "0")
            if len(words) != 3 or not length.isdigit() or int(length) > MAX_BODY_BYTES or "transfer-encoding" in headers:
                return self._refuse(400)
            if len(rest) < int(length):
                return None
            self._input = rest[int(length):]
            self._begin(Request(words[0], words[1], headers, rest[:int(length)]), words[2])

    def _begin(self, request, version):
        response = self._answer(request)
        close = version == "HTTP/1.0" or request.headers.get("connection", "").lower() == "close"
        after_s = self._latency_s + response.after_s
        if after_s <= 0:
            return self._send(request, response, close)
        self._busy = True
        asyncio.get_running_loop().call_later(after_s, self._send_late, request, response, close)

    def _send_late(self, request, response, close):
        self._busy = False
        if not self._transport.is_closing():
            self._send(request, response, close)
            self._take()

    def _send(self, request, response, close):
        self._transport.write(_packed(response, request.method != "HEAD"))
        if close:
            self._transport.close()

    def _refuse(self, status):
        self._transport.write(_packed(Response(status, headers={"Connection": "close"}), True))
        self._transport.close()


async def _run(answer, port, latency_s):
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    try:
        server = await loop.create_server(lambda: _Connection(answer, latency_s), "127.0.0.1", port, backlog=4096)
    except (OSError, OverflowError) as error:
        why = os.strerror(error.errno) if getattr(error, "errno", None) else error
        raise SystemExit("serve: cannot listen on 127.0.0.1:%d: %s; end what serves there, or give another --port (0: any that is free)"
                         % (port, why)) from None
    print("listening http://127.0.0.1:%d" % server.sockets[0].getsockname()[1], flush=True)
    await stopped.wait()
    server.close()


def serve(answer, port=0, latency_s=0.0):
    """Prints the address and serves until SIGTERM or SIGINT."""
    asyncio.run(_run(answer, port, latency_s))
