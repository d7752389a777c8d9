"""The process that calls the page function.

It gets pages from the parser that started it, one at a time, and gives back what the function found. What
happens to it, be it a crash or a page that never ends, is for the parser to see: this process has no
sockets of thresh's and keeps nothing.
"""
from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import socket
import sys
from dataclasses import dataclass

from thresh import charset, coding, decoders
from thresh.links import Dead, Link, Retry
from thresh.page_function import Caller, CannotLoad, Found, Page, PageFunction, describe, load
from thresh.pipe import Message, Reader, pack, read_one
from thresh.records import BadResult, TooLarge

_PR_SET_PDEATHSIG = 1
_MAX_PICKY_MS = (1 << 32) - 1
_START_BYTES = 512  # Of an answer; more than a dead letter tells of it.


@dataclass(frozen=True)
class WorkerOptions:
    """What a worker is told when it starts."""

    as_bytes: bool = False  # The function gets the body's bytes, and not its text.
    max_memory_bytes: int = 0  # 0: any.


def die_with(parent: int) -> bool:
    """The kernel kills this process when `parent`, which started it, dies; False if it has already."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    return os.getppid() == parent


def serve(sock: socket.socket, function: PageFunction | str, options: WorkerOptions) -> None:
    """Answers pages until the parser is gone. `function` is loaded here if it is a name."""
    _begin(options)
    try:
        caller = Caller(load(function) if isinstance(function, str) else function)
    except CannotLoad as error:
        sock.sendall(pack({"kind": "failed", "why": str(error)}))
        return
    sock.sendall(pack({"kind": "ready"}))
    reader = Reader()
    own = os.getpid()
    while (message := read_one(sock, reader)) is not None:
        answer = _answer(caller, message, options)
        if os.getpid() != own:
            os._exit(0)  # The function has forked, and this is the copy.
        sock.sendall(pack(answer))


def _begin(options: WorkerOptions) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    sys.stdout.flush()
    os.dup2(2, 1)  # What the function prints is for the log.
    if options.max_memory_bytes:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (options.max_memory_bytes, hard))


def _answer(caller: Caller, message: Message, options: WorkerOptions) -> Message:
    answer = _outcome(caller, message, options)
    if answer["kind"] != "result":
        answer["body_start"] = message.get("body_start", b"")
    return answer


def _outcome(caller: Caller, message: Message, options: WorkerOptions) -> Message:
    try:
        page = _page(message, options)
        found = caller.call(page, message["item"])
        return _result(found)
    except coding.BadBody as error:
        return _dead(error.reason, str(error))
    except BadResult as error:
        return _dead("bad_result", str(error))
    except TooLarge as error:
        return _dead("result_too_large", str(error))
    except Dead as error:
        return _dead(error.reason, error.detail)
    except Retry as error:
        return _retry(error)
    except BaseException as error:  # noqa: B036: also sys.exit(): it is the page that ends.
        return _dead("parse_exception", describe(error))


def _page(message: Message, options: WorkerOptions) -> Page:
    headers: dict[str, str] = {}
    for name, value in message["headers"]:
        text, name = value.decode("latin-1"), name.decode("latin-1")
        headers[name] = headers[name] + ", " + text if name in headers else text
    body = coding.unpack_page(message["body"], headers.get("content-encoding", ""), message["max_body_bytes"])
    message["body_start"] = bytes(body[:_START_BYTES])  # For a dead letter.
    content: str | bytes = body
    if not options.as_bytes:
        rules = charset.BodyRules(message["body_as"], message["body_charset"])
        content = decoders.decode(body, charset.sniff(body, headers.get("content-type", ""), rules))
    meta = json.loads(message["meta"]) if message["meta"] else None
    return Page(content, message["url"], message["status"], headers, meta)


def _result(found: Found) -> Message:
    links = [_link(link) for link in found.links]
    return {"kind": "result", "rows": found.records.rows(), "records": found.records.packed(), "links": links}


def _link(link: Link) -> Message:
    return {"url": link.url.encode("utf-8", "replace"), "recipe": link.recipe.encode("utf-8", "replace"),
            "method": link.method.encode("utf-8", "replace"), "body": link.body, "delay_ms": link.delay_ms,
            "root": bool(link.root),
            "headers": [(name.lower().encode("utf-8", "replace"), value.encode("utf-8", "replace"))
                        for name, value in link.headers.items()]}


def _dead(reason: str, detail: str) -> Message:
    return {"kind": "dead", "reason": reason, "detail": detail.encode("utf-8", "replace")}


def _retry(error: Retry) -> Message:
    def number(value: object) -> int:
        return min(max(int(value), 0), _MAX_PICKY_MS) if isinstance(value, (int, float)) else 0
    return {"kind": "retry", "why": error.why.encode("utf-8", "replace")[:500], "after_ms": number(error.after_ms),
            "max_attempts": number(error.max_attempts), "whole_host": bool(error.whole_host)}


def main() -> None:
    """The worker's own program: descriptor, parent, function, as_bytes, max_memory_bytes."""
    fd, parent, function, as_bytes, max_memory_bytes = sys.argv[1:6]
    if not die_with(int(parent)):
        return
    sys.argv[1:] = []
    serve(socket.socket(fileno=int(fd)), function, WorkerOptions(as_bytes == "1", int(max_memory_bytes)))
