"""Where the other processes are: a state folder's sockets, and a run that can be joined."""
from __future__ import annotations

import fcntl
import os

_SAFE_BYTES = 100  # Of a Unix socket's path: 107 are allowed.


class NoPeer(Exception):
    """There is nobody to talk to; the text says where, and what was in the way."""


class Folder:
    """A state folder. Its sockets can be reached although the path is long."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._fd = -1

    def socket(self, name: str) -> str:
        path = os.path.join(self.path, name)
        if len(os.fsencode(path)) <= _SAFE_BYTES:
            return path
        if self._fd < 0:
            try:
                self._fd = os.open(self.path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            except OSError as error:
                raise NoPeer("cannot open %s: %s" % (self.path, error.strerror)) from None
        return "/proc/self/fd/%d/%s" % (self._fd, name)


def join_run(out: str) -> tuple[str, int]:
    """The state folder of the `thresh run` that writes to `out`, and a descriptor that becomes readable
    when that has ended. Raises NoPeer."""
    state = os.path.join(out, ".thresh")
    none = "no run to join in " + out
    try:
        lock = os.open(os.path.join(state, "run.pid"), os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise NoPeer("%s (%s: %s)" % (none, os.path.join(state, "run.pid"), error.strerror)) from None
    try:
        pid = os.read(lock, 32).decode("ascii", "replace").strip()
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)  # A run holds it as long as it lives.
        raise NoPeer("%s: its process %s has ended" % (none, pid))
    except BlockingIOError:
        pass
    finally:
        os.close(lock)
    try:
        return state, os.pidfd_open(int(pid))
    except (OSError, ValueError):
        raise NoPeer("%s: its process %s is gone" % (none, pid)) from None
