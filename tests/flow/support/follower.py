"""Readers of an output file while it is written: what one of them has seen must stay as it was."""
import os
import pathlib
import subprocess
import threading

from support.flow import wait_for

POLL_S = 0.002


class Follower:
    """Reads a file as `tail -F` does, in a thread, and remembers every byte.

    A file that is moved away is read to its end before the one in its place is begun. `faults` says
    in words what no reader may see: a file that shrank. `replaced_count` counts the new files.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.faults, self.replaced_count = [], 0
        self._seen, self._lines, self._fd, self._read = bytearray(), 0, None, 0
        self._changed, self._stopping, self._stop_asked = threading.Condition(), False, threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    @property
    def lines_count(self):
        """Whole lines seen so far."""
        return self._lines

    @property
    def seen(self):
        """Every byte so far, of all files; a copy."""
        with self._changed:
            return bytes(self._seen)

    def has_lines(self, count, within_s=0.05):
        """Waits for `count` whole lines, so long at most; whether they are there."""
        with self._changed:
            return self._changed.wait_for(lambda: self._lines >= count, within_s)

    def wait_for_lines(self, count, alive=lambda: True, deadline_s=60):
        """Until `count` whole lines have been seen. `alive` is called meanwhile and may raise."""
        before = self._lines
        wait_for(lambda: alive() and self.has_lines(count), "%d lines in %s; there were %d" % (count, self.path, before), deadline_s)

    def wait_until_at_end(self):
        """Until all that the file holds now has been seen."""
        size = self.path.stat().st_size if self.path.exists() else 0
        wait_for(lambda: self._read >= size, "%s to be read to its end" % self.path)

    def recheck(self):
        """Compares the file with what was seen of it; only for a file that was never replaced."""
        seen = self.seen
        with open(self.path, "rb") if self.path.exists() else open(os.devnull, "rb") as file:
            now = file.read(len(seen))
        if now != seen:
            at = next((n for n, (a, b) in enumerate(zip(now, seen)) if a != b), min(len(now), len(seen)))
            self.faults.append("%s: byte %d of %d that were seen is no longer what it was" % (self.path.name, at, len(seen)))

    def stop(self):
        """Ends the thread. Safe to repeat."""
        self._stopping = True
        self._stop_asked.set()
        self._thread.join()
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _follow(self):
        while not self._stopping:
            if not self._step():
                self._stop_asked.wait(POLL_S)

    def _step(self):
        """Reads on, or turns to a new file; false if there was nothing to do."""
        if self._fd is None:
            return self._open()
        replaced = self._is_replaced()  # before the last read: nobody appends to a file after the new one is there
        data = os.read(self._fd, 1 << 20)
        if data:
            return self._take(data)
        if os.fstat(self._fd).st_size < self._read:
            self.faults.append("%s shrank to %d bytes; %d were seen" % (self.path.name, os.fstat(self._fd).st_size, self._read))
            self._stopping = True
        if not replaced:
            return False
        os.close(self._fd)
        self._fd = None
        self.replaced_count += 1
        return self._open()

    def _open(self):
        try:
            self._fd, self._read = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC), 0
        except FileNotFoundError:
            return False
        return True

    def _is_replaced(self):
        try:
            return self.path.stat().st_ino != os.fstat(self._fd).st_ino
        except FileNotFoundError:
            return False  # moved away; the new one comes

    def _take(self, data):
        self._read += len(data)
        with self._changed:
            self._seen += data
            self._lines += data.count(b"\n")
            self._changed.notify_all()
        return True


class Tail:
    """The real `tail -F` from the first byte on, into a file."""

    def __init__(self, test, path):
        self.path = pathlib.Path(path)
        self.copy = test.tmp / (self.path.name + ".tail")
        with open(self.copy, "wb") as out, open(test.tmp / "tail.err", "ab") as err:
            self._process = subprocess.Popen(["tail", "-n", "+1", "-F", str(path)], stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        test.addCleanup(test.end, self._process)

    def wait_for_bytes(self, count):
        """Until it has shown so many bytes."""
        wait_for(lambda: self.copy.stat().st_size >= count, "tail -F to show %d bytes of %s" % (count, self.path))

    @property
    def shown(self):
        """Every byte it has written."""
        return self.copy.read_bytes()
