"""Records of a file as they are written, as `tail -F` would show them."""
from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_POLL_S = 0.05
_CHUNK = 1 << 20
Record = dict[str, Any]


class _OpenFile:
    """One file, read as far as it goes; whole lines only."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "rb")  # noqa: SIM115: it stays open as long as it is followed.
        self._rest = b""

    def close(self) -> None:
        self._file.close()

    def is_at(self, path: Path) -> bool:
        """Whether `path` still names it. True while nothing is there: what was moved away is written on."""
        try:
            there = os.stat(path)
        except OSError:
            return True
        here = os.fstat(self._file.fileno())
        return (there.st_ino, there.st_dev) == (here.st_ino, here.st_dev)

    def name(self) -> str:
        """What it is called now."""
        return os.path.basename(os.readlink("/proc/self/fd/%d" % self._file.fileno()))

    def skip(self) -> None:
        """To the end of what is there, less a line that is not whole."""
        end = self._file.seek(0, os.SEEK_END)
        while end > 0:
            begin = max(0, end - _CHUNK)
            self._file.seek(begin)
            newline = self._file.read(end - begin).rfind(b"\n")
            if newline >= 0:
                self._file.seek(begin + newline + 1)
                return
            end = begin
        self._file.seek(0)

    def lines(self) -> Iterator[bytes]:
        """The whole lines that are new. A file that was cut short is read from its beginning."""
        if os.fstat(self._file.fileno()).st_size < self._file.tell():
            self._file.seek(0)
            self._rest = b""
        while chunk := self._file.read(_CHUNK):
            *whole, rest = chunk.split(b"\n")
            for line in whole:
                yield self._rest + line
                self._rest = b""
            self._rest += rest


def _put_aside(path: Path, after: str) -> list[Path]:
    """Files between the one that is now called `after` and the one at `path`: the sink's rotation names
    them by time, and who reads slowly may have missed one."""
    pattern = re.compile(re.escape(path.stem) + r"-\d{8}T\d{6}\.\d{3}Z" + re.escape(path.suffix))
    if not pattern.fullmatch(after):
        return []
    return [path.with_name(name) for name in sorted(os.listdir(path.parent)) if pattern.fullmatch(name) and name > after]


class Follower:
    """Reads a file on and on; `lines()` gives what is new, and never waits."""

    def __init__(self, path: str | os.PathLike[str], from_end: bool = False) -> None:
        self._path = Path(path)
        self._from_end = from_end
        self._file: _OpenFile | None = None

    def lines(self) -> Iterator[bytes]:
        """The whole lines that were written since the last call, of rotated files too."""
        while True:
            if self._file is None and not self._open(self._path):
                return
            file = self._file
            assert file is not None
            is_last = file.is_at(self._path)  # Before it is read: then what follows in it comes first.
            yield from file.lines()
            if is_last:
                return
            between = _put_aside(self._path, file.name())
            file.close()
            self._file = None
            for path in between:
                if self._open(path) and self._file is not None:
                    yield from self._file.lines()
                    self._file.close()
                self._file = None

    def _open(self, path: Path) -> bool:
        """What is there from the beginning is only passed over in the first file."""
        from_end, self._from_end = self._from_end, False
        try:
            self._file = _OpenFile(path)
        except FileNotFoundError:
            return False
        if from_end:
            self._file.skip()
        return True

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def follow(path: str | os.PathLike[str], *, from_end: bool = False,
           until: Callable[[], bool] | None = None) -> Iterator[Record]:
    """The records of an NDJSON file, those that are there and then those that come, as dicts.

    Waits for a file that is not there yet. A file that is moved away is read to its end before the one in
    its place is begun, and one that is cut short is read from its beginning. A line is a record once it is
    whole. With `from_end` only what comes from now on. Never ends by itself; with `until`, when that is true
    and all that was written before has been given. Raises ValueError for a line that is no JSON.
    """
    follower = Follower(path, from_end)
    try:
        while True:
            is_over = until is not None and until()
            for line in follower.lines():
                yield json.loads(line)
            if is_over:
                return
            time.sleep(_POLL_S)
    finally:
        follower.close()
