"""One timed run of a program: wall time, CPU by process, memory, and what the rest of the machine did meanwhile."""
import os
import signal
import subprocess
import time

import process_watch

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
KTHREADD = "2"  # the parent of all kernel threads
OTHERS_SHARE, OTHERS_S = 0.1, 0.05  # a run beside which others used more than this is disturbed


def _machine_s():
    """CPU seconds of all processes so far, on all cores, and those that the host took away. Interrupts are no process's."""
    with open("/proc/stat") as stat:
        user, nice, system, _, _, _, _, steal = map(int, stat.readline().split()[1:9])
    return (user + nice + system + steal) / TICKS_PER_S


def _kernel_threads_s():
    """CPU seconds so far of each thread of the kernel: they write to the disk for whoever asked, and are no load of others."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % pid) as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue  # it has gone
        if fields[1] == KTHREADD:
            found[pid] = (int(fields[11]) + int(fields[12])) / TICKS_PER_S
    return found


def run(argv, log_path, server_pid, memory):
    """Runs `argv` to its end, from exec to exit, with its output in `log_path`.

    cpu_s is of the process and all children it reaped; cpu_by_process as sampled, with the server's under its name;
    others_cpu_s what neither the program, nor the server, nor the measuring, nor the kernel's threads used: other load.
    memory: whether its memory is watched, which makes it slower; peak_pss_bytes is 0 without.
    """
    server_pids = process_watch.tree(server_pid) if server_pid else []
    server_before, kernel_before, machine_before = _cpu(server_pids), _kernel_threads_s(), _machine_s()
    own_before = process_watch.self_overhead_s()
    with open(log_path, "wb") as log:
        began = time.monotonic()
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   start_new_session=True)  # so that its end takes along whatever it started
        try:
            with process_watch.ProcessWatch(process.pid, memory) as watch:
                _, status, usage = os.wait4(process.pid, 0)
                wall_s = time.monotonic() - began
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
            raise
    process.returncode = os.waitstatus_to_exitcode(status)
    machine_s, own_s = _machine_s() - machine_before, process_watch.self_overhead_s() - own_before
    kernel_s = sum(s - kernel_before.get(pid, 0) for pid, s in _kernel_threads_s().items())  # but for those that ended
    server_s, cpu_s = _cpu(server_pids) - server_before, usage.ru_utime + usage.ru_stime
    by_name = watch.cpu_by_name()
    others_s = max(0.0, machine_s - kernel_s - cpu_s - server_s - own_s)
    return {"exit_code": process.returncode, "wall_s": wall_s, "cpu_s": cpu_s, "memory_watched": memory, "peak_pss_bytes": watch.peak_bytes,
            "cpu_by_process": {name: s for name, (_, s) in sorted(by_name.items())},
            "processes_count": {name: count for name, (count, _) in sorted(by_name.items())},
            "server_cpu_s": server_s, "measuring_cpu_s": own_s, "kernel_threads_cpu_s": kernel_s, "others_cpu_s": others_s,
            "disturbed": others_s > OTHERS_SHARE * wall_s + OTHERS_S}


def _cpu(pids):
    return sum(map(process_watch.cpu_seconds, pids))
