"""The start of a crawl, and daemons with nothing to do; see bench/startup."""
import os
import shutil
import statistics
import subprocess
import time

import crawl
import process_watch
import report

LOOK_EVERY_S, PATIENCE_S = 0.0005, 60
SETTLE_S = 3  # what a start leaves behind is done by then
DAEMONS = ("thresh-fetcher", "thresh-parser", "thresh-sink", "thresh-web")
START_MS, REST_CPU_PERCENT, REST_MB = 150, 0.1, 15


def first_record_ms(options, workload, served):
    """From the exec of `thresh run` in an empty folder to the moment a reader sees the first whole line."""
    out, seed = options.work / "start", workload.seeds(served.url)[0]
    shutil.rmtree(out, ignore_errors=True)
    records = out / (workload.item + ".ndjson")
    argv = [str(options.bin / "thresh"), "run", "-r", str(workload.recipe), "--max-pages", "1", "-o", str(out),
            "--set", 'allow=["http://127.0.0.1:*"]', "--set", 'fetch.allow_private=["127.0.0.0/8"]', seed]
    began = time.monotonic()
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not (records.exists() and b"\n" in records.read_bytes()):
            if time.monotonic() > began + PATIENCE_S:
                process.terminate()
                raise RuntimeError("no record after %d s: %s" % (PATIENCE_S, " ".join(argv)))
            time.sleep(LOOK_EVERY_S)
        seen = time.monotonic()
        if process.wait(PATIENCE_S) != 0:
            raise RuntimeError("it ended with %d: %s" % (process.returncode, " ".join(argv)))
    return 1000 * (seen - began)


def at_rest(options, seconds):
    """{daemon: (share of a core in percent, PSS in MB, private MB)}, each by itself, while nothing is to be done."""
    state = options.work / "rest"
    shutil.rmtree(state, ignore_errors=True)
    (state / "recipes").mkdir(parents=True)
    common = ["--state", str(state / "state"), "--die-with", str(os.getpid())]
    more = {"thresh-sink": ["--out", str(state / "out")], "thresh-fetcher": ["--recipe", str(crawl.ROOT / "recipes" / "yelp-reviews.toml")],
            "thresh-web": ["--listen", "127.0.0.1:0", "--port-file", str(state / "port")], "thresh-parser": []}
    (state / "state").mkdir()
    with open(state / "log", "wb") as log:
        processes = {name: subprocess.Popen([str(options.bin / name), *common, *more[name]], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log) for name in DAEMONS}
        try:
            return _watched(processes, seconds, state / "log")
        finally:
            for process in processes.values():
                process.terminate()
            for process in processes.values():
                process.wait()


def _watched(processes, seconds, log):
    time.sleep(SETTLE_S)
    before = {name: process_watch.cpu_seconds(process.pid) for name, process in processes.items()}
    began = time.monotonic()
    time.sleep(seconds)
    took_s = time.monotonic() - began
    gone = [name for name, process in processes.items() if process.poll() is not None]
    if gone:
        raise RuntimeError("%s ended by itself; see %s" % (", ".join(gone), log))
    return {name: (100 * (process_watch.cpu_seconds(process.pid) - before[name]) / took_s,
                   process_watch.pss_bytes(process.pid) / 1e6, process_watch.private_bytes(process.pid) / 1e6)
            for name, process in processes.items()}


def measure(options, workload, served, starts, seconds):
    """The Markdown section."""
    served.warm(workload)
    times = sorted(first_record_ms(options, workload, served) for _ in range(starts))
    rows = [["", "measured", "to reach", ""],
            ["exec to first record, ms", "%.0f (%.0f to %.0f, %d starts)" % (statistics.median(times), times[0], times[-1], starts),
             "under %d" % START_MS, _held(statistics.median(times) < START_MS)]]
    for name, (percent, mb, private_mb) in at_rest(options, seconds).items():
        rows.append(["%s at rest, CPU" % name, "%.3f %%" % percent, "under %g %%" % REST_CPU_PERCENT, _held(percent < REST_CPU_PERCENT)])
        rows.append(["%s at rest, memory (PSS; its own pages)" % name, "%.1f MB; %.1f MB" % (mb, private_mb), "under %d MB" % REST_MB,
                     _held(mb < REST_MB)])
    return "## Start and rest\n\n" + report.markdown(rows)


def _held(does):
    return "held" if does else "missed"
