"""Measures a tree of processes from outside: CPU seconds of each, and the memory of all.

A process is sampled until it has gone; what it used between its last sample and its end is not seen: at most CPU_PERIOD_S,
or CPU_SHARE of the time so far, whichever is longer. CPU time is the process's own clock, which counts utime + stime of all its
threads in nanoseconds (clock_getcpuclockid(3); /proc/PID/stat rounds the same to 10 ms). Memory is
the sum of PSS, which counts a page shared by n processes as 1/n in each.
"""
import collections
import dataclasses
import os
import threading
import time

CPU_PERIOD_S = 0.02
CPU_SHARE = 0.02  # looking takes CPU from what is measured: less and less often
MEMORY_PERIOD_S = 0.2  # the kernel walks all pages of a process for it


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
    unvisited, found = [pid], []
    while unvisited:
        found.append(unvisited.pop())
        try:
            for thread in os.listdir("/proc/%d/task" % found[-1]):
                unvisited += map(int, _read("/proc/%d/task/%s/children" % (found[-1], thread)).split())
        except OSError:
            pass  # it, or one of its threads, ended meanwhile
    return found


def _read(path):
    """A file of /proc, in two system calls more than its opening: this is done often beside what is measured."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(file, 1 << 16).decode()
    finally:
        os.close(file)


def _name(pid):
    return _read("/proc/%d/comm" % pid).strip()


def _rollup_bytes(pid, keys):
    try:
        lines = _read("/proc/%d/smaps_rollup" % pid).splitlines()
    except OSError:
        return 0  # gone, or not ours to read
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(keys))


def pss_bytes(pid):
    """Memory of a process, a page that n processes share counted as 1/n; 0 if it has gone."""
    return _rollup_bytes(pid, ("Pss:",))


def private_bytes(pid):
    """Memory that no other process has: what would come free with its end; 0 if it has gone."""
    return _rollup_bytes(pid, ("Private_Clean:", "Private_Dirty:"))


class ProcessWatch:
    """Samples the tree below `pid` from a thread of its own, between `with` and its end.

    `processes` (by pid) and `peak_bytes` are for reading after the end. `memory`: whether it is looked at too; while the
    kernel walks its pages a process stands still, so that what is timed should not be watched like this.
    """

    def __init__(self, pid, memory):
        self.processes, self.peak_bytes, self._memory = {}, 0, memory
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
        began, memory_due = time.monotonic(), 0.0
        while True:
            pids = tree(self._pid)
            for pid in pids:
                self._sample(pid)
            if self._memory and time.monotonic() >= memory_due:
                memory_due = time.monotonic() + MEMORY_PERIOD_S
                self.peak_bytes = max(self.peak_bytes, sum(map(pss_bytes, pids)))
            if self._over.wait(max(CPU_PERIOD_S, CPU_SHARE * (time.monotonic() - began))):
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
