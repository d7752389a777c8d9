"""Starts programs on a disk that fails, or kills them, at an exact operation (tests/support/disk_faults.cc)."""
import dataclasses
import os
import pathlib

from support.flow import BIN

DEFAULT_OPS = ("open", "write", "fsync", "fdatasync", "rename", "fallocate", "truncate", "unlink", "mkdir")


def library():
    """The library to preload. THRESH_DISK_FAULTS names another than the build's."""
    path = pathlib.Path(os.environ.get("THRESH_DISK_FAULTS") or BIN.parent / "tests" / "libthresh-disk-faults.so")
    assert path.exists(), "%s is not built (target thresh-disk-faults)" % path
    return path


@dataclasses.dataclass(frozen=True)
class DiskOperation:
    """One operation as the log has it. `data` are the bytes that a write wrote, if they were asked for."""
    number: int
    name: str
    path: str
    offset: int  # open: its flags; truncate: the new size
    size: int  # bytes that were to be written or allocated
    result: int
    to: str  # rename: the new name; fallocate: the mode
    data: bytes


class DiskFaults:
    """One disk to start a program on: `env` are the variables for it.

    at, count: which operations fault; while_file: instead, all as long as that file exists.
    do: kill_before, kill_half, kill_after, EIO, ENOSPC, EINTR, EDQUOT, short; None: only the log.
    """

    def __init__(self, folder, prefixes, do=None, at=1, count=1, while_file=None, ops=(), data=False, log=True):
        serial = sum(1 for name in os.listdir(folder) if name.endswith(".disk-hits"))
        self._hits = pathlib.Path(folder, "%d.disk-hits" % serial)
        self._hits.touch()
        self._log = pathlib.Path(folder, "%d.disk-log" % serial)
        self.env = {"LD_PRELOAD": str(library()), "ASAN_OPTIONS": "verify_asan_link_order=0",
                    "THRESH_FAULT_PREFIX": ":".join(str(prefix) for prefix in prefixes),
                    "THRESH_FAULT_HIT": str(self._hits), "THRESH_FAULT_AT": str(at), "THRESH_FAULT_COUNT": str(count)}
        if ops:
            self.env["THRESH_FAULT_OPS"] = ",".join(ops)
        if do:
            self.env["THRESH_FAULT_DO"] = do
        if while_file:
            self.env["THRESH_FAULT_WHILE"] = str(while_file)
        if log:
            self.env["THRESH_FAULT_LOG"] = str(self._log)
        if data:
            self.env["THRESH_FAULT_DATA"] = "1"

    @property
    def hits(self):
        """The operations that faulted, as `number name path`."""
        return [line.replace("\t", " ") for line in self._hits.read_text(errors="replace").splitlines()]

    def operations(self):
        """All operations so far, in their order. A last line that is cut short (a kill) is left out."""
        with_data = "THRESH_FAULT_DATA" in self.env
        found, rest = [], self._log.read_bytes() if self._log.exists() else b""
        at = 0
        while (end := rest.find(b"\n", at)) >= 0:
            number, name, path, offset, size, result, to = rest[at:end].decode().split("\t")
            at = end + 1
            length = int(result) if with_data and name in ("write", "send") and int(result) > 0 and int(size) > 0 else 0
            found.append(DiskOperation(int(number), name, path, int(offset), int(size), int(result), to, rest[at:at + length]))
            at += length
        return found
