"""Feeds URLs to a fetcher, and waits until they have ended."""
from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from thresh.errors import ThreshError
from thresh.following import Follower
from thresh.places import Folder, NoPeer

SYSTEM_FEED = "/run/thresh-feed.sock"
_SYSTEM_STATE = "/run/thresh"
_WINDOW = 1000  # Lines that may be without an answer.
_POLL_S = 0.05
_TIMEOUT_S = 60.0
_AGAIN_S = 0.1
_ENDED = ("done", "dead", "dropped")

Urls = Iterable[str | dict[str, Any]]


@dataclass
class Ended:
    """How all that was fed has ended, as pages, by outcome; `jobs` has a line of jobs.ndjson for each URL that
    was new, in the order in which they were fed (`n`)."""

    done: int = 0
    dead: int = 0
    dropped: int = 0
    records: int = 0
    jobs: list[dict[str, Any]] = field(default_factory=list)


def _connect(path: str) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(_TIMEOUT_S)
    try:
        client.connect(Folder(os.path.dirname(path) or ".").socket(os.path.basename(path)))
    except (OSError, NoPeer) as error:
        client.close()
        why = error.strerror if isinstance(error, OSError) else error
        raise ThreshError("cannot connect to %s: %s (is thresh running?)" % (path, why)) from None
    return client


def ask(path: str, request: dict[str, Any]) -> dict[str, Any]:
    """The answer of a control socket (docs/control.md). Raises ThreshError."""
    with _connect(path) as client:
        client.sendall(json.dumps(request).encode() + b"\n")
        with client.makefile("rb") as answers:
            for line in answers:
                answer: dict[str, Any] = json.loads(line)
                if "progress" in answer:
                    continue
                if answer.get("ok") is False:
                    raise ThreshError("%s: %s" % (path, answer.get("error")))
                return answer
    raise ThreshError("%s: hung up without an answer" % path)


class Feed:
    """What was fed, all of it answered. `accepted`, `duplicates` count; `refused` says why not, by position."""

    def __init__(self, urls: Urls, path: str, recipe: str, job: str) -> None:
        self._path = path
        folder = _SYSTEM_STATE if path == SYSTEM_FEED else os.path.dirname(path) or "."
        self._fetcher, self._sink = os.path.join(folder, "fetcher.sock"), os.path.join(folder, "sink.sock")
        self.job = job or "feed-" + secrets.token_hex(8)
        self.accepted = self.duplicates = 0
        self.refused: list[tuple[int, str]] = []
        self._known: list[str] = []  # Fed before, by whomever: no job of ours.
        self._expected: set[int] = set()
        self._send(self._lines(urls, recipe))

    def _lines(self, urls: Urls, recipe: str) -> Iterator[dict[str, Any]]:
        for n, url in enumerate([urls] if isinstance(urls, str) else urls, 1):
            line = {"url": url} if isinstance(url, str) else dict(url)
            if recipe:
                line.setdefault("recipe", recipe)
            yield {**line, "n": n, "job": self.job, "resume": True}

    def _send(self, lines: Iterator[dict[str, Any]]) -> None:
        """Over one connection after another: what was not answered is fed again, which is safe."""
        waiting: deque[dict[str, Any]] = deque()
        retry_until = time.monotonic() + _TIMEOUT_S
        self._connection = _connect(self._path)
        while True:
            try:
                with self._connection, self._connection.makefile("rb") as answers:
                    self._exchange(answers, waiting, lines)
                return
            except (ConnectionError, EOFError):
                if time.monotonic() > retry_until:
                    raise ThreshError("%s hangs up again and again" % self._path) from None
            self._connection = self._again(retry_until)

    def _again(self, until: float) -> socket.socket:
        while True:
            try:
                return _connect(self._path)
            except ThreshError:
                if time.monotonic() > until:
                    raise
                time.sleep(_AGAIN_S)

    def _exchange(self, answers: Any, waiting: deque[dict[str, Any]], lines: Iterator[dict[str, Any]]) -> None:
        if waiting:
            self._connection.sendall(b"".join(map(_packed, waiting)))
        while True:
            batch = []
            while len(waiting) < _WINDOW and (line := next(lines, None)) is not None:
                waiting.append(line)
                batch.append(_packed(line))
            if batch:
                self._connection.sendall(b"".join(batch))
            if not waiting:
                return
            answer = answers.readline()
            if not answer.endswith(b"\n"):
                raise EOFError
            self._take(waiting.popleft(), json.loads(answer))

    def _take(self, line: dict[str, Any], answer: dict[str, Any]) -> None:
        if not answer.get("ok"):
            self.refused.append((line["n"], str(answer.get("error"))))
        elif answer.get("duplicate"):
            self.duplicates += 1
            self._known.append(line["url"])
        else:
            self.accepted += 1
            self._expected.add(line["n"])

    def wait(self, timeout: float | None = None) -> Ended:
        """Until all has ended that was fed, and all that followed from it. URLs that were known before are
        waited for themselves. Raises TimeoutError, and ThreshError if the fetcher is gone for a minute."""
        end = None if timeout is None else time.monotonic() + timeout
        jobs: dict[int, dict[str, Any]] = {}
        stack = contextlib.ExitStack()
        try:
            return self._wait(end, jobs, stack)
        finally:
            stack.close()

    def _wait(self, end: float | None, jobs: dict[int, dict[str, Any]], stack: contextlib.ExitStack) -> Ended:
        follower: Follower | None = None
        known = deque(self._known)
        gone_since: float | None = None
        while True:
            try:
                while known and self._has_ended(known[0]):
                    known.popleft()
                if follower is None:
                    follower = Follower(Path(ask(self._sink, {"op": "status"})["out"]) / "jobs.ndjson")
                    stack.callback(follower.close)
                gone_since = None
            except (ThreshError, ConnectionError) as error:  # It may come back.
                gone_since = gone_since or time.monotonic()
                if time.monotonic() - gone_since > _TIMEOUT_S:
                    raise ThreshError(str(error)) from None
            for job in map(json.loads, follower.lines() if follower else ()):
                if job["job"] == self.job:
                    jobs[job["n"]] = job
            if not known and self._expected <= jobs.keys():
                return self._sum([jobs[n] for n in sorted(jobs)])
            if end is not None and time.monotonic() > end:
                raise TimeoutError("%d of %d URLs have not ended" % (len(self._expected - jobs.keys()) + len(known),
                                                                     len(self._expected) + len(self._known)))
            time.sleep(_POLL_S)

    def _has_ended(self, url: str) -> bool:
        tasks = ask(self._fetcher, {"op": "why", "url": url})["tasks"]
        return all(task["state"] in _ENDED for task in tasks)

    @staticmethod
    def _sum(jobs: list[dict[str, Any]]) -> Ended:
        def total(key: str) -> int:
            return sum(job[key] for job in jobs)
        return Ended(total("done"), total("dead"), total("dropped"), total("records"), jobs)


def _packed(line: dict[str, Any]) -> bytes:
    return json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def feed(urls: Urls, *, socket: str | os.PathLike[str] = SYSTEM_FEED, recipe: str = "", job: str = "") -> Feed:
    """Feeds URLs, or feed lines as dicts (docs/feed.md), and returns when all are answered, and so durable.

    `socket`: of this machine's services, or `OUT/.thresh/feed.sock` of a run. `recipe` is for lines that name
    none; `job` is a label, made up if none is given. `feed(...).wait()` waits until all has ended.
    Raises ThreshError.
    """
    return Feed(urls, os.fspath(socket), recipe, job)
