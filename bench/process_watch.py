"""Measures a tree of processes from outside: CPU seconds of each, and the memory of all.

A process is sampled until it has gone; what it used between its last sample and its end (at most
CPU_PERIOD_S) is not seen. CPU time is the process's own clock, which counts utime + stime of all its
threads in nanoseconds (clock_getcpuclockid(3); /proc/PID/stat rounds the same to 10 ms). Memory is
the sum of PSS, which counts a page shared by n processes as 1/n in each.
"""
import collections
import dataclasses
import os
import pathlib
import threading
import time

CPU_PERIOD_S = 0.02
MEMORY_PERIOD_S = 0.1


@dataclasses.dataclass
class Process:
    """The last that was seen of a process: its name and the CPU seconds used so far."""
    name: str
    cpu_s: float


def cpu_seconds(pid):
    """CPU seconds of a process so far, all threads together. Errors: OSError when it has gone."""
    return time.clock_gettime((~pid << 3) | 2)  # clock_getcpuclockid(pid), which Python lacks


def tree(pid):
    """`pid` and all that descends from it."""
    todo, found = [pid], []
    while todo:
        found.append(todo.pop())
        for children in pathlib.Path("/proc/%d/task" % found[-1]).glob("*/children"):
            try:
                todo += map(int, children.read_text().split())
            except OSError:
                pass  # a thread that ended meanwhile
    return found


def _name(pid):
    return pathlib.Path("/proc/%d/comm" % pid).read_text().strip()


def _pss_bytes(pid):
    try:
        for line in pathlib.Path("/proc/%d/smaps_rollup" % pid).read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass  # gone, or not ours to read
    return 0


class ProcessWatch:
    """Samples the tree below `pid` from a thread of its own, between `with` and its end.

    `processes` (by pid) and `peak_bytes` are for reading after the end.
    """

    def __init__(self, pid):
        self.processes, self.peak_bytes = {}, 0
        self._pid, self._over = pid, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._over.set()
        self._thread.join()

    def cpu_by_name(self):
        """{name: (how many processes, CPU seconds of all)}."""
        sums = collections.defaultdict(lambda: (0, 0.0))
        for process in self.processes.values():
            count, cpu_s = sums[process.name]
            sums[process.name] = (count + 1, cpu_s + process.cpu_s)
        return dict(sums)

    def _run(self):
        memory_due = 0.0
        while True:
            pids = tree(self._pid)
            for pid in pids:
                self._sample(pid)
            if time.monotonic() >= memory_due:
                memory_due = time.monotonic() + MEMORY_PERIOD_S
                self.peak_bytes = max(self.peak_bytes, sum(map(_pss_bytes, pids)))
            if self._over.wait(CPU_PERIOD_S):
                return

    def _sample(self, pid):
        try:
            self.processes[pid] = Process(_name(pid), cpu_seconds(pid))
        except OSError:
            pass  # it has gone; what was last seen stays


def self_overhead_s():
    """CPU seconds of this process so far: what measuring costs the measured machine."""
    times = os.times()
    return times.user + times.system
