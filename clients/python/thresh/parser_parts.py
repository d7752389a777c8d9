"""What a parser is told, what it keeps of a page, and its sockets."""
from __future__ import annotations

import signal
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import zmq

from thresh.peers import Life
from thresh.pipe import Message

_HEARTBEAT_MS, _HEARTBEAT_TIMEOUT_MS = 500, 5000
_MAX_MESSAGE_BYTES = 72 << 20
_HIGH_WATER_MARK = 100_000


class CannotWork(Exception):
    """The parser cannot go on; the text says why."""


@dataclass(frozen=True)
class ParserOptions:
    """How a parser works. `item`: the one that records are of, whatever the recipe says; `recipes`: names
    of those it serves, or `*`."""

    parse_timeout_ms: int = 10_000
    item: str = ""
    recipes: tuple[str, ...] = ("*",)


@dataclass
class Waiting:
    """A page that has not been parsed."""

    task: Any
    source: Life
    body: bytes
    parts: bytearray = field(default_factory=bytearray)
    crashes: int = 0
    kills: int = 0
    time_s: float = 0.0
    taken: bool = False  # Others have it, too.

    @property
    def has_body(self) -> bool:
        return len(self.parts) >= int(self.task.body_bytes)

    @property
    def key(self) -> tuple[int, int]:
        return self.task.id, self.task.attempt


class Parsed(NamedTuple):
    """A page that is parsed and not yet told to be. `dropped`: it was not begun."""

    id: int
    attempt: int
    took_us: int = 0
    dropped: bool = False


def connect(context: Any, path: str, routing_id: bytes) -> Any:
    """A socket to the fetcher or the sink at `path`; it connects again by itself."""
    sock = context.socket(zmq.DEALER)
    for option, value in ((zmq.LINGER, 0), (zmq.SNDHWM, _HIGH_WATER_MARK), (zmq.RCVHWM, _HIGH_WATER_MARK),
                          (zmq.MAXMSGSIZE, _MAX_MESSAGE_BYTES), (zmq.HEARTBEAT_IVL, _HEARTBEAT_MS),
                          (zmq.HEARTBEAT_TIMEOUT, _HEARTBEAT_TIMEOUT_MS), (zmq.HANDSHAKE_IVL, _HEARTBEAT_TIMEOUT_MS),
                          (zmq.RECONNECT_IVL, 20), (zmq.RECONNECT_IVL_MAX, 500), (zmq.ROUTING_ID, routing_id)):
        sock.setsockopt(option, value)
    sock.connect("ipc://" + path)
    return sock


def send(sock: Any, message: Any, second: bytes | None = None) -> int:
    """How many bytes went out. What the socket does not take is said again, or done by others; a RESULT is
    neither: raises CannotWork."""
    first = message.SerializeToString()
    frames = [first] if second is None else [first, second]
    try:
        sock.send_multipart(frames, zmq.NOBLOCK)
    except zmq.ZMQError as error:
        if message.WhichOneof("message") == "result":
            raise CannotWork("a result cannot be sent: %s" % error) from None
    return sum(map(len, frames))


def fill_link(link: Any, found: Message) -> None:
    """A link as the worker gave it, for a RESULT."""
    link.url, link.recipe = found["url"].decode(), found["recipe"].decode()
    link.method, link.body = found["method"].decode(), found["body"]
    link.delay_ms, link.root = found["delay_ms"], found["root"]
    for name, value in found["headers"]:
        link.headers.add(name=name, value=value)


def signal_name(number: int) -> str:
    """For people: SIGSEGV."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return "?"
