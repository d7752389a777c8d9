"""The flight recorder: 64 bytes in which a parser notes what it is at work on; see proto/README.md.

When the parser dies, of whatever, the fetcher reads there which page is to blame.
"""
from __future__ import annotations

import fcntl
import mmap
import os
import struct
import time

_HEAD = struct.Struct("<4sIQ")  # magic, version, incarnation
_WORK = struct.Struct("<QQIIq")  # source, task, attempt, mark, since
_BUSY = struct.Struct("<I")
_WORK_AT, _BUSY_AT, _BYTES = _HEAD.size, _HEAD.size + _WORK.size, 64
_TRIES = 16


class FlightRecorder:
    """Raises OSError where there can be none."""

    def __init__(self, folder: str, uuid: bytes, incarnation: int) -> None:
        os.makedirs(folder, exist_ok=True)
        self._fd = self._open(os.path.join(folder, uuid.hex()))
        os.ftruncate(self._fd, 0)
        os.ftruncate(self._fd, _BYTES)
        self._map = mmap.mmap(self._fd, _BYTES)
        self._map[:_HEAD.size] = _HEAD.pack(b"THFR", 1, incarnation)

    @staticmethod
    def _open(path: str) -> int:
        """Locked. One that is not locked yet may be taken for a dead one's and removed."""
        for _ in range(_TRIES):
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.stat(path).st_ino == os.fstat(fd).st_ino:
                    return fd
            except OSError:
                time.sleep(0.001)
            os.close(fd)
        raise OSError("cannot lock " + path)

    def begin(self, source: int, task: int, attempt: int) -> None:
        """Work on a task begins; `source` is the incarnation of the fetcher that sent it."""
        now = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        self._map[_WORK_AT:_BUSY_AT] = _WORK.pack(source, task, attempt, 0, now)
        self._map[_BUSY_AT:_BUSY_AT + _BUSY.size] = _BUSY.pack(1)  # Last: before, we had not begun.

    def end(self) -> None:
        self._map[_BUSY_AT:_BUSY_AT + _BUSY.size] = _BUSY.pack(0)
