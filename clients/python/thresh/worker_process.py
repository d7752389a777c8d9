"""A parser's view of its worker: starts it, talks to it without waiting, ends it, sees how it ended."""
from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable

from thresh import worker
from thresh.page_function import PageFunction
from thresh.pipe import Message, Reader, pack

_CHUNK = 1 << 20
_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# The package is found wherever it lies; the user's modules are looked for in the current folder first.
_PROGRAM = ("import sys; sys.path.insert(0, %r); from thresh.worker import main; sys.path.remove(%r); "
            "sys.path[:0] = [] if '' in sys.path else ['']; main()") % (_ROOT, _ROOT)

Starter = Callable[[socket.socket], int]


def start_program(function: str, options: worker.WorkerOptions) -> Starter:
    """Starts workers as programs of their own, which load the function by its name."""
    def start(theirs: socket.socket) -> int:
        arguments = [str(theirs.fileno()), str(os.getpid()), function, "1" if options.as_bytes else "0",
                     str(options.max_memory_bytes)]
        # Popen would wait for it behind our back when it is collected; we do that ourselves.
        process = subprocess.Popen([sys.executable, "-c", _PROGRAM, *arguments], stdin=subprocess.DEVNULL,
                                   pass_fds=[theirs.fileno()], start_new_session=True)
        process.returncode = 0
        return process.pid
    return start


def start_fork(function: PageFunction, options: worker.WorkerOptions) -> Starter:
    """Forks workers that have the function already: it need not be in any module."""
    def start(theirs: socket.socket) -> int:
        parent = os.getpid()
        pid = os.fork()
        if pid:
            return pid
        try:
            os.setsid()
            if worker.die_with(parent):
                worker.serve(theirs, function, options)
        except BaseException:  # noqa: B036: nobody else would tell.
            traceback.print_exc()
        finally:
            os._exit(0)
    return start


class WorkerProcess:
    """One life of a worker. `ready` once it can take a page; `failed` says why there is no function."""

    def __init__(self, start: Starter) -> None:
        self._sock, theirs = socket.socketpair()
        with theirs:
            self.pid = start(theirs)
        self._sock.setblocking(False)
        self._reader = Reader()
        self._unsent = memoryview(b"")
        self._pidfd = os.pidfd_open(self.pid)
        self.ready = False
        self.failed = ""

    def fileno(self) -> int:
        return self._sock.fileno()

    @property
    def death_fd(self) -> int:
        """Readable when it has ended."""
        return self._pidfd

    @property
    def wants_to_send(self) -> bool:
        return bool(self._unsent)

    def send(self, message: Message) -> None:
        """Takes a message; `send_more()` sends it as the worker reads."""
        self._unsent = memoryview(bytes(self._unsent) + pack(message))
        self.send_more()

    def send_more(self) -> None:
        try:
            while self._unsent:
                self._unsent = self._unsent[self._sock.send(self._unsent):]
        except BlockingIOError:
            pass
        except OSError:  # It has gone; that is seen elsewhere.
            self._unsent = memoryview(b"")

    def receive(self) -> list[Message]:
        """What it has said; `ready` and `failed` are taken note of. Raises ValueError for rubbish."""
        found: list[Message] = []
        with contextlib.suppress(BlockingIOError, ConnectionResetError):
            while data := self._sock.recv(_CHUNK):
                found += self._reader.feed(data)
        for message in found:
            if message.get("kind") == "ready":
                self.ready = True
            elif message.get("kind") == "failed":
                self.failed = str(message.get("why"))
        return [message for message in found if message.get("kind") not in ("ready", "failed")]

    def resident_bytes(self) -> int:
        return resident_bytes(self.pid)

    def ended(self) -> int | None:
        """How it ended, as a shell would see it (128 + signal); None while it lives."""
        if self._pidfd < 0 or os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return None
        code = self._reap()
        return code if code >= 0 else 128 - code

    def kill(self) -> None:
        """Ends it at once."""
        if self._pidfd < 0:
            return
        with contextlib.suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)
        self._reap()

    def _reap(self) -> int:
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)  # What it has started and left, while the number is its.
        _, status = os.waitpid(self.pid, 0)
        self._sock.close()
        os.close(self._pidfd)
        self._pidfd = -1
        return os.waitstatus_to_exitcode(status)


def resident_bytes(pid: int) -> int:
    """The memory a process takes; 0 if that cannot be known."""
    try:
        with open("/proc/%d/statm" % pid, "rb") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return 0
